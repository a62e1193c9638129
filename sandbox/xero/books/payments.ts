// The rules of payments and of credit notes applied to invoices: never more than is open, never edited, only taken back.
import { hasAtMostTwoDecimals, inBaseCurrency, toHundredths } from './arithmetic';
import { announceDocument, balanceOf, settle } from './balances';
import type { Actor, BookState } from './books';
import { documentAt } from './documents';
import type { AllocationInput, PaymentInput } from './input';
import { frozenBy, lockOn, tooEarly } from './locks';
import type { Account, Allocation, Payment, SalesDocument } from './records';
import { Refusal, refuse, Unknown } from './refusal';

export const createPayment = (books: BookState, input: PaymentInput, actor: Actor): Payment =>
  books.together(() => {
    const document = paidDocument(books, input);
    const problems: string[] = [];
    const account = accountFor(books, input, problems);
    const amount = amountFrom(input.Amount, problems);
    const date = input.Date ?? books.today();
    if (document.status === 'PAID') problems.push('Payment amount exceeds the amount outstanding on this document');
    else if (document.status !== 'AUTHORISED') problems.push('Payments can only be made against Authorised documents');
    else if (amount > balanceOf(books, document).open) {
      problems.push('Payment amount exceeds the amount outstanding on this document');
    }
    if (
      account?.currency !== undefined &&
      ![document.currency, books.organisation.baseCurrency].includes(account.currency)
    ) {
      problems.push('The currency of the account must be that of the document or of the organisation');
    }
    const lock = lockOn(books, date, actor);
    if (lock !== undefined) problems.push(tooEarly(lock).replace('document', 'payment'));
    if (problems.length > 0) throw new Refusal(problems);
    const rate = input.CurrencyRate ?? document.currencyRate;
    const payment = books.payments.put({
      paymentId: books.newId(),
      documentId: document.id,
      accountId: account?.accountId ?? '',
      date,
      amount,
      bankAmount: bankAmountOf(books, document, account, amount, rate, input),
      currencyRate: rate,
      reference: input.Reference ?? '',
      isReconciled: input.IsReconciled ?? false,
      status: 'AUTHORISED',
      updatedAt: books.stamp(),
    });
    settle(books, document.id);
    books.record(document.id, actor, 'Payment received', payment.reference);
    return payment;
  });

export const paymentAt = (books: BookState, id: string): Payment => {
  const found = books.payments.get(id.toLowerCase());
  if (found === undefined) throw new Unknown();
  return found;
};

/** The only change a payment takes. */
export const deletePayment = (books: BookState, id: string, actor: Actor): Payment =>
  books.together(() => {
    const payment = paymentAt(books, id);
    if (payment.status === 'DELETED') return refuse('Payment not of valid status for modification');
    if (payment.isReconciled && actor.by === 'app')
      return refuse('This payment has been reconciled and cannot be deleted');
    const lock = lockOn(books, payment.date, actor);
    if (lock !== undefined) return refuse(frozenBy(lock).replace('document', 'payment'));
    const deleted = books.payments.put({ ...payment, status: 'DELETED', updatedAt: books.stamp() });
    settle(books, payment.documentId);
    return deleted;
  });

export const createAllocation = (
  books: BookState,
  creditNoteId: string,
  input: AllocationInput,
  actor: Actor,
): Allocation =>
  books.together(() => {
    const note = documentAt(books, 'creditNote', creditNoteId);
    const invoice = referenced(books, 'invoice', input.Invoice?.InvoiceID, input.Invoice?.InvoiceNumber);
    const problems: string[] = [];
    const amount = amountFrom(input.Amount, problems);
    if (note.status !== 'AUTHORISED') problems.push('The credit note must be Authorised before it can be allocated');
    if (invoice.status !== 'AUTHORISED') problems.push('Credit can only be allocated to Authorised documents');
    if (note.contactId !== invoice.contactId)
      problems.push('The credit note and the invoice must be for the same contact');
    if (note.currency !== invoice.currency)
      problems.push('The credit note and the invoice must be in the same currency');
    if (amount > balanceOf(books, note).open) problems.push('The allocation amount exceeds the remaining credit');
    if (amount > balanceOf(books, invoice).open) {
      problems.push('The allocation amount exceeds the amount outstanding on this document');
    }
    const date = input.Date ?? books.today();
    const lock = lockOn(books, date, actor);
    if (lock !== undefined) problems.push(tooEarly(lock));
    if (problems.length > 0) throw new Refusal(problems);
    const allocation = books.allocations.put({
      allocationId: books.newId(),
      creditNoteId: note.id,
      invoiceId: invoice.id,
      amount,
      date,
      isDeleted: false,
      updatedAt: books.stamp(),
    });
    settleBoth(books, allocation);
    return allocation;
  });

export const deleteAllocation = (
  books: BookState,
  creditNoteId: string,
  allocationId: string,
  actor: Actor,
): Allocation =>
  books.together(() => {
    const allocation = books.allocations.get(allocationId.toLowerCase());
    if (allocation?.creditNoteId !== creditNoteId.toLowerCase() || allocation.isDeleted) throw new Unknown();
    const lock = lockOn(books, allocation.date, actor);
    if (lock !== undefined) return refuse(frozenBy(lock));
    const deleted = books.allocations.put({ ...allocation, isDeleted: true, updatedAt: books.stamp() });
    settleBoth(books, deleted);
    return deleted;
  });

const settleBoth = (books: BookState, allocation: Allocation): void => {
  settle(books, allocation.invoiceId);
  settle(books, allocation.creditNoteId);
  const note = books.documents.get(allocation.creditNoteId);
  if (note !== undefined) announceDocument(books, note, 'UPDATE');
};

const paidDocument = (books: BookState, input: PaymentInput): SalesDocument => {
  if (input.CreditNote !== undefined || input.CreditNoteNumber !== undefined) {
    const number = input.CreditNote?.CreditNoteNumber ?? input.CreditNoteNumber;
    return referenced(books, 'creditNote', input.CreditNote?.CreditNoteID, number);
  }
  return referenced(books, 'invoice', input.Invoice?.InvoiceID, input.Invoice?.InvoiceNumber ?? input.InvoiceNumber);
};

const referenced = (
  books: BookState,
  kind: SalesDocument['kind'],
  id: string | undefined,
  number: string | undefined,
): SalesDocument => {
  const word = kind === 'invoice' ? 'Invoice' : 'Credit note';
  try {
    return documentAt(books, kind, id ?? number ?? '');
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    return refuse(`${word} could not be found`);
  }
};

const accountFor = (books: BookState, input: PaymentInput, problems: string[]): Account | undefined => {
  const { AccountID, Code } = input.Account ?? {};
  const account = AccountID === undefined ? books.accounts.where('code', Code ?? '')[0] : books.accounts.get(AccountID);
  if (account === undefined) problems.push('The Account could not be found');
  else if (account.status === 'ARCHIVED')
    problems.push(`Account code '${account.code ?? account.name}' has been archived.`);
  else if (account.type !== 'BANK' && !account.enablePaymentsToAccount) {
    problems.push(`Account code '${account.code ?? account.name}' is not a valid code for this document.`);
  }
  return account;
};

const amountFrom = (amount: string | undefined, problems: string[]): number => {
  if (amount === undefined || Number(amount) <= 0) problems.push('The amount must be greater than zero');
  else if (!hasAtMostTwoDecimals(amount)) problems.push('The amount can have at most 2 decimal places');
  return toHundredths(amount ?? '0');
};

const bankAmountOf = (
  books: BookState,
  document: SalesDocument,
  account: Account | undefined,
  amount: number,
  rate: string,
  input: PaymentInput,
): number => {
  if (input.BankAmount !== undefined) return toHundredths(input.BankAmount);
  const accountCurrency = account?.currency ?? books.organisation.baseCurrency;
  return document.currency === accountCurrency ? amount : inBaseCurrency(amount, rate);
};
