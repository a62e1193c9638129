// What stands on a document: its plain fields, its lines and totals, its contact; the checks of the whole; and saving it.
import { totalsOf } from './arithmetic';
import { announceDocument, withSettledStatus } from './balances';
import type { Actor, BookState } from './books';
import { findContact, writeContact } from './contacts';
import { type LineContext, lineFrom, retaxed } from './document-lines';
import { type DocumentWrite, noun, uniqueNumber } from './document-write';
import type { ContactInput, DocumentInput } from './input';
import { lockOn, tooEarly } from './locks';
import type { Contact, SalesDocument } from './records';
import { Refusal, refuse } from './refusal';

export const withPlainFields = (document: SalesDocument, input: DocumentInput): SalesDocument => ({
  ...document,
  reference: input.Reference ?? document.reference,
  url: input.Url ?? document.url,
  sentToContact: input.SentToContact ?? document.sentToContact,
  ...(input.DueDate === undefined ? {} : { dueDate: input.DueDate }),
  ...(input.ExpectedPaymentDate === undefined ? {} : { expectedPaymentDate: input.ExpectedPaymentDate }),
  ...(input.BrandingThemeID === undefined ? {} : { brandingThemeId: input.BrandingThemeID }),
});

/** Lines and totals. Sending LineItems replaces the set; a line without its LineItemID becomes a new line. */
export const withMoney = (
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

export const lineContext = (
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

export const checkWhole = (books: BookState, document: SalesDocument, actor: Actor, problems: string[]): void => {
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

export const checkNumber = (books: BookState, document: SalesDocument, problems: string[]): void => {
  const holders = books.documents.where('number', `${document.kind}:${document.number}`);
  if (holders.some((holder) => holder.id !== document.id)) problems.push(uniqueNumber(document.kind));
  if (document.number.length > 255) problems.push(`${noun(document.kind)} number cannot exceed 255 characters`);
};

export const saveDocument = (
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
export const contactFor = (
  books: BookState,
  input: ContactInput | undefined,
  actor: Actor,
  problems: string[],
): Contact => {
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
