// Invoices and credit memos as they are sent. An update carries only the fields of the named atoms; where it carries lines, it carries all
// of them, with the ids and the bookkeeping details (class, service date) of those that stand there now, since lines left out would go.
import { Big } from 'big.js';
import type { CreditNoteAtoms, InvoiceAtoms, LineAtom, MoneyBlock, Projection } from '../../sync/records';
import { fromMinor, grossPrice, netOfGross, wireNumber } from './arithmetic';
import { normaliseCreditNote, normaliseInvoice } from './document-projection';
import { isAutomated, itemOf, type Known, NO_TAX, TAXED, taxCodeOf } from './mapped';
import { noteWithTag } from './tags';
import type { EntityBody } from './wire';

export type DocumentWrite = {
  readonly atoms: readonly string[];
  readonly tag: string;
  readonly isNew: boolean;
  /** The sales lines that stand there now, raw and in their order. */
  readonly standing?: readonly StandingLine[];
};
export type StandingLine = { readonly Id: string; readonly SalesItemLineDetail: EntityBody };

export const invoiceBody = (known: Known, projection: Projection<InvoiceAtoms>, write: DocumentWrite): EntityBody => {
  const { atoms } = normaliseInvoice(known, projection);
  return {
    ...sharedBody(known, atoms, write),
    ...(wants(write, 'dates') ? { TxnDate: atoms.dates.issueDate, DueDate: atoms.dates.dueDate } : {}),
  };
};

export const creditMemoBody = (
  known: Known,
  projection: Projection<CreditNoteAtoms>,
  write: DocumentWrite,
): EntityBody => {
  const { atoms } = normaliseCreditNote(known, projection);
  return {
    ...sharedBody(known, atoms, write),
    ...(wants(write, 'dates') ? { TxnDate: atoms.dates.issueDate } : {}),
  };
};

const wants = ({ atoms, isNew }: DocumentWrite, atom: string): boolean => isNew || atoms.includes(atom);

const sharedBody = (known: Known, atoms: InvoiceAtoms | CreditNoteAtoms, write: DocumentWrite): EntityBody => {
  const { moneyBlock } = atoms;
  return {
    // Sales transactions may ask for their customer in every update.
    CustomerRef: { value: atoms.contact.id },
    ...(known.isMulticurrency ? { CurrencyRef: { value: moneyBlock.currency } } : {}),
    ...(wants(write, 'number') ? { DocNumber: atoms.number } : {}),
    ...(write.isNew ? { PrivateNote: noteWithTag(write.tag) } : {}),
    ...memoBody(atoms.reference, write),
    ...(wants(write, 'moneyBlock') || wants(write, 'accounts') ? moneyBody(known, atoms, write) : {}),
  };
};

/** The message on the paper: a private note would show our reference to nobody, and a bookkeeper's note to the customer. */
const memoBody = (reference: string | null, write: DocumentWrite): EntityBody => {
  if (!wants(write, 'reference') || (write.isNew && reference === null)) return {};
  return { CustomerMemo: { value: reference ?? '' } };
};

const TAX_CALCULATION = { taxExclusive: 'TaxExcluded', taxInclusive: 'TaxInclusive', noTax: 'NotApplicable' } as const;

const moneyBody = (
  known: Known,
  { moneyBlock, accounts }: InvoiceAtoms | CreditNoteAtoms,
  { standing = [] }: DocumentWrite,
): EntityBody => {
  const isUS = known.organisation?.country === 'US';
  return {
    ...(isUS ? {} : { GlobalTaxCalculation: TAX_CALCULATION[moneyBlock.taxMode] }),
    Line: moneyBlock.lines.map((line, i) => lineBody(known, moneyBlock, line, accounts[i] ?? null, standing[i])),
    ...(isAutomated(known) ? statedTax(known, moneyBlock) : {}),
  };
};

/** QuickBooks' own engine would tax by addresses; a stated total is honoured and spread over the taxed lines. */
const statedTax = (known: Known, { lines, taxMinor, currency }: MoneyBlock): EntityBody =>
  lines.some(({ taxRate }) => taxCodeOf(known, taxRate) === TAXED)
    ? { TxnTaxDetail: { TotalTax: wireNumber(fromMinor(taxMinor, currency)) } }
    : {};

const lineBody = (
  known: Known,
  block: MoneyBlock,
  line: LineAtom,
  account: string | null,
  standing: StandingLine | undefined,
): EntityBody => {
  if (isRemark(known, block, line)) {
    return { DetailType: 'DescriptionOnly', Description: line.description, DescriptionLineDetail: {} };
  }
  const { currency, taxMode } = block;
  const stated = fromMinor(line.netMinor, currency);
  const quantity = new Big(line.quantity);
  const code = taxMode === 'noTax' ? undefined : taxCodeOf(known, line.taxRate);
  const isInclusive = taxMode === 'taxInclusive';
  const amount = isInclusive ? netOfGross(known, stated, code, currency) : stated;
  const unitPrice = isInclusive ? grossPrice(amount, quantity) : new Big(line.unitPrice);
  return {
    ...(standing === undefined ? {} : { Id: standing.Id }),
    DetailType: 'SalesItemLineDetail',
    Amount: wireNumber(amount),
    ...(line.description === '' ? {} : { Description: line.description }),
    SalesItemLineDetail: {
      ...kept(standing),
      ItemRef: { value: itemOf(known, account) },
      Qty: wireNumber(quantity),
      UnitPrice: wireNumber(unitPrice),
      ...(code === undefined ? {} : { TaxCodeRef: { value: code } }),
      ...(isInclusive ? { TaxInclusiveAmt: wireNumber(stated) } : {}),
    },
  };
};

/** A line of words alone, as people put between the others: it has no price, and no tax code stands for none. */
export const isRemark = (known: Known, { taxMode }: MoneyBlock, line: LineAtom): boolean =>
  taxMode !== 'noTax' &&
  line.netMinor === 0 &&
  new Big(line.unitPrice).eq(0) &&
  line.taxRate === NO_TAX &&
  taxCodeOf(known, line.taxRate) === undefined;

const KEPT = ['ClassRef', 'ServiceDate'];
const kept = (standing: StandingLine | undefined): EntityBody =>
  Object.fromEntries(Object.entries(standing?.SalesItemLineDetail ?? {}).filter(([field]) => KEPT.includes(field)));
