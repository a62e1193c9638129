// Edits of a document to which a payment or a credit is applied. Some are taken, some refused, and a changed amount is dropped
// without a word, as integrators of Xero have seen it.
import type { BookState } from './books';
import { checkNumber, contactFor, lineContext, saveDocument, withPlainFields } from './document-content';
import { lineFrom } from './document-lines';
import { type DocumentWrite, PAID_DOCUMENT } from './document-write';
import type { DocumentInput, LineInput } from './input';
import type { Line, SalesDocument } from './records';

/** Something is applied: the amounts stand. Descriptions, accounts and tracking move, line by line, by LineItemID. */
export const updateApplied = (
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
  const saved = saveDocument(books, document, 'UPDATE', actor, problems);
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
