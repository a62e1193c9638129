// The lines of an invoice or credit note: what is filled in, what is refused, what they come to.
import Big from 'big.js';
import { lineAmountOf, roundTo, taxOf, toDecimal, toHundredths } from './arithmetic';
import type { BookState } from './books';
import type { LineInput } from './input';
import type { Account, Line, LineAmountTypes, SalesDocument } from './records';

export type UnitPlaces = 2 | 4;
export type LineContext = {
  readonly books: BookState;
  readonly kind: SalesDocument['kind'];
  readonly types: LineAmountTypes;
  /** Decimals that a unit price keeps: `unitdp`. The rest is rounded away before anything is calculated. */
  readonly unitPlaces: UnitPlaces;
  readonly isApproved: boolean;
  readonly complain: (message: string) => void;
};

const MOST = 9_999_999_999_99;

export const lineFrom = (context: LineContext, input: LineInput, before?: Line): Line => {
  const { books, types, complain } = context;
  const filled = withItem(books, input, complain);
  const quantity = filled.Quantity ?? before?.quantity ?? '1';
  const unitAmount = unitAmountOf(context, filled, quantity) ?? before?.unitAmount ?? '0';
  const discount = discountOf(context, filled, before);
  const lineAmount = lineAmountOf({ quantity, unitAmount, ...discount });
  if (filled.LineAmount !== undefined && toHundredths(filled.LineAmount) !== lineAmount) {
    const expected = toDecimal(lineAmount);
    complain(`The line total ${filled.LineAmount} does not match the expected line total ${expected}`);
  }
  if (Math.abs(lineAmount) > MOST) complain('The line amount is larger than 9,999,999,999.99');
  const account = accountOf(context, filled, before);
  const taxType = types === 'NoTax' ? 'NONE' : (filled.TaxType ?? before?.taxType ?? account?.taxType ?? '');
  const percent = taxPercent(context, taxType, account);
  const override = types === 'NoTax' ? undefined : filled.TaxAmount;
  const description = (filled.Description ?? before?.description ?? '').trim();
  if (context.isApproved && description === '') complain('Description cannot be empty');
  if (description.length > 4000) complain('The description cannot exceed 4000 characters');
  return {
    lineItemId: before?.lineItemId ?? books.newId(),
    description,
    quantity,
    unitAmount,
    itemCode: filled.ItemCode ?? before?.itemCode ?? '',
    accountCode: account?.code ?? filled.AccountCode ?? before?.accountCode ?? '',
    taxType,
    ...discount,
    discount: lineAmountOf({ quantity, unitAmount }) - lineAmount,
    lineAmount,
    taxAmount: override === undefined ? taxOf(lineAmount, percent, types) : toHundredths(override),
    tracking: trackingOf(filled, before, complain),
  };
};

/** The same line under another rule for tax, as after a change of LineAmountTypes alone. */
export const retaxed = (books: BookState, line: Line, types: LineAmountTypes): Line => {
  const taxType = types === 'NoTax' ? 'NONE' : line.taxType;
  return { ...line, taxType, taxAmount: taxOf(line.lineAmount, books.taxRates.get(taxType)?.rate ?? '0', types) };
};

const withItem = (books: BookState, input: LineInput, complain: (message: string) => void): LineInput => {
  if (!input.ItemCode) return input;
  const item = books.items.where('code', input.ItemCode)[0];
  if (item === undefined) {
    complain(`Item code '${input.ItemCode}' is not valid`);
    return input;
  }
  return {
    ...input,
    Description: input.Description ?? item.description,
    UnitAmount: input.UnitAmount ?? (input.LineAmount === undefined ? item.unitPrice : undefined),
    AccountCode: input.AccountCode ?? (input.AccountID === undefined ? item.accountCode : undefined),
    TaxType: input.TaxType ?? item.taxType,
  };
};

const unitAmountOf = (context: LineContext, input: LineInput, quantity: string): string | undefined => {
  const { complain } = context;
  if (input.Quantity !== undefined && !new Big(input.Quantity).round(4).eq(input.Quantity)) {
    complain('The quantity can have at most 4 decimal places');
  }
  if (input.UnitAmount !== undefined) return roundTo(input.UnitAmount, context.unitPlaces);
  if (input.LineAmount === undefined || new Big(quantity).eq(0)) return undefined;
  return roundTo(new Big(input.LineAmount).div(quantity).toString(), context.unitPlaces);
};

const discountOf = (
  context: LineContext,
  input: LineInput,
  before: Line | undefined,
): { discountRate?: string; discountAmount?: string } => {
  const isSet = (value: string | undefined): value is string => value !== undefined && !new Big(value).eq(0);
  if (context.kind === 'creditNote') {
    if (isSet(input.DiscountRate) || isSet(input.DiscountAmount))
      context.complain('Discounts are not supported on credit notes');
    return {};
  }
  if (isSet(input.DiscountRate)) {
    if (isSet(input.DiscountAmount)) context.complain('Only one of DiscountRate and DiscountAmount may be set');
    return { discountRate: roundTo(input.DiscountRate, 4) };
  }
  if (isSet(input.DiscountAmount)) return { discountAmount: roundTo(input.DiscountAmount, 2) };
  if (input.DiscountRate !== undefined || input.DiscountAmount !== undefined || before === undefined) return {};
  return {
    ...(before.discountRate === undefined ? {} : { discountRate: before.discountRate }),
    ...(before.discountAmount === undefined ? {} : { discountAmount: before.discountAmount }),
  };
};

const accountOf = (context: LineContext, input: LineInput, before: Line | undefined): Account | undefined => {
  const { books, complain } = context;
  if (input.AccountID !== undefined) {
    const byId = books.accounts.get(input.AccountID);
    if (byId === undefined) complain(`Account ID '${input.AccountID}' is not valid`);
    return byId === undefined ? undefined : usable(byId, complain);
  }
  const code = input.AccountCode ?? before?.accountCode ?? '';
  if (code === '') {
    if (context.isApproved) complain('Account code or ID must be specified');
    return undefined;
  }
  const account = books.accounts.where('code', code)[0];
  if (account === undefined) {
    complain(`Account code '${code}' is not a valid code for this document.`);
    return undefined;
  }
  return code === before?.accountCode ? account : usable(account, complain);
};

const usable = (account: Account, complain: (message: string) => void): Account => {
  const named = `Account code '${account.code ?? account.accountId}'`;
  if (account.status === 'ARCHIVED') complain(`${named} has been archived.`);
  if (account.systemAccount !== '' || account.type === 'BANK')
    complain(`${named} is not a valid code for this document.`);
  return account;
};

const taxPercent = (context: LineContext, taxType: string, account: Account | undefined): string => {
  if (taxType === '') {
    if (context.isApproved) context.complain('The TaxType field is mandatory');
    return '0';
  }
  const rate = context.books.taxRates.get(taxType);
  const isIncome = account === undefined || account.class === 'REVENUE';
  if (rate === undefined || rate.status !== 'ACTIVE' || !(isIncome ? rate.appliesToRevenue : true)) {
    context.complain(`The TaxType code '${taxType}' cannot be used with account code '${account?.code ?? ''}'.`);
  }
  return rate?.rate ?? '0';
};

const trackingOf = (
  input: LineInput,
  before: Line | undefined,
  complain: (message: string) => void,
): Line['tracking'] => {
  if (input.Tracking === undefined) return before?.tracking ?? [];
  if (input.Tracking.length > 2) complain('A line can have at most 2 tracking categories');
  return input.Tracking.map(({ Name = '', Option = '' }) => ({ Name, Option }));
};
