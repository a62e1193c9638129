// What is open on a document, and the flip between AUTHORISED and PAID that follows from it. Nobody sets PAID by hand.
import type { BookState } from './books';
import type { AdvanceAllocation, Allocation, Hundredths, Payment, SalesDocument } from './records';

export const paymentsOf = (books: BookState, document: SalesDocument): Payment[] =>
  books.payments.where('document', document.id).filter((payment) => payment.status === 'AUTHORISED');

export const allocationsOf = (books: BookState, document: SalesDocument): Allocation[] =>
  books.allocations
    .where(document.kind === 'invoice' ? 'invoice' : 'creditNote', document.id)
    .filter((allocation) => !allocation.isDeleted);

/** What overpayments and prepayments settle of an invoice. */
export const advancesOn = (books: BookState, document: SalesDocument): AdvanceAllocation[] =>
  books.advanceAllocations.where('invoice', document.id).filter((allocation) => !allocation.isDeleted);

export type Balance = {
  readonly paid: Hundredths;
  /** Credited to an invoice by credit notes, overpayments and prepayments; given away by a credit note. */
  readonly allocated: Hundredths;
  readonly open: Hundredths;
};

export const balanceOf = (books: BookState, document: SalesDocument): Balance => {
  const paid = paymentsOf(books, document).reduce((sum, payment) => sum + payment.amount, 0);
  const allocated = [...allocationsOf(books, document), ...advancesOn(books, document)].reduce(
    (sum, allocation) => sum + allocation.amount,
    0,
  );
  const isCancelled = document.status === 'VOIDED' || document.status === 'DELETED';
  return { paid, allocated, open: isCancelled ? 0 : document.total - paid - allocated };
};

export const hasAnythingApplied = (books: BookState, document: SalesDocument): boolean =>
  paymentsOf(books, document).length > 0 ||
  allocationsOf(books, document).length > 0 ||
  advancesOn(books, document).length > 0;

/** After money moved: new stamp always, news only where the status flips (Xero promises none for payments). */
export const settle = (books: BookState, documentId: string): void => {
  const document = books.documents.get(documentId);
  if (document === undefined) return;
  const settled = withSettledStatus(books, document);
  books.documents.put({ ...settled, updatedAt: books.stampFor(settled.updatedAt) });
  if (settled.status !== document.status) announceDocument(books, settled, 'UPDATE');
};

export const withSettledStatus = (books: BookState, document: SalesDocument): SalesDocument => {
  if (document.status !== 'AUTHORISED' && document.status !== 'PAID') return document;
  const { open } = balanceOf(books, document);
  const { fullyPaidOn: _gone, ...rest } = document;
  if (open > 0) return { ...rest, status: 'AUTHORISED' };
  return { ...document, status: 'PAID', fullyPaidOn: lastDayOf(books, document) };
};

export const announceDocument = (books: BookState, document: SalesDocument, type: 'CREATE' | 'UPDATE'): void =>
  books.announce(
    document.kind === 'invoice'
      ? { category: 'INVOICE', type, id: document.id }
      : { category: 'CREDITNOTE', type, id: document.id, data: { Type: 'ACCRECCREDIT', Status: document.status } },
  );

const lastDayOf = (books: BookState, document: SalesDocument): string =>
  [...paymentsOf(books, document), ...allocationsOf(books, document), ...advancesOn(books, document)]
    .map((applied) => applied.date)
    .reduce((latest, date) => (date > latest ? date : latest), document.date);
