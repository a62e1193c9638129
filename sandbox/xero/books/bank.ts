// Money that pays no document: spent from or received on a bank account, or moved between two of them. Authorised at once; a transfer
// leaves a row on both accounts that nobody may change by itself.
import { createAdvance, isAdvance, voidAdvance } from './advances';
import { hasAtMostTwoDecimals, toHundredths, totalsOf } from './arithmetic';
import { bankAccountOf } from './bank-account';
import type { Actor, BookState } from './books';
import { contactFor } from './document-content';
import { type LineContext, lineFrom, type UnitPlaces } from './document-lines';
import type { BankTransactionInput, BankTransferInput } from './input';
import { frozenBy, lockOn, tooEarly } from './locks';
import type { Account, BankTransaction, BankTransfer } from './records';
import { Refusal, refuse, Unknown } from './refusal';

export const createBankTransaction = (
  books: BookState,
  input: BankTransactionInput,
  write: { readonly actor: Actor; readonly unitPlaces: UnitPlaces },
): BankTransaction =>
  books.together(() => {
    const problems: string[] = [];
    const type = input.Type;
    if (isAdvance(type)) return createAdvance(books, input, { type, ...write });
    if (type !== 'SPEND' && type !== 'RECEIVE') return refuse('The Type of the bank transaction is not supported here');
    const contact = contactFor(books, input.Contact, write.actor, problems);
    const account = bankAccountOf(books, input.BankAccount, 'BankAccount', problems);
    const date = input.Date ?? books.today();
    const types = input.LineAmountTypes ?? 'Exclusive';
    const context: LineContext = {
      books,
      kind: 'creditNote', // knows no discounts either
      types,
      unitPlaces: write.unitPlaces,
      isApproved: true,
      complain: (message) => void problems.push(message),
    };
    const lines = (input.LineItems ?? []).map((line) => lineFrom(context, line));
    if (lines.length === 0) problems.push('One or more line items must be specified');
    const totals = totalsOf(lines, types);
    if (totals.total < 0) problems.push('The total of a bank transaction cannot be negative');
    if (input.CurrencyCode !== undefined && account !== undefined && input.CurrencyCode !== account.currency) {
      problems.push('The currency code of the bank account and the bank transaction must be the same');
    }
    const lock = lockOn(books, date, write.actor);
    if (lock !== undefined) problems.push(tooEarly(lock));
    if (problems.length > 0) throw new Refusal([...new Set(problems)]);
    return books.bankTransactions.put({
      bankTransactionId: books.newId(),
      type,
      contactId: contact.contactId,
      accountId: account?.accountId ?? '',
      date,
      reference: input.Reference ?? '',
      lineAmountTypes: types,
      lines,
      ...totals,
      status: 'AUTHORISED',
      isReconciled: input.IsReconciled ?? false,
      updatedAt: books.stamp(),
    });
  });

export const createBankTransfer = (books: BookState, input: BankTransferInput, actor: Actor): BankTransfer =>
  books.together(() => {
    const problems: string[] = [];
    const from = bankAccountOf(books, input.FromBankAccount, 'FromBankAccount', problems);
    const to = bankAccountOf(books, input.ToBankAccount, 'ToBankAccount', problems);
    const amount = input.Amount ?? '0';
    if (Number(amount) <= 0) problems.push('The amount must be greater than zero');
    if (!hasAtMostTwoDecimals(amount)) problems.push('The amount can have at most 2 decimal places');
    if (from !== undefined && from === to) problems.push('Money cannot be transferred to the account it comes from');
    if (from?.currency !== to?.currency) problems.push('Both accounts must be in the same currency');
    const date = input.Date ?? books.today();
    const lock = lockOn(books, date, actor);
    if (lock !== undefined) problems.push(tooEarly(lock));
    if (problems.length > 0) throw new Refusal([...new Set(problems)]);
    const side = (
      type: 'SPEND-TRANSFER' | 'RECEIVE-TRANSFER',
      account: Account | undefined,
      isReconciled: boolean | undefined,
    ): BankTransaction =>
      books.bankTransactions.put({
        bankTransactionId: books.newId(),
        type,
        accountId: account?.accountId ?? '',
        date,
        reference: input.Reference ?? '',
        lineAmountTypes: 'NoTax',
        lines: [],
        subTotal: toHundredths(amount),
        totalTax: 0,
        total: toHundredths(amount),
        status: 'AUTHORISED',
        isReconciled: isReconciled ?? false,
        updatedAt: books.stamp(),
      });
    const spent = side('SPEND-TRANSFER', from, input.FromIsReconciled);
    const received = side('RECEIVE-TRANSFER', to, input.ToIsReconciled);
    return books.bankTransfers.put({
      bankTransferId: books.newId(),
      fromTransactionId: spent.bankTransactionId,
      toTransactionId: received.bankTransactionId,
      fromAccountId: spent.accountId,
      toAccountId: received.accountId,
      amount: toHundredths(amount),
      date,
      reference: input.Reference ?? '',
      status: 'AUTHORISED',
      createdAt: books.stamp(),
    });
  });

/** The only change that is rehearsed: taking it back. What is matched to a statement keeps standing, and Xero says so in no word. */
export const removeBankTransaction = (books: BookState, id: string, actor: Actor): BankTransaction =>
  books.together(() => {
    const row = bankTransactionAt(books, id);
    if (row.status !== 'AUTHORISED' || row.type.endsWith('-TRANSFER')) {
      return refuse('This bank transaction cannot be edited');
    }
    if (row.isReconciled && actor.by === 'app') return row;
    if (row.advanceId !== undefined) {
      voidAdvance(books, row.advanceId, actor);
      return bankTransactionAt(books, id);
    }
    const lock = lockOn(books, row.date, actor);
    if (lock !== undefined) return refuse(frozenBy(lock));
    return books.bankTransactions.put({ ...row, status: 'DELETED', updatedAt: books.stamp() });
  });

export const bankTransactionAt = (books: BookState, id: string): BankTransaction => {
  const found = books.bankTransactions.get(id.toLowerCase());
  if (found === undefined) throw new Unknown();
  return found;
};
export const bankTransferAt = (books: BookState, id: string): BankTransfer => {
  const found = books.bankTransfers.get(id.toLowerCase());
  if (found === undefined) throw new Unknown();
  return found;
};

/** What lies on a bank account by the books, in its own currency: payments and refunds of documents, and the rows above. */
export const bankBalance = (books: BookState, accountId: string): number => {
  const payments = books.payments.all().filter((one) => one.accountId === accountId && one.status === 'AUTHORISED');
  const received = payments.reduce((sum, { bankAmount, documentId }) => {
    const isRefund = books.documents.get(documentId)?.kind === 'creditNote';
    return sum + (isRefund ? -bankAmount : bankAmount);
  }, 0);
  return books.bankTransactions
    .where('account', accountId)
    .filter(({ status }) => status === 'AUTHORISED')
    .reduce((sum, { type, total }) => sum + (type.startsWith('RECEIVE') ? total : -total), received);
};
