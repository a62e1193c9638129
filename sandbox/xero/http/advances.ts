// /Overpayments and /Prepayments: listed, read, and allocated to invoices. They are made and taken back through /BankTransactions.
import { advanceAt, allocateAdvance, remainingCredit, removeAdvanceAllocation } from '../books/advances';
import type { BookState } from '../books/books';
import { AllocationFields } from '../books/input';
import type { Advance } from '../books/records';
import { Refusal } from '../books/refusal';
import { idFieldOf, shapeAdvance } from '../wire/advance-shape';
import { shapeAllocation } from '../wire/document-shape';
import { batchReply } from './batch';
import { type Call, envelope, type Handler, param } from './call';
import { instant } from './documents';
import { listReply } from './list';
import { invalid } from './reply';
import type { FieldReaders } from './where';

type Kind = Advance['kind'];
const PLURALS = { overpayment: 'Overpayments', prepayment: 'Prepayments' } as const;

export const listAdvances =
  (kind: Kind): Handler =>
  (call) =>
    listReply(call, call.books.advances.where('kind', kind), {
      plural: PLURALS[kind],
      readers: readersOf(call.books, kind),
      updatedAt: (advance) => advance.updatedAt,
      shape: (advance, isPaged) => shapeAdvance(call.books, advance, isPaged),
      isPageable: true,
    });

export const readAdvance =
  (kind: Kind): Handler =>
  (call) =>
    envelope(call, { [PLURALS[kind]]: [shapeAdvance(call.books, advanceIn(call, kind), true)] });

export const createAdvanceAllocations =
  (kind: Kind): Handler =>
  (call) => {
    const { id } = advanceIn(call, kind);
    return batchReply(call, {
      plural: 'Allocations',
      idField: 'AllocationID',
      schema: AllocationFields,
      write: (input) =>
        // Read anew for each: the one before may have used it up.
        shapeAllocation(call.books, allocateAdvance(call.books, advanceAt(call.books, kind, id), input, call.actor)),
    });
  };

export const deleteAdvanceAllocation =
  (kind: Kind): Handler =>
  (call) => {
    const advance = advanceIn(call, kind);
    try {
      const deleted = removeAdvanceAllocation(call.books, advance, param(call, 'allocationId'), call.actor);
      return { status: 200, body: shapeAllocation(call.books, deleted) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return invalid([{ ValidationErrors: error.messages.map((Message) => ({ Message })) }]);
    }
  };

const advanceIn = (call: Call, kind: Kind): Advance => advanceAt(call.books, kind, param(call, 'id'));

const readersOf = (books: BookState, kind: Kind): FieldReaders<Advance> => ({
  [idFieldOf(kind)]: (advance) => advance.id,
  Type: () => (kind === 'overpayment' ? 'RECEIVE-OVERPAYMENT' : 'RECEIVE-PREPAYMENT'),
  Status: (advance) => advance.status,
  Date: (advance) => instant(advance.date),
  Total: (advance) => advance.total / 100,
  RemainingCredit: (advance) => remainingCredit(books, advance) / 100,
  CurrencyCode: (advance) => advance.currency,
  'Contact.ContactID': (advance) => advance.contactId,
  UpdatedDateUTC: (advance) => advance.updatedAt,
});
