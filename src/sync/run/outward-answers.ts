// What one answer of the ledger proves, and what it does to the row. Bases advance atom by atom: only what was sent and came back as
// the ledger was expected to keep it.
import { toInstant } from '../../core/clock';
import type { Session } from '../../store/port';
import { type Base, dateOf, EMPTY_BASE, type Intent, type Link } from '../links/link';
import { asBase, comparedAtoms, sameValue } from '../planner/atoms';
import { atomName, periodLocked } from '../planner/guards';
import { isEnded } from '../planner/side-view';
import type { ExternalRecord, LedgerProblem, WriteOutcome } from '../ports/ledger-port';
import { wayOut } from '../problems/way-out';
import { type Atoms, isMoneyKind, type Projection, type RecordKind, refsIn } from '../records';
import type { RunRow } from '../service';
import { imageOf } from '../undo/run-images';
import { type Bridge, RunStopped } from './bridge';
import { amountOf, signatureOf, signatureOfPair } from './pairs';
import { presentReading } from './readings';
import { advance, clear, nameOf, problemNow, wakeChildren, whereThere } from './rows';
import type { ReadyWrite, Settled } from './writes';

export const settleAnswer = async (
  bridge: Bridge,
  outward: ReadyWrite,
  link: Link,
  answer: WriteOutcome,
): Promise<Settled> => {
  switch (answer.result) {
    case 'done':
      return settleDone(bridge, link, answer.record, { pair: nameOf(outward.pair) });
    case 'refused':
      return settleRefused(bridge, outward, link, answer.problem, answer.raw);
    case 'notSent':
      return { link: dropIntent(link), outcome: 'again', stop: stopFor(answer.problem) };
    case 'unknown':
      return settleUnknown(bridge, link);
  }
};

const dropIntent = (link: Link): Link => clear(link, 'intent', 'lease');

/** The write is proven, by its answer or by its tag. `record` is the ledger's record as the answer or the look-up showed it. */
export const settleDone = (
  bridge: Bridge,
  link: Link,
  record: ExternalRecord,
  name: { readonly pair: string },
): Settled => {
  const intent = link.intent as Intent;
  const { kind } = link;
  bridge.readings.keep(kind, record.externalId, presentReading(record));
  const done = dropIntent(link);
  const row = (session: Session): Promise<void> =>
    bridge.journal.row(
      session,
      {
        kind,
        op: rowOp(intent),
        side: 'external',
        name: name.pair,
        externalId: record.externalId,
        why: intent.why,
        ...amountOf(kind, record.projection),
        ...(link.localId === undefined ? {} : { localId: link.localId }),
      },
      imageOf(link, intent, record.projection),
    );
  const after = async (): Promise<void> => {
    bridge.journal.wrote('external', intent.op);
    await wakeChildren(bridge, { ...link, externalId: record.externalId });
  };
  if (intent.op === 'void' || intent.op === 'archive') {
    if (!isEnded(record.projection.status)) {
      return { link: notTaken(bridge, intent.localRevision, record, done, ['status']), outcome: 'settled' };
    }
    forgetParents(bridge, record);
    return { link: ended(done, intent, record), outcome: 'again', record: row, after: redirty(bridge, done, after) };
  }
  const expected = bridge.ledger.normalise(kind, intent.payload as never).atoms as Base['atoms'];
  const sent = sentAtoms(intent, record.projection, kind);
  const atoms: Atoms = record.projection.atoms;
  const taken = sent.filter((atom) => sameValue(atoms[atom], expected[atom]));
  const refused = sent.filter((atom) => !taken.includes(atom));
  const local = intent.plannedLocal;
  const advanced: Link = {
    ...carried(done, intent.op === 'unarchive' ? ['status'] : taken),
    externalId: record.externalId,
    mapVersion: intent.mapVersion,
    baseExternal:
      intent.op === 'create'
        ? { status: record.projection.status, atoms: pick(record.projection.atoms, (atom) => !refused.includes(atom)) }
        : advance(done.baseExternal, taken, record.projection),
    baseLocal: local === undefined ? done.baseLocal : advance(done.baseLocal, taken, local),
  };
  const settledLink = refused.length > 0 ? notTaken(bridge, intent.localRevision, record, advanced, refused) : advanced;
  return { link: settledLink, outcome: refused.length > 0 ? 'settled' : 'again', record: row, after };
};

/** Money that was taken off a document changes what may be done to it: what was read of it before is worth nothing now. */
const forgetParents = (bridge: Bridge, { kind, projection }: ExternalRecord): void => {
  if (!isMoneyKind(kind)) return;
  for (const { $ref, id } of Object.values(projection.atoms).flatMap(refsIn)) bridge.readings.drop($ref, id);
};

/** A change of status carries no atom; a create carries all. */
export const sentAtoms = (intent: Intent, answered: Projection, kind: RecordKind): readonly string[] => {
  if (intent.op === 'create') return comparedAtoms(kind, answered);
  return intent.op === 'update' ? intent.atoms : [];
};

const pick = (atoms: Base['atoms'], wanted: (atom: string) => boolean): Base['atoms'] =>
  Object.fromEntries(Object.entries(atoms).filter(([atom]) => wanted(atom)));

const ended = (link: Link, intent: Intent, record: ExternalRecord): Link => {
  if (intent.stage === 'reverse') {
    // Half of a replacement: the pair may be created again, under a new generation, so that the reversed twin is never found.
    return {
      ...clear(link, 'externalId', 'choice'),
      baseExternal: EMPTY_BASE,
      baseLocal: EMPTY_BASE,
      generation: link.generation + 1,
      held: [],
      state: 'linked',
    };
  }
  return {
    ...clear(link, 'choice'),
    held: [],
    state: 'linked',
    baseExternal: asBase(record.projection),
    baseLocal: intent.plannedLocal ? asBase(intent.plannedLocal) : { ...link.baseLocal, status: 'void' },
  };
};

const redirty = (bridge: Bridge, link: Link, after: () => Promise<void>) => async (): Promise<void> => {
  await after();
  if (link.localId !== undefined) await bridge.dirty.add([{ kind: link.kind, side: 'local', id: link.localId }]);
};

/** A choice and a hold are spent for the atoms that were carried. */
export const carried = (link: Link, atoms: readonly string[]): Link => {
  const rest = Object.entries(link.choice?.atoms ?? {}).filter(([atom]) => !atoms.includes(atom));
  const { choice } = link;
  return {
    ...clear(link, 'choice'),
    ...(choice && rest.length > 0 ? { choice: { ...choice, atoms: Object.fromEntries(rest) } } : {}),
    held: link.held.filter((atom) => !atoms.includes(atom)),
  };
};

const notTaken = (
  bridge: Bridge,
  revision: number | undefined,
  record: ExternalRecord,
  link: Link,
  atoms: readonly string[],
): Link => ({
  ...link,
  state: 'blocked',
  problem: problemNow(bridge, link, {
    code: 'notTaken',
    message: `${link.label?.name ?? 'This record'}: ${bridge.ledgerName} answered, but did not keep ${atoms.map(atomName).join(' and ')} as we sent it.`,
    fix: `Compare the record in both systems; correct it in ${bridge.ledgerName} or in billing, then retry.`,
    standsWhile: signatureOf(bridge, revision, record.version),
  }),
});

const rowOp = ({ op }: Intent): RunRow['op'] =>
  op === 'create' ? 'create' : op === 'void' || op === 'archive' ? 'void' : 'update';

const settleRefused = (
  bridge: Bridge,
  outward: ReadyWrite,
  link: Link,
  problem: LedgerProblem,
  raw: string | undefined,
): Settled => {
  const intent = link.intent as Intent;
  switch (problem.class) {
    case 'stale':
    case 'notFound':
      if (link.externalId !== undefined) bridge.readings.drop(link.kind, link.externalId);
      return { link: dropIntent(link), outcome: 'again' };
    case 'auth':
    case 'throttled':
    case 'transient':
      return { link: dropIntent(link), outcome: 'again', stop: stopFor(problem) };
    case 'duplicate':
    case 'validation':
    case 'locked':
    case 'unsupported':
    case 'bug':
      // "Exists already", or a refusal of a repeat, proves nothing about an earlier try of ours: it is looked up first.
      if (intent.op === 'create' && (problem.class === 'duplicate' || intent.attempt > 1)) {
        const refusal = {
          code: problem.code ?? problem.class,
          class: problem.class,
          message: problem.message,
          ...(raw === undefined ? {} : { raw }),
        };
        return settleUnknown(bridge, { ...link, intent: { ...intent, refusal } }, 0);
      }
      return {
        link: refusedRow(bridge, outward, link, problem, raw),
        outcome: 'settled',
        after: async () => bridge.journal.mark(link.id, 'blocked'),
      };
  }
};

const refusedRow = (
  bridge: Bridge,
  outward: ReadyWrite,
  link: Link,
  problem: LedgerProblem,
  raw: string | undefined,
): Link => ({
  ...dropIntent(link),
  state: 'blocked',
  problem: problemNow(bridge, link, {
    ...whereThere(outward.pair),
    ...(problem.class === 'locked'
      ? periodLocked({
          name: nameOf(outward.pair),
          ledgerName: bridge.ledgerName,
          date: dateOf(outward.kind, outward.payload.atoms),
          lockedThrough: bridge.lockedThrough(),
        })
      : {
          code: problem.code ?? problem.class,
          message: `${nameOf(outward.pair)} was not ${outward.op === 'create' ? 'sent' : 'changed'}: ${problem.message}`,
          fix: wayOut(problem, bridge.ledgerName),
        }),
    standsWhile: signatureOfPair(bridge, outward.pair),
    ...(raw === undefined ? {} : { raw }),
  }),
});

export const settleUnknown = (bridge: Bridge, link: Link, waitMs?: number): Settled => {
  const intent = link.intent as Intent;
  const nowMs = bridge.clock.now().getTime();
  const deadlineMs =
    waitMs ?? Math.max(0, Date.parse(intent.sentAt) + bridge.ledger.capabilities.hardTimeoutMs - nowMs);
  const deadline = new Date(nowMs + deadlineMs);
  return {
    link: { ...clear(link, 'lease'), intent: { ...intent, outcome: 'unknown', deadline: toInstant(deadline) } },
    outcome: 'again', // a look-up may prove it at once; only giving it up has to wait
  };
};

export const stopFor = (problem: LedgerProblem): RunStopped => {
  const because = problem.class === 'auth' || problem.class === 'throttled' ? problem.class : 'transient';
  return new RunStopped(problem.message, because, problem.retryAfterMs ?? (because === 'transient' ? 30_000 : 60_000));
};
