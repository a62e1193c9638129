// How a record looks on the wire: names beside references, balances and links derived at the moment of showing, the subtotal line
// that the service adds.
import type { Big } from 'big.js';
import { dec, decimalsOf, round, sum, toNumber } from './arithmetic';
import { customerBalance, openOf, unappliedOf } from './balances';
import { DISCOUNT_ACCOUNT_ID, RECEIVABLE_ID } from './chart';
import { currencyName } from './currencies';
import type { Json } from './input';
import type { Ledger } from './ledger';
import type { Customer, DocumentLine, Payment, SalesDocument, SalesKind } from './records';
import type { Stamped } from './table';
import { discountOf } from './tax';

export const envelope = (record: Stamped): Json => ({
  domain: 'QBO',
  sparse: false,
  Id: record.Id,
  SyncToken: record.SyncToken,
  MetaData: record.MetaData,
});

export const currencyRef = (code: string): Json => ({ value: code, name: currencyName(code) });

export const named = (reference: { readonly value: string } | undefined, name: string | undefined): Json | undefined =>
  reference && { value: reference.value, ...(name !== undefined && { name }) };

export const presentCustomer = (ledger: Ledger, customer: Customer): Json => {
  const { tables } = ledger;
  const balance = toNumber(customerBalance(ledger, customer.Id));
  const { ParentRef, SalesTermRef, PaymentMethodRef, CurrencyRef, ...rest } = customer;
  return {
    Taxable: true,
    Job: false,
    BillWithParent: false,
    PreferredDeliveryMethod: 'None',
    PrintOnCheckName: customer.CompanyName ?? customer.DisplayName,
    ...rest,
    ...envelope(customer),
    FullyQualifiedName: qualifiedName(ledger, customer),
    CurrencyRef: currencyRef(CurrencyRef?.value ?? ledger.company.homeCurrency),
    ...(ParentRef && {
      ParentRef: named(ParentRef, tables.Customer.get(ParentRef.value)?.DisplayName),
      Level: qualifiedName(ledger, customer).split(':').length - 1,
    }),
    ...(SalesTermRef && { SalesTermRef: named(SalesTermRef, tables.Term.get(SalesTermRef.value)?.Name) }),
    ...(PaymentMethodRef && {
      PaymentMethodRef: named(PaymentMethodRef, tables.PaymentMethod.get(PaymentMethodRef.value)?.Name),
    }),
    Balance: balance,
    BalanceWithJobs: toNumber(balanceWithJobs(ledger, customer.Id)),
  };
};

const qualifiedName = (ledger: Ledger, customer: Customer): string => {
  const parent = customer.ParentRef && ledger.tables.Customer.get(customer.ParentRef.value);
  return parent ? `${qualifiedName(ledger, parent)}:${customer.DisplayName}` : customer.DisplayName;
};

const balanceWithJobs = (ledger: Ledger, id: string): Big => {
  const own = customerBalance(ledger, id);
  return own.plus(sum(ledger.indexes.subCustomersOf(id).map((child) => balanceWithJobs(ledger, child))));
};

export const presentSale = (ledger: Ledger, kind: SalesKind, document: SalesDocument): Json => {
  const { totals, currency, isVoid: _isVoid, lastLineId: _lastLineId, ...written } = document;
  const { Line: _line, CustomerRef, SalesTermRef, PaymentMethodRef, ...rest } = written;
  const { tables, company } = ledger;
  const open = toNumber(openOf(ledger, kind, document.Id));
  return {
    ...(kind === 'Invoice' && {
      AllowIPNPayment: false,
      AllowOnlinePayment: false,
      AllowOnlineCreditCardPayment: false,
      AllowOnlineACHPayment: false,
    }),
    ...rest,
    ...envelope(document),
    CustomField: document.CustomField ?? [],
    CurrencyRef: currencyRef(currency),
    CustomerRef: named(CustomerRef, tables.Customer.get(CustomerRef.value)?.DisplayName),
    ...(SalesTermRef && { SalesTermRef: named(SalesTermRef, tables.Term.get(SalesTermRef.value)?.Name) }),
    ...(PaymentMethodRef && {
      PaymentMethodRef: named(PaymentMethodRef, tables.PaymentMethod.get(PaymentMethodRef.value)?.Name),
    }),
    ...(kind === 'Invoice' && { LinkedTxn: linkedPayments(ledger, document.Id) }),
    Line: presentLines(ledger, document),
    ...(company.taxScheme !== 'off' && { TxnTaxDetail: presentTax(ledger, document) }),
    TotalAmt: totals.total,
    Balance: open,
    ...(kind === 'CreditMemo' && { RemainingCredit: open }),
    ...(company.multicurrency && homeAmounts(document, open, company.homeCurrency)),
  };
};

const homeAmounts = (document: SalesDocument, open: number, home: string): Json => {
  const rate = dec(document.ExchangeRate ?? 1);
  const inHome = (amount: number): number => toNumber(round(dec(amount).times(rate), decimalsOf(home)));
  return { HomeTotalAmt: inHome(document.totals.total), HomeBalance: inHome(open) };
};

const linkedPayments = (ledger: Ledger, invoiceId: string): readonly Json[] =>
  ledger.links.paymentsOf('Invoice', invoiceId).map((TxnId) => ({ TxnId, TxnType: 'Payment' }));

const presentLines = (ledger: Ledger, document: SalesDocument): readonly Json[] => {
  let lineNumber = 0;
  const isDiscount = (line: DocumentLine): boolean => line.DetailType === 'DiscountLineDetail';
  const shown = document.Line.filter((line) => !isDiscount(line)).map((line) => {
    lineNumber += 1;
    return { ...line, LineNum: lineNumber, ...presentItem(ledger, line) };
  });
  const subTotal = { Amount: document.totals.subTotal, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} };
  const discounts = document.Line.filter(isDiscount).map((line) => presentDiscount(ledger, document, line));
  return [...shown, subTotal, ...discounts];
};

const presentItem = (ledger: Ledger, line: DocumentLine): Json => {
  const detail = line.SalesItemLineDetail;
  if (!detail?.ItemRef) return {};
  const item = ledger.tables.Item.get(detail.ItemRef.value);
  const account = item?.IncomeAccountRef && ledger.tables.Account.get(item.IncomeAccountRef.value);
  return {
    SalesItemLineDetail: {
      ...detail,
      ItemRef: named(detail.ItemRef, item?.Name),
      ...(account && { ItemAccountRef: { value: account.Id, name: account.Name } }),
    },
  };
};

const presentDiscount = (ledger: Ledger, document: SalesDocument, line: DocumentLine): Json => {
  const account = line.DiscountLineDetail?.DiscountAccountRef ?? { value: DISCOUNT_ACCOUNT_ID };
  const lineTotal = sum(
    document.Line.filter((other) => other.DetailType === 'SalesItemLineDetail').map((other) => dec(other.Amount)),
  );
  return {
    ...line,
    Amount: toNumber(discountOf(document.Line, lineTotal, decimalsOf(document.currency))),
    DiscountLineDetail: {
      ...line.DiscountLineDetail,
      DiscountAccountRef: named(account, ledger.tables.Account.get(account.value)?.Name),
    },
  };
};

const presentTax = (ledger: Ledger, document: SalesDocument): Json => ({
  ...(ledger.company.taxScheme === 'automated' &&
    document.totals.taxLines.length > 0 && { TxnTaxCodeRef: { value: 'TAX' } }),
  TotalTax: document.totals.tax,
  ...(document.totals.taxLines.length > 0 && {
    TaxLine: document.totals.taxLines.map((line) => ({
      Amount: line.amount,
      DetailType: 'TaxLineDetail',
      TaxLineDetail: {
        TaxRateRef: { value: line.rateId },
        PercentBased: true,
        TaxPercent: Number(line.percent),
        NetAmountTaxable: line.netTaxable,
        ...(line.overrideDelta !== undefined && { OverrideDeltaAmount: line.overrideDelta }),
      },
    })),
  }),
});

export const presentPayment = (ledger: Ledger, payment: Payment): Json => {
  const { currency, isVoid: _isVoid, isDeposited: _isDeposited, ...written } = payment;
  const { CustomerRef, PaymentMethodRef, DepositToAccountRef, Line, ...rest } = written;
  const { tables } = ledger;
  return {
    ...rest,
    ...envelope(payment),
    ProcessPayment: false,
    CurrencyRef: currencyRef(currency),
    CustomerRef: named(CustomerRef, tables.Customer.get(CustomerRef.value)?.DisplayName),
    DepositToAccountRef,
    ARAccountRef: { value: RECEIVABLE_ID, name: tables.Account.get(RECEIVABLE_ID)?.Name },
    ...(PaymentMethodRef && {
      PaymentMethodRef: named(PaymentMethodRef, tables.PaymentMethod.get(PaymentMethodRef.value)?.Name),
    }),
    UnappliedAmt: toNumber(unappliedOf(payment)),
    Line,
  };
};
