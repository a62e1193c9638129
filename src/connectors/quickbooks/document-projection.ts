// Invoices and credit memos as the bridge compares them: what QuickBooks shows, and what it will make of what we send. A voided document
// is projected with the zeroed amounts that QuickBooks left of it and the status `void`: what its money was, the planner keeps in the base
// of the link; here nobody knows any more, and the status alone is what counts of a void record.
import { Big } from 'big.js';
import { canonicalDecimal, exponentOf } from '../../core/money';
import type { Guards } from '../../sync/ports/ledger-port';
import type { CreditNoteAtoms, InvoiceAtoms, LineAtom, MoneyBlock, Projection, RecordStatus } from '../../sync/records';
import { type CreditMemoAnswer, type InvoiceAnswer, type LineAnswer, NotUnderstood } from './answers';
import { grossOfNet, grossPrice, predict, toMinor } from './arithmetic';
import { LENGTHS } from './limits';
import {
  accountOf,
  currencyOf,
  hasNoTax,
  isAutomated,
  itemOf,
  type Known,
  NO_TAX,
  taxRateOf,
  understoodCurrency,
  untaxedRate,
} from './mapped';
import { tagIn } from './tags';
import { cut, cutOrNull } from './text';

type DocumentAnswer = InvoiceAnswer | CreditMemoAnswer;
type Projected<A extends InvoiceAtoms | CreditNoteAtoms> = {
  readonly projection: Projection<A>;
  readonly guards: Guards;
  readonly tag?: string;
};

export const invoiceProjection = (known: Known, invoice: InvoiceAnswer): Projected<InvoiceAtoms> => {
  const { status, shared, minor, tag } = parts(known, invoice);
  const openMinor = minor(invoice.Balance ?? new Big(0));
  return {
    ...tag,
    projection: {
      status,
      atoms: { ...shared, dates: { issueDate: invoice.TxnDate, dueDate: invoice.DueDate ?? invoice.TxnDate } },
    },
    guards: { allocatedMinor: minor(invoice.TotalAmt) - openMinor, openMinor, reconciled: false },
  };
};

export const creditNoteProjection = (known: Known, memo: CreditMemoAnswer): Projected<CreditNoteAtoms> => {
  const { status, shared, minor, tag } = parts(known, memo);
  const openMinor = minor(memo.RemainingCredit ?? memo.Balance ?? new Big(0));
  return {
    ...tag,
    projection: { status, atoms: { ...shared, dates: { issueDate: memo.TxnDate } } },
    guards: { allocatedMinor: minor(memo.TotalAmt) - openMinor, openMinor, reconciled: false },
  };
};

const parts = (known: Known, document: DocumentAnswer) => {
  const currency = currencyOf(known, document.CurrencyRef?.value);
  if (currency === null) throw new NotUnderstood('it names no currency');
  understoodCurrency(known, currency);
  const tag = tagIn(document.PrivateNote);
  const { lines, accounts, ...amounts } = moneyOf(known, document, currency);
  return {
    minor: minorIn(currency),
    tag: tag === undefined ? {} : { tag },
    status: statusOf(document),
    shared: {
      number: cut(document.DocNumber, LENGTHS.documentNumber),
      contact: { $ref: 'contact' as const, id: document.CustomerRef.value },
      moneyBlock: { currency, ...amounts, lines },
      reference: cutOrNull(document.CustomerMemo?.value, LENGTHS.memo),
      accounts,
    },
  };
};

/** There is no field for it: a void zeroes the amounts and begins the private note with a word. */
export const VOIDED = /^\s*voided\b/i;
const statusOf = ({ TotalAmt, PrivateNote }: DocumentAnswer): RecordStatus =>
  TotalAmt.eq(0) && VOIDED.test(PrivateNote) ? 'void' : 'live';

export const minorIn =
  (currency: string) =>
  (amount: Big): number => {
    const minor = toMinor(amount, currency);
    if (minor === undefined)
      throw new NotUnderstood(`the amount ${amount.toFixed()} has more decimals than ${currency}`);
    return minor;
  };

const TAX_MODE: Readonly<Record<string, MoneyBlock['taxMode']>> = {
  TaxExcluded: 'taxExclusive',
  TaxInclusive: 'taxInclusive',
  NotApplicable: 'noTax',
};

const taxModeIn = (known: Known, { GlobalTaxCalculation }: DocumentAnswer): MoneyBlock['taxMode'] => {
  if (isAutomated(known)) return 'taxExclusive';
  if (hasNoTax(known)) return 'noTax';
  return TAX_MODE[GlobalTaxCalculation ?? 'TaxExcluded'] ?? 'taxExclusive';
};

type ProjectedLine = { readonly line: LineAtom; readonly account: string | null; readonly isDiscount: boolean };

const moneyOf = (known: Known, document: DocumentAnswer, currency: string) => {
  const minor = minorIn(currency);
  const taxMode = taxModeIn(known, document);
  const totalMinor = minor(document.TotalAmt);
  const taxMinor = taxMode === 'noTax' ? 0 : minor(document.TxnTaxDetail?.TotalTax ?? new Big(0));
  const netMinor = totalMinor - taxMinor;
  const projected = flat(document.Line).flatMap((line) => lineOf(known, line, taxMode, currency));
  const whole = taxMode === 'taxInclusive' ? totalMinor : netMinor;
  const rest = withDiscount(projected, whole, currency);
  return {
    taxMode,
    lines: rest.map(({ line }) => line),
    accounts: rest.map(({ account }) => account),
    netMinor,
    taxMinor,
    totalMinor,
  };
};

/** A bundle is shown with the lines that it is made of. */
const flat = (lines: readonly LineAnswer[]): LineAnswer[] =>
  lines.flatMap((line) => (line.DetailType === 'GroupLineDetail' ? (line.GroupLineDetail?.Line ?? []) : [line]));

const lineOf = (
  known: Known,
  line: LineAnswer,
  taxMode: MoneyBlock['taxMode'],
  currency: string,
): readonly ProjectedLine[] => {
  switch (line.DetailType) {
    case 'SalesItemLineDetail':
      return [salesLine(known, line, taxMode, currency)];
    case 'DescriptionOnly':
      return [plainLine(cut(line.Description, LENGTHS.description), wordsRate(known, taxMode))];
    case 'DiscountLineDetail':
      return [{ ...plainLine(discountWords(line), NO_TAX), isDiscount: true }];
    case 'SubTotalLineDetail':
      return []; // QuickBooks adds one to every document
    default:
      throw new NotUnderstood(`it has a line of the kind ${line.DetailType}`);
  }
};

const wordsRate = (known: Known, taxMode: MoneyBlock['taxMode']): string =>
  taxMode === 'noTax' ? NO_TAX : untaxedRate(known);

const plainLine = (description: string, taxRate: string): ProjectedLine => ({
  line: { description, quantity: '1', unitPrice: '0', discountPercent: '0', taxRate, netMinor: 0 },
  account: null,
  isDiscount: false,
});

const salesLine = (
  known: Known,
  { Description, Amount, SalesItemLineDetail }: LineAnswer,
  taxMode: MoneyBlock['taxMode'],
  currency: string,
): ProjectedLine => {
  const net = Amount ?? new Big(0);
  const code = SalesItemLineDetail?.TaxCodeRef?.value;
  const quantity = SalesItemLineDetail?.Qty ?? new Big(1);
  const gross =
    taxMode === 'taxInclusive'
      ? (SalesItemLineDetail?.TaxInclusiveAmt ?? grossOfNet(known, net, code, currency))
      : undefined;
  const unitPrice =
    gross === undefined
      ? ((SalesItemLineDetail?.Qty == null ? undefined : SalesItemLineDetail.UnitPrice) ?? grossPrice(net, quantity))
      : grossPrice(gross, quantity);
  return {
    line: {
      description: cut(Description, LENGTHS.description),
      quantity: canonicalDecimal(quantity.toFixed()),
      unitPrice: canonicalDecimal(unitPrice.toFixed()),
      discountPercent: '0',
      taxRate: code === undefined ? wordsRate(known, taxMode) : taxMode === 'noTax' ? NO_TAX : taxRateOf(known, code),
      netMinor: minorIn(currency)(gross ?? net),
    },
    account: accountOf(known, SalesItemLineDetail?.ItemRef?.value),
    isDiscount: false,
  };
};

const discountWords = ({ DiscountLineDetail }: LineAnswer): string =>
  DiscountLineDetail?.PercentBased === true && DiscountLineDetail.DiscountPercent != null
    ? `Discount ${DiscountLineDetail.DiscountPercent.toFixed()}%`
    : 'Discount';

/** A discount over the document becomes a line below zero: what the others leave to the total, whether it came before tax or after. */
const withDiscount = (
  projected: readonly ProjectedLine[],
  wholeMinor: number,
  currency: string,
): readonly ProjectedLine[] => {
  const others = projected.filter(({ isDiscount }) => !isDiscount);
  if (others.length === projected.length) return projected;
  const netMinor = wholeMinor - others.reduce((total, { line }) => total + line.netMinor, 0);
  const rates = new Set(others.map(({ line }) => line.taxRate));
  const [only] = rates;
  const price = new Big(netMinor).div(new Big(10).pow(exponentOf(currency)));
  return [
    ...others,
    ...projected
      .filter(({ isDiscount }) => isDiscount)
      .slice(0, 1)
      .map((found) => ({
        ...found,
        line: {
          ...found.line,
          netMinor,
          unitPrice: canonicalDecimal(price.toFixed()),
          taxRate: rates.size === 1 && only !== undefined ? only : DISCOUNT_RATE,
        },
      })),
  ];
};
/** No code of QuickBooks: a discount over lines of several rates has none of its own. */
const DISCOUNT_RATE = 'ledger:discount';

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

/** QuickBooks has no drafts: whatever stands there is issued. */
const documentStatus = (status: RecordStatus): RecordStatus =>
  status === 'void' || status === 'archived' ? 'void' : 'live';

const normaliseShared = (known: Known, atoms: InvoiceAtoms | CreditNoteAtoms) => {
  const described: MoneyBlock = {
    ...atoms.moneyBlock,
    lines: atoms.moneyBlock.lines.map((line) => ({ ...line, description: cut(line.description, LENGTHS.description) })),
  };
  return {
    number: cut(atoms.number, LENGTHS.documentNumber),
    contact: { $ref: 'contact' as const, id: atoms.contact.id },
    moneyBlock: predict(known, described),
    reference: cutOrNull(atoms.reference, LENGTHS.memo),
    accounts: described.lines.map((_, i) => accountOf(known, itemOf(known, atoms.accounts[i] ?? null))),
  };
};
