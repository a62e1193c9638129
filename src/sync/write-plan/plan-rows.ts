// The rows of a plan: what the planner would decide for every pair and every record without a twin, if all went as decided. It writes
// nothing and calls nobody.
import type { MatchDocument } from '../collections';
import type { Choice, Link } from '../links/link';
import { newLink } from '../links/link-documents';
import type { FullInventory } from '../matching/match-inventory';
import { choicesOf, differencesOf } from '../matching/match-inventory';
import { atomName } from '../planner/guards';
import { planPair } from '../planner/plan';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord } from '../ports/ledger-port';
import type { Atoms, RecordKind } from '../records';
import type { Bridge } from '../run/bridge';
import type { ReadPair } from '../run/pair';
import { labelOf, viewOf } from '../run/pairs';
import { type Twins, translateAtoms } from '../run/twins';
import type { PlanRow, Side } from '../service';

/** Exact matches and decided ones are links to be; undecided ones are questions. */
export const isLinkToBe = ({ state, verdict }: MatchDocument): boolean => state === 'exact' || verdict === 'link';

export const drawRows = (bridge: Bridge, { locals, externals, linked, matches }: FullInventory): readonly PlanRow[] => {
  const rows: PlanRow[] = [];
  const future = futureTwins();
  for (const kind of bridge.connection.kinds) {
    const [here, there] = [locals.get(kind) ?? new Map(), externals.get(kind) ?? new Map()];
    const settled = { local: new Set<string>(), external: new Set<string>() };
    for (const match of matches.filter((each) => each.kind === kind)) {
      const [local, external] = [here.get(match.localId), there.get(match.externalId)];
      if (match.verdict === 'separate' || local === undefined || external === undefined) continue;
      settled.local.add(match.localId);
      settled.external.add(match.externalId);
      if (isLinkToBe(match)) {
        future.note(kind, match.localId, match.externalId);
        rows.push(...rowsOfLink(bridge, kind, local, external, future.twins, match));
      } else rows.push(rowOf(kind, 'ask', 'none', local, `is it the same record? ${match.reason}`));
    }
    for (const [id, record] of here) {
      if (settled.local.has(id) || linked.local.has(`${kind}:${id}`)) continue;
      rows.push(...rowsOfLonely(bridge, kind, 'local', record, future));
    }
    for (const [id, record] of there) {
      if (settled.external.has(id) || linked.external.has(`${kind}:${id}`)) continue;
      rows.push(...rowsOfLonely(bridge, kind, 'external', record, future));
    }
  }
  return rows;
};

/** Twins as they will be: what will be created has a made-up id until then. */
export const futureTwins = () => {
  const toExternal = new Map<string, string>();
  const toLocal = new Map<string, string>();
  const twins: Twins = {
    linkOf: () => undefined,
    externalOf: ({ $ref, id }) => toExternal.get(`${$ref}:${id}`),
    localOf: ({ $ref, id }) => toLocal.get(`${$ref}:${id}`),
  };
  return {
    twins,
    note: (kind: RecordKind, localId: string, externalId: string): void => {
      toExternal.set(`${kind}:${localId}`, externalId);
      toLocal.set(`${kind}:${externalId}`, localId);
    },
  };
};

const rowsOfLink = (
  bridge: Bridge,
  kind: RecordKind,
  local: LocalRecord,
  external: ExternalRecord,
  twins: Twins,
  match: MatchDocument,
): readonly PlanRow[] => {
  const choice = choiceFor(bridge, kind, local, external, twins, match);
  const link: Link = {
    ...newLink({ id: 'plan', connectionId: bridge.connectionId, kind, mapVersion: bridge.mapVersion }),
    localId: local.localId,
    externalId: external.externalId,
    revision: 0,
    tenantId: bridge.tenantId,
    ...(choice ? { choice } : {}),
  };
  const pair: ReadPair = {
    kind,
    entries: [],
    link,
    localId: local.localId,
    externalId: external.externalId,
    local: { state: 'present', projection: local.projection, changedAt: local.changedAt },
    external: { state: 'present', projection: external.projection },
    localRecord: local,
    externalRecord: external,
  };
  const decision = planPair(viewOf(bridge, pair, twins));
  const rows: PlanRow[] = [];
  if (decision.do === 'merge') {
    const { push, pull, conflicts } = decision.merge;
    if (push.length > 0) rows.push(rowOf(kind, 'update', 'external', local, `${words(push)} from billing`));
    if (pull.length > 0) rows.push(rowOf(kind, 'update', 'local', local, `${words(pull)} from ${bridge.ledgerName}`));
    if (conflicts.length > 0) rows.push(rowOf(kind, 'ask', 'none', local, `${words(conflicts)} differ on both sides`));
  }
  if (decision.do === 'conflict') rows.push(rowOf(kind, 'ask', 'none', local, 'one of the two is over'));
  if (decision.do === 'revive') rows.push(rowOf(kind, 'update', decision.side, local, 'active again on both sides'));
  if (decision.do === 'end') rows.push(rowOf(kind, 'void', decision.side, local, 'over on the other side'));
  return rows.length > 0 ? rows : [rowOf(kind, 'adopt', 'none', local, match.reason)];
};

const words = (atoms: readonly string[]): string => atoms.map(atomName).join(', ');

const rowsOfLonely = (
  bridge: Bridge,
  kind: RecordKind,
  side: Side,
  record: LocalRecord | ExternalRecord,
  future: ReturnType<typeof futureTwins>,
): readonly PlanRow[] => {
  const id = 'localId' in record ? record.localId : record.externalId;
  const view = { state: 'present' as const, projection: record.projection };
  const pair: ReadPair = {
    kind,
    entries: [],
    ...(side === 'local' ? { localId: id } : { externalId: id }),
    local: side === 'local' ? view : { state: 'absent' },
    external: side === 'external' ? view : { state: 'absent' },
  };
  const { missing } = translateAtoms(
    record.projection.atoms as Atoms,
    side === 'local' ? future.twins.externalOf : future.twins.localOf,
  );
  const [parent] = missing.values();
  const decision = planPair(
    viewOf(bridge, pair, future.twins, parent ? { parent: { waitsFor: `${parent.$ref}:${parent.id}` } } : {}),
  );
  if (decision.do === 'defer') return [rowOf(kind, 'ask', 'none', record, `waits for its ${parent?.$ref ?? 'parent'}`)];
  if (decision.do !== 'create') return [];
  if (side === 'local') future.note(kind, id, `new:${id}`);
  else future.note(kind, `new:${id}`, id);
  const target = side === 'local' ? bridge.ledgerName : 'billing';
  const rows = [rowOf(kind, 'create', decision.side, record, `not in ${target} yet`)];
  if (side === 'external' && kind === 'contact' && keepsReference(bridge, record)) {
    rows.push(rowOf(kind, 'update', 'external', record, `our reference is noted in ${bridge.ledgerName}`));
  }
  return rows;
};

const keepsReference = (bridge: Bridge, { projection }: LocalRecord | ExternalRecord): boolean => {
  const atoms = { ...projection.atoms, externalRef: 'cus_1' };
  const kept = bridge.ledger.normalise('contact', { status: projection.status, atoms } as never);
  return (projection.atoms as { externalRef?: string | null }).externalRef === null && kept.atoms.externalRef !== null;
};

const rowOf = (
  kind: RecordKind,
  op: PlanRow['op'],
  side: PlanRow['side'],
  record: LocalRecord | ExternalRecord,
  why: string,
): PlanRow => {
  const { id: _id, url: _url, ...label } = labelOf(kind, '', record.projection);
  return { kind, op, side, ...label, why };
};

/** What the person chose when deciding the match, with the values shown. */
export const choiceFor = (
  bridge: Bridge,
  kind: RecordKind,
  local: LocalRecord,
  external: ExternalRecord,
  twins: Twins,
  match: MatchDocument,
): Choice | undefined => {
  const choices = choicesOf(match);
  if (Object.keys(choices).length === 0) return undefined;
  const differences = differencesOf(bridge, kind, local, external, twins);
  const atoms: Record<string, Choice['atoms'][string]> = {};
  for (const { atom, local: mine, external: theirs } of differences) {
    const take = choices[atom];
    if (take) atoms[atom] = { local: mine, external: theirs, take };
  }
  return Object.keys(atoms).length === 0 ? undefined : { mapVersion: bridge.mapVersion, atoms };
};
