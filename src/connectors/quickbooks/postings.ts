// Postings of payouts in QuickBooks: a cash purchase for what leaves the clearing account, a deposit for what comes back to it, a transfer to
// the bank. Numbers hold 21 characters and payout ids are longer: the reference stands in the private note, in brackets.
import { z } from 'zod';
import type { Clock } from '../../core/clock';
import { type LedgerProblem, LedgerUnavailable } from '../../sync/ports/ledger-port';
import type { LedgerPostings, Posting, PostingOutcome } from '../../sync/ports/ledger-postings';
import { recordOf, rowsOf } from './answers';
import type { ApiAnswer, CallOptions, PostingEntity, QuickBooksApi } from './api';
import { fromMinor, netOfGross, wireNumber } from './arithmetic';
import { PAGE_SIZE, WRITE_TIMEOUT_MS } from './limits';
import type { Known } from './mapped';
import { notMatched } from './outcomes';
import { quoted } from './query';
import type { EntityBody } from './wire';

type Parts = {
  readonly api: QuickBooksApi;
  readonly clock: Clock;
  readonly known: () => Known;
  /** Tax rates and currencies decide how a body looks. */
  readonly prepareFacts: () => Promise<void>;
};
type Bank = Extract<Posting, { kind: 'spend' | 'receive' }>;
type Transfer = Extract<Posting, { kind: 'transfer' }>;

/** Pages of one kind of transaction on one day. */
const MOST_PAGES = 10;
const ENTITY = { spend: 'Purchase', receive: 'Deposit', transfer: 'Transfer' } as const;

export const createPostings = ({ api, clock, known, prepareFacts }: Parts): LedgerPostings => ({
  hardTimeoutMs: WRITE_TIMEOUT_MS,
  find: async (posting) => {
    await prepareFacts();
    return find(api, posting);
  },
  post: async (posting, key) => {
    const options: CallOptions = { purpose: 'sync', deadlineMs: clock.now().getTime() + WRITE_TIMEOUT_MS };
    try {
      await prepareFacts();
    } catch (error) {
      if (error instanceof LedgerUnavailable) return { result: 'notSent', problem: error.problem };
      throw error;
    }
    const undeposited = systemAccountIn(known(), posting);
    if (undeposited !== undefined) return { result: 'refused', problem: notFrom(undeposited) };
    const entity = ENTITY[posting.kind];
    return outcomeOf(await api.createPosting(entity, bodyOf(known(), posting), key, options), entity);
  },
});

const outcomeOf = (answer: ApiAnswer, entity: PostingEntity): PostingOutcome => {
  if (answer.verdict === 'failed') {
    const { problem } = answer;
    if (answer.effect === 'refused') return { result: 'refused', problem };
    return answer.effect === 'unknown' ? { result: 'unknown', problem } : { result: 'notSent', problem };
  }
  const row = z.object({ Id: z.string().min(1) }).safeParse(recordOf(answer.json, entity));
  return row.success ? { result: 'done', externalId: row.data.Id } : { result: 'unknown', problem: notMatched };
};

/** QuickBooks empties Undeposited Funds itself, by deposits that name each payment: taking money out beside them would count it twice. */
const systemAccountIn = ({ lists }: Known, posting: Posting): string | undefined => {
  const used = posting.kind === 'transfer' ? [posting.from, posting.to] : [posting.account];
  return lists?.chart.accounts.find(({ id, isSystem }) => isSystem && used.includes(id))?.name;
};

const notFrom = (account: string): LedgerProblem => ({
  class: 'validation',
  code: 'systemAccount',
  message: `Payments by link are received on “${account}”, which QuickBooks empties by itself. Choose a clearing account for them.`,
});

// ---- what we write ----

const noteOf = ({ memo, reference }: Posting): string => `${memo} ${inNote(reference)}`;
const inNote = (reference: string): string => `[BillBridge ${reference}]`;

const bodyOf = (known: Known, posting: Posting): EntityBody => {
  const shared = {
    TxnDate: posting.date,
    PrivateNote: noteOf(posting),
    ...(known.isMulticurrency ? { CurrencyRef: { value: posting.currency } } : {}),
  };
  switch (posting.kind) {
    case 'spend':
      return { ...shared, ...purchaseBody(known, posting) };
    case 'receive':
      return { ...shared, ...depositBody(posting) };
    case 'transfer':
      return { ...shared, ...transferBody(posting) };
  }
};

const amountOf = (minor: number, currency: string): number => wireNumber(fromMinor(minor, currency));

/** The tax is inside the amounts: QuickBooks is told net and gross of a line, and adds nothing. */
const purchaseBody = (known: Known, posting: Bank): EntityBody => {
  const isTaxed = posting.lines.some(({ taxCode }) => taxCode !== undefined);
  const isUS = known.organisation?.country === 'US';
  return {
    PaymentType: 'Cash',
    AccountRef: { value: posting.account },
    ...(isUS ? {} : { GlobalTaxCalculation: isTaxed ? 'TaxInclusive' : 'NotApplicable' }),
    Line: posting.lines.map(({ account, description, amountMinor, taxCode }) => {
      const gross = fromMinor(amountMinor, posting.currency);
      const code = isUS ? undefined : taxCode;
      return {
        DetailType: 'AccountBasedExpenseLineDetail',
        Amount: wireNumber(code === undefined ? gross : netOfGross(known, gross, code, posting.currency)),
        Description: description,
        AccountBasedExpenseLineDetail: {
          AccountRef: { value: account },
          ...(code === undefined ? {} : { TaxCodeRef: { value: code }, TaxInclusiveAmt: wireNumber(gross) }),
        },
      };
    }),
  };
};

/** A deposit of money given back carries no tax code: QuickBooks would add the tax to it. */
const depositBody = (posting: Bank): EntityBody => ({
  DepositToAccountRef: { value: posting.account },
  Line: posting.lines.map(({ account, description, amountMinor }) => ({
    DetailType: 'DepositLineDetail',
    Amount: amountOf(amountMinor, posting.currency),
    Description: description,
    DepositLineDetail: { AccountRef: { value: account } },
  })),
});

const transferBody = ({ from, to, amountMinor, currency }: Transfer): EntityBody => ({
  FromAccountRef: { value: from },
  ToAccountRef: { value: to },
  Amount: amountOf(amountMinor, currency),
});

// ---- what we find ----

const ref = z.object({ value: z.string() });
const note = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const ROWS = {
  spend: z.object({ Id: z.string(), PrivateNote: note, TotalAmt: z.number(), AccountRef: ref }),
  receive: z.object({ Id: z.string(), PrivateNote: note, TotalAmt: z.number(), DepositToAccountRef: ref }),
  transfer: z.object({ Id: z.string(), PrivateNote: note, Amount: z.number(), FromAccountRef: ref, ToAccountRef: ref }),
} as const;

const find = async (api: QuickBooksApi, posting: Posting): Promise<{ readonly externalId: string } | undefined> => {
  const entity = ENTITY[posting.kind];
  // A note cannot be searched: the day is listed and looked through.
  const where = [`TxnDate = ${quoted(posting.date)}`];
  for (let page = 0; page < MOST_PAGES; page++) {
    const start = page * PAGE_SIZE + 1;
    const answer = await api.query(entity, { where, orderBy: 'Id', start, most: PAGE_SIZE }, { purpose: 'resolve' });
    if (answer.verdict === 'failed') throw new LedgerUnavailable(answer.problem);
    const rows = rowsOf(answer.json, entity);
    if (rows === undefined) throw new LedgerUnavailable(notUnderstood);
    for (const row of rows) {
      const found = foundIn(posting, row);
      if (found !== undefined) return found;
    }
    if (rows.length < PAGE_SIZE) return undefined;
  }
  throw new LedgerUnavailable(tooMany);
};

const foundIn = (posting: Posting, row: unknown): { readonly externalId: string } | undefined => {
  const named = z.object({ PrivateNote: note }).safeParse(row);
  if (!named.success) throw new LedgerUnavailable(notUnderstood);
  // A void puts a word before the note and empties the amounts: that is not ours any more.
  if (!named.data.PrivateNote.includes(inNote(posting.reference))) return undefined;
  const { id, isSame } = comparison(posting, row);
  if (!isSame) throw new LedgerUnavailable(changed(posting.reference));
  return { externalId: id };
};

const comparison = (posting: Posting, row: unknown): { readonly id: string; readonly isSame: boolean } => {
  const { currency } = posting;
  if (posting.kind === 'transfer') {
    const { Id, Amount, FromAccountRef, ToAccountRef } = understood(ROWS.transfer, row);
    const isSame =
      Amount === amountOf(posting.amountMinor, currency) &&
      FromAccountRef.value === posting.from &&
      ToAccountRef.value === posting.to;
    return { id: Id, isSame };
  }
  const total = amountOf(
    posting.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    currency,
  );
  if (posting.kind === 'spend') {
    const { Id, TotalAmt, AccountRef } = understood(ROWS.spend, row);
    return { id: Id, isSame: TotalAmt === total && AccountRef.value === posting.account };
  }
  const { Id, TotalAmt, DepositToAccountRef } = understood(ROWS.receive, row);
  return { id: Id, isSame: TotalAmt === total && DepositToAccountRef.value === posting.account };
};

const understood = <S extends z.ZodType>(schema: S, row: unknown): z.output<S> => {
  const read = schema.safeParse(row);
  if (!read.success) throw new LedgerUnavailable(notUnderstood);
  return read.data;
};

const changed = (reference: string): LedgerProblem => ({
  class: 'duplicate',
  message: `QuickBooks holds “${reference}” with other accounts or another amount. Delete it there, or book this payout by hand.`,
});
const tooMany: LedgerProblem = { class: 'unsupported', message: 'QuickBooks holds too many transactions on that day.' };
const notUnderstood: LedgerProblem = {
  class: 'bug',
  code: 'notUnderstood',
  message: 'QuickBooks described a transaction in a form that is not understood.',
};
