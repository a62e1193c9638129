// Bank transactions and transfers in Xero's JSON.
import type { BookState } from '../books/books';
import type { BankTransaction, BankTransfer } from '../books/records';
import { wireDate, wireInstant } from './dates';
import { shapeLine } from './document-shape';
import { given, type Json, number } from './json';

export const shapeBankTransaction = (books: BookState, row: BankTransaction, hasLines: boolean): Json => {
  const contact = row.contactId === undefined ? undefined : books.contacts.get(row.contactId);
  const account = books.accounts.get(row.accountId);
  return {
    BankTransactionID: row.bankTransactionId,
    BankAccount: accountIn(books, row.accountId),
    Type: row.type,
    ...advanceIdIn(row),
    ...given('Url', row.url ?? ''),
    ...given('Reference', row.reference),
    IsReconciled: row.isReconciled,
    HasAttachments: false,
    ...(contact === undefined ? {} : { Contact: { ContactID: contact.contactId, Name: contact.name } }),
    Date: wireDate(row.date),
    Status: row.status,
    LineAmountTypes: row.lineAmountTypes,
    LineItems: hasLines ? row.lines.map((line) => shapeLine(line, 4)) : [],
    SubTotal: number(row.subTotal),
    TotalTax: number(row.totalTax),
    Total: number(row.total),
    UpdatedDateUTC: wireInstant(row.updatedAt),
    CurrencyCode: account?.currency ?? books.organisation.baseCurrency,
  };
};

const advanceIdIn = ({ type, advanceId }: BankTransaction): Json =>
  advanceId === undefined ? {} : { [type === 'RECEIVE-OVERPAYMENT' ? 'OverpaymentID' : 'PrepaymentID']: advanceId };

export const shapeBankTransfer = (books: BookState, transfer: BankTransfer): Json => ({
  BankTransferID: transfer.bankTransferId,
  CreatedDateUTC: wireInstant(transfer.createdAt),
  Date: wireDate(transfer.date),
  FromBankAccount: accountIn(books, transfer.fromAccountId),
  ToBankAccount: accountIn(books, transfer.toAccountId),
  Amount: number(transfer.amount),
  FromBankTransactionID: transfer.fromTransactionId,
  ToBankTransactionID: transfer.toTransactionId,
  FromIsReconciled: books.bankTransactions.get(transfer.fromTransactionId)?.isReconciled ?? false,
  ToIsReconciled: books.bankTransactions.get(transfer.toTransactionId)?.isReconciled ?? false,
  CurrencyRate: 1,
  ...given('Reference', transfer.reference),
  HasAttachments: false,
  Status: transfer.status,
});

const accountIn = (books: BookState, id: string): Json => {
  const account = books.accounts.get(id);
  return { AccountID: id, ...(account?.code == null ? {} : { Code: account.code }), Name: account?.name ?? '' };
};
