// Writes to billing: commands under an intent, conditional on billing's revision. Billing remembers the intent's key with the effect, so
// that a repeat has no second one.
import { toInstant } from '../../core/clock';
import { EMPTY_BASE, type Intent, type Link, recordKey, tagOf } from '../links/link';
import { asBase, sameValue } from '../planner/atoms';
import { atomName, guard } from '../planner/guards';
import { isEnded } from '../planner/side-view';
import type { LocalOutcome } from '../ports/billing-port';
import type { Atoms, Projection } from '../records';
import { imageOf } from '../undo/run-images';
import { type Bridge, leaseEnd } from './bridge';
import { carried, sentAtoms } from './outward-answers';
import { pairKey, type ReadPair } from './pair';
import { amountOf, signatureOf, signatureOfPair } from './pairs';
import {
  advance,
  blockRow,
  clear,
  ensureRow,
  namedBy,
  nameOf,
  problemNow,
  saveRow,
  waitFor,
  wakeChildren,
  whereThere,
  withoutHints,
} from './rows';
import { type Twins, translateAtoms } from './twins';
import type { PairOutcome, Wish } from './writes';

/** Translates, guards, stores the intent, writes, settles: one record at a time, since billing is next door. */
export const writeInward = async (bridge: Bridge, pair: ReadPair, twins: Twins, wish: Wish): Promise<PairOutcome> => {
  const payload = await inwardPayload(bridge, pair, twins, wish);
  if (typeof payload === 'string') return payload;
  const armed = await arm(bridge, pair, wish, payload);
  return armed === undefined ? 'again' : performInward(bridge, pair, armed);
};

/** Also the way a reserved create goes on after a crash: same key, same id, same body. */
export const performInward = async (bridge: Bridge, pair: ReadPair, link: Link): Promise<PairOutcome> => {
  const intent = link.intent as Intent;
  const outcome = await bridge.billing.write({
    kind: link.kind,
    op: intent.op,
    key: intent.key,
    localId: link.localId as string,
    projection: intent.payload as never,
    atoms: intent.atoms,
    ...(intent.op === 'create' || intent.localRevision === undefined ? {} : { expectedRevision: intent.localRevision }),
    source: bridge.ledgerName,
  });
  return settleInward(bridge, pair, link, outcome);
};

const inwardPayload = async (
  bridge: Bridge,
  pair: ReadPair,
  twins: Twins,
  wish: Wish,
): Promise<Projection | 'settled' | 'again'> => {
  const isEnding = wish.op === 'void' || wish.op === 'archive';
  const source = isEnding || wish.values ? pair.localRecord?.projection : pair.externalRecord?.projection;
  if (source === undefined) throw new Error(`nothing to bring in for ${pair.kind} ${pairKey(pair)}`);
  const translated =
    isEnding || wish.values
      ? { atoms: { ...source.atoms, ...wish.values }, missing: new Map() }
      : translateAtoms(source.atoms, twins.localOf);
  const stuck =
    wish.op === 'create'
      ? [...translated.missing.values()][0]
      : wish.atoms.map((atom) => translated.missing.get(atom)).find(Boolean);
  if (stuck) {
    return waitFor(
      bridge,
      pair,
      recordKey(stuck.$ref, 'external', stuck.id),
      'It points to a record that has not crossed yet.',
    );
  }
  const kept: Atoms = wish.op === 'update' ? (pair.localRecord?.projection.atoms ?? {}) : {};
  const sent = Object.entries(translated.atoms).filter(([atom]) => wish.op !== 'update' || wish.atoms.includes(atom));
  const status = isEnding ? (wish.op === 'void' ? 'void' : 'archived') : 'live';
  const payload: Projection = { status, atoms: { ...kept, ...Object.fromEntries(sent) } };
  const blocked = guard({
    kind: pair.kind,
    side: 'local',
    op: wish.op,
    payload,
    atoms: wish.atoms,
    ...(pair.localRecord ? { target: pair.localRecord } : {}),
    ledgerName: bridge.ledgerName,
    name: nameOf(pair),
  });
  if (blocked === undefined) return payload;
  await blockRow(bridge, pair, blocked);
  bridge.journal.mark(pairKey(pair), 'blocked');
  return 'settled';
};

/** A create reserves both ids before it happens, so that no feed or worker takes either record for unlinked. */
const arm = async (bridge: Bridge, pair: ReadPair, wish: Wish, payload: Projection): Promise<Link | undefined> => {
  const now = toInstant(bridge.clock.now());
  const expiresAt = toInstant(leaseEnd(bridge));
  const change = (link: Link): Link => {
    const localId = link.localId ?? bridge.billing.newId(pair.kind, payload);
    const intent: Intent = {
      op: wish.op,
      side: 'local',
      atoms: wish.atoms,
      payload,
      mapVersion: bridge.mapVersion,
      tag: tagOf(localId, link.generation),
      key: bridge.uuid(),
      attempt: 1,
      sentAt: now,
      deadline: now,
      outcome: 'sent',
      why: wish.why,
      ...(pair.localRecord
        ? { plannedLocal: pair.localRecord.projection, localRevision: pair.localRecord.revision }
        : {}),
      ...(pair.externalRecord ? { plannedExternal: pair.externalRecord.projection } : {}),
    };
    return {
      ...withoutHints(clear(link, 'waitsFor', 'problem')),
      ...(wish.judged ? { baseLocal: wish.judged.baseLocal, baseExternal: wish.judged.baseExternal } : {}),
      ...namedBy(pair),
      localId,
      state: link.state === 'conflict' ? 'conflict' : 'linked',
      lease: { owner: bridge.owner, expiresAt },
      intent,
      ...(wish.isRestore ? { restores: [...link.restores.slice(-9), now] } : {}),
    };
  };
  if (pair.link === undefined) return ensureRow(bridge, pair, change);
  const row = change(pair.link);
  const { overruled = [] } = wish;
  const [saved] = await bridge.links.saveAll([row], async (session, links) => {
    if (links[0] === undefined || overruled.length === 0) return;
    await bridge.journal.overruled(session, row, overruled);
  });
  return saved;
};

export const settleInward = async (
  bridge: Bridge,
  pair: ReadPair,
  link: Link,
  outcome: LocalOutcome,
): Promise<PairOutcome> => {
  switch (outcome.result) {
    case 'done':
      return settleInwardDone(bridge, pair, link, outcome.record.projection, outcome.record.revision);
    case 'stale':
      await saveRow(bridge, withoutReservation(clear(link, 'intent', 'lease'), link.intent as Intent));
      return 'again';
    case 'refused': {
      await saveRow(bridge, refusedRow(bridge, pair, link, outcome.reason, outcome.remedy));
      return 'settled';
    }
  }
};

/** `answered`: billing's record as the command left it, or what the intent says it must be. */
export const settleInwardDone = async (
  bridge: Bridge,
  pair: ReadPair,
  link: Link,
  answered: Projection,
  revision?: number,
): Promise<PairOutcome> => {
  const intent = link.intent as Intent;
  const done = clear(link, 'intent', 'lease');
  const isEnding = intent.op === 'void' || intent.op === 'archive';
  const next = isEnding
    ? endedRow(done, intent, answered)
    : advancedRow(bridge, pair, done, intent, answered, revision);
  const [saved] = await bridge.links.saveAll([next], async (session, links) => {
    if (links[0] === undefined) return;
    await bridge.journal.row(
      session,
      {
        kind: link.kind,
        op: intent.op === 'create' ? 'create' : isEnding ? 'void' : 'update',
        side: 'local',
        name: nameOf(pair),
        why: intent.why,
        ...amountOf(link.kind, answered),
        ...(link.localId === undefined ? {} : { localId: link.localId }),
        ...(link.externalId === undefined ? {} : { externalId: link.externalId }),
      },
      imageOf(link, intent, answered),
    );
  });
  if (saved === undefined) return 'again';
  bridge.journal.wrote('local', intent.op);
  await wakeChildren(bridge, link);
  return next.state === 'blocked' ? 'settled' : 'again';
};

const endedRow = (link: Link, intent: Intent, answered: Projection): Link => ({
  ...clear(link, 'choice'),
  held: [],
  state: isEnded(answered.status) ? 'linked' : 'blocked',
  baseLocal: asBase(answered),
  baseExternal: intent.plannedExternal
    ? asBase(intent.plannedExternal)
    : { ...link.baseExternal, status: answered.status },
});

const advancedRow = (
  bridge: Bridge,
  pair: ReadPair,
  link: Link,
  intent: Intent,
  answered: Projection,
  revision: number | undefined,
): Link => {
  const version = pair.externalRecord?.version;
  const expected = bridge.billing.normalise(link.kind, intent.payload as never).atoms as Atoms;
  const external = intent.plannedExternal;
  const sent = sentAtoms(intent, answered, link.kind);
  const kept: Atoms = answered.atoms;
  // Billing's own reference is billing's to set: what it made of it travels out as its change.
  const own: readonly string[] = intent.op === 'create' ? sent.filter((atom) => atom === 'externalRef') : [];
  const taken = sent.filter((atom) => !own.includes(atom) && sameValue(kept[atom], expected[atom]));
  const refused = sent.filter((atom) => !taken.includes(atom) && !own.includes(atom));
  const next: Link = {
    ...carried(link, intent.op === 'unarchive' ? ['status'] : taken),
    mapVersion: intent.mapVersion,
    baseLocal: advance(intent.op === 'create' ? EMPTY_BASE : link.baseLocal, taken, answered),
    baseExternal: external === undefined ? link.baseExternal : advance(link.baseExternal, [...taken, ...own], external),
  };
  if (refused.length === 0) return next;
  return {
    ...next,
    state: 'blocked',
    problem: problemNow(bridge, link, {
      code: 'notTaken',
      message: `${link.label?.name ?? 'This record'}: billing did not keep ${refused.map(atomName).join(' and ')} as ${bridge.ledgerName} has it.`,
      fix: 'Compare the record in both systems, correct one of them, then retry.',
      standsWhile: signatureOf(bridge, revision, version),
    }),
  };
};

/** A reserved local id without a record behind it must not be taken for a record. */
export const withoutReservation = (link: Link, intent: Intent): Link =>
  intent.op === 'create' ? clear(link, 'localId') : link;

const refusedRow = (bridge: Bridge, pair: ReadPair, link: Link, reason: string, remedy: string): Link => {
  const intent = link.intent as Intent;
  const dropped = withoutReservation(clear(link, 'intent', 'lease'), intent);
  const isEnding = intent.op === 'void' || intent.op === 'archive';
  bridge.journal.mark(link.id, isEnding ? 'conflict' : 'blocked');
  return {
    ...dropped,
    state: isEnding ? 'conflict' : 'blocked',
    problem: problemNow(bridge, link, {
      ...whereThere(pair),
      code: isEnding ? 'statusClash' : 'billingRefused',
      message: isEnding
        ? `${nameOf(pair)} was cancelled in ${bridge.ledgerName}, but billing keeps it: ${reason}`
        : `${nameOf(pair)} could not be brought into billing: ${reason}`,
      fix: remedy,
      standsWhile: signatureOfPair(bridge, pair),
      ...(isEnding
        ? {
            differences: [{ atom: 'status', local: pair.localRecord?.projection.status ?? 'void', external: 'void' }],
          }
        : {}),
    }),
  };
};
