// Invoices, credit notes and what is applied to them in Xero's JSON.
import { roundTo } from '../books/arithmetic';
import { advancesOn, allocationsOf, balanceOf, paymentsOf } from '../books/balances';
import type { BookState } from '../books/books';
import type { UnitPlaces } from '../books/document-lines';
import type { Advance, AdvanceAllocation, Allocation, Line, Payment, SalesDocument } from '../books/records';
import { wireDate, wireDateString, wireInstant, wireInstantString } from './dates';
import { type Detail, given, type Json, number } from './json';

export const shapeDocument = (books: BookState, document: SalesDocument, detail: Detail, places: UnitPlaces): Json =>
  document.kind === 'invoice'
    ? shapeInvoice(books, document, detail, places)
    : shapeCreditNote(books, document, detail, places);

const shapeInvoice = (books: BookState, invoice: SalesDocument, detail: Detail, places: UnitPlaces): Json => {
  const { paid, allocated, open } = balanceOf(books, invoice);
  const discount = invoice.lines.reduce((sum, line) => sum + line.discount, 0);
  return {
    Type: 'ACCREC',
    InvoiceID: invoice.id,
    InvoiceNumber: invoice.number,
    Reference: invoice.reference,
    ...(detail === 'summary' ? {} : appliedTo(books, invoice)),
    AmountDue: number(open),
    AmountPaid: number(paid),
    AmountCredited: number(allocated),
    ...(discount === 0 ? {} : { TotalDiscount: number(discount) }),
    ...given('Url', invoice.url),
    CurrencyRate: Number(invoice.currencyRate),
    IsDiscounted: discount !== 0,
    HasAttachments: false,
    HasErrors: false,
    ...(invoice.expectedPaymentDate === undefined
      ? {}
      : { ExpectedPaymentDate: wireDate(invoice.expectedPaymentDate) }),
    ...shared(books, invoice, detail, places),
  };
};

const shapeCreditNote = (books: BookState, note: SalesDocument, detail: Detail, places: UnitPlaces): Json => ({
  Type: 'ACCRECCREDIT',
  CreditNoteID: note.id,
  CreditNoteNumber: note.number,
  Reference: note.reference,
  ID: note.id,
  ...(detail === 'summary' ? {} : { Payments: paymentsOf(books, note).map((payment) => shapePaymentStub(payment)) }),
  Allocations: allocationsOf(books, note).map((allocation) => shapeAllocation(books, allocation)),
  RemainingCredit: number(balanceOf(books, note).open),
  CurrencyRate: Number(note.currencyRate),
  HasAttachments: false,
  HasErrors: false,
  ...shared(books, note, detail, places),
});

/** Fields that invoices and credit notes share. */
const shared = (books: BookState, document: SalesDocument, detail: Detail, places: UnitPlaces): Json => ({
  SentToContact: document.sentToContact,
  ...(document.brandingThemeId === undefined ? {} : { BrandingThemeID: document.brandingThemeId }),
  Contact: contactIn(books, document, detail),
  DateString: wireDateString(document.date),
  Date: wireDate(document.date),
  ...(document.dueDate === undefined
    ? {}
    : { DueDateString: wireDateString(document.dueDate), DueDate: wireDate(document.dueDate) }),
  ...(document.fullyPaidOn === undefined ? {} : { FullyPaidOnDate: wireDate(document.fullyPaidOn) }),
  Status: document.status,
  LineAmountTypes: document.lineAmountTypes,
  ...(detail === 'summary'
    ? {}
    : { LineItems: detail === 'full' ? document.lines.map((line) => shapeLine(line, places)) : [] }),
  SubTotal: number(document.subTotal),
  TotalTax: number(document.totalTax),
  Total: number(document.total),
  UpdatedDateUTC: wireInstant(document.updatedAt),
  UpdatedDateUTCString: wireInstantString(document.updatedAt),
  CurrencyCode: document.currency,
});

export const shapeLine = (line: Line, places: UnitPlaces): Json => ({
  LineItemID: line.lineItemId,
  Description: line.description,
  Quantity: Number(line.quantity),
  UnitAmount: Number(roundTo(line.unitAmount, places)),
  ...given('ItemCode', line.itemCode),
  ...given('AccountCode', line.accountCode),
  ...given('TaxType', line.taxType),
  TaxAmount: number(line.taxAmount),
  LineAmount: number(line.lineAmount),
  ...(line.discountRate === undefined ? {} : { DiscountRate: Number(line.discountRate) }),
  ...(line.discountAmount === undefined ? {} : { DiscountAmount: Number(line.discountAmount) }),
  Tracking: line.tracking,
  ValidationErrors: [],
});

const contactIn = (books: BookState, document: SalesDocument, detail: Detail): Json => {
  const contact = books.contacts.get(document.contactId);
  if (contact === undefined) return { ContactID: document.contactId };
  const named = { ContactID: contact.contactId, ...given('ContactNumber', contact.contactNumber), Name: contact.name };
  return detail === 'summary'
    ? named
    : { ...named, Addresses: [], Phones: [], ContactGroups: [], ContactPersons: [], HasValidationErrors: false };
};

const appliedTo = (books: BookState, invoice: SalesDocument): Json => ({
  Payments: paymentsOf(books, invoice).map((payment) => shapePaymentStub(payment)),
  CreditNotes: allocationsOf(books, invoice).map((allocation) => ({
    CreditNoteID: allocation.creditNoteId,
    CreditNoteNumber: books.documents.get(allocation.creditNoteId)?.number ?? '',
    ID: allocation.creditNoteId,
    AppliedAmount: number(allocation.amount),
    DateString: wireDateString(allocation.date),
    Date: wireDate(allocation.date),
    LineItems: [],
    Total: number(books.documents.get(allocation.creditNoteId)?.total ?? 0),
  })),
  Prepayments: advancesIn(books, invoice, 'prepayment'),
  Overpayments: advancesIn(books, invoice, 'overpayment'),
});

const advancesIn = (books: BookState, invoice: SalesDocument, kind: Advance['kind']): Json[] =>
  advancesOn(books, invoice).flatMap((allocation) => {
    const advance = books.advances.get(allocation.advanceId);
    return advance?.kind === kind ? [shapeAdvanceIn(advance, allocation)] : [];
  });

const shapeAdvanceIn = (advance: Advance, allocation: AdvanceAllocation): Json => ({
  [advance.kind === 'overpayment' ? 'OverpaymentID' : 'PrepaymentID']: advance.id,
  AppliedAmount: number(allocation.amount),
  Date: wireDate(allocation.date),
  LineItems: [],
  Total: number(advance.total),
});

const shapePaymentStub = (payment: Payment): Json => ({
  PaymentID: payment.paymentId,
  Date: wireDate(payment.date),
  Amount: number(payment.amount),
  Reference: payment.reference,
  CurrencyRate: Number(payment.currencyRate),
  HasAccount: false,
  HasValidationErrors: false,
});

export const shapePayment = (books: BookState, payment: Payment): Json => {
  const document = books.documents.get(payment.documentId);
  const account = books.accounts.get(payment.accountId);
  const isRefund = document?.kind === 'creditNote';
  return {
    PaymentID: payment.paymentId,
    Date: wireDate(payment.date),
    BankAmount: number(payment.bankAmount),
    Amount: number(payment.amount),
    Reference: payment.reference,
    CurrencyRate: Number(payment.currencyRate),
    PaymentType: isRefund ? 'ARCREDITPAYMENT' : 'ACCRECPAYMENT',
    Status: payment.status,
    UpdatedDateUTC: wireInstant(payment.updatedAt),
    UpdatedDateUTCString: wireInstantString(payment.updatedAt),
    HasAccount: true,
    IsReconciled: payment.isReconciled,
    Account: {
      AccountID: payment.accountId,
      ...(account?.code == null ? {} : { Code: account.code }),
      Name: account?.name ?? '',
    },
    // A refund of a credit note shows the note under Invoice, with the note's type.
    Invoice: {
      Type: isRefund ? 'ACCRECCREDIT' : 'ACCREC',
      InvoiceID: payment.documentId,
      InvoiceNumber: document?.number ?? '',
      Payments: [],
      CreditNotes: [],
      Prepayments: [],
      Overpayments: [],
      IsDiscounted: false,
      HasErrors: false,
      Contact: document === undefined ? {} : contactIn(books, document, 'light'),
      LineItems: [],
      CurrencyCode: document?.currency ?? books.organisation.baseCurrency,
    },
    HasValidationErrors: false,
  };
};

export const shapeAllocation = (books: BookState, allocation: Allocation | AdvanceAllocation): Json => ({
  AllocationID: allocation.allocationId,
  Amount: number(allocation.amount),
  Date: wireDate(allocation.date),
  Invoice: {
    InvoiceID: allocation.invoiceId,
    InvoiceNumber: books.documents.get(allocation.invoiceId)?.number ?? '',
    LineItems: [],
    HasErrors: false,
    IsDiscounted: false,
  },
  IsDeleted: allocation.isDeleted,
});
