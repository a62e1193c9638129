// Postings of payouts in Xero: SPEND and RECEIVE on the clearing account, and transfers between bank accounts. Xero knows no natural key for
// any of them: the reference is ours, and what is found by it must be the very posting, or nothing is decided.
import type { BankTransactions, BankTransfers } from 'xero-node';
import type { z } from 'zod';
import type { Clock } from '../../core/clock';
import { type LedgerProblem, LedgerUnavailable } from '../../sync/ports/ledger-port';
import type { LedgerPostings, Posting, PostingOutcome } from '../../sync/ports/ledger-postings';
import { BankTransactionAnswer, BankTransferAnswer, elementsOf } from './answers';
import type { ApiAnswer, CallOptions, XeroApi } from './api';
import { fromMinor } from './arithmetic';
import { refusalOf } from './classify';
import { WRITE_TIMEOUT_MS } from './limits';
import { notMatched, refusalIn } from './outcomes';
import { answered } from './reading';
import { dateIs } from './where';

type Parts = { readonly api: XeroApi; readonly clock: Clock; readonly pageSize: number };
type Bank = Extract<Posting, { kind: 'spend' | 'receive' }>;
type Transfer = Extract<Posting, { kind: 'transfer' }>;

/** Lines of a clearing account in one day; a business has a handful. */
const MOST_PAGES = 20;

export const createPostings = ({ api, clock, pageSize }: Parts): LedgerPostings => ({
  hardTimeoutMs: WRITE_TIMEOUT_MS,
  find: (posting) =>
    posting.kind === 'transfer' ? findTransfer(api, posting) : findBankTransaction(api, posting, pageSize),
  post: async (posting, key) => {
    const options: CallOptions = { purpose: 'sync', deadlineMs: clock.now().getTime() + WRITE_TIMEOUT_MS };
    if (posting.kind === 'transfer') {
      const answer = await api.createBankTransfer(
        { bankTransfers: [transferBody(posting)] } as BankTransfers,
        key,
        options,
      );
      return outcomeOf(answer, 'BankTransfers', (element) => idIn(BankTransferAnswer, element)?.BankTransferID);
    }
    // The library's enums are numbers; what goes over the wire are Xero's words.
    const bankTransactions = { bankTransactions: [bankBody(posting)] } as unknown as BankTransactions;
    const answer = await api.createBankTransactions(bankTransactions, key, options);
    return outcomeOf(answer, 'BankTransactions', (element) => idIn(BankTransactionAnswer, element)?.BankTransactionID);
  },
});

const idIn = <S extends z.ZodType>(schema: S, element: unknown): z.output<S> | undefined => {
  const read = schema.safeParse(element);
  return read.success ? read.data : undefined;
};

const outcomeOf = (
  answer: ApiAnswer,
  plural: string,
  idOf: (element: unknown) => string | undefined,
): PostingOutcome => {
  if (answer.verdict === 'failed') {
    const { problem } = answer;
    if (answer.effect === 'refused') return { result: 'refused', problem };
    return answer.effect === 'unknown' ? { result: 'unknown', problem } : { result: 'notSent', problem };
  }
  const elements = elementsOf(answer.json, plural);
  const [element] = elements ?? [];
  const messages = refusalIn(element);
  if (messages !== undefined) return { result: 'refused', problem: refusalOf(messages) };
  const externalId = idOf(element);
  return externalId === undefined || elements?.length !== 1
    ? { result: 'unknown', problem: notMatched }
    : { result: 'done', externalId };
};

// ---- what we write ----

const amountOf = (minor: number, currency: string): number => Number(fromMinor(minor, currency).toFixed());

/** Not `Inclusive` where no line is taxed, so that no default of an account adds tax to it. */
const bankBody = (posting: Bank): object => {
  const isTaxed = posting.lines.some(({ taxCode }) => taxCode !== undefined);
  return {
    type: posting.kind === 'spend' ? 'SPEND' : 'RECEIVE',
    contact: { name: posting.payee },
    bankAccount: { accountID: posting.account },
    date: posting.date,
    reference: posting.reference,
    lineAmountTypes: isTaxed ? 'Inclusive' : 'NoTax',
    lineItems: posting.lines.map(({ account, description, amountMinor, taxCode }) => ({
      description: `${description} (${posting.memo})`,
      quantity: 1,
      unitAmount: amountOf(amountMinor, posting.currency),
      accountID: account,
      taxType: taxCode ?? 'NONE',
    })),
  };
};

const transferBody = ({ from, to, amountMinor, currency, date, reference }: Transfer) => ({
  fromBankAccount: { accountID: from },
  toBankAccount: { accountID: to },
  amount: amountOf(amountMinor, currency),
  date,
  reference,
});

// ---- what we find ----

const FIND: CallOptions = { purpose: 'resolve' };
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const findBankTransaction = async (
  api: XeroApi,
  posting: Bank,
  pageSize: number,
): Promise<{ readonly externalId: string } | undefined> => {
  const type = posting.kind === 'spend' ? 'SPEND' : 'RECEIVE';
  // A reference in `where` finds nothing here, so the day is listed and looked through.
  const where = `Type=="${type}" AND ${dateIs('Date', posting.date)}`;
  const totalMinor = posting.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  for (let page = 1; page <= MOST_PAGES; page++) {
    const listed = answered(await api.bankTransactions({ where, page, pageSize }, FIND), 'BankTransactions');
    for (const element of listed) {
      const row = understood(BankTransactionAnswer, element);
      if (row.Reference !== posting.reference || row.Status !== 'AUTHORISED') continue;
      const isOurs =
        same(row.BankAccount.AccountID, posting.account) && row.Total?.eq(fromMinor(totalMinor, posting.currency));
      if (!isOurs) throw new LedgerUnavailable(changed(posting.reference));
      return { externalId: row.BankTransactionID };
    }
    if (listed.length < pageSize) return undefined;
  }
  throw new LedgerUnavailable(tooMany);
};

const findTransfer = async (api: XeroApi, posting: Transfer): Promise<{ readonly externalId: string } | undefined> => {
  const listed = answered(await api.bankTransfers({ where: dateIs('Date', posting.date) }, FIND), 'BankTransfers');
  for (const element of listed) {
    const row = understood(BankTransferAnswer, element);
    if (row.Reference !== posting.reference || row.Status !== 'AUTHORISED') continue;
    const isOurs =
      same(row.FromBankAccount.AccountID, posting.from) &&
      same(row.ToBankAccount.AccountID, posting.to) &&
      row.Amount.eq(fromMinor(posting.amountMinor, posting.currency));
    if (!isOurs) throw new LedgerUnavailable(changed(posting.reference));
    return { externalId: row.BankTransferID };
  }
  return undefined;
};

const understood = <S extends z.ZodType>(schema: S, element: unknown): z.output<S> => {
  const read = schema.safeParse(element);
  if (!read.success) throw new LedgerUnavailable(notUnderstood);
  return read.data;
};

const changed = (reference: string): LedgerProblem => ({
  class: 'duplicate',
  message: `Xero holds “${reference}” with other accounts or another amount. Delete it there, or book this payout by hand.`,
});
const tooMany: LedgerProblem = { class: 'unsupported', message: 'Xero holds too many bank transactions on that day.' };
const notUnderstood: LedgerProblem = {
  class: 'bug',
  code: 'notUnderstood',
  message: 'Xero described a bank transaction in a form that is not understood.',
};
