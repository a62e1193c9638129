// From one stored payout to the postings that are stored for it, all of them before the first is sent. What was sent is never planned anew;
// what the ledger refused is, as long as the clearing account stays the same.
import type { CalendarDate } from '../../core/calendar-date';
import { addDays } from '../../core/calendar-date';
import { displayMoney } from '../../core/money';
import { DuplicateKeyError, findAll, type Session, StaleRevisionError } from '../../store/port';
import type { ConnectionDocument } from '../collections';
import { mappingOf } from '../connection/connection-documents';
import type { LedgerPort } from '../ports/ledger-port';
import type { Posting } from '../ports/ledger-postings';
import type { KnownCharge, Movement, PayoutReading } from '../ports/payout-source';
import { type Breakdown, breakDown } from './break-down';
import { ledgerPostings, movementPages, type PayoutDocument, type PostingDocument } from './collections';
import { missingAccounts, type PartPosting, type PayoutAccounts, postingsOf, returnOf } from './rules';
import type { PayoutDependencies } from './service';

export type PayoutFacts = {
  readonly payout: PayoutDocument;
  readonly movements: readonly Movement[];
  readonly charges: readonly KnownCharge[];
  readonly breakdown: Breakdown;
  readonly postings: readonly PostingDocument[];
};

export const readFacts = async (
  { store, charges }: Pick<PayoutDependencies, 'store' | 'charges'>,
  payout: PayoutDocument,
): Promise<PayoutFacts> => {
  const session = store.forTenant(payout.tenantId);
  const movements: Movement[] = [];
  for await (const page of findAll(session, movementPages, { where: { payoutId: payout.id } }))
    movements.push(...page.movements);
  const ids = [...new Set(movements.flatMap(({ chargeId }) => chargeId ?? []))];
  const known = await charges.charges(payout.tenantId, ids);
  const say = (minor: number): string => displayMoney(minor, payout.currency);
  return {
    payout,
    movements,
    charges: known,
    breakdown: breakDown(readingOf(payout), movements, known, say),
    postings: await postingsIn(session, payout),
  };
};

export const postingsIn = async (session: Session, payout: PayoutDocument): Promise<readonly PostingDocument[]> => {
  const where = { payoutId: payout.id, connectionId: payout.connectionId };
  return (await session.find(ledgerPostings, { where, limit: 20 })).items;
};

export const readingOf = (payout: PayoutDocument): PayoutReading => ({
  id: payout.id,
  amountMinor: payout.amountMinor,
  currency: payout.currency,
  createdAt: payout.createdAt,
  arrivesOn: payout.arrivesOn,
  state: payout.gatewayState,
  isItemised: payout.isItemised,
  isComplete: payout.isComplete,
});

/** As chosen now; what is missing is missing. */
export const accountsFor = (connection: ConnectionDocument, currency: string): Partial<PayoutAccounts> => {
  const mapping = mappingOf(connection);
  if (mapping === undefined) return {};
  // Not what goes for any other method: that is where people's own transfers arrive.
  const clearing = mapping.paymentAccounts[`stripe:${currency}`];
  return { ...mapping.payouts?.[currency], ...(clearing === undefined ? {} : { clearing }) };
};

/** Why nothing of it may be posted, in sentences. */
export const objectionsTo = ({ payout, breakdown }: PayoutFacts, accounts: Partial<PayoutAccounts>) => [
  ...(payout.isShared
    ? ['The payout also holds money of another business that uses this gateway account: book it by hand.']
    : breakdown.objections),
  ...missingAccounts(breakdown, accounts),
];

/**
 * What is to be stored before anything is sent: everything at first, later only what the ledger refused and what waited behind it. A posting
 * that was sent stands as it is, and with it the clearing account of the whole payout.
 */
export const planPostings = async (
  { payout, breakdown, postings }: PayoutFacts,
  accounts: PayoutAccounts,
  ledger: Pick<LedgerPort, 'organisation'>,
): Promise<readonly PartPosting[]> => {
  const sent = postings.filter(isSent);
  const transfer = sent.find(({ part }) => part === 'transfer');
  if (cameBack(payout) && transfer !== undefined) {
    if (postings.some(({ part, state }) => part === 'return' && state !== 'refused')) return [];
    return [returnOf(readingOf(payout), endsOf(payout, transfer), await openDay(ledger))];
  }
  if (postings.length > 0 && !postings.some(({ state }) => state === 'refused')) return [];
  const clearing = sent.map((one) => clearingOf(payout, one)).at(0) ?? accounts.clearing;
  const wanted = postingsOf(readingOf(payout), breakdown, { ...accounts, clearing }, await openDay(ledger));
  return wanted.filter(({ part }) => !sent.some((one) => one.part === part));
};

export const cameBack = ({ gatewayState }: PayoutDocument): boolean =>
  gatewayState === 'failed' || gatewayState === 'canceled';

const openDay = async (ledger: Pick<LedgerPort, 'organisation'>): Promise<CalendarDate | undefined> => {
  const { lockedThrough } = await ledger.organisation();
  return lockedThrough === undefined ? undefined : addDays(lockedThrough, 1);
};

const isSent = ({ state }: PostingDocument): boolean => state === 'sent' || state === 'posted';
export const postingIn = (document: PostingDocument): Posting => JSON.parse(document.posting) as Posting;

const endsOf = (payout: PayoutDocument, transfer: PostingDocument): Pick<PayoutAccounts, 'clearing' | 'bank'> => {
  const posting = postingIn(transfer);
  if (posting.kind !== 'transfer') throw new Error(`posting ${transfer.id} is no transfer`);
  const { from, to } = posting;
  return payout.amountMinor > 0 ? { clearing: from, bank: to } : { clearing: to, bank: from };
};

export const clearingOf = (payout: PayoutDocument, document: PostingDocument): string => {
  const posting = postingIn(document);
  return posting.kind === 'transfer' ? endsOf(payout, document).clearing : posting.account;
};

/** All or none; false where another worker has planned meanwhile. */
export const storePlan = async (
  { store, uuid }: Pick<PayoutDependencies, 'store' | 'uuid'>,
  { payout, postings }: PayoutFacts,
  parts: readonly PartPosting[],
): Promise<boolean> => {
  try {
    await store.transaction(async (scopes) => {
      const session = scopes.forTenant(payout.tenantId);
      for (const { id, part, revision } of postings.filter((one) => !isSent(one))) {
        if (!parts.some((wanted) => wanted.part === part)) await session.remove(ledgerPostings, id, revision);
      }
      for (const { part, posting } of parts) {
        const before = postings.find((one) => one.part === part);
        const fresh = { key: uuid(), posting: JSON.stringify(posting), state: 'intended' as const };
        if (before === undefined) {
          const id = `${payout.connectionId}:${payout.id}:${part}`;
          await session.insert(ledgerPostings, {
            id,
            connectionId: payout.connectionId,
            payoutId: payout.id,
            part,
            ...fresh,
          });
        } else {
          const { problem: _refused, settlesAt: _past, ...kept } = before;
          await session.update(ledgerPostings, { ...kept, ...fresh });
        }
      }
    });
    return true;
  } catch (error) {
    if (error instanceof DuplicateKeyError || error instanceof StaleRevisionError) return false;
    throw error;
  }
};
