// /Invoices and /CreditNotes: lists, single reads, writes.
import { balanceOf } from '../books/balances';
import type { BookState } from '../books/books';
import { documentAt, writeDocument } from '../books/documents';
import { CreditNoteFields, InvoiceFields } from '../books/input';
import type { CalendarDate, SalesDocument } from '../books/records';
import { shapeDocument } from '../wire/document-shape';
import type { Detail, Json } from '../wire/json';
import { type BatchRules, batchReply, singleReply } from './batch';
import { type Call, envelope, type Handler, param } from './call';
import { isSummary, listed, listReply } from './list';
import { invalid, notFound } from './reply';
import type { FieldReaders, Scalar } from './where';

type Kind = SalesDocument['kind'];
const MOST_IDS_IN_ADDRESS = 52;

export const listDocuments =
  (kind: Kind): Handler =>
  (call) => {
    const ids = kind === 'invoice' ? listed(call, 'ids') : undefined; // /CreditNotes knows no IDs
    if (ids !== undefined && ids.size > MOST_IDS_IN_ADDRESS) return notFound();
    const detail = (isPaged: boolean): Detail => (isSummary(call) ? 'summary' : isPaged ? 'full' : 'light');
    return listReply(call, filtered(call, kind, ids), {
      plural: pluralOf(kind),
      readers: readersOf(call.books, kind),
      updatedAt: (document) => document.updatedAt,
      shape: (document, isPaged) => shapeDocument(call.books, document, detail(isPaged), call.unitPlaces),
      isPageable: true,
    });
  };

export const readDocument =
  (kind: Kind): Handler =>
  (call) =>
    envelope(call, {
      [pluralOf(kind)]: [
        shapeDocument(call.books, documentAt(call.books, kind, param(call, 'id')), 'full', call.unitPlaces),
      ],
    });

export const writeDocuments =
  (kind: Kind): Handler =>
  (call) =>
    batchReply(call, rules(call, kind));

export const updateDocument =
  (kind: Kind): Handler =>
  (call) => {
    const document = documentAt(call.books, kind, param(call, 'id'));
    return singleReply(call, rules(call, kind), document.id);
  };

export const onlineInvoice: Handler = (call) => {
  const invoice = documentAt(call.books, 'invoice', param(call, 'id'));
  return envelope(call, {
    OnlineInvoices: [
      { OnlineInvoiceUrl: `${call.publicUrl}/books/${call.books.organisation.organisationId}/invoices/${invoice.id}` },
    ],
  });
};

const MAILABLE = new Set(['SUBMITTED', 'AUTHORISED', 'PAID']);
export const emailInvoice: Handler = (call) => {
  const { books, actor } = call;
  const invoice = documentAt(books, 'invoice', param(call, 'id'));
  if (books.organisation.isDemoCompany || !MAILABLE.has(invoice.status)) {
    return invalid([{ InvoiceID: invoice.id, ValidationErrors: [{ Message: 'The invoice cannot be emailed' }] }]);
  }
  books.together(() => books.documents.put({ ...invoice, sentToContact: true }));
  books.record(invoice.id, actor, 'Invoice sent');
  return { status: 204 };
};

const rules = (call: Call, kind: Kind): BatchRules<typeof InvoiceFields | typeof CreditNoteFields> => ({
  plural: pluralOf(kind),
  idField: kind === 'invoice' ? 'InvoiceID' : 'CreditNoteID',
  schema: kind === 'invoice' ? InvoiceFields : CreditNoteFields,
  write: (input) => {
    const document = writeDocument(call.books, input, {
      kind,
      mode: call.method === 'PUT' ? 'create' : 'upsert',
      actor: call.actor,
      unitPlaces: call.unitPlaces,
      ...call.ruleFaults,
    });
    return { ...shapeDocument(call.books, document, 'full', call.unitPlaces), ...warningsFor(call, document) };
  },
});

/** A rate far from that of the day is taken, with a warning beside it. */
const warningsFor = ({ books }: Call, { currency, currencyRate }: SalesDocument): Json => {
  const ofTheDay = Number(books.currencies.get(currency)?.rate ?? currencyRate);
  const isFar = Number(currencyRate) > ofTheDay * 2 || Number(currencyRate) < ofTheDay / 2;
  return isFar ? { Warnings: [{ Message: `The currency rate ${currencyRate} differs from the rate of the day` }] } : {};
};

const filtered = (call: Call, kind: Kind, ids: ReadonlySet<string> | undefined): SalesDocument[] => {
  const { books } = call;
  const all =
    ids === undefined ? books.documents.where('kind', kind) : [...ids].flatMap((id) => books.documents.get(id) ?? []);
  if (kind === 'creditNote') return all.filter((document) => document.kind === kind);
  const numbers = listed(call, 'invoicenumbers');
  const contacts = listed(call, 'contactids');
  const statuses = listed(call, 'statuses');
  const onlyMine = call.query.get('createdbymyapp')?.toLowerCase() === 'true';
  const term = call.query.get('searchterm')?.toLowerCase();
  return all.filter(
    (document) =>
      document.kind === kind &&
      (numbers === undefined || numbers.has(document.number)) &&
      (contacts === undefined || contacts.has(document.contactId)) &&
      (statuses === undefined || statuses.has(document.status)) &&
      (!onlyMine || document.createdBy === call.actor.clientId) &&
      (term === undefined || `${document.number} ${document.reference}`.toLowerCase().includes(term)),
  );
};

const readersOf = (books: BookState, kind: Kind): FieldReaders<SalesDocument> => ({
  Type: () => (kind === 'invoice' ? 'ACCREC' : 'ACCRECCREDIT'),
  [kind === 'invoice' ? 'InvoiceID' : 'CreditNoteID']: (document) => document.id,
  [kind === 'invoice' ? 'InvoiceNumber' : 'CreditNoteNumber']: (document) => document.number,
  Reference: (document) => document.reference,
  Status: (document) => document.status,
  Date: (document) => instant(document.date),
  DueDate: (document) => instant(document.dueDate),
  'Contact.ContactID': (document) => document.contactId,
  'Contact.Name': (document) => books.contacts.get(document.contactId)?.name ?? '',
  'Contact.ContactNumber': (document) => books.contacts.get(document.contactId)?.contactNumber ?? '',
  CurrencyCode: (document) => document.currency,
  Total: (document) => document.total / 100,
  [kind === 'invoice' ? 'AmountDue' : 'RemainingCredit']: (document) => balanceOf(books, document).open / 100,
  AmountPaid: (document) => balanceOf(books, document).paid / 100,
  UpdatedDateUTC: (document) => document.updatedAt,
});

export const instant = (date: CalendarDate | undefined): Scalar =>
  date === undefined ? null : Date.parse(`${date}T00:00:00Z`);
const pluralOf = (kind: Kind): string => (kind === 'invoice' ? 'Invoices' : 'CreditNotes');
