// /BankTransactions and /BankTransfers.
import {
  bankTransactionAt,
  bankTransferAt,
  createBankTransaction,
  createBankTransfer,
  removeBankTransaction,
} from '../books/bank';
import { BankTransactionFields, type BankTransactionInput, BankTransferFields } from '../books/input';
import type { BankTransaction, BankTransfer } from '../books/records';
import { refuse } from '../books/refusal';
import { shapeBankTransaction, shapeBankTransfer } from '../wire/bank-shape';
import { batchReply, singleReply } from './batch';
import { envelope, type Handler, param } from './call';
import { instant } from './documents';
import { listReply } from './list';
import type { FieldReaders } from './where';

export const listBankTransactions: Handler = (call) =>
  listReply(call, call.books.bankTransactions.all(), {
    plural: 'BankTransactions',
    readers: TRANSACTION_READERS,
    updatedAt: (row) => row.updatedAt,
    shape: (row, isPaged) => shapeBankTransaction(call.books, row, isPaged),
    isPageable: true,
  });

export const readBankTransaction: Handler = (call) =>
  envelope(call, {
    BankTransactions: [shapeBankTransaction(call.books, bankTransactionAt(call.books, param(call, 'id')), true)],
  });

export const createBankTransactions: Handler = (call) =>
  batchReply(call, {
    plural: 'BankTransactions',
    idField: 'BankTransactionID',
    schema: BankTransactionFields,
    write: (input) =>
      shapeBankTransaction(
        call.books,
        createBankTransaction(call.books, input, { actor: call.actor, unitPlaces: call.unitPlaces }),
        true,
      ),
  });

/** Taking it back is the only change that is rehearsed. */
export const updateBankTransaction: Handler = (call) => {
  const { bankTransactionId } = bankTransactionAt(call.books, param(call, 'id'));
  const rules = {
    plural: 'BankTransactions',
    idField: 'BankTransactionID',
    schema: BankTransactionFields,
    write: ({ Status }: BankTransactionInput) => {
      if (Status !== 'DELETED' && Status !== 'VOIDED') return refuse('Only the Status can be changed here');
      return shapeBankTransaction(call.books, removeBankTransaction(call.books, bankTransactionId, call.actor), true);
    },
  };
  return singleReply(call, rules, bankTransactionId);
};

/** Unpaged; deleted ones only where asked for. */
export const listBankTransfers: Handler = (call) => {
  const withDeleted = call.query.get('includedeleted')?.toLowerCase() === 'true';
  const rows = call.books.bankTransfers.all().filter(({ status }) => withDeleted || status === 'AUTHORISED');
  return listReply(call, rows, {
    plural: 'BankTransfers',
    readers: TRANSFER_READERS,
    updatedAt: (row) => row.createdAt,
    shape: (row) => shapeBankTransfer(call.books, row),
    isPageable: false,
  });
};

export const readBankTransfer: Handler = (call) =>
  envelope(call, { BankTransfers: [shapeBankTransfer(call.books, bankTransferAt(call.books, param(call, 'id')))] });

/** Has no summarizeErrors: one bad transfer refuses the call. */
export const createBankTransfers: Handler = (call) =>
  batchReply(call, {
    plural: 'BankTransfers',
    idField: 'BankTransferID',
    schema: BankTransferFields,
    write: (input) => shapeBankTransfer(call.books, createBankTransfer(call.books, input, call.actor)),
  });

const TRANSACTION_READERS: FieldReaders<BankTransaction> = {
  BankTransactionID: (row) => row.bankTransactionId,
  Type: (row) => row.type,
  Status: (row) => row.status,
  Date: (row) => instant(row.date),
  Total: (row) => row.total / 100,
  IsReconciled: (row) => row.isReconciled,
  'BankAccount.AccountID': (row) => row.accountId,
  'Contact.ContactID': (row) => row.contactId ?? '',
  UpdatedDateUTC: (row) => row.updatedAt,
};

const TRANSFER_READERS: FieldReaders<BankTransfer> = {
  BankTransferID: (row) => row.bankTransferId,
  Date: (row) => instant(row.date),
  Amount: (row) => row.amount / 100,
  'FromBankAccount.AccountID': (row) => row.fromAccountId,
  'ToBankAccount.AccountID': (row) => row.toAccountId,
  Status: (row) => row.status,
  CreatedDateUTC: (row) => row.createdAt,
};
