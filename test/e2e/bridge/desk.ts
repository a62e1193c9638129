// The bookkeeper's hands in either ledger, in one vocabulary: what a person does in the ledger's own pages, and what they see there.
// Amounts are decimal text as typed; what is seen is in minor units of two decimals.
import { toNumber } from '../../../sandbox/quickbooks/books/arithmetic';
import { openOf } from '../../../sandbox/quickbooks/books/balances';
import type { QuickBooksSandbox } from '../../../sandbox/quickbooks/start';
import type { Bookkeeper } from '../../../sandbox/xero/books/bookkeeper';
import type { SalesDocument } from '../../../sandbox/xero/books/records';
import type { XeroSandbox } from '../../../sandbox/xero/start';

export type SeenCustomer = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly isActive: boolean;
};
export type SeenDocument = {
  readonly id: string;
  readonly number: string;
  readonly customerId: string;
  readonly dueDate: string;
  readonly totalMinor: number;
  readonly openMinor: number;
  readonly isVoid: boolean;
  readonly lineCount: number;
};
export type SeenPayment = {
  readonly id: string;
  readonly invoiceIds: readonly string[];
  readonly amountMinor: number;
};

export type Desk = {
  customers(): readonly SeenCustomer[];
  invoices(): readonly SeenDocument[];
  creditNotes(): readonly SeenDocument[];
  /** Live ones. */
  payments(): readonly SeenPayment[];
  enterCustomer(name: string, fields?: { readonly email?: string; readonly phone?: string }): string;
  changeEmail(id: string, email: string): void;
  changePhone(id: string, phone: string): void;
  rename(id: string, name: string): void;
  archive(id: string): void;
  merge(from: string, into: string): void;
  enterInvoice(customerId: string, number: string, price: string, dates: Dates): string;
  changeDueDate(id: string, dueDate: string): void;
  voidInvoice(id: string): void;
  pay(invoice: SeenDocument, amount: string, date: string): string;
  removePayment(id: string): void;
  enterCreditNote(customerId: string, number: string, price: string, date: string): string;
  /** As much of the credit as the invoice takes. */
  applyCredit(creditNoteId: string, invoiceId: string): void;
  lockUntil(date: string | null): void;
  /** What stands in the books more than once, as readable keys. */
  twice(): readonly string[];
};
export type Dates = { readonly date: string; readonly dueDate: string };

const repeated = (keys: readonly string[]): string[] => [
  ...new Set(keys.filter((key, index) => keys.indexOf(key) !== index)),
];

const typed = (minor: number): string => (minor / 100).toFixed(2);

// ---- Xero -------------------------------------------------------------------------------------------------------------------------

export const xeroDesk = (sandbox: XeroSandbox, organisation?: string): Desk => {
  const books = sandbox.books(organisation);
  const isLive = ({ status }: SalesDocument): boolean => status === 'AUTHORISED' || status === 'PAID';
  const seen = (document: SalesDocument): SeenDocument => ({
    id: document.id,
    number: document.number,
    customerId: document.contactId,
    dueDate: document.dueDate ?? '',
    totalMinor: document.total,
    openMinor: books.openHundredths(document),
    isVoid: !isLive(document) && document.status !== 'DRAFT',
    lineCount: document.lines.length,
  });
  const line = (unitAmount: string) => ({ description: 'Work', unitAmount, taxType: 'OUTPUT2' });
  const livePayments = () => books.payments().filter(({ status }) => status === 'AUTHORISED');
  return {
    customers: () =>
      books.contacts().map((contact) => ({
        id: contact.contactId,
        name: contact.name,
        email: contact.emailAddress,
        phone: contact.phones.find(({ PhoneType }) => PhoneType === 'DEFAULT')?.PhoneNumber ?? '',
        isActive: contact.status === 'ACTIVE',
      })),
    invoices: () => books.invoices().map(seen),
    creditNotes: () => books.creditNotes().map(seen),
    payments: () =>
      livePayments().map(({ paymentId, documentId, amount }) => ({
        id: paymentId,
        invoiceIds: [documentId],
        amountMinor: amount,
      })),
    enterCustomer: (name, fields = {}) => books.enterCustomer({ name, ...fields }).contactId,
    changeEmail: (id, email) => void books.changeCustomer(id, { email }),
    changePhone: (id, phone) => void books.changePhone(id, phone),
    rename: (id, name) => void books.changeCustomer(id, { name }),
    archive: (id) => void books.archiveCustomer(id),
    merge: (from, into) => void books.mergeCustomers(from, into),
    enterInvoice: (contactId, number, price, dates) =>
      books.enterInvoice({ contactId, number, ...dates, lines: [line(price)] }).id,
    changeDueDate: (id, dueDate) => void books.edit(id, { dueDate }),
    voidInvoice: (id) => void books.voidInvoice(id),
    pay: ({ id }, amount, date) => books.recordPayment({ documentId: id, amount, date }).paymentId,
    removePayment: (id) => void books.removePayment(id),
    enterCreditNote: (contactId, number, price, date) =>
      books.enterCreditNote({ contactId, number, date, lines: [line(price)] }).id,
    applyCredit: (creditNoteId, invoiceId) => {
      const open = Math.min(...[creditNoteId, invoiceId].map((id) => books.openHundredths(books.document(id))));
      books.allocateCredit(creditNoteId, invoiceId, typed(open));
    },
    lockUntil: (period) => books.setLockDate({ period }),
    twice: () => [
      ...repeated(books.contacts().flatMap(({ status, name }) => (status === 'ACTIVE' ? `customer ${name}` : []))),
      ...repeated(xeroReferences(books)),
      ...repeated(
        [...books.invoices(), ...books.creditNotes()].filter(isLive).map(({ kind, number }) => `${kind} ${number}`),
      ),
      ...repeated(
        livePayments().map(
          ({ documentId, amount, date, reference }) => `payment ${documentId} ${amount} ${date} ${reference}`,
        ),
      ),
    ],
  };
};

const xeroReferences = (books: Bookkeeper): string[] =>
  books
    .contacts()
    .flatMap(({ contactNumber, status }) =>
      contactNumber !== '' && status === 'ACTIVE' ? `contact number ${contactNumber}` : [],
    );

// ---- QuickBooks -------------------------------------------------------------------------------------------------------------------

const CALIFORNIA = {
  Line1: '9 Rehearsal Street',
  City: 'San Francisco',
  CountrySubDivisionCode: 'CA',
  PostalCode: '94110',
  Country: 'US',
};

export const quickBooksDesk = (sandbox: QuickBooksSandbox, company?: string): Desk => {
  const books = sandbox.books(company);
  const { tables } = books.ledger;
  const documents = (kind: 'Invoice' | 'CreditMemo') =>
    [...tables[kind].rows()].map(({ record }) => ({
      id: record.Id,
      number: record.DocNumber ?? '',
      customerId: record.CustomerRef.value,
      dueDate: record.DueDate ?? '',
      totalMinor: Math.round(record.totals.total * 100),
      openMinor: Math.round(toNumber(openOf(books.ledger, kind, record.Id)) * 100),
      isVoid: record.isVoid,
      lineCount: record.Line.filter(({ DetailType }) => DetailType === 'SalesItemLineDetail').length,
    }));
  const livePayments = () => [...tables.Payment.rows()].map(({ record }) => record).filter(({ isVoid }) => !isVoid);
  return {
    customers: () =>
      [...tables.Customer.rows()].map(({ record }) => ({
        id: record.Id,
        name: record.DisplayName,
        email: record.PrimaryEmailAddr?.Address ?? '',
        phone: record.PrimaryPhone?.FreeFormNumber ?? '',
        isActive: record.Active,
      })),
    invoices: () => documents('Invoice'),
    creditNotes: () => documents('CreditMemo'),
    payments: () =>
      livePayments().map(({ Id, TotalAmt, Line }) => ({
        id: Id,
        invoiceIds: Line.flatMap(({ LinkedTxn }) => LinkedTxn.map(({ TxnId }) => TxnId)),
        amountMinor: Math.round(Number(TotalAmt) * 100),
      })),
    enterCustomer: (displayName, fields = {}) => books.enterCustomer({ displayName, address: CALIFORNIA, ...fields }),
    changeEmail: (id, email) => books.changeEmail(id, email),
    changePhone: (id, phone) => books.changePhone(id, phone),
    rename: (id, name) => books.renameCustomer(id, name),
    archive: (id) => books.makeInactive(id),
    merge: (from, into) => books.mergeCustomers(from, into),
    enterInvoice: (customerId, number, unitPrice, dates) =>
      books.enterInvoice({ customerId, number, ...dates, lines: [{ description: 'Work', unitPrice }] }),
    changeDueDate: (id, DueDate) => books.editInvoice(id, { DueDate }),
    voidInvoice: (id) => books.voidInvoice(id),
    pay: ({ id, customerId }, amount, date) =>
      books.recordPayment({ customerId, amount, date, invoices: [{ invoiceId: id, amount }] }),
    removePayment: (id) => books.deletePayment(id),
    enterCreditNote: (customerId, number, unitPrice, date) =>
      books.enterCreditMemo({ customerId, number, date, lines: [{ description: 'Work', unitPrice }] }),
    applyCredit: (creditNoteId, invoiceId) => void books.applyCredit(creditNoteId, invoiceId),
    lockUntil: (date) => books.setClosingDate(date ?? undefined),
    twice: () => [
      ...repeated(
        documents('Invoice')
          .filter(({ isVoid }) => !isVoid)
          .map(({ number }) => `invoice ${number}`),
      ),
      ...repeated(
        documents('CreditMemo')
          .filter(({ isVoid }) => !isVoid)
          .map(({ number }) => `credit memo ${number}`),
      ),
      ...repeated(
        livePayments().map(
          ({ CustomerRef, TotalAmt, TxnDate, PaymentRefNum, Line }) =>
            `payment ${CustomerRef.value} ${TotalAmt} ${TxnDate} ${PaymentRefNum ?? ''} ${JSON.stringify(Line)}`,
        ),
      ),
    ],
  };
};
