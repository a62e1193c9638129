// The rules of invoices and credit notes: how they are found, made, changed, approved, voided. The states and what may still be
// edited in each follow Xero's documentation; a paid document takes some edits, refuses some, and silently drops others.
import { totalsOf } from './arithmetic';
import { announceDocument, hasAnythingApplied, withSettledStatus } from './balances';
import type { Actor, BookState } from './books';
import { findContact, type WriteMode, writeContact } from './contacts';
import { type LineContext, lineFrom, retaxed, type UnitPlaces } from './document-lines';
import type { ContactInput, DocumentInput, LineInput } from './input';
import { frozenBy, lockOn, tooEarly } from './locks';
import type { Contact, DocumentStatus, Line, SalesDocument } from './records';
import { Refusal, refuse, Unknown } from './refusal';

export type DocumentWrite = {
  readonly kind: SalesDocument['kind'];
  readonly mode: WriteMode;
  readonly actor: Actor;
  readonly unitPlaces: UnitPlaces;
  /** Fault: an edit behind a lock date answers as if it had been taken. */
  readonly dropsLockedEdits?: boolean;
  /** Fault: an amount edited on a paid document is refused instead of dropped. */
  readonly refusesPaidEdits?: boolean;
  /** Fault: new lines of a foreign document reset its rate to that of the day. */
  readonly resetsRate?: boolean;
  /** Fault: an update that says nothing of lines loses their discounts. */
  readonly losesDiscounts?: boolean;
};

const PAID_DOCUMENT = 'This document cannot be edited as it has a payment or credit note allocated to it';
const NOT_MODIFIABLE = 'Invoice not of valid status for modification';
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
  return save(books, document, 'CREATE', actor, problems);
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
  if (!NEXT[before.status].includes(status)) return refuse(isApplied(books, before) ? PAID_DOCUMENT : NOT_MODIFIABLE);
  if (status === 'VOIDED' || status === 'DELETED') return cancel(books, before, status, actor);
  if (isApplied(books, before)) return updateApplied(books, before, input, write);

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
  return save(books, document, 'UPDATE', actor, problems);
};

const withoutDiscounts = (before: SalesDocument, input: DocumentInput, write: DocumentWrite): DocumentInput =>
  write.losesDiscounts === true && input.LineItems === undefined
    ? { ...input, LineItems: before.lines.map((line) => ({ LineItemID: line.lineItemId, DiscountRate: '0' })) }
    : input;

/** Something is applied: the amounts stand. Descriptions, accounts and tracking move, line by line, by LineItemID. */
const updateApplied = (
  books: BookState,
  before: SalesDocument,
  input: DocumentInput,
  write: DocumentWrite,
): SalesDocument => {
  const { actor } = write;
  const problems: string[] = [];
  if (input.Date !== undefined && input.Date !== before.date) problems.push(PAID_DOCUMENT);
  if (input.CurrencyCode !== undefined && input.CurrencyCode !== before.currency) problems.push(PAID_DOCUMENT);
  if (input.LineAmountTypes !== undefined && input.LineAmountTypes !== before.lineAmountTypes)
    problems.push(PAID_DOCUMENT);
  const contactId =
    input.Contact === undefined ? before.contactId : contactFor(books, input.Contact, actor, problems).contactId;
  if (contactId !== before.contactId) problems.push(PAID_DOCUMENT);
  const lines =
    input.LineItems === undefined ? before.lines : relabelled(books, before, input.LineItems, write, problems);
  const document = { ...withPlainFields(before, input), number: input.number ?? before.number, lines };
  checkNumber(books, document, problems);
  const isQuiet = Object.keys(input).every(
    (field) => QUIET_FIELDS.has(field) || input[field as keyof DocumentInput] === undefined,
  );
  const saved = save(books, document, 'UPDATE', actor, problems);
  // Documented: these do not move UpdatedDateUTC on a part-paid document.
  return isQuiet ? books.documents.put({ ...saved, updatedAt: before.updatedAt }) : saved;
};
const QUIET_FIELDS = new Set(['id', 'Type', 'Status', 'DueDate', 'SentToContact']);

const relabelled = (
  books: BookState,
  before: SalesDocument,
  sent: readonly LineInput[],
  write: DocumentWrite,
  problems: string[],
): readonly Line[] => {
  if (sent.some((line) => line.LineItemID === undefined)) {
    problems.push('To update fields on a paid invoice line item, you must supply a LineItemID');
    return before.lines;
  }
  const isSameSet =
    sent.length === before.lines.length && before.lines.every((line) => sentFor(line, sent) !== undefined);
  if (!isSameSet) problems.push(PAID_DOCUMENT);
  const context = lineContext(books, before, write, problems);
  return before.lines.map((line) => {
    const input = sentFor(line, sent);
    if (input === undefined) return line;
    const asked = lineFrom(context, { ...input, LineAmount: undefined }, line);
    if (write.refusesPaidEdits === true && asked.lineAmount !== line.lineAmount) problems.push(PAID_DOCUMENT);
    return { ...line, description: asked.description, accountCode: asked.accountCode, tracking: asked.tracking };
  });
};

const sentFor = (line: Line, sent: readonly LineInput[]): LineInput | undefined =>
  sent.find((input) => input.LineItemID === line.lineItemId);

const cancel = (books: BookState, before: SalesDocument, status: 'VOIDED' | 'DELETED', actor: Actor): SalesDocument => {
  if (isApplied(books, before)) return refuse(PAID_DOCUMENT);
  return save(books, { ...before, status }, 'UPDATE', actor, []);
};

const withPlainFields = (document: SalesDocument, input: DocumentInput): SalesDocument => ({
  ...document,
  reference: input.Reference ?? document.reference,
  url: input.Url ?? document.url,
  sentToContact: input.SentToContact ?? document.sentToContact,
  ...(input.DueDate === undefined ? {} : { dueDate: input.DueDate }),
  ...(input.ExpectedPaymentDate === undefined ? {} : { expectedPaymentDate: input.ExpectedPaymentDate }),
  ...(input.BrandingThemeID === undefined ? {} : { brandingThemeId: input.BrandingThemeID }),
});

/** Lines and totals. Sending LineItems replaces the set; a line without its LineItemID becomes a new line. */
const withMoney = (
  books: BookState,
  document: SalesDocument,
  input: DocumentInput,
  write: DocumentWrite,
  problems: string[],
): SalesDocument => {
  const types = input.LineAmountTypes ?? document.lineAmountTypes;
  const context = lineContext(books, { ...document, lineAmountTypes: types }, write, problems);
  const kept =
    types === document.lineAmountTypes ? document.lines : document.lines.map((line) => retaxed(books, line, types));
  // Lines that stay are asked again, because an approval asks for more than a draft.
  if (input.LineItems === undefined) for (const line of kept) lineFrom(context, {}, line);
  const lines =
    input.LineItems === undefined
      ? kept
      : input.LineItems.map((line) =>
          lineFrom(
            context,
            line,
            document.lines.find((old) => old.lineItemId === line.LineItemID),
          ),
        );
  return { ...document, lineAmountTypes: types, lines, ...totalsOf(lines, types) };
};

const lineContext = (
  books: BookState,
  document: SalesDocument,
  write: DocumentWrite,
  problems: string[],
): LineContext => ({
  books,
  kind: document.kind,
  types: document.lineAmountTypes,
  unitPlaces: write.unitPlaces,
  isApproved: document.status === 'AUTHORISED' || document.status === 'PAID',
  complain: (message) => {
    if (!problems.includes(message)) problems.push(message);
  },
});

const checkWhole = (books: BookState, document: SalesDocument, actor: Actor, problems: string[]): void => {
  const lock = lockOn(books, document.date, actor);
  if (lock !== undefined) problems.push(tooEarly(lock));
  if (books.currencies.get(document.currency) === undefined) {
    problems.push(`Organisation is not subscribed to currency ${document.currency}`);
  }
  if (document.total < 0) problems.push(`The total of the ${noun(document.kind).toLowerCase()} cannot be negative`);
  if (document.lines.length === 0) problems.push('One or more line items must be specified');
  if (document.kind === 'invoice' && document.status === 'AUTHORISED' && document.dueDate === undefined) {
    problems.push('Due date cannot be empty');
  }
  if (/^[a-z]+:\/\/[^/]*xero/i.test(document.url)) problems.push('The Url cannot point to a Xero address');
  checkNumber(books, document, problems);
};

const checkNumber = (books: BookState, document: SalesDocument, problems: string[]): void => {
  const holders = books.documents.where('number', `${document.kind}:${document.number}`);
  if (holders.some((holder) => holder.id !== document.id)) problems.push(uniqueNumber(document.kind));
  if (document.number.length > 255) problems.push(`${noun(document.kind)} number cannot exceed 255 characters`);
};

const save = (
  books: BookState,
  document: SalesDocument,
  type: 'CREATE' | 'UPDATE',
  actor: Actor,
  problems: readonly string[],
): SalesDocument => {
  if (problems.length > 0) throw new Refusal([...new Set(problems)]);
  const settled = withSettledStatus(books, document);
  announceDocument(books, settled, type);
  books.record(settled.id, actor, type === 'CREATE' ? 'Created' : 'Edited', `${settled.number} ${settled.status}`);
  return books.documents.put({ ...settled, updatedAt: books.stampFor(settled.updatedAt) });
};

/** Fields beside the id change the contact itself, and people not listed are removed: send the id alone. */
const contactFor = (books: BookState, input: ContactInput | undefined, actor: Actor, problems: string[]): Contact => {
  if (input === undefined) return refuse('The Contact field is mandatory');
  const found = findContact(books, input);
  const { ContactID: _id, ...changes } = input;
  if (found !== undefined && Object.values(changes).every((value) => value === undefined)) return found;
  const isOnlyAName =
    found !== undefined && Object.keys(changes).every((field) => field === 'Name' || field === 'ContactNumber');
  if (isOnlyAName && input.ContactID === undefined) return found;
  try {
    return writeContact(books, { ...input, ContactPersons: input.ContactPersons ?? [] }, 'upsert', actor);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push(...error.messages);
    return found ?? refuse(...problems);
  }
};

const isApplied = hasAnythingApplied;
const typeOf = (kind: SalesDocument['kind']): string => (kind === 'invoice' ? 'ACCREC' : 'ACCRECCREDIT');
const noun = (kind: SalesDocument['kind']): string => (kind === 'invoice' ? 'Invoice' : 'Credit note');
const uniqueNumber = (kind: SalesDocument['kind']): string =>
  kind === 'invoice' ? 'Invoice # must be unique.' : 'Credit note # must be unique.';
const nextNumber = (books: BookState, kind: SalesDocument['kind']): string =>
  books.nextNumber(
    kind === 'invoice' ? 'INV-' : 'CN-',
    (number) => books.documents.where('number', `${kind}:${number}`).length > 0,
  );
