// /Payments and the allocations of credit notes.
import type { BookState } from '../books/books';
import { documentAt } from '../books/documents';
import { AllocationFields, PaymentFields } from '../books/input';
import { createAllocation, createPayment, deleteAllocation, deletePayment, paymentAt } from '../books/payments';
import type { Payment } from '../books/records';
import { Refusal } from '../books/refusal';
import { shapeAllocation, shapePayment } from '../wire/document-shape';
import { batchReply, elementsOf, singleReply } from './batch';
import { type Call, envelope, type Handler, param } from './call';
import { instant } from './documents';
import { listReply } from './list';
import { exception, invalid, type Reply } from './reply';
import type { FieldReaders } from './where';

export const listPayments: Handler = (call) =>
  listReply(call, call.books.payments.all(), {
    plural: 'Payments',
    readers: readersOf(call.books),
    updatedAt: (payment) => payment.updatedAt,
    shape: (payment) => shapePayment(call.books, payment),
    isPageable: true,
  });

export const readPayment: Handler = (call) =>
  envelope(call, { Payments: [shapePayment(call.books, paymentAt(call.books, param(call, 'id')))] });

/** PUT takes many, POST one; both only create. */
export const createPayments: Handler = (call) => {
  const rules = {
    plural: 'Payments',
    idField: 'PaymentID',
    schema: PaymentFields,
    write: (input: Parameters<typeof createPayment>[1]) =>
      shapePayment(call.books, createPayment(call.books, input, call.actor)),
  };
  return call.method === 'PUT' ? batchReply(call, rules) : singleReply(call, rules);
};

export const updatePayment: Handler = (call) => {
  const payment = paymentAt(call.books, param(call, 'id'));
  const element = elementsOf(call.body, 'Payments')?.[0];
  if (element === undefined) return exception('PostDataInvalidException', 'The request must contain a Payment');
  const others = Object.keys(element).filter((field) => field !== 'Status' && field !== 'PaymentID');
  if (element.Status !== 'DELETED' || others.length > 0) {
    return refusal(call, payment, ['Only Status accepted for updates']);
  }
  try {
    const deleted = deletePayment(call.books, payment.paymentId, call.actor);
    return envelope(call, { Payments: [shapePayment(call.books, deleted)] });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refusal(call, payment, error.messages);
  }
};

export const createAllocations: Handler = (call) => {
  const note = documentAt(call.books, 'creditNote', param(call, 'id'));
  return batchReply(call, {
    plural: 'Allocations',
    idField: 'AllocationID',
    schema: AllocationFields,
    write: (input) => shapeAllocation(call.books, createAllocation(call.books, note.id, input, call.actor)),
  });
};

export const removeAllocation: Handler = (call) => {
  const note = documentAt(call.books, 'creditNote', param(call, 'id'));
  try {
    const deleted = deleteAllocation(call.books, note.id, param(call, 'allocationId'), call.actor);
    return { status: 200, body: shapeAllocation(call.books, deleted) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return invalid([{ ValidationErrors: error.messages.map((Message) => ({ Message })) }]);
  }
};

const refusal = (call: Call, payment: Payment, messages: readonly string[]): Reply =>
  invalid([{ ...shapePayment(call.books, payment), ValidationErrors: messages.map((Message) => ({ Message })) }]);

const readersOf = (books: BookState): FieldReaders<Payment> => ({
  PaymentID: (payment) => payment.paymentId,
  Status: (payment) => payment.status,
  Date: (payment) => instant(payment.date),
  Amount: (payment) => payment.amount / 100,
  Reference: (payment) => payment.reference,
  IsReconciled: (payment) => payment.isReconciled,
  PaymentType: (payment) =>
    books.documents.get(payment.documentId)?.kind === 'creditNote' ? 'ARCREDITPAYMENT' : 'ACCRECPAYMENT',
  'Invoice.InvoiceID': (payment) => payment.documentId,
  'Invoice.InvoiceNumber': (payment) => books.documents.get(payment.documentId)?.number ?? '',
  'Account.AccountID': (payment) => payment.accountId,
  UpdatedDateUTC: (payment) => payment.updatedAt,
});
