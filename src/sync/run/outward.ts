// Writes to the ledger, in batches: re-check, lease and intent stored, sent once, each answer settled on its own. What is not proven
// stays an open intent and is looked up before anything else happens to that record.
import { toInstant } from '../../core/clock';
import type { Session } from '../../store/port';
import { type Intent, type IntentOp, type Link, recordKey, tagOf } from '../links/link';
import { sameValue } from '../planner/atoms';
import { type Blocked, guard } from '../planner/guards';
import type { ExternalRecord, WriteOutcome, WriteRequest } from '../ports/ledger-port';
import type {
  AllocationAtoms,
  Atoms,
  ContactAtoms,
  InvoiceAtoms,
  PaymentAtoms,
  Projection,
  RefundAtoms,
} from '../records';
import { type Bridge, leaseEnd, type RunStopped } from './bridge';
import { settleAnswer } from './outward-answers';
import { pairKey, type ReadPair } from './pair';
import { blockRow, clear, ensureRow, namedBy, nameOf, waitFor, withoutHints } from './rows';
import { type Twins, translateAtoms } from './twins';
import type { BatchResult, PairOutcome, ReadyWrite, Wish } from './writes';

/** Translates and guards. A word instead of a write means that the row now says why nothing was sent. */
export const prepareOutward = async (
  bridge: Bridge,
  pair: ReadPair,
  twins: Twins,
  wish: Wish,
): Promise<ReadyWrite | 'settled' | 'again'> => {
  const { kind } = pair;
  const isEnding = wish.op === 'void' || wish.op === 'archive';
  const source = isEnding || wish.values ? pair.externalRecord?.projection : pair.localRecord?.projection;
  if (source === undefined) throw new Error(`nothing to send for ${kind} ${pairKey(pair)}`);
  const { atoms, missing } =
    isEnding || wish.values
      ? { atoms: { ...source.atoms, ...wish.values }, missing: new Map() }
      : translateAtoms(source.atoms, twins.externalOf);
  const stuck =
    wish.op === 'create' ? [...missing.values()][0] : wish.atoms.map((atom) => missing.get(atom)).find(Boolean);
  if (stuck) {
    return waitFor(
      bridge,
      pair,
      recordKey(stuck.$ref, 'local', stuck.id),
      'It points to a record that has not crossed yet.',
    );
  }
  // What is not sent stays as it is there.
  const kept = wish.op === 'update' ? (pair.externalRecord?.projection.atoms ?? {}) : {};
  const sent =
    wish.op === 'update' ? Object.fromEntries(Object.entries(atoms).filter(([a]) => wish.atoms.includes(a))) : atoms;
  const payload: Projection = { status: statusAfter(wish.op, source), atoms: { ...kept, ...sent } };

  const blocked = await guardOutward(bridge, pair, twins, wish, payload);
  if (blocked) {
    await blockRow(bridge, pair, blocked);
    bridge.journal.mark(pairKey(pair), 'blocked');
    return 'settled';
  }
  return {
    ...wish,
    pair,
    kind,
    payload,
    serialKeys: serialKeysOf(pair, payload),
  };
};

const statusAfter = (op: IntentOp, source: Projection): Projection['status'] => {
  if (op === 'void') return 'void';
  if (op === 'archive') return 'archived';
  return op === 'unarchive' ? 'live' : source.status;
};

const guardOutward = async (
  bridge: Bridge,
  pair: ReadPair,
  twins: Twins,
  wish: Wish,
  payload: Projection,
): Promise<Blocked | undefined> => {
  const { kind, externalRecord } = pair;
  const { ledger } = bridge;
  const isEnding = wish.op === 'void' || wish.op === 'archive';
  return guard({
    kind,
    side: 'external',
    op: wish.op,
    payload,
    atoms: wish.atoms,
    organisation: await bridge.organisation(),
    ledgerName: bridge.ledgerName,
    name: nameOf(pair),
    ...(externalRecord
      ? { target: externalRecord, editable: ledger.editableAtoms(kind, externalRecord as never) }
      : {}),
    ...(isEnding
      ? {}
      : {
          objections: ledger.objections(kind, payload as never),
          predicted: ledger.normalise(kind, payload as never) as Projection,
        }),
    contactCurrency: contactCurrency(pair, twins),
  });
};

const contactCurrency = ({ localRecord }: ReadPair, twins: Twins): string | null => {
  const contact = (localRecord?.projection.atoms as Partial<InvoiceAtoms> | undefined)?.contact;
  const atoms = contact && twins.linkOf('local', contact)?.baseExternal.atoms;
  return (atoms as Partial<ContactAtoms> | undefined)?.currency ?? null;
};

/** All that touches one document's balance goes one after the other. */
const serialKeysOf = (pair: ReadPair, { atoms }: Projection): readonly string[] => {
  if (pair.kind === 'payment') {
    return (atoms as Atoms as PaymentAtoms).payment.allocations.map(({ invoice }) => `invoice:${invoice.id}`);
  }
  if (pair.kind === 'allocation') {
    const { creditNote, invoice } = (atoms as Atoms as AllocationAtoms).allocation;
    return [`invoice:${invoice.id}`, `creditNote:${creditNote.id}`];
  }
  if (pair.kind === 'refund') return [`creditNote:${(atoms as Atoms as RefundAtoms).refund.creditNote.id}`];
  return [];
};

/** One call. Every element of the batch is of one kind and op. */
export const sendBatch = async (bridge: Bridge, batch: readonly ReadyWrite[]): Promise<BatchResult> => {
  const outcomes = new Map<string, PairOutcome>(batch.map(({ pair }) => [pairKey(pair), 'again']));
  const unmoved = await stillAsPlanned(bridge, batch);
  const armed: { outward: ReadyWrite; link: Link; token?: string }[] = [];
  for (const { outward, token } of unmoved) {
    const link = await arm(bridge, outward);
    if (link) armed.push({ outward, link, ...(token === undefined ? {} : { token }) });
  }
  const nowMs = bridge.clock.now().getTime();
  // The lease outlives the call, or it is not made: a stalled process must not send what another has taken over.
  const sendable = armed.filter(
    ({ link }) => Date.parse(link.lease?.expiresAt ?? '') - nowMs > bridge.ledger.capabilities.hardTimeoutMs,
  );
  if (sendable.length === 0) return { outcomes };

  const answers = await send(
    bridge,
    sendable.map(({ outward, link, token }) => requestFor(outward, link, token)),
  );
  let stop: RunStopped | undefined;
  const settled = await Promise.all(
    sendable.map(async ({ outward, link }) => {
      const answer = answers.get(link.id);
      return settleAnswer(bridge, outward, link, answer ?? unknownAnswer(link.id));
    }),
  );
  const saved = await bridge.links.saveAll(
    settled.map(({ link }) => link),
    async (session, links) => {
      for (const [i, link] of links.entries()) if (link) await settled[i]?.record?.(session);
    },
  );
  if ([...answers.values()].some((answer) => answer.result === 'refused' && answer.problem.class === 'locked')) {
    await bridge.lockWasOld();
  }
  for (const [i, result] of settled.entries()) {
    stop ??= result.stop;
    const pair = sendable[i]?.outward.pair;
    if (pair === undefined || saved[i] === undefined) continue;
    outcomes.set(pairKey(pair), result.outcome);
    await result.after?.();
  }
  return { outcomes, ...(stop ? { stop } : {}) };
};

/** Made from what is still so: billing's revision, and for changes the ledger's record read by id a moment ago. */
const stillAsPlanned = async (
  bridge: Bridge,
  batch: readonly ReadyWrite[],
): Promise<readonly { outward: ReadyWrite; token?: string }[]> => {
  const kind = batch[0]?.kind;
  if (kind === undefined) return [];
  const locals = await bridge.billing.read(
    kind,
    batch.flatMap(({ pair }) => pair.localId ?? []),
  );
  const stale = batch.flatMap(({ pair, op }) =>
    op !== 'create' && pair.externalId !== undefined && !bridge.readings.isFresh(kind, pair.externalId)
      ? pair.externalId
      : [],
  );
  await bridge.readings.fresh(kind, stale);
  return batch.flatMap((outward) => {
    const { pair, op } = outward;
    const local = pair.localId === undefined ? undefined : locals.get(pair.localId);
    const revision = local?.state === 'present' ? local.record.revision : undefined;
    if (revision !== pair.localRecord?.revision) return [];
    if (op === 'create' || pair.externalId === undefined) return [{ outward }];
    const now = bridge.readings.known(kind, pair.externalId);
    if (now?.state !== 'present' || !isSameRecord(now.record, pair.externalRecord)) return [];
    return [{ outward, ...(now.record.precondition === undefined ? {} : { token: now.record.precondition }) }];
  });
};

/** Money that has come to lie on it since is no change of its content, and forbids the write all the same. */
const isSameRecord = (a: ExternalRecord, b: ExternalRecord | undefined): boolean =>
  b !== undefined &&
  a.projection.status === b.projection.status &&
  sameValue(a.projection.atoms, b.projection.atoms) &&
  sameValue(a.guards, b.guards);

/** Lease and write-ahead intent in one conditional write; the values that lose are audited in the same transaction. */
const arm = async (bridge: Bridge, outward: ReadyWrite): Promise<Link | undefined> => {
  const { pair, overruled = [] } = outward;
  const change = (link: Link): Link => armedRow(bridge, outward, link);
  if (pair.link === undefined) return ensureRow(bridge, pair, change);
  const row = change(pair.link);
  const [saved] = await bridge.links.saveAll([row], async (session: Session, links) => {
    if (links[0] === undefined || overruled.length === 0) return;
    await bridge.journal.overruled(session, row, overruled);
  });
  return saved;
};

const armedRow = (bridge: Bridge, outward: ReadyWrite, link: Link): Link => {
  const { pair, op, stage, atoms, payload, judged, isRestore, why } = outward;
  const now = toInstant(bridge.clock.now());
  const expiresAt = toInstant(leaseEnd(bridge));
  const intent: Intent = {
    op,
    side: 'external',
    atoms,
    payload,
    mapVersion: bridge.mapVersion,
    tag: tagOf(pair.localId ?? link.id, link.generation),
    key: bridge.uuid(),
    attempt: 1,
    sentAt: now,
    deadline: expiresAt, // while the sender lives it shortens this; if it is gone, its lease's end counts
    outcome: 'sent',
    why,
    ...(stage ? { stage } : {}),
    ...(pair.localRecord
      ? { plannedLocal: pair.localRecord.projection, localRevision: pair.localRecord.revision }
      : {}),
    ...(pair.externalRecord ? { plannedExternal: pair.externalRecord.projection } : {}),
  };
  return {
    ...withoutHints(clear(link, 'waitsFor', 'problem')),
    ...(judged ? { baseLocal: judged.baseLocal, baseExternal: judged.baseExternal } : {}),
    ...namedBy(pair),
    state: link.state === 'conflict' ? 'conflict' : 'linked',
    lease: { owner: bridge.owner, expiresAt },
    intent,
    ...(isRestore ? { restores: [...link.restores.slice(-9), now] } : {}),
  };
};

export const requestFor = (
  { kind, op, atoms, pair }: Pick<ReadyWrite, 'kind' | 'op' | 'atoms' | 'pair'>,
  link: Link,
  token: string | undefined,
): WriteRequest => {
  const intent = link.intent as Intent;
  return {
    ref: link.id,
    kind,
    op: op === 'archive' ? 'void' : op,
    idempotencyKey: intent.key,
    tag: intent.tag,
    projection: intent.payload as never,
    atoms,
    ...(pair.externalId === undefined ? {} : { externalId: pair.externalId }),
    ...(token === undefined ? {} : { precondition: token }),
  };
};

/** A port never throws here; if one does, nothing is known. */
export const send = async (
  bridge: Bridge,
  requests: readonly WriteRequest[],
): Promise<ReadonlyMap<string, WriteOutcome>> => {
  try {
    const answers = await bridge.ledger.write(requests, bridge.signal);
    return new Map(answers.map((answer) => [answer.ref, answer]));
  } catch (error) {
    bridge.logger.error('a ledger write threw instead of answering', { error });
    return new Map();
  }
};

const unknownAnswer = (ref: string): WriteOutcome => ({
  ref,
  result: 'unknown',
  problem: { class: 'transient', message: 'the ledger gave no answer to this write' },
});
