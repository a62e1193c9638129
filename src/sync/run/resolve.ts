// What became of a write whose answer never came: looked up before any retry, and never given up, replaced or repeated before the
// provider's time-out and a settling delay have passed. An old write that lands late must find its intent still open.
import { toInstant } from '../../core/clock';
import type { Intent, Link } from '../links/link';
import { asBase, isHalfWay, sameValue } from '../planner/atoms';
import { isEnded } from '../planner/side-view';
import type { ExternalRecord, NaturalKey, Reading } from '../ports/ledger-port';
import { wayOut } from '../problems/way-out';
import type { Atoms, ContactAtoms, InvoiceAtoms, PaymentAtoms, RefundAtoms } from '../records';
import { type Bridge, leaseEnd, SETTLE_DELAY_MS } from './bridge';
import { performInward, settleInwardDone } from './inward';
import { requestFor, send } from './outward';
import { sentAtoms, settleAnswer, settleDone, settleUnknown } from './outward-answers';
import type { ReadPair } from './pair';
import { labelOf, signatureOf } from './pairs';
import { presentReading } from './readings';
import { advance, clear, nameOf, problemNow, saveRow } from './rows';
import type { PairOutcome, Settled } from './writes';

/** Takes the lease first: who does not hold it decides nothing. */
export const resolveIntents = async (
  bridge: Bridge,
  pairs: readonly ReadPair[],
): Promise<{ readonly outcomes: ReadonlyMap<ReadPair, PairOutcome>; readonly stop?: Settled['stop'] }> => {
  const outcomes = new Map<ReadPair, PairOutcome>();
  const mine: { pair: ReadPair; link: Link }[] = [];
  for (const pair of pairs) {
    const taken = await takeLease(bridge, pair.link as Link);
    if (taken === undefined || 'dueAt' in taken) outcomes.set(pair, taken ?? 'again');
    else mine.push({ pair, link: taken.link });
  }
  for (const { pair, link } of mine.filter((item) => item.link.intent?.side === 'local')) {
    outcomes.set(pair, await resolveLocal(bridge, pair, link));
  }
  const outward = mine.filter((item) => item.link.intent?.side === 'external');
  const seen = await lookUp(bridge, outward);
  let stop: Settled['stop'];
  for (const { pair, link } of outward) {
    const settled = await resolveExternal(bridge, pair, link, seen.get(link.id) ?? []);
    outcomes.set(pair, await store(bridge, settled));
    stop ??= settled.stop;
  }
  return { outcomes, ...(stop ? { stop } : {}) };
};

const takeLease = async (bridge: Bridge, link: Link): Promise<{ link: Link } | { dueAt: Date } | undefined> => {
  const nowMs = bridge.clock.now().getTime();
  const { lease } = link;
  const heldUntilMs = lease === undefined ? 0 : Date.parse(lease.expiresAt);
  if (lease !== undefined && lease.owner !== bridge.owner && heldUntilMs > nowMs)
    return { dueAt: new Date(heldUntilMs) };
  const intent = link.intent as Intent;
  const saved = await saveRow(bridge, {
    ...link,
    // A sender that is gone may have had its request in flight until its lease ended.
    intent: intent.outcome === 'sent' ? { ...intent, outcome: 'unknown' } : intent,
    lease: { owner: bridge.owner, expiresAt: toInstant(leaseEnd(bridge)) },
  });
  return saved === undefined ? undefined : { link: saved };
};

const store = async (bridge: Bridge, settled: Settled): Promise<PairOutcome> => {
  const [saved] = await bridge.links.saveAll([settled.link], async (session, links) => {
    if (links[0]) await settled.record?.(session);
  });
  if (saved === undefined) return 'again';
  await settled.after?.();
  return settled.outcome;
};

// ---- billing ----------------------------------------------------------------------------------------------------------------

const resolveLocal = async (bridge: Bridge, pair: ReadPair, link: Link): Promise<PairOutcome> => {
  const intent = link.intent as Intent;
  const effect = await bridge.billing.effectOf(intent.key);
  if (effect !== undefined) {
    const expected = bridge.billing.normalise(link.kind, intent.payload as never);
    return settleInwardDone(bridge, pair, link, expected);
  }
  // Nothing happened. A create goes on under its own key and reserved id; anything else is planned afresh.
  if (intent.op === 'create') return performInward(bridge, pair, link);
  await saveRow(bridge, clear(link, 'intent', 'lease'));
  return 'again';
};

// ---- the ledger -------------------------------------------------------------------------------------------------------------

type Seen = readonly ExternalRecord[] | Reading;

/** One look-up per kind for all of them. */
const lookUp = async (
  bridge: Bridge,
  items: readonly { readonly pair: ReadPair; readonly link: Link }[],
): Promise<ReadonlyMap<string, Seen>> => {
  const seen = new Map<string, Seen>();
  for (const kind of new Set(items.map(({ link }) => link.kind))) {
    const ofKind = items.filter(({ link }) => link.kind === kind);
    const creates = ofKind.filter(({ link }) => link.intent?.op === 'create');
    const keys = new Map(creates.map(({ link }) => [naturalKeyOf(link), link.id]));
    if (keys.size > 0) {
      for (const [key, records] of await bridge.ledger.findByNaturalKey(kind, [...keys.keys()], 'resolve')) {
        const id = keys.get(key);
        if (id !== undefined) seen.set(id, records);
      }
    }
    const others = ofKind.filter(({ link }) => link.intent?.op !== 'create' && link.externalId !== undefined);
    if (others.length === 0) continue;
    const ids = others.map(({ link }) => link.externalId as string);
    const readings = await bridge.ledger.read(kind, ids, 'resolve');
    for (const { link } of others) {
      const reading = readings.get(link.externalId as string);
      if (reading === undefined) continue;
      seen.set(link.id, reading);
      bridge.readings.keep(kind, link.externalId as string, reading);
    }
  }
  return seen;
};

const naturalKeyOf = (link: Link): NaturalKey => {
  const { tag, payload } = link.intent as Intent;
  const atoms: Atoms = payload.atoms;
  if (link.kind === 'contact') return { by: 'tag', tag, name: (atoms as ContactAtoms).name };
  if (link.kind === 'invoice' || link.kind === 'creditNote') {
    return { by: 'tag', tag, number: (atoms as InvoiceAtoms).number };
  }
  if (link.kind === 'allocation') return { by: 'tag', tag };
  if (link.kind === 'refund') {
    const { creditNote, amountMinor, date } = (atoms as RefundAtoms).refund;
    return { by: 'tag', tag, refund: { creditNoteId: creditNote.id, amountMinor, date } };
  }
  const { payment } = atoms as PaymentAtoms;
  if (payment.isCredit === true) {
    const { contact, amountMinor, date } = payment;
    return { by: 'tag', tag, credit: { contactId: contact.id, amountMinor, date } };
  }
  const [first] = payment.allocations;
  if (first === undefined) return { by: 'tag', tag };
  return {
    by: 'tag',
    tag,
    payment: { invoiceId: first.invoice.id, amountMinor: payment.amountMinor, date: payment.date },
  };
};

const resolveExternal = async (bridge: Bridge, pair: ReadPair, link: Link, seen: Seen): Promise<Settled> => {
  const intent = link.intent as Intent;
  const settledAtMs = Date.parse(intent.deadline) + SETTLE_DELAY_MS;
  const mayGiveUp = bridge.clock.now().getTime() >= settledAtMs;
  const later: Settled = { link: clear(link, 'lease'), outcome: { dueAt: new Date(settledAtMs) } };
  if (intent.op === 'create') {
    return Array.isArray(seen) ? resolveCreate(bridge, pair, link, seen, mayGiveUp ? undefined : later) : later;
  }
  const reading = seen as Reading | readonly never[];
  if (Array.isArray(reading) || (reading as Reading).state === 'unread')
    return { ...later, outcome: soon(bridge, later) };
  return resolveChange(bridge, pair, link, reading as Reading, mayGiveUp ? undefined : later);
};

/** Could not be read: not before half a minute. */
const soon = (bridge: Bridge, later: Settled): PairOutcome => {
  const nowMs = bridge.clock.now().getTime();
  const dueMs = typeof later.outcome === 'string' ? nowMs : later.outcome.dueAt.getTime();
  return { dueAt: new Date(Math.max(dueMs, nowMs + SETTLE_DELAY_MS)) };
};

const resolveCreate = async (
  bridge: Bridge,
  pair: ReadPair,
  link: Link,
  found: readonly ExternalRecord[],
  later: Settled | undefined,
): Promise<Settled> => {
  const intent = link.intent as Intent;
  const ours = found.filter(({ tag }) => tag === intent.tag);
  if (ours.length > 1) return conflict(bridge, pair, link, ours, 'is in the ledger more than once');
  const [mine] = ours;
  if (mine) {
    const taken = await bridge.links.by('external', link.kind, [mine.externalId]);
    if (taken.size > 0 && taken.get(mine.externalId)?.id !== link.id) {
      return conflict(bridge, pair, link, ours, 'is linked to another record already');
    }
    // What we sent is the base: whatever a person has changed since shows as changed.
    const expected = bridge.ledger.normalise(link.kind, intent.payload as never);
    const settled = settleDone(bridge, link, { ...mine, projection: expected as never }, { pair: nameOf(pair) });
    bridge.readings.keep(link.kind, mine.externalId, presentReading(mine));
    return settled;
  }
  if (later) return later;
  const wanted = pair.local.state === 'present' && !isEnded(pair.local.projection.status);
  if (found.some(({ projection }) => !isEnded(projection.status)) || !wanted) {
    // Found by number or name only: not proven ours. Matching asks; the record is known from now on.
    await bridge.sightings.note(found);
    return { link: clear(link, 'intent', 'lease'), outcome: 'again' };
  }
  // Refused in words, and proved absent, or only a cancelled record stands in its way: asking again under the same key would only be refused again.
  if (intent.refusal !== undefined) return refused(bridge, pair, link, intent.refusal);
  return repeat(bridge, pair, link);
};

const refused = (
  bridge: Bridge,
  pair: ReadPair,
  link: Link,
  { code, class: failureClass, message, raw }: NonNullable<Intent['refusal']>,
): Settled => ({
  link: {
    ...clear(link, 'intent', 'lease'),
    state: 'blocked',
    problem: problemNow(bridge, link, {
      code,
      message: `${nameOf(pair)} was not sent: ${message}`,
      fix: wayOut({ code, message, ...(failureClass ? { class: failureClass } : {}) }, bridge.ledgerName),
      standsWhile: signatureOf(bridge, pair.localRecord?.revision, undefined),
      ...(raw === undefined ? {} : { raw }),
    }),
  },
  outcome: 'settled',
  after: async () => bridge.journal.mark(link.id, 'blocked'),
});

/** Absence is proven: the same key and the same body, once more. */
const repeat = async (bridge: Bridge, pair: ReadPair, link: Link): Promise<Settled> => {
  const intent: Intent = {
    ...(link.intent as Intent),
    attempt: (link.intent as Intent).attempt + 1,
    sentAt: toInstant(bridge.clock.now()),
    deadline: toInstant(leaseEnd(bridge)),
    outcome: 'sent',
  };
  const armed = await saveRow(bridge, { ...link, intent });
  if (armed === undefined) return { link, outcome: 'again' };
  const leftMs = Date.parse(armed.lease?.expiresAt ?? '') - bridge.clock.now().getTime();
  if (leftMs <= bridge.ledger.capabilities.hardTimeoutMs) return settleUnknown(bridge, armed);
  const wish = {
    pair,
    kind: link.kind,
    op: intent.op,
    atoms: intent.atoms,
    payload: intent.payload,
    serialKeys: [],
    why: intent.why,
  };
  const answers = await send(bridge, [requestFor(wish, armed, undefined)]);
  const answer = answers.get(armed.id);
  return answer === undefined ? settleUnknown(bridge, armed) : settleAnswer(bridge, wish, armed, answer);
};

const resolveChange = (
  bridge: Bridge,
  pair: ReadPair,
  link: Link,
  reading: Reading,
  later: Settled | undefined,
): Settled => {
  const intent = link.intent as Intent;
  const dropped: Settled = { link: clear(link, 'intent', 'lease'), outcome: 'again' };
  const isGone =
    reading.state === 'absent' || (reading.state === 'present' && isEnded(reading.record.projection.status));
  const isEnding = intent.op === 'void' || intent.op === 'archive';
  if (isEnding) {
    if (!isGone) return later ?? dropped;
    const record = reading.state === 'present' ? reading.record : vanished(link, intent);
    return settleDone(bridge, link, record, { pair: nameOf(pair) });
  }
  if (reading.state !== 'present' || isGone) return later ?? dropped;
  const { record } = reading;
  const expected = bridge.ledger.normalise(link.kind, intent.payload as never).atoms as Atoms;
  const now: Atoms = record.projection.atoms;
  const atoms = sentAtoms(intent, record.projection, link.kind);
  const landed = atoms.filter((atom) => sameValue(now[atom], expected[atom]));
  if (landed.length === atoms.length) return settleDone(bridge, link, record, { pair: nameOf(pair) });
  if (later) return later;
  // As it was when the write was planned: it never landed.
  const planned: Atoms = intent.plannedExternal?.atoms ?? {};
  const untouched = atoms.filter(
    (atom) => !landed.includes(atom) && atom in planned && sameValue(now[atom], planned[atom]),
  );
  const base = clear(link, 'intent', 'lease');
  if (isHalfWay(now, planned, expected)) {
    // Our own steps: the rest of them is planned from here.
    return { link: { ...base, baseExternal: advance(base.baseExternal, atoms, record.projection) }, outcome: 'again' };
  }
  const unclear = atoms.filter((atom) => !landed.includes(atom) && !untouched.includes(atom));
  return {
    link: {
      ...base,
      baseExternal: advance(base.baseExternal, landed, record.projection),
      baseLocal: intent.plannedLocal ? advance(base.baseLocal, landed, intent.plannedLocal) : base.baseLocal,
      // Typed over our value or instead of it: nobody can tell, so a person says.
      held: [...new Set([...base.held, ...unclear])],
    },
    outcome: 'again',
  };
};

const vanished = (link: Link, intent: Intent): ExternalRecord => ({
  kind: link.kind,
  externalId: link.externalId as string,
  version: 'gone',
  projection: { status: intent.payload.status, atoms: (intent.plannedExternal ?? asEmpty()).atoms } as never,
  guards: { allocatedMinor: 0, openMinor: 0, reconciled: false },
});
const asEmpty = () => asBase({ status: 'void', atoms: {} });

const conflict = (
  bridge: Bridge,
  pair: ReadPair,
  link: Link,
  found: readonly ExternalRecord[],
  what: string,
): Settled => ({
  link: {
    ...clear(link, 'intent', 'lease'),
    state: 'conflict',
    problem: problemNow(bridge, link, {
      code: 'maybeSame',
      message: `${nameOf(pair)} ${what}.`,
      fix: `Void the one that is too many in ${bridge.ledgerName}, then retry.`,
      candidates: found.map((record) => labelOf(link.kind, record.externalId, record.projection, record.url)),
    }),
  },
  outcome: 'settled',
});
