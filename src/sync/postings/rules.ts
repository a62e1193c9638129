// From a payout to its postings: refunds, disputes and fees against the clearing account, then the transfer to the bank. Pure. Customer
// payments are posted gross to the clearing account by the sync; with these postings every payout leaves exactly nothing on it.
import type { CalendarDate } from '../../core/calendar-date';
import type { Posting, PostingLine } from '../ports/ledger-postings';
import type { PayoutReading } from '../ports/payout-source';
import type { Breakdown } from './break-down';

/** Ledger account ids and tax codes, chosen by a person. */
export type PayoutAccounts = {
  readonly clearing: string;
  readonly bank: string;
  readonly fees: string;
  readonly feeTaxCode?: string;
  readonly refunds?: string;
  readonly refundTaxCode?: string;
  readonly disputes?: string;
};

export const POSTING_PARTS = ['refunds', 'disputes', 'fees', 'transfer', 'return'] as const;
/** `return`: the bank sent a payout back that had been posted. */
export type PostingPart = (typeof POSTING_PARTS)[number];
export type PartPosting = { readonly part: PostingPart; readonly posting: Posting };

/** The payout's own id is the reference of its transfer; the bookkeeper finds the rest by the same word. */
export const referenceOf = (payoutId: string, part: PostingPart): string =>
  part === 'transfer' ? payoutId : `${payoutId} ${part}`;

/** What a person has to choose before this payout can be posted, in sentences. */
export const missingAccounts = (breakdown: Breakdown, accounts: Partial<PayoutAccounts>): readonly string[] => {
  const { clearing, bank, fees, refunds, disputes } = accounts;
  const missing = (isNeeded: boolean, account: string | undefined, sentence: string): readonly string[] =>
    isNeeded && account === undefined ? [sentence] : [];
  return [
    ...missing(true, clearing, 'Choose the clearing account on which card payments are received.'),
    ...missing(true, bank, 'Choose the bank account in which payouts arrive.'),
    ...missing(breakdown.feesMinor !== 0, fees, 'Choose the account for the gateway’s fees.'),
    ...missing(breakdown.refundsMinor !== 0, refunds, 'Choose the account for refunds.'),
    ...missing(breakdown.disputesMinor !== 0, disputes, 'Choose the account for disputed payments.'),
    ...(clearing !== undefined && clearing === bank
      ? ['Card payments are received on the bank account itself. Choose a clearing account for them.']
      : []),
  ];
};

/** Everything that a payout leaves to be posted, in the order in which it is posted. */
export const postingsOf = (
  payout: PayoutReading,
  breakdown: Breakdown,
  accounts: PayoutAccounts,
  openFrom: CalendarDate | undefined,
): readonly PartPosting[] => {
  const { date, note } = dateOf(payout, openFrom);
  const { id, currency, amountMinor } = payout;
  const moved = (
    part: PostingPart,
    signedMinor: number,
    line: Omit<PostingLine, 'amountMinor' | 'account'> & { readonly account: string | undefined },
  ): readonly PartPosting[] => {
    const { account, ...rest } = line;
    if (signedMinor === 0 || account === undefined) return [];
    const posting: Posting = {
      kind: signedMinor < 0 ? 'spend' : 'receive',
      reference: referenceOf(id, part),
      date,
      currency,
      memo: `${line.description} of payout ${id}${note}`,
      account: accounts.clearing,
      payee: 'Stripe',
      lines: [{ account, ...rest, amountMinor: Math.abs(signedMinor) }],
    };
    return [{ part, posting }];
  };
  const tax = (code: string | undefined) => (code === undefined ? {} : { taxCode: code });
  return [
    ...moved('refunds', breakdown.refundsMinor, {
      account: accounts.refunds,
      description: 'Refunds to customers',
      ...tax(accounts.refundTaxCode),
    }),
    ...moved('disputes', breakdown.disputesMinor, { account: accounts.disputes, description: 'Disputed payments' }),
    ...moved('fees', -breakdown.feesMinor, {
      account: accounts.fees,
      description: 'Fees of the payment gateway',
      ...tax(accounts.feeTaxCode),
    }),
    ...(payout.state === 'paid' && amountMinor !== 0
      ? [{ part: 'transfer' as const, posting: transferOf(payout, accounts, 'transfer', { date, note }) }]
      : []),
  ];
};

/** Takes the posted transfer back: the bank did not keep the money. */
export const returnOf = (
  payout: PayoutReading,
  accounts: Pick<PayoutAccounts, 'clearing' | 'bank'>,
  openFrom: CalendarDate | undefined,
): PartPosting => {
  const back = { ...payout, amountMinor: -payout.amountMinor };
  return { part: 'return', posting: transferOf(back, accounts, 'return', dateOf(payout, openFrom)) };
};

const transferOf = (
  { id, currency, amountMinor }: PayoutReading,
  { clearing, bank }: Pick<PayoutAccounts, 'clearing' | 'bank'>,
  part: 'transfer' | 'return',
  { date, note }: Dated,
): Posting => ({
  kind: 'transfer',
  reference: referenceOf(id, part),
  date,
  currency,
  memo: part === 'transfer' ? `Payout ${id}${note}` : `Payout ${id} came back${note}`,
  // A negative payout is money that the gateway took from the bank.
  ...(amountMinor > 0 ? { from: clearing, to: bank } : { from: bank, to: clearing }),
  amountMinor: Math.abs(amountMinor),
});

type Dated = { readonly date: CalendarDate; readonly note: string };

/** In a closed period on the first open day, with the day it happened in the words. */
const dateOf = ({ arrivesOn }: PayoutReading, openFrom: CalendarDate | undefined): Dated =>
  openFrom !== undefined && arrivesOn < openFrom
    ? { date: openFrom, note: ` (of ${arrivesOn}; that period is closed)` }
    : { date: arrivesOn, note: '' };

/** How a posting moves an account; 0 where it does not touch it. */
export const effectOn = (account: string, posting: Posting): number => {
  if (posting.kind === 'transfer') {
    return (posting.to === account ? posting.amountMinor : 0) - (posting.from === account ? posting.amountMinor : 0);
  }
  const total = posting.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const sign = posting.kind === 'receive' ? 1 : -1;
  const own = posting.lines.reduce((sum, line) => (line.account === account ? sum + line.amountMinor : sum), 0);
  return (posting.account === account ? sign * total : 0) - sign * own;
};
