// The lines of a sales document: what each may say, what the service makes of it, and the ids that lines keep through updates.
import { Big } from 'big.js';
import { dec, decimalsOf, round, toNumber } from './arithmetic';
import type { Ledger } from './ledger';
import { resolve } from './ledger';
import type { DocumentLine } from './records';
import { amountMismatch, badReference, businessRule, missing, unsupported } from './refusal';
import type { DiscountInput, LineInput, SalesItemInput } from './shapes';

type LineRules = {
  readonly currency: string;
  readonly usesTax: boolean;
  /** Lines of an update that were there before keep their ids. */
  readonly known: ReadonlySet<string>;
  readonly lastLineId: number;
  /** Items put aside are refused only where the writer names them anew. */
  readonly requireActiveItems: boolean;
};

export const buildLines = (
  ledger: Ledger,
  input: readonly LineInput[],
  rules: LineRules,
): { readonly lines: readonly DocumentLine[]; readonly lastLineId: number } => {
  const written = input.filter((line) => line.DetailType !== 'SubTotalLineDetail');
  if (written.length === 0) throw missing('Line');
  if (written.filter((line) => line.DetailType === 'DiscountLineDetail').length > 1) {
    throw businessRule('A transaction can have one discount line.', 'Line');
  }
  let lastLineId = rules.lastLineId;
  const lines = written.map((line) => {
    const built = buildLine(ledger, line, rules);
    if (built.DetailType === 'DiscountLineDetail') return built;
    const keepsId = line.Id !== undefined && rules.known.has(line.Id);
    if (!keepsId) lastLineId += 1;
    return { ...built, Id: keepsId ? line.Id : String(lastLineId) };
  });
  return { lines, lastLineId };
};

const buildLine = (ledger: Ledger, line: LineInput, rules: LineRules): DocumentLine => {
  switch (line.DetailType) {
    case 'SalesItemLineDetail':
      return buildSalesLine(ledger, line, rules);
    case 'DiscountLineDetail':
      return buildDiscountLine(ledger, line, rules);
    case 'DescriptionOnly':
      return descriptionLine(line);
    case 'GroupLineDetail':
      throw unsupported('GroupLineDetail (bundles are not part of this rehearsal)');
    default:
      throw unsupported(line.DetailType);
  }
};

const descriptionLine = (line: LineInput): DocumentLine => ({
  DetailType: 'DescriptionOnly',
  ...(line.Description !== undefined && { Description: line.Description }),
  DescriptionLineDetail: line.DescriptionLineDetail ?? {},
});

/** Prices and quantities keep seven decimals. */
const PRICE_DECIMALS = 7;

const buildSalesLine = (ledger: Ledger, line: LineInput, rules: LineRules): DocumentLine => {
  const detail: SalesItemInput = line.SalesItemLineDetail ?? {};
  // Documented: a line without an item is documentation, and its amount is ignored.
  if (!detail.ItemRef) return descriptionLine(line);
  if (line.Amount === undefined) throw missing('Line.Amount');
  if (detail.ItemRef.value !== 'SHIPPING_ITEM_ID') {
    resolve(ledger.tables.Item, detail.ItemRef, rules.requireActiveItems);
  }
  const decimals = decimalsOf(rules.currency);
  const amount = round(dec(line.Amount), decimals);
  if (detail.Qty !== undefined && detail.UnitPrice !== undefined) {
    const product = dec(detail.Qty).times(dec(detail.UnitPrice));
    const tolerance = new Big(1).div(new Big(10).pow(decimals));
    if (product.minus(amount).abs().gte(tolerance)) throw amountMismatch(String(line.Amount));
  }
  const { Qty, UnitPrice, TaxInclusiveAmt, TaxCodeRef, ...rest } = detail;
  return {
    ...(line.Description !== undefined && { Description: line.Description }),
    Amount: toNumber(amount),
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: {
      ...rest,
      ...(UnitPrice !== undefined && { UnitPrice: toNumber(round(dec(UnitPrice), PRICE_DECIMALS)) }),
      ...(Qty !== undefined && { Qty: toNumber(round(dec(Qty), PRICE_DECIMALS)) }),
      ...(TaxInclusiveAmt !== undefined && { TaxInclusiveAmt: toNumber(round(dec(TaxInclusiveAmt), decimals)) }),
      ...taxCodeFor(ledger, TaxCodeRef, rules),
    },
  };
};

const taxCodeFor = (
  ledger: Ledger,
  reference: { readonly value: string } | undefined,
  rules: LineRules,
): { readonly TaxCodeRef?: { value: string } } => {
  switch (ledger.company.taxScheme) {
    case 'off':
      return { TaxCodeRef: { value: 'NON' } };
    case 'automated': {
      const value = reference?.value ?? 'NON';
      if (value !== 'TAX' && value !== 'NON') throw badReference('TaxCodes', value);
      return { TaxCodeRef: { value } };
    }
    case 'codes': {
      if (!rules.usesTax) return {};
      if (!reference) throw businessRule('Make sure all your transactions have a VAT rate before you save.', 'Line');
      return { TaxCodeRef: { value: resolve(ledger.tables.TaxCode, reference).Id } };
    }
  }
};

const buildDiscountLine = (ledger: Ledger, line: LineInput, rules: LineRules): DocumentLine => {
  if (!ledger.company.preferences.allowDiscount)
    throw businessRule('Discounts are turned off in this company.', 'Line');
  const detail: DiscountInput = line.DiscountLineDetail ?? {};
  if (detail.DiscountAccountRef) resolve(ledger.tables.Account, detail.DiscountAccountRef);
  if (detail.PercentBased === true) {
    if (detail.DiscountPercent === undefined) throw missing('DiscountPercent');
    if (detail.DiscountPercent < 0 || detail.DiscountPercent > 100) {
      throw businessRule('The discount must be between 0 and 100 percent.', 'DiscountPercent');
    }
    return { DetailType: 'DiscountLineDetail', DiscountLineDetail: detail };
  }
  if (line.Amount === undefined) throw missing('Line.Amount');
  if (line.Amount < 0) throw businessRule('The amount of a discount line is positive.', 'Line.Amount');
  const Amount = toNumber(round(dec(line.Amount), decimalsOf(rules.currency)));
  return { Amount, DetailType: 'DiscountLineDetail', DiscountLineDetail: { ...detail, PercentBased: false } };
};
