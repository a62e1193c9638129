// Sales tax and totals of a document. US companies: an engine that looks at the address, and honours nothing of the caller but
// TotalTax. Elsewhere: tax codes per line, tax rounded once per rate over the whole document.
import { Big } from 'big.js';
import { dec, decimalsOf, prorate, round, sum, toNumber } from './arithmetic';
import { rateIdOfState } from './chart';
import type { Ledger } from './ledger';
import type { DocumentLine, TaxLine, Totals } from './records';
import { businessRule } from './refusal';
import type { TaxDetailInput } from './shapes';

export type TaxableDocument = {
  readonly lines: readonly DocumentLine[];
  readonly currency: string;
  readonly taxMode: 'TaxExcluded' | 'TaxInclusive' | 'NotApplicable';
  readonly taxAfterDiscount: boolean;
  /** Where the goods go; decides the rate of the automated engine. */
  readonly state: string | undefined;
  readonly customerIsExempt: boolean;
  readonly requested: TaxDetailInput | undefined;
};

const MOST_TAXED_LINES = 750;

type Part = { readonly amount: Big; readonly gross: Big | undefined; readonly codeId: string | undefined };
type Computed = { readonly netSubTotal: Big; readonly taxLines: readonly TaxLine[] };

export const totalsOf = (ledger: Ledger, document: TaxableDocument): Totals => {
  const decimals = decimalsOf(document.currency);
  const parts = partsOf(document.lines);
  const lineTotal = sum(parts.map((part) => part.amount));
  const discount = discountOf(document.lines, lineTotal, decimals);
  const computed = computeTax(ledger, document, parts, lineTotal, discount, decimals);
  const { taxLines, override } = overridden(computed.taxLines, document.requested, decimals);
  if (taxLines.length > 0 && document.lines.length > MOST_TAXED_LINES) {
    throw businessRule(`A taxable transaction can have ${MOST_TAXED_LINES} lines.`, 'Line');
  }
  const tax = sum(taxLines.map((line) => dec(line.amount)));
  const total = computed.netSubTotal.minus(discount).plus(tax);
  if (total.lt(0)) throw businessRule('The total of a transaction cannot be negative.', 'TotalAmt');
  return {
    subTotal: toNumber(computed.netSubTotal),
    tax: toNumber(tax),
    total: toNumber(total),
    taxLines,
    ...(override !== undefined && { taxOverride: toNumber(override) }),
  };
};

const partsOf = (lines: readonly DocumentLine[]): Part[] =>
  lines
    .filter((line) => line.DetailType === 'SalesItemLineDetail')
    .map((line) => ({
      amount: dec(line.Amount),
      gross:
        line.SalesItemLineDetail?.TaxInclusiveAmt === undefined
          ? undefined
          : dec(line.SalesItemLineDetail.TaxInclusiveAmt),
      codeId: line.SalesItemLineDetail?.TaxCodeRef?.value,
    }));

export const discountOf = (lines: readonly DocumentLine[], subTotal: Big, decimals: number): Big => {
  const line = lines.find((candidate) => candidate.DetailType === 'DiscountLineDetail');
  if (!line) return new Big(0);
  if (line.DiscountLineDetail?.PercentBased !== true) return dec(line.Amount);
  return round(subTotal.times(dec(line.DiscountLineDetail.DiscountPercent)).div(100), decimals);
};

const computeTax = (
  ledger: Ledger,
  document: TaxableDocument,
  parts: readonly Part[],
  lineTotal: Big,
  discount: Big,
  decimals: number,
): Computed => {
  const discounted = document.taxAfterDiscount && lineTotal.gt(0);
  const share = discounted ? lineTotal.minus(discount).div(lineTotal) : new Big(1);
  switch (ledger.company.taxScheme) {
    case 'off':
      return { netSubTotal: lineTotal, taxLines: [] };
    case 'automated':
      return { netSubTotal: lineTotal, taxLines: automatedTax(ledger, document, parts, share, decimals) };
    case 'codes':
      if (document.taxMode === 'NotApplicable') return { netSubTotal: lineTotal, taxLines: [] };
      return document.taxMode === 'TaxInclusive'
        ? inclusiveTax(ledger, parts, share, decimals)
        : { netSubTotal: lineTotal, taxLines: excludedTax(ledger, parts, share, decimals) };
  }
};

const automatedTax = (
  ledger: Ledger,
  document: TaxableDocument,
  parts: readonly Part[],
  share: Big,
  decimals: number,
): TaxLine[] => {
  const taxable = parts.filter((part) => part.codeId === 'TAX');
  if (taxable.length === 0) return [];
  const { company } = ledger;
  const state = document.state ?? company.state;
  const isKnown = Object.hasOwn(company.salesTaxByState, state);
  const percent = document.customerIsExempt || !isKnown ? '0' : (company.salesTaxByState[state] ?? '0');
  const net = round(sum(taxable.map((part) => part.amount)).times(share), decimals);
  const amount = round(net.times(percent).div(100), decimals);
  const rateId = rateIdOfState(company, isKnown ? state : company.state);
  return [{ rateId, percent, amount: toNumber(amount), netTaxable: toNumber(net) }];
};

/** Amounts of the lines by tax rate; a code of several rates counts for each. */
const byRate = (
  ledger: Ledger,
  amounts: readonly { readonly amount: Big; readonly codeId: string | undefined }[],
): Map<string, Big> => {
  const totals = new Map<string, Big>();
  for (const { amount, codeId } of amounts) {
    for (const rateId of rateIdsOf(ledger, codeId)) totals.set(rateId, amount.plus(totals.get(rateId) ?? 0));
  }
  return totals;
};

const rateIdsOf = (ledger: Ledger, codeId: string | undefined): readonly string[] =>
  codeId === undefined ? [] : (ledger.tables.TaxCode.get(codeId)?.rateIds ?? []);
const percentOf = (ledger: Ledger, rateId: string): string => ledger.tables.TaxRate.get(rateId)?.percent ?? '0';

const excludedTax = (ledger: Ledger, parts: readonly Part[], share: Big, decimals: number): TaxLine[] =>
  [...byRate(ledger, parts)].map(([rateId, whole]) => {
    const percent = percentOf(ledger, rateId);
    const net = round(whole.times(share), decimals);
    const amount = round(net.times(percent).div(100), decimals);
    return { rateId, percent, amount: toNumber(amount), netTaxable: toNumber(net) };
  });

/** The gross of a line is what the caller says it is; a line without a gross amount is net, and its tax comes on top. */
const inclusiveTax = (ledger: Ledger, parts: readonly Part[], share: Big, decimals: number): Computed => {
  const grossByCode = new Map<string, Big>();
  for (const part of parts) {
    const code = part.codeId ?? '';
    const gross = part.gross ?? round(part.amount.times(combined(ledger, code).plus(100)).div(100), decimals);
    grossByCode.set(code, gross.plus(grossByCode.get(code) ?? 0));
  }
  const byRateId = new Map<string, { tax: Big; net: Big; percent: string }>();
  let netSubTotal = new Big(0);
  for (const [code, whole] of grossByCode) {
    const percent = combined(ledger, code);
    const inWhole = round(whole.times(percent).div(percent.plus(100)), decimals);
    netSubTotal = netSubTotal.plus(whole).minus(inWhole);
    const gross = round(whole.times(share), decimals);
    const tax = share.eq(1) ? inWhole : round(gross.times(percent).div(percent.plus(100)), decimals);
    const rateIds = rateIdsOf(ledger, code);
    const shares = prorate(
      tax,
      rateIds.map((id) => dec(percentOf(ledger, id))),
      decimals,
    );
    rateIds.forEach((rateId, index) => {
      const before = byRateId.get(rateId);
      byRateId.set(rateId, {
        percent: percentOf(ledger, rateId),
        tax: (shares[index] ?? new Big(0)).plus(before?.tax ?? 0),
        net: gross.minus(tax).plus(before?.net ?? 0),
      });
    });
  }
  const taxLines = [...byRateId].map(([rateId, { tax, net, percent }]) => ({
    rateId,
    percent,
    amount: toNumber(tax),
    netTaxable: toNumber(net),
  }));
  return { netSubTotal, taxLines };
};

const combined = (ledger: Ledger, codeId: string): Big =>
  sum(rateIdsOf(ledger, codeId).map((rateId) => dec(percentOf(ledger, rateId))));

/** TotalTax of the caller is honoured and spread over the computed lines; without a taxable line there is nothing to spread it on. */
const overridden = (
  taxLines: readonly TaxLine[],
  requested: TaxDetailInput | undefined,
  decimals: number,
): { readonly taxLines: readonly TaxLine[]; readonly override: Big | undefined } => {
  if (requested?.TotalTax === undefined || taxLines.length === 0) return { taxLines, override: undefined };
  const override = round(dec(requested.TotalTax), decimals);
  if (override.lt(0)) throw businessRule('The tax of a transaction cannot be negative.', 'TxnTaxDetail.TotalTax');
  const computed = taxLines.map((line) => dec(line.amount));
  const weights = sum(computed).eq(0) ? taxLines.map((line) => dec(line.netTaxable)) : computed;
  const amounts = prorate(override, weights, decimals);
  const spread = taxLines.map((line, index) => {
    const amount = amounts[index] ?? new Big(0);
    const delta = amount.minus(dec(line.amount));
    return { ...line, amount: toNumber(amount), ...(!delta.eq(0) && { overrideDelta: toNumber(delta) }) };
  });
  return { taxLines: spread, override };
};
