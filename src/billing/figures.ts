// From entered lines to a document's figures: tax rates looked up and frozen, totals computed, a ledger's statements checked against them.
// Pure. A ledger's amounts are taken over to the cent or refused with the reason; never adjusted.
import { BridgeError, refused } from '../core/errors';
import { type CurrencyCode, type DecimalString, displayMoney } from '../core/money';
import type { Business, LineItem, TaxMode, TaxRow } from './documents';
import { computeTotals } from './totals';

export type EnteredLine = {
  readonly description: string;
  readonly quantity: DecimalString;
  readonly unitPrice: DecimalString;
  readonly discountPercent: DecimalString;
  readonly taxRate?: string | undefined;
  readonly account: string | null;
};

export type Figures = {
  readonly lines: LineItem[];
  readonly taxRows: TaxRow[];
  readonly statedTaxMinor: number | null;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
};

type FiguresRequest = {
  readonly business: Pick<Business, 'taxRates' | 'taxRounding'>;
  readonly lines: readonly EnteredLine[];
  readonly taxMode: TaxMode;
  readonly currency: CurrencyCode;
  /** Lines as they were: a rate archived since stays usable where it stood. */
  readonly before?: readonly LineItem[];
};

/** Figures of a document written here: every rate is known, every amount computed. */
export const figuresOf = (request: FiguresRequest): Figures => {
  const lines = request.lines.map((line, i) => frozen(line, i, request, 'billing'));
  const unknown = lines.findIndex(({ taxPercent }) => taxPercent === null);
  if (unknown >= 0)
    throw wrongRate(unknown, 'this tax code of the ledger has no rate here: choose one of yours', request.business);
  return totalled(request, lines, null);
};

export type StatedAmounts = {
  /** Per line, in order. */
  readonly lineMinor: readonly number[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
};

/**
 * Figures of a document written in a ledger. Line amounts must be what quantity, price and discount come to. The tax is the ledger's word:
 * where it is not what our rates come to (automated sales tax, a rate we do not know, other rounding) it is kept as stated tax.
 */
export const figuresFromLedger = (request: FiguresRequest, stated: StatedAmounts): Figures => {
  const lines = request.lines.map((line, i) => frozen(line, i, request, 'ledger'));
  const computed = totalled(request, lines, null);
  const show = (minor: number): string => displayMoney(minor, request.currency);
  const differ = computed.lines.findIndex(({ netMinor }, i) => netMinor !== stated.lineMinor[i]);
  if (differ >= 0) {
    throw mismatch(
      `Line ${differ + 1} says ${show(stated.lineMinor[differ] ?? 0)}, but its quantity, price and discount come to ${show(computed.lines[differ]?.netMinor ?? 0)}`,
    );
  }
  const isOurTax = lines.every(({ taxPercent }) => taxPercent !== null) && computed.taxMinor === stated.taxMinor;
  if (request.taxMode === 'noTax' && stated.taxMinor !== 0) {
    throw mismatch(`It is marked as without tax, but says ${show(stated.taxMinor)} of tax`);
  }
  const figures = isOurTax ? computed : totalled(request, lines, stated.taxMinor);
  if (figures.netMinor !== stated.netMinor || figures.totalMinor !== stated.totalMinor) {
    throw mismatch(
      `Its lines and tax come to ${show(figures.netMinor)} net and ${show(figures.totalMinor)} in all, but it says ${show(stated.netMinor)} and ${show(stated.totalMinor)}`,
    );
  }
  return figures;
};

const mismatch = (what: string): BridgeError =>
  refused(`The ledger's amounts do not add up here. ${what}.`, 'Correct the document in the ledger, or enter it anew.');

const totalled = (
  request: FiguresRequest,
  lines: readonly Omit<LineItem, 'netMinor'>[],
  statedTaxMinor: number | null,
): Figures => ({
  ...computeTotals({
    lines,
    taxMode: request.taxMode,
    currency: request.currency,
    rounding: request.business.taxRounding,
    statedTaxMinor,
  }),
  statedTaxMinor,
});

const frozen = (
  { description, quantity, unitPrice, discountPercent, taxRate, account }: EnteredLine,
  index: number,
  request: FiguresRequest,
  writtenIn: 'billing' | 'ledger',
): Omit<LineItem, 'netMinor'> => ({
  description,
  quantity,
  unitPrice,
  discountPercent,
  taxRate: taxRate ?? 'none',
  taxPercent: percentOf(taxRate, index, request, writtenIn),
  account,
});

const percentOf = (
  taxRate: string | undefined,
  index: number,
  { business, taxMode, before = [] }: FiguresRequest,
  writtenIn: 'billing' | 'ledger',
): DecimalString | null => {
  if (taxMode === 'noTax') return '0';
  if (taxRate === undefined) throw wrongRate(index, 'choose a tax rate', business);
  if (taxRate === 'none') return '0';
  const stood = before.find((line) => line.taxRate === taxRate);
  if (taxRate.startsWith('ledger:') && (writtenIn === 'ledger' || stood !== undefined))
    return stood?.taxPercent ?? null;
  const rate = business.taxRates.find(({ key }) => key === taxRate);
  if (rate === undefined) throw wrongRate(index, `there is no tax rate "${taxRate}"`, business);
  if (rate.state === 'archived' && writtenIn === 'billing' && stood === undefined) {
    throw wrongRate(index, `the tax rate ${rate.name} is archived`, business);
  }
  return rate.percent;
};

const wrongRate = (index: number, problem: string, business: Pick<Business, 'taxRates'>): BridgeError => {
  const choices = [...business.taxRates.filter(({ state }) => state === 'active').map(({ key }) => key), 'none'];
  const field = `lines.${index}.taxRate`;
  const sentence = `${problem} (${choices.join(', ')})`;
  return new BridgeError('BB_INPUT_INVALID', { problem: `${field}: ${sentence}` }, { [field]: sentence });
};
