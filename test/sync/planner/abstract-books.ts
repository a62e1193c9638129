// Carries a decision out on two books of one record each: the smallest executor that keeps to the algorithm (§7), without stores, calls or
// faults. It passes every write by the real guards, and tells what it wrote. Over 300 lines: one decision after the other, as in the table.
import { type Base, EMPTY_BASE, type Link } from '../../../src/sync/links/link';
import { asBase, withAtoms, withoutAtoms } from '../../../src/sync/planner/atoms';
import { type Blocked, type GuardFacts, guard } from '../../../src/sync/planner/guards';
import { type Decision, type PairView, planPair } from '../../../src/sync/planner/plan';
import type { Present, SideView } from '../../../src/sync/planner/side-view';
import { type Atoms, isMoneyKind, type Projection, type RecordStatus } from '../../../src/sync/records';
import type { Side } from '../../../src/sync/service';
import type { SmallPair } from './small-states';

export type Write = {
  readonly side: Side;
  readonly op: GuardFacts['op'];
  readonly atoms: readonly string[];
  readonly before?: Projection;
  readonly after: Projection;
};
export type Step = {
  readonly decision: Decision;
  readonly next: SmallPair;
  readonly write?: Write;
  readonly blocked?: Blocked;
};

/** One look: plan, carry out, and what both books and the row are then. */
export const step = (pair: SmallPair): Step => {
  const decision = planPair(pair.view);
  return { decision, ...carryOut(pair, decision) };
};

type Done = Omit<Step, 'decision'>;

const carryOut = (pair: SmallPair, decision: Decision): Done => {
  const { view } = pair;
  const link = view.link as Link;
  switch (decision.do) {
    case 'none':
      return { next: link?.state === 'linked' ? withLink(pair, { ...without(link, 'choice'), held: [] }) : pair };
    case 'link':
      return { next: paired(pair, decision.twin) };
    case 'create':
      return create(pair, decision.side);
    case 'merge':
      return carryMerge(pair, decision);
    case 'end':
      return end(pair, decision.side, decision.link);
    case 'revive':
      return revive(pair, decision);
    case 'conflict':
      return { next: refuse(pair, decision.code) };
    case 'repoint':
      return {
        next: withLink(
          { ...pair, view: { ...seen(view, 'external', present(pair.other)) } },
          { ...without(link, 'problem', 'choice'), externalId: decision.survivor, ...NO_BASES, state: 'linked' },
        ),
      };
    case 'rebase':
      return { next: rebase(pair, decision) };
    case 'retire':
      return { next: retire(pair) };
    case 'undo':
      return undo(pair, decision);
    case 'forget':
      return { next: withLink(pair, undefined) };
    default:
      return { next: pair }; // ignore, stay, defer, park, resolveIntent: nothing moves
  }
};

const NO_BASES = { baseLocal: EMPTY_BASE, baseExternal: EMPTY_BASE };
const present = (projection: Projection): Present => ({ state: 'present', projection });
const projectionOf = (side: SideView): Projection => {
  if (side.state !== 'present') throw new Error('a write needs the record it is made of');
  return side.projection;
};
const without = (link: Link, ...fields: readonly (keyof Link)[]): Link =>
  Object.fromEntries(Object.entries(link).filter(([field]) => !fields.includes(field as keyof Link))) as Link;

const withLink = (pair: SmallPair, link: Link | undefined): SmallPair => {
  const { link: _before, ...view } = pair.view;
  return { ...pair, view: link === undefined ? view : { ...view, link } };
};

/** The records as they are now, and each in the words of the other side; a standing refusal falls when one of them moves. */
const seen = (view: PairView, side: Side, now: SideView): PairView => {
  const next = { ...view, [side]: now, signature: `${view.signature}+` };
  const atomsOf = (each: SideView): Atoms => (each.state === 'present' ? each.projection.atoms : {});
  return { ...next, across: { localAsExternal: atomsOf(next.local), externalAsLocal: atomsOf(next.external) } };
};

const born = (view: PairView): Link => ({
  ...{ id: 'lnk_1', revision: 1, tenantId: 'ten_1', connectionId: 'con_1', kind: view.kind, state: 'linked' },
  ...{ mapVersion: view.mapVersion, generation: 0, held: [], restores: [], separateFrom: [], ...NO_BASES },
  ...(view.local.state === 'present' ? { localId: 'loc_1' } : {}),
  ...(view.external.state === 'present' ? { externalId: 'ext_1' } : {}),
});

const paired = (pair: SmallPair, twin: string): SmallPair => {
  const { view } = pair;
  const missing: Side = view.local.state === 'present' ? 'external' : 'local';
  const link = view.link ?? born(view);
  return withLink(
    { ...pair, view: seen(view, missing, present(pair.other)) },
    {
      ...without(link, 'problem', 'waitsFor'),
      ...{ localId: link.localId ?? twin, externalId: link.externalId ?? twin, ...NO_BASES },
      ...{ mapVersion: view.mapVersion, state: 'linked' },
    },
  );
};

const refuse = (pair: SmallPair, code: string): SmallPair => {
  const { view } = pair;
  const problem = { code, message: '', fix: '', since: '2026-01-01T00:00:00.000Z', standsWhile: view.signature };
  return withLink(pair, { ...without(view.link ?? born(view), 'choice'), state: 'conflict', problem });
};

type Order = {
  readonly side: Side;
  readonly op: GuardFacts['op'];
  readonly atoms: readonly string[];
  readonly after: Projection;
};

/** The guards first; a write that they refuse leaves both books as they are. */
const write = (pair: SmallPair, { side, op, atoms, after }: Order, link: (written: SmallPair) => Link): Done => {
  const { view } = pair;
  const target = view[side].state === 'present' ? projectionOf(view[side]) : undefined;
  const blocked = guard({
    ...{ kind: view.kind, side, op, payload: after, atoms, ledgerName: 'Xero', name: 'The record' },
    ...(target ? { target: { projection: target, guards: pair.guards[side] } } : {}),
    ...(side === 'external' ? { organisation: pair.organisation } : {}),
    ...(side === 'external' && pair.editable ? { editable: pair.editable } : {}),
  });
  if (blocked) {
    const problem = { ...blocked, since: '2026-01-01T00:00:00.000Z' };
    return { blocked, next: withLink(pair, { ...(view.link ?? born(view)), state: 'blocked', problem }) };
  }
  const written: SmallPair = { ...pair, view: seen(view, side, present(after)) };
  return {
    write: { side, op, atoms, after, ...(target ? { before: target } : {}) },
    next: withLink(written, link(written)),
  };
};

const create = (pair: SmallPair, side: Side): Done => {
  const source = projectionOf(pair.view[side === 'external' ? 'local' : 'external']);
  const fresh = pair.view.link ?? born(pair.view);
  return write(pair, { side, op: 'create', atoms: Object.keys(source.atoms), after: source }, () => ({
    ...without(fresh, 'problem', 'waitsFor', 'choice'),
    ...{ localId: fresh.localId ?? 'loc_1', externalId: fresh.externalId ?? 'ext_1', state: 'linked', held: [] },
    ...{ baseLocal: asBase(source), baseExternal: asBase(source), mapVersion: pair.view.mapVersion },
  }));
};

/** An answer and a hold are spent for the atoms that were carried or turned out equal. */
const spent = (link: Link, atoms: readonly string[]): Link => {
  const rest = Object.entries(link.choice?.atoms ?? {}).filter(([atom]) => !atoms.includes(atom));
  return {
    ...without(link, 'problem', 'waitsFor', ...(rest.length === 0 ? (['choice'] as const) : [])),
    ...(link.choice && rest.length > 0 ? { choice: { ...link.choice, atoms: Object.fromEntries(rest) } } : {}),
    held: link.held.filter((atom) => !atoms.includes(atom)),
    state: 'linked',
  };
};

const advance = (base: Base, atoms: readonly string[], from: Projection): Base => ({
  ...withAtoms(base, atoms, from.atoms),
  status: from.status,
});

/** One direction at a time; what is left shows at the next look. */
const carryMerge = (pair: SmallPair, { merge, link }: Extract<Decision, { do: 'merge' }>): Done => {
  const { view } = pair;
  const [local, external] = [projectionOf(view.local), projectionOf(view.external)];
  const judged: Link = {
    ...link,
    baseLocal: advance(link.baseLocal, merge.adopt, local),
    baseExternal: advance(link.baseExternal, merge.adopt, external),
    held: [...new Set([...link.held.filter((atom) => !merge.adopt.includes(atom)), ...merge.hold])],
  };
  const [side, atoms]: [Side, readonly string[]] =
    merge.pull.length > 0 ? ['local', merge.pull] : ['external', merge.push];
  if (atoms.length > 0 && side === 'external' && isMoneyKind(view.kind)) return reverse(pair, judged);
  if (atoms.length > 0) {
    const [from, to] = side === 'local' ? [external, local] : [local, external];
    const after = { ...to, atoms: { ...to.atoms, ...pick(from.atoms, atoms) } } as Projection;
    return write(pair, { side, op: 'update', atoms, after }, () => ({
      ...spent(judged, atoms),
      baseLocal: advance(judged.baseLocal, atoms, side === 'local' ? after : local),
      baseExternal: advance(judged.baseExternal, atoms, side === 'external' ? after : external),
    }));
  }
  if (merge.conflicts.length > 0) return { next: refuse(withLink(pair, judged), 'bothChanged') };
  return { next: withLink(pair, spent(judged, merge.adopt)) };
};

const pick = (atoms: Atoms, names: readonly string[]): Atoms =>
  Object.fromEntries(names.flatMap((name) => (name in atoms ? [[name, atoms[name] ?? null]] : [])));

/** Money is never edited: the twin is taken back, and the pair may be made anew. */
const reverse = (pair: SmallPair, judged: Link): Done => {
  const after = { ...projectionOf(pair.view.external), status: 'void' } as Projection;
  const done = write(pair, { side: 'external', op: 'void', atoms: ['status'], after }, () => ({
    ...without(judged, 'externalId', 'choice', 'problem'),
    ...NO_BASES,
    ...{ generation: judged.generation + 1, held: [], state: 'linked' },
  }));
  if (done.write === undefined) return done;
  return { ...done, next: { ...done.next, view: seen(done.next.view, 'external', { state: 'absent' }) } };
};

const end = (pair: SmallPair, side: Side, judged: Link): Done => {
  const { view } = pair;
  const status: RecordStatus = view.kind === 'contact' ? 'archived' : 'void';
  const op = view.kind === 'contact' ? 'archive' : 'void';
  const after = { ...projectionOf(view[side]), status } as Projection;
  return write(pair, { side, op, atoms: ['status'], after }, ({ view: now }) => ({
    ...without(judged, 'choice', 'problem'),
    ...{ held: [], state: 'linked', baseLocal: ended(now.local, judged.baseLocal, status) },
    baseExternal: ended(now.external, judged.baseExternal, status),
  }));
};

const ended = (side: SideView, base: Base, status: RecordStatus): Base =>
  side.state === 'present' ? asBase(side.projection) : { ...base, status };

const revive = (pair: SmallPair, { side, how }: Extract<Decision, { do: 'revive' }>): Done => {
  const { view } = pair;
  const judged = without(view.link as Link, 'retiredBecause', 'problem');
  if (how === 'unarchive') {
    const after = { ...projectionOf(view[side]), status: 'live' } as Projection;
    return write(pair, { side, op: 'unarchive', atoms: ['status'], after }, () => ({
      ...spent(judged, ['status']),
      baseLocal: { ...judged.baseLocal, status: 'live' },
      baseExternal: { ...judged.baseExternal, status: 'live' },
    }));
  }
  const half: Link =
    side === 'external'
      ? { ...without(judged, 'externalId', 'choice'), baseExternal: EMPTY_BASE, generation: judged.generation + 1 }
      : { ...without(judged, 'localId', 'choice'), baseLocal: EMPTY_BASE };
  return { next: withLink({ ...pair, view: seen(view, side, { state: 'absent' }) }, { ...half, state: 'linked' }) };
};

const rebase = (pair: SmallPair, { adopt, clear }: Extract<Decision, { do: 'rebase' }>): SmallPair => {
  const { view } = pair;
  const link = view.link as Link;
  const based = (base: Base, side: SideView): Base => {
    const { atoms, status } = projectionOf(side);
    return { ...withAtoms(withoutAtoms(base, clear), adopt, atoms), status: base.status ?? status };
  };
  return withLink(pair, {
    ...without(link, 'choice'),
    baseLocal: based(link.baseLocal, view.local),
    baseExternal: based(link.baseExternal, view.external),
    mapVersion: view.mapVersion,
  });
};

const retire = (pair: SmallPair): SmallPair => {
  const { view } = pair;
  const link = view.link as Link;
  const statusOf = (side: SideView): RecordStatus => (side.state === 'present' ? side.projection.status : 'void');
  return withLink(pair, {
    ...without(link, 'problem', 'choice'),
    ...{ state: 'retired', retiredBecause: 'gone', held: [] },
    baseLocal: { ...link.baseLocal, status: statusOf(view.local) },
    baseExternal: { ...link.baseExternal, status: statusOf(view.external) },
  });
};

/** The orders of the small states: the ledger's record is ended or gets its older value back, and billing follows. */
const undo = (pair: SmallPair, { step: todo }: Extract<Decision, { do: 'undo' }>): Done => {
  const { view } = pair;
  const link = view.link as Link;
  const order = link.undo as NonNullable<Link['undo']>;
  const bare = without(link, 'undo', 'problem', 'choice');
  if (todo.do === 'drop') return { next: withLink(pair, without(link, 'undo')) };
  if (todo.do === 'reached') {
    if (order.does !== 'restore') {
      return { next: withLink(pair, { ...bare, state: 'retired', retiredBecause: 'unlinked', held: [] }) };
    }
    if (view.local.state !== 'present') return { next: withLink(pair, bare) };
    const [local, external] = [view.local.projection.atoms, projectionOf(view.external).atoms];
    const shown = (atom: string) => ({ local: local[atom] ?? null, external: external[atom] ?? null });
    const atoms = Object.fromEntries(order.atoms.map((atom) => [atom, { ...shown(atom), take: 'ledger' as const }]));
    const choice = { mapVersion: view.mapVersion, atoms };
    return {
      next: withLink(pair, { ...bare, choice, baseExternal: withoutAtoms(bare.baseExternal, order.atoms) }),
    };
  }
  const before = projectionOf(view.external);
  const status: RecordStatus = todo.op === 'update' ? before.status : todo.op === 'void' ? 'void' : 'archived';
  const after = { status, atoms: { ...before.atoms, ...pick(order.before, order.atoms) } } as Projection;
  const done = write(pair, { side: 'external', op: todo.op, atoms: todo.atoms, after }, () => ({
    ...link,
    baseExternal: todo.op === 'update' ? advance(link.baseExternal, todo.atoms, after) : asBase(after),
  }));
  // A refusal ends the order: what stands in the way is told where the undo was asked for.
  return done.blocked ? { ...done, next: withLink(pair, without(link, 'undo')) } : done;
};
