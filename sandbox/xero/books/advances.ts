// Overpayments and prepayments of customers: born of a bank transaction, allocated to invoices, never edited. Money that was given
// out of one comes back only by taking the allocation away; a voided one is gone for good.
import { hasAtMostTwoDecimals, toHundredths, totalsOf } from './arithmetic';
import { balanceOf, settle } from './balances';
import { bankAccountOf } from './bank-account';
import type { Actor, BookState } from './books';
import { contactFor } from './document-content';
import { type LineContext, lineFrom, type UnitPlaces } from './document-lines';
import { documentAt } from './documents';
import type { AllocationInput, BankTransactionInput, LineInput } from './input';
import { frozenBy, lockOn, tooEarly } from './locks';
import type { Advance, AdvanceAllocation, BankTransaction, Hundredths, Line, SalesDocument } from './records';
import { Refusal, refuse, Unknown } from './refusal';

const TYPES = { 'RECEIVE-OVERPAYMENT': 'overpayment', 'RECEIVE-PREPAYMENT': 'prepayment' } as const;
type AdvanceType = keyof typeof TYPES;
export const isAdvance = (type: string | undefined): type is AdvanceType => type !== undefined && type in TYPES;

export const createAdvance = (
  books: BookState,
  input: BankTransactionInput,
  write: { readonly type: AdvanceType; readonly actor: Actor; readonly unitPlaces: UnitPlaces },
): BankTransaction => {
  const { type, actor } = write;
  const kind = TYPES[type];
  const problems: string[] = [];
  const contact = contactFor(books, input.Contact, actor, problems);
  const account = bankAccountOf(books, input.BankAccount, 'BankAccount', problems);
  const currency = account?.currency ?? books.organisation.baseCurrency;
  if (input.CurrencyCode !== undefined && input.CurrencyCode !== currency) {
    problems.push('The currency code of the bank account and the bank transaction must be the same');
  }
  const date = input.Date ?? books.today();
  const lineAmountTypes = kind === 'overpayment' ? 'NoTax' : (input.LineAmountTypes ?? 'Exclusive');
  const context: LineContext = {
    books,
    kind: 'creditNote', // knows no discounts either
    types: lineAmountTypes,
    unitPlaces: write.unitPlaces,
    isApproved: kind === 'prepayment',
    complain: (message) => void problems.push(message),
  };
  const lines = (input.LineItems ?? []).map((line) =>
    kind === 'overpayment' ? onReceivables(books, context, line) : lineFrom(context, line),
  );
  const totals = totalsOf(lines, lineAmountTypes);
  if (lines.length === 0) problems.push('One or more line items must be specified');
  else if (totals.total <= 0) problems.push('The total of the bank transaction must be greater than zero');
  const lock = lockOn(books, date, actor);
  if (lock !== undefined) problems.push(tooEarly(lock));
  if (problems.length > 0) throw new Refusal([...new Set(problems)]);
  const facts = { date, lineAmountTypes, lines, ...totals, updatedAt: books.stamp() };
  const [advanceId, bankTransactionId] = [books.newId(), books.newId()];
  const currencyRate = input.CurrencyRate ?? books.currencies.get(currency)?.rate ?? '1';
  books.advances.put({
    ...facts,
    kind,
    id: advanceId,
    bankTransactionId,
    contactId: contact.contactId,
    currency,
    currencyRate,
    status: 'AUTHORISED',
  });
  books.announce({ category: categoryOf(kind), type: 'CREATE', id: advanceId });
  return books.bankTransactions.put({
    ...facts,
    bankTransactionId,
    type,
    advanceId,
    contactId: contact.contactId,
    accountId: account?.accountId ?? '',
    reference: '', // supported for SPEND and RECEIVE only
    ...(input.Url === undefined ? {} : { url: input.Url }),
    status: 'AUTHORISED',
    isReconciled: input.IsReconciled ?? false,
  });
};

/** Whatever account the line names, an overpayment lies on the receivables and bears no tax. */
const onReceivables = (
  books: BookState,
  context: LineContext,
  { AccountCode, AccountID, ...line }: LineInput,
): Line => ({
  ...lineFrom(context, { ...line, TaxType: 'NONE' }),
  accountCode: books.accounts.all().find(({ systemAccount }) => systemAccount === 'DEBTORS')?.code ?? '',
});

export const advanceAt = (books: BookState, kind: Advance['kind'], id: string): Advance => {
  const found = books.advances.get(id.toLowerCase());
  if (found?.kind !== kind) throw new Unknown();
  return found;
};

export const allocationsFrom = (books: BookState, advance: Advance): AdvanceAllocation[] =>
  books.advanceAllocations.where('advance', advance.id).filter((allocation) => !allocation.isDeleted);

export const remainingCredit = (books: BookState, advance: Advance): Hundredths =>
  advance.status === 'VOIDED'
    ? 0
    : advance.total - allocationsFrom(books, advance).reduce((sum, { amount }) => sum + amount, 0);

export const allocateAdvance = (
  books: BookState,
  advance: Advance,
  input: AllocationInput,
  actor: Actor,
): AdvanceAllocation =>
  books.together(() => {
    const invoice = invoiceIn(books, input);
    const problems: string[] = [];
    if (input.Amount === undefined || Number(input.Amount) <= 0) problems.push('The amount must be greater than zero');
    else if (!hasAtMostTwoDecimals(input.Amount)) problems.push('The amount can have at most 2 decimal places');
    const amount = toHundredths(input.Amount ?? '0');
    if (advance.status !== 'AUTHORISED') problems.push(`The ${advance.kind} has no credit left to allocate`);
    if (invoice.status !== 'AUTHORISED') problems.push('Credit can only be allocated to Authorised documents');
    if (advance.contactId !== invoice.contactId) {
      problems.push(`The ${advance.kind} and the invoice must be for the same contact`);
    }
    if (advance.currency !== invoice.currency) {
      problems.push(`The ${advance.kind} and the invoice must be in the same currency`);
    }
    if (amount > remainingCredit(books, advance)) problems.push('The allocation amount exceeds the remaining credit');
    if (amount > balanceOf(books, invoice).open) {
      problems.push('The allocation amount exceeds the amount outstanding on this document');
    }
    const date = input.Date ?? books.today();
    const lock = lockOn(books, date, actor);
    if (lock !== undefined) problems.push(tooEarly(lock));
    if (problems.length > 0) throw new Refusal(problems);
    const allocation = books.advanceAllocations.put({
      allocationId: books.newId(),
      advanceId: advance.id,
      invoiceId: invoice.id,
      amount,
      date,
      isDeleted: false,
      updatedAt: books.stamp(),
    });
    settleAdvance(books, advance.id, allocation.invoiceId);
    return allocation;
  });

export const removeAdvanceAllocation = (
  books: BookState,
  advance: Advance,
  allocationId: string,
  actor: Actor,
): AdvanceAllocation =>
  books.together(() => {
    const allocation = books.advanceAllocations.get(allocationId.toLowerCase());
    if (allocation?.advanceId !== advance.id || allocation.isDeleted) throw new Unknown();
    const lock = lockOn(books, allocation.date, actor);
    if (lock !== undefined) return refuse(frozenBy(lock));
    const deleted = books.advanceAllocations.put({ ...allocation, isDeleted: true, updatedAt: books.stamp() });
    settleAdvance(books, advance.id, allocation.invoiceId);
    return deleted;
  });

/** Only where nothing of it is given out; the bank transaction that brought it goes with it. */
export const voidAdvance = (books: BookState, advanceId: string, actor: Actor): Advance =>
  books.together(() => {
    const advance = books.advances.get(advanceId) ?? refuse('There is no such overpayment');
    const row = books.bankTransactions.get(advance.bankTransactionId);
    if (advance.status === 'VOIDED') return refuse(`This ${advance.kind} is voided already`);
    if (allocationsFrom(books, advance).length > 0) {
      return refuse(`This ${advance.kind} cannot be voided as it has been allocated to an invoice`);
    }
    const lock = lockOn(books, advance.date, actor);
    if (lock !== undefined) return refuse(frozenBy(lock));
    const updatedAt = books.stamp();
    if (row !== undefined) books.bankTransactions.put({ ...row, status: 'VOIDED', updatedAt });
    books.announce({ category: categoryOf(advance.kind), type: 'UPDATE', id: advance.id });
    return books.advances.put({ ...advance, status: 'VOIDED', updatedAt });
  });

const invoiceIn = (books: BookState, { Invoice }: AllocationInput): SalesDocument => {
  try {
    return documentAt(books, 'invoice', Invoice?.InvoiceID ?? Invoice?.InvoiceNumber ?? '');
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    return refuse('Invoice could not be found');
  }
};

const categoryOf = (kind: Advance['kind']) => (kind === 'overpayment' ? 'OVERPAYMENT' : 'PREPAYMENT');

const settleAdvance = (books: BookState, advanceId: string, invoiceId: string): void => {
  settle(books, invoiceId);
  const advance = books.advances.get(advanceId);
  if (advance === undefined) return;
  const status = remainingCredit(books, advance) === 0 ? 'PAID' : 'AUTHORISED';
  books.advances.put({ ...advance, status, updatedAt: books.stampFor(advance.updatedAt) });
  books.announce({ category: categoryOf(advance.kind), type: 'UPDATE', id: advance.id });
};
