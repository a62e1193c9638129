// Money that pays no invoice: what is spent from an account, put into one, or moved between two.
import { type Decimal, dec, decimalsOf, round, sum, toNumber } from './arithmetic';
import { depositShape, purchaseShape, transferShape } from './bank-shapes';
import { type Json, merged, parseInput } from './input';
import { bodyOf, checkOpenPeriod, checkWritable, type Ledger, resolve, today, type WriteOptions } from './ledger';
import { currencyRef, envelope, named } from './present';
import type { Account, Deposit, Purchase, Transfer } from './records';
import { businessRule } from './refusal';
import type { Ref } from './shapes';
import { rateOf } from './transactions';

export const createPurchase = (ledger: Ledger, input: unknown, options: WriteOptions): Purchase => {
  checkWritable(ledger);
  const body = parseInput(purchaseShape, merged(bodyOf(input), undefined));
  const account = moneyAccount(ledger, body.AccountRef, 'AccountRef');
  const currency = currencyAgreed(ledger, body.CurrencyRef, account);
  const inclusive = body.GlobalTaxCalculation === 'TaxInclusive';
  const figures = body.Line.map(({ Amount, AccountBasedExpenseLineDetail: detail }) => {
    const place = resolve(ledger.tables.Account, detail.AccountRef);
    if (place.AccountType === 'Accounts Receivable') {
      throw businessRule(
        'When you use Accounts Receivable, you must choose a customer in the Name field.',
        'AccountRef',
      );
    }
    const net = exact(Amount, currency, 'Line.Amount');
    const tax = round(net.times(percentOf(ledger, detail.TaxCodeRef)).div(100), decimalsOf(currency));
    if (!inclusive || detail.TaxInclusiveAmt === undefined) return { net, tax };
    const gross = exact(detail.TaxInclusiveAmt, currency, 'TaxInclusiveAmt');
    // A cent of rounding between the two is the service's own.
    if (gross.minus(net).minus(tax).abs().gt(0.01)) {
      throw businessRule('The tax-inclusive amount of a line does not fit its amount and tax.', 'TaxInclusiveAmt');
    }
    return { net, tax: gross.minus(net) };
  });
  const TxnDate = body.TxnDate ?? today(ledger);
  checkOpenPeriod(ledger, options, TxnDate);
  const tax = sum(figures.map((one) => one.tax));
  const { Id: _id, SyncToken: _token, sparse: _sparse, ...kept } = body;
  return ledger.tables.Purchase.insert({
    ...kept,
    TxnDate,
    currency,
    tax: toNumber(tax),
    total: toNumber(sum(figures.map((one) => one.net)).plus(tax)),
    ...exchange(ledger, currency),
  });
};

export const createDeposit = (ledger: Ledger, input: unknown, options: WriteOptions): Deposit => {
  checkWritable(ledger);
  const body = parseInput(depositShape, merged(bodyOf(input), undefined));
  const account = moneyAccount(ledger, body.DepositToAccountRef, 'DepositToAccountRef');
  const currency = currencyAgreed(ledger, body.CurrencyRef, account);
  for (const { DepositLineDetail } of body.Line) resolve(ledger.tables.Account, DepositLineDetail.AccountRef);
  const total = sum(body.Line.map(({ Amount }) => round(dec(Amount), decimalsOf(currency))));
  if (total.lt(0)) throw businessRule('The total of a deposit cannot be negative.', 'TotalAmt');
  const TxnDate = body.TxnDate ?? today(ledger);
  checkOpenPeriod(ledger, options, TxnDate);
  const { Id: _id, SyncToken: _token, sparse: _sparse, ...kept } = body;
  return ledger.tables.Deposit.insert({
    ...kept,
    TxnDate,
    currency,
    total: toNumber(total),
    ...exchange(ledger, currency),
  });
};

export const createTransfer = (ledger: Ledger, input: unknown, options: WriteOptions): Transfer => {
  checkWritable(ledger);
  const body = parseInput(transferShape, merged(bodyOf(input), undefined));
  const from = moneyAccount(ledger, body.FromAccountRef, 'FromAccountRef');
  const to = moneyAccount(ledger, body.ToAccountRef, 'ToAccountRef');
  if (from.Id === to.Id)
    throw businessRule('Money cannot be transferred to the account it comes from.', 'ToAccountRef');
  if (from.currency !== to.currency) throw businessRule('Both accounts must be in the same currency.', 'ToAccountRef');
  const amount = exact(body.Amount, from.currency, 'Amount');
  const TxnDate = body.TxnDate ?? today(ledger);
  checkOpenPeriod(ledger, options, TxnDate);
  const { Id: _id, SyncToken: _token, sparse: _sparse, ...kept } = body;
  return ledger.tables.Transfer.insert({ ...kept, Amount: toNumber(amount), TxnDate, currency: from.currency });
};

/** What lies on an account by the books: payments received, and the money above. */
export const accountBalance = (ledger: Ledger, id: string): number => {
  const { Payment, Purchase, Deposit, Transfer } = ledger.tables;
  const of = <T>(rows: Iterable<{ readonly record: T }>, amount: (record: T) => number): Decimal =>
    sum([...rows].map(({ record }) => dec(amount(record))));
  return toNumber(
    sum([
      of(Payment.rows(), (row) => (row.DepositToAccountRef?.value === id ? row.TotalAmt : 0)),
      of(Purchase.rows(), (row) => (row.AccountRef.value === id ? (row.Credit === true ? row.total : -row.total) : 0)),
      of(Deposit.rows(), (row) => (row.DepositToAccountRef.value === id ? row.total : 0)),
      of(Transfer.rows(), ({ FromAccountRef, ToAccountRef, Amount }) =>
        ToAccountRef.value === id ? Amount : FromAccountRef.value === id ? -Amount : 0,
      ),
    ]),
  );
};

// ---- as it is shown ----

export const presentPurchase = (ledger: Ledger, purchase: Purchase): Json => {
  const { currency, total, tax, AccountRef, Line, ...rest } = purchase;
  return {
    ...rest,
    ...envelope(purchase),
    AccountRef: account(ledger, AccountRef),
    Credit: purchase.Credit ?? false,
    TotalAmt: total,
    CurrencyRef: currencyRef(currency),
    ...(tax === 0 ? {} : { TxnTaxDetail: { TotalTax: tax } }),
    Line: Line.map((line, index) => ({ ...line, Id: String(index + 1) })),
  };
};

export const presentDeposit = (ledger: Ledger, deposit: Deposit): Json => {
  const { currency, total, DepositToAccountRef, Line, ...rest } = deposit;
  return {
    ...rest,
    ...envelope(deposit),
    DepositToAccountRef: account(ledger, DepositToAccountRef),
    TotalAmt: total,
    CurrencyRef: currencyRef(currency),
    Line: Line.map((line, index) => ({ ...line, Id: String(index + 1), LineNum: index + 1 })),
  };
};

export const presentTransfer = (ledger: Ledger, transfer: Transfer): Json => {
  const { currency, FromAccountRef, ToAccountRef, ...rest } = transfer;
  return {
    ...rest,
    ...envelope(transfer),
    FromAccountRef: account(ledger, FromAccountRef),
    ToAccountRef: account(ledger, ToAccountRef),
    CurrencyRef: currencyRef(currency),
  };
};

const account = (ledger: Ledger, reference: Ref): Json | undefined =>
  named(reference, ledger.tables.Account.get(reference.value)?.Name);

// ---- parts ----

const moneyAccount = (ledger: Ledger, reference: Ref, field: string): Account => {
  const found = resolve(ledger.tables.Account, reference);
  if (found.AccountType !== 'Bank' && found.AccountType !== 'Other Current Asset') {
    throw businessRule('The account must be a bank or other current asset account.', field);
  }
  return found;
};

const currencyAgreed = (ledger: Ledger, wanted: Ref | undefined, { currency }: Account): string => {
  if (wanted !== undefined && wanted.value !== currency && ledger.company.multicurrency) {
    throw businessRule("The transaction's currency is not the account's currency.", 'CurrencyRef');
  }
  return currency;
};

const exact = (amount: number, currency: string, field: string): Decimal => {
  const rounded = round(dec(amount), decimalsOf(currency));
  if (rounded.lte(0)) throw businessRule('The amount must be greater than zero.', field);
  return rounded;
};

const percentOf = (ledger: Ledger, code: Ref | undefined): Decimal => {
  if (code === undefined || ledger.company.taxScheme !== 'codes') return dec(0);
  const { rateIds } = resolve(ledger.tables.TaxCode, code);
  return sum(rateIds.map((id) => dec(ledger.tables.TaxRate.get(id)?.percent ?? '0')));
};

const exchange = (ledger: Ledger, currency: string): { readonly ExchangeRate?: number } =>
  ledger.company.multicurrency ? { ExchangeRate: rateOf(ledger, currency) } : {};
