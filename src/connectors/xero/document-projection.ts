// Invoices and credit notes between Xero's form and ours: the same paper, but that credit notes have no due date, no link back and no
// discounts. What Xero shows is projected as it stands; what we write is predicted with its arithmetic.
import { Big } from 'big.js';
import { canonicalDecimal } from '../../core/money';
import type { Guards } from '../../sync/ports/ledger-port';
import type { CreditNoteAtoms, InvoiceAtoms, LineAtom, MoneyBlock, Projection, RecordStatus } from '../../sync/records';
import { type CreditNoteAnswer, type InvoiceAnswer, NotUnderstood } from './answers';
import { predict, toMinor, UNIT_PLACES } from './arithmetic';
import { LENGTHS } from './limits';
import { accountCodeOf, accountOf, type Known, taxCodeOf, taxRateOf, understoodCurrency } from './mapped';
import { linkOf, readReference, referenceWithTag, tagOfLink } from './tags';
import { cut, cutOrNull } from './text';

type DocumentAnswer = InvoiceAnswer | CreditNoteAnswer;
type Projected<A extends InvoiceAtoms | CreditNoteAtoms> = {
  readonly projection: Projection<A>;
  readonly guards: Guards;
  readonly tag?: string;
};

export const invoiceProjection = (known: Known, invoice: InvoiceAnswer): Projected<InvoiceAtoms> => {
  const minor = minorOf(invoice.CurrencyCode);
  const tag = tagOfLink(invoice.Url);
  return {
    ...(tag === undefined ? {} : { tag }),
    projection: {
      status: statusOf(invoice),
      atoms: {
        number: cut(invoice.InvoiceNumber, LENGTHS.documentNumber),
        ...sharedAtoms(known, invoice),
        dates: { issueDate: invoice.Date, dueDate: invoice.DueDate ?? invoice.Date },
        reference: cutOrNull(invoice.Reference, LENGTHS.reference),
      },
    },
    guards: {
      allocatedMinor: minor(invoice.AmountPaid.plus(invoice.AmountCredited ?? 0)),
      openMinor: minor(invoice.AmountDue),
      reconciled: false,
    },
  };
};

export const creditNoteProjection = (known: Known, note: CreditNoteAnswer): Projected<CreditNoteAtoms> => {
  const minor = minorOf(note.CurrencyCode);
  const { reference, tag } = readReference(note.Reference);
  const isLive = statusOf(note) === 'live';
  return {
    ...(tag === undefined ? {} : { tag }),
    projection: {
      status: statusOf(note),
      atoms: {
        number: cut(note.CreditNoteNumber, LENGTHS.documentNumber),
        ...sharedAtoms(known, note),
        dates: { issueDate: note.Date },
        reference: cutOrNull(reference, LENGTHS.reference),
      },
    },
    guards: {
      allocatedMinor: isLive ? minor(note.Total.minus(note.RemainingCredit)) : 0,
      openMinor: minor(note.RemainingCredit),
      reconciled: false,
    },
  };
};

const STATUS: Readonly<Record<DocumentAnswer['Status'], RecordStatus>> = {
  DRAFT: 'draft',
  SUBMITTED: 'draft',
  AUTHORISED: 'live',
  PAID: 'live', // derived from what is allocated
  VOIDED: 'void',
  DELETED: 'void',
};
const statusOf = ({ Status }: DocumentAnswer): RecordStatus => STATUS[Status];

const minorOf =
  (currency: string) =>
  (amount: Big): number => {
    const minor = toMinor(amount, currency);
    if (minor === undefined)
      throw new NotUnderstood(`the amount ${amount.toFixed()} has more decimals than ${currency}`);
    return minor;
  };

const TAX_MODE = { Exclusive: 'taxExclusive', Inclusive: 'taxInclusive', NoTax: 'noTax' } as const;
const LINE_AMOUNT_TYPES = { taxExclusive: 'Exclusive', taxInclusive: 'Inclusive', noTax: 'NoTax' } as const;

const sharedAtoms = (known: Known, document: DocumentAnswer) => {
  const minor = minorOf(document.CurrencyCode);
  return {
    contact: { $ref: 'contact' as const, id: document.Contact.ContactID },
    moneyBlock: {
      currency: understoodCurrency(known, document.CurrencyCode),
      taxMode: TAX_MODE[document.LineAmountTypes],
      lines: document.LineItems.map((line) => lineOf(known, line, minor)),
      netMinor: minor(document.SubTotal),
      taxMinor: minor(document.TotalTax),
      totalMinor: minor(document.Total),
    },
    accounts: document.LineItems.map((line) => accountOf(known, line.AccountCode)),
  };
};

const lineOf = (known: Known, line: DocumentAnswer['LineItems'][number], minor: (amount: Big) => number): LineAtom => {
  const amount = line.LineAmount ?? new Big(0);
  const quantity = line.Quantity ?? new Big(1);
  const unitPrice = line.UnitAmount ?? new Big(0);
  return {
    description: cut(line.Description, LENGTHS.description),
    quantity: canonicalDecimal(quantity.toFixed()),
    unitPrice: canonicalDecimal(unitPrice.toFixed()),
    discountPercent: canonicalDecimal(discountPercent(line, quantity.times(unitPrice)).toFixed()),
    taxRate: taxRateOf(known, line.TaxType),
    netMinor: minor(amount),
  };
};

/** People may give a discount as an amount; ours is a percentage. */
const discountPercent = ({ DiscountRate, DiscountAmount }: DocumentAnswer['LineItems'][number], gross: Big): Big => {
  if (DiscountRate !== undefined) return DiscountRate;
  if (DiscountAmount === undefined || gross.eq(0)) return new Big(0);
  return DiscountAmount.times(100).div(gross).round(UNIT_PLACES, Big.roundHalfUp);
};

// ---- what we write ----

export const normaliseInvoice = (
  known: Known,
  { status, atoms }: Projection<InvoiceAtoms>,
): Projection<InvoiceAtoms> => ({
  status: documentStatus(status),
  atoms: {
    ...normaliseShared(known, atoms),
    dates: { issueDate: atoms.dates.issueDate, dueDate: atoms.dates.dueDate },
  },
});

export const normaliseCreditNote = (
  known: Known,
  { status, atoms }: Projection<CreditNoteAtoms>,
): Projection<CreditNoteAtoms> => ({
  status: documentStatus(status),
  atoms: { ...normaliseShared(known, atoms), dates: { issueDate: atoms.dates.issueDate } },
});

const documentStatus = (status: RecordStatus): RecordStatus => (status === 'archived' ? 'void' : status);

const normaliseShared = (known: Known, atoms: InvoiceAtoms | CreditNoteAtoms) => {
  const described: MoneyBlock = {
    ...atoms.moneyBlock,
    lines: atoms.moneyBlock.lines.map((line) => ({ ...line, description: cut(line.description, LENGTHS.description) })),
  };
  return {
    number: cut(atoms.number, LENGTHS.documentNumber),
    contact: { $ref: 'contact' as const, id: atoms.contact.id },
    moneyBlock: predict(known, described),
    reference: cutOrNull(atoms.reference, LENGTHS.reference),
    accounts: described.lines.map((_, i) => accountOf(known, accountCodeOf(known, atoms.accounts[i] ?? null) ?? '')),
  };
};

export type DocumentBody = {
  readonly atoms: readonly string[];
  readonly tag: string;
  readonly externalId?: string;
  /** Of the lines that stand in Xero now, in their order: a line without its id is made anew. */
  readonly lineIds?: readonly string[];
  /** Of the document as it stands: an edit of lines that does not repeat it has been seen to reset it. */
  readonly currencyRate?: number | undefined;
  readonly publicUrl: string;
};

export const invoiceBody = (known: Known, projection: Projection<InvoiceAtoms>, body: DocumentBody): object => {
  const { atoms } = normaliseInvoice(known, projection);
  const { isNew, wants } = wishes(body);
  return {
    ...(isNew ? { type: 'ACCREC', url: linkOf(body.publicUrl, body.tag) } : { invoiceID: body.externalId }),
    ...(wants('number') ? { invoiceNumber: atoms.number } : {}),
    ...(wants('reference') ? { reference: atoms.reference ?? '' } : {}),
    ...(wants('dates') ? { date: atoms.dates.issueDate, dueDate: atoms.dates.dueDate } : {}),
    ...sharedBody(known, projection.status, atoms, body),
  };
};

export const creditNoteBody = (known: Known, projection: Projection<CreditNoteAtoms>, body: DocumentBody): object => {
  const { atoms } = normaliseCreditNote(known, projection);
  const { isNew, wants } = wishes(body);
  return {
    ...(isNew ? { type: 'ACCRECCREDIT' } : { creditNoteID: body.externalId }),
    ...(wants('number') ? { creditNoteNumber: atoms.number } : {}),
    ...(wants('reference') ? { reference: referenceWithTag(atoms.reference, body.tag) } : {}),
    ...(wants('dates') ? { date: atoms.dates.issueDate } : {}),
    ...sharedBody(known, projection.status, atoms, body),
  };
};

const wishes = ({ atoms, externalId }: DocumentBody) => {
  const isNew = externalId === undefined;
  return { isNew, wants: (atom: string): boolean => isNew || atoms.includes(atom) };
};

const sharedBody = (
  known: Known,
  status: RecordStatus,
  atoms: InvoiceAtoms | CreditNoteAtoms,
  body: DocumentBody,
): object => {
  const { isNew, wants } = wishes(body);
  const { moneyBlock, accounts } = atoms;
  const canDiscount = 'dueDate' in atoms.dates; // credit notes refuse the very field
  return {
    ...(wants('status') ? { status: status === 'draft' ? 'DRAFT' : 'AUTHORISED' } : {}),
    // The id alone: any further field would change the contact itself.
    ...(wants('contact') ? { contact: { contactID: atoms.contact.id } } : {}),
    ...(isNew ? { currencyCode: moneyBlock.currency } : {}),
    ...(wants('moneyBlock') ? { lineAmountTypes: LINE_AMOUNT_TYPES[moneyBlock.taxMode] } : {}),
    ...(body.currencyRate === undefined ? {} : { currencyRate: body.currencyRate }),
    ...(wants('moneyBlock') || wants('accounts')
      ? {
          lineItems: moneyBlock.lines.map((line, i) =>
            lineBody(known, line, accounts[i] ?? null, body.lineIds?.[i], canDiscount),
          ),
        }
      : {}),
  };
};

const lineBody = (
  known: Known,
  line: LineAtom,
  account: string | null,
  lineId: string | undefined,
  canDiscount: boolean,
): object => {
  const taxType = taxCodeOf(known, line.taxRate);
  const accountCode = accountCodeOf(known, account);
  return {
    ...(lineId === undefined ? {} : { lineItemID: lineId }),
    description: line.description,
    // Numbers are what the wire has; these digits are exact, since ours were rounded to Xero's places before.
    quantity: Number(line.quantity),
    unitAmount: Number(line.unitPrice),
    ...(accountCode === undefined ? {} : { accountCode }),
    ...(taxType === undefined ? {} : { taxType }),
    // A line that is kept keeps its discount unless told otherwise.
    ...(canDiscount && (line.discountPercent !== '0' || lineId !== undefined)
      ? { discountRate: Number(line.discountPercent) }
      : {}),
  };
};
