// The life of invoices and credit notes: how they are found, made, changed, approved, voided. The states and what may still be
// edited in each follow Xero's documentation.

import { updateApplied } from './applied-documents';
import { hasAnythingApplied } from './balances';
import type { Actor, BookState } from './books';
import { checkWhole, contactFor, saveDocument, withMoney, withPlainFields } from './document-content';
import { type DocumentWrite, NOT_MODIFIABLE, noun, PAID_DOCUMENT, typeOf, uniqueNumber } from './document-write';
import type { DocumentInput } from './input';
import { frozenBy, lockOn } from './locks';
import type { DocumentStatus, SalesDocument } from './records';
import { refuse, Unknown } from './refusal';

const NEXT: Readonly<Record<DocumentStatus, readonly DocumentStatus[]>> = {
  DRAFT: ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'DELETED'],
  SUBMITTED: ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'DELETED'],
  AUTHORISED: ['AUTHORISED', 'VOIDED'],
  PAID: ['AUTHORISED', 'PAID', 'VOIDED'],
  VOIDED: [],
  DELETED: [],
};

export const documentAt = (books: BookState, kind: SalesDocument['kind'], idOrNumber: string): SalesDocument => {
  const found =
    books.documents.get(idOrNumber.toLowerCase()) ?? books.documents.where('number', `${kind}:${idOrNumber}`)[0];
  if (found === undefined || found.kind !== kind) throw new Unknown();
  return found;
};

export const writeDocument = (books: BookState, input: DocumentInput, write: DocumentWrite): SalesDocument =>
  books.together(() => {
    const existing = findDocument(books, input, write);
    return existing === undefined ? create(books, input, write) : update(books, existing, input, write);
  });

const findDocument = (books: BookState, input: DocumentInput, write: DocumentWrite): SalesDocument | undefined => {
  if (input.id !== undefined) {
    const byId = books.documents.get(input.id);
    if (byId?.kind !== write.kind) return refuse(`${noun(write.kind)} could not be found`);
    return write.mode === 'create' ? refuse(uniqueNumber(write.kind)) : byId;
  }
  const byNumber = input.number ? books.documents.where('number', `${write.kind}:${input.number}`)[0] : undefined;
  return byNumber !== undefined && write.mode === 'create' ? refuse(uniqueNumber(write.kind)) : byNumber;
};

const create = (books: BookState, input: DocumentInput, write: DocumentWrite): SalesDocument => {
  const { kind, actor } = write;
  const problems: string[] = [];
  if (input.Type !== typeOf(kind))
    problems.push(`Only documents of Type ${typeOf(kind)} can be written in this rehearsal`);
  const status = input.Status ?? 'DRAFT';
  if (!NEXT.DRAFT.includes(status) || status === 'DELETED')
    problems.push(`${noun(kind)} cannot be created with status ${status}`);
  const contact = contactFor(books, input.Contact, actor, problems);
  if (contact.status !== 'ACTIVE') {
    problems.push(
      `The contact ${contact.name} has been archived. The contact must be un-archived before creating new invoices`,
    );
  }
  const currency = input.CurrencyCode ?? (contact.defaultCurrency || books.organisation.baseCurrency);
  const blank: SalesDocument = {
    kind,
    id: books.newId(),
    number: input.number ?? nextNumber(books, kind),
    contactId: contact.contactId,
    reference: '',
    date: input.Date ?? books.today(),
    status,
    lineAmountTypes: input.LineAmountTypes ?? 'Exclusive',
    currency,
    currencyRate: input.CurrencyRate ?? books.currencies.get(currency)?.rate ?? '1',
    url: '',
    sentToContact: false,
    lines: [],
    subTotal: 0,
    totalTax: 0,
    total: 0,
    ...(actor.by === 'app' ? { createdBy: actor.clientId } : {}),
    updatedAt: 0,
  };
  if ((input.LineItems ?? []).length === 0) problems.push('One or more line items must be specified');
  const document = withMoney(books, withPlainFields(blank, input), input, write, problems);
  checkWhole(books, document, actor, problems);
  return saveDocument(books, document, 'CREATE', actor, problems);
};

const update = (books: BookState, before: SalesDocument, input: DocumentInput, write: DocumentWrite): SalesDocument => {
  const { actor } = write;
  const problems: string[] = [];
  const lock = lockOn(books, before.date, actor);
  if (lock !== undefined) return write.dropsLockedEdits === true ? before : refuse(frozenBy(lock));
  if (input.Type !== undefined && input.Type !== typeOf(before.kind))
    problems.push('The type of a document cannot be changed');
  if (NEXT[before.status].length === 0) return refuse(NOT_MODIFIABLE);
  const status = input.Status ?? before.status;
  if (!NEXT[before.status].includes(status))
    return refuse(hasAnythingApplied(books, before) ? PAID_DOCUMENT : NOT_MODIFIABLE);
  if (status === 'VOIDED' || status === 'DELETED') return cancel(books, before, status, actor);
  if (hasAnythingApplied(books, before)) return updateApplied(books, before, input, write);

  const contactId =
    input.Contact === undefined ? before.contactId : contactFor(books, input.Contact, actor, problems).contactId;
  const currency = input.CurrencyCode ?? before.currency;
  const isReset = write.resetsRate === true && input.LineItems !== undefined;
  const ofTheDay = books.currencies.get(currency)?.rate ?? '1';
  const currencyRate =
    input.CurrencyRate ?? (currency === before.currency && !isReset ? before.currencyRate : ofTheDay);
  const changed = withPlainFields(
    {
      ...before,
      contactId,
      status,
      currency,
      currencyRate,
      number: input.number ?? before.number,
      date: input.Date ?? before.date,
    },
    input,
  );
  const document = withMoney(books, changed, withoutDiscounts(before, input, write), write, problems);
  checkWhole(books, document, actor, problems);
  return saveDocument(books, document, 'UPDATE', actor, problems);
};

const withoutDiscounts = (before: SalesDocument, input: DocumentInput, write: DocumentWrite): DocumentInput =>
  write.losesDiscounts === true && input.LineItems === undefined
    ? { ...input, LineItems: before.lines.map((line) => ({ LineItemID: line.lineItemId, DiscountRate: '0' })) }
    : input;

const cancel = (books: BookState, before: SalesDocument, status: 'VOIDED' | 'DELETED', actor: Actor): SalesDocument => {
  if (hasAnythingApplied(books, before)) return refuse(PAID_DOCUMENT);
  return saveDocument(books, { ...before, status }, 'UPDATE', actor, []);
};

const nextNumber = (books: BookState, kind: SalesDocument['kind']): string =>
  books.nextNumber(
    kind === 'invoice' ? 'INV-' : 'CN-',
    (number) => books.documents.where('number', `${kind}:${number}`).length > 0,
  );
