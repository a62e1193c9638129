// Invoices and credit memos: create, full and sparse update, void, delete. One set of rules, two tables.
import { dec } from './arithmetic';
import { openOf } from './balances';
import { addressAsStored } from './customers';
import { type Json, merged, parseInput } from './input';
import {
  bodyOf,
  checkOpenPeriod,
  checkWritable,
  type Ledger,
  resolve,
  rowAtVersion,
  today,
  type WriteOptions,
} from './ledger';
import { buildLines } from './lines';
import { documentNumber } from './numbering';
import type { Customer, DocumentLine, SalesDocument, SalesKind } from './records';
import { businessRule, missing } from './refusal';
import { relieve } from './release';
import { type CreditMemoInput, creditMemoShape, type InvoiceInput, invoiceShape } from './shapes';
import type { Draft } from './table';
import { totalsOf } from './tax';
import { addDays } from './time';
import { currencyOf, rateOf, voidedNote } from './transactions';

export const createDocument = (
  ledger: Ledger,
  kind: SalesKind,
  input: unknown,
  options: WriteOptions,
): SalesDocument => {
  checkWritable(ledger);
  const draft = build(ledger, kind, bodyOf(input), undefined, options);
  checkOpenPeriod(ledger, options, draft.TxnDate);
  const document = ledger.tables[kind].insert(draft);
  file(ledger, kind, document);
  return document;
};

export const updateDocument = (
  ledger: Ledger,
  kind: SalesKind,
  input: unknown,
  options: WriteOptions,
): SalesDocument => {
  checkWritable(ledger);
  const body = bodyOf(input);
  const existing = rowAtVersion(ledger.tables[kind], body);
  const draft = build(ledger, kind, body, existing, options);
  checkOpenPeriod(ledger, options, existing.TxnDate, draft.TxnDate);
  const settled = ledger.links.settled(kind, existing.Id);
  if (draft.CustomerRef.value !== existing.CustomerRef.value && settled.gt(0)) {
    throw businessRule('The customer of a transaction with payments cannot be changed.', 'CustomerRef');
  }
  if (settled.gt(dec(draft.totals.total))) relieve(ledger, kind, existing.Id, dec(draft.totals.total));
  const document = ledger.tables[kind].update(existing.Id, draft);
  file(ledger, kind, document);
  return document;
};

/** Invoices by the service, credit memos by people only. Amounts and quantities become zero, the row stays. */
export const voidDocument = (ledger: Ledger, kind: SalesKind, input: unknown, options: WriteOptions): SalesDocument => {
  checkWritable(ledger);
  const existing = rowAtVersion(ledger.tables[kind], bodyOf(input));
  checkOpenPeriod(ledger, options, existing.TxnDate);
  relieve(ledger, kind, existing.Id, dec(0));
  const zero = { subTotal: 0, tax: 0, total: 0 };
  const taxLines = existing.totals.taxLines.map((line) => ({
    rateId: line.rateId,
    percent: line.percent,
    amount: 0,
    netTaxable: 0,
  }));
  return ledger.tables[kind].update(
    existing.Id,
    {
      ...existing,
      Line: existing.Line.map(zeroLine),
      totals: { ...zero, taxLines },
      PrivateNote: voidedNote(existing.PrivateNote),
      isVoid: true,
    },
    'Void',
  );
};

export const deleteDocument = (ledger: Ledger, kind: SalesKind, input: unknown, options: WriteOptions): string => {
  checkWritable(ledger);
  const existing = rowAtVersion(ledger.tables[kind], bodyOf(input));
  checkOpenPeriod(ledger, options, existing.TxnDate);
  if (options.by === 'app' && ledger.links.paymentsOf(kind, existing.Id).length > 0) {
    throw businessRule('You must unlink the payments of this transaction before you can delete it.', 'Id');
  }
  relieve(ledger, kind, existing.Id, dec(0));
  ledger.indexes.setNumber(kind, existing.Id, undefined);
  ledger.indexes.setCustomer(kind, existing.Id, undefined);
  ledger.tables[kind].remove(existing.Id);
  return existing.Id;
};

const zeroLine = (line: DocumentLine): DocumentLine => ({
  ...line,
  ...(line.Amount !== undefined && { Amount: 0 }),
  ...(line.SalesItemLineDetail && {
    SalesItemLineDetail: {
      ...line.SalesItemLineDetail,
      ...(line.SalesItemLineDetail.Qty !== undefined && { Qty: 0 }),
      ...(line.SalesItemLineDetail.TaxInclusiveAmt !== undefined && { TaxInclusiveAmt: 0 }),
    },
  }),
});

const file = (ledger: Ledger, kind: SalesKind, document: SalesDocument): void => {
  ledger.indexes.setNumber(kind, document.Id, document.DocNumber);
  ledger.indexes.setCustomer(kind, document.Id, document.CustomerRef.value);
};

const build = (
  ledger: Ledger,
  kind: SalesKind,
  body: Json,
  existing: SalesDocument | undefined,
  options: WriteOptions,
): Draft<SalesDocument> => {
  const before = existing && body.sparse === true ? writtenPart(existing) : undefined;
  const parsed = parseDocument(kind, merged(body, before));
  const { Id: _id, SyncToken: _token, sparse: _sparse, Line, TxnTaxDetail, AutoDocNumber, ...input } = parsed;
  const customer = resolve(
    ledger.tables.Customer,
    input.CustomerRef,
    input.CustomerRef.value !== existing?.CustomerRef.value,
  );
  const currency = currencyOf(ledger, input.CurrencyRef?.value, customer);
  const taxMode = taxModeOf(ledger, input.GlobalTaxCalculation);
  const namesLines = before === undefined || 'Line' in body;
  const built = buildLines(ledger, Line, {
    currency,
    usesTax: taxMode !== 'NotApplicable',
    known: new Set(existing?.Line.flatMap((line) => line.Id ?? []) ?? []),
    lastLineId: existing?.lastLineId ?? 0,
    requireActiveItems: namesLines,
  });
  const BillAddr = input.BillAddr ? addressAsStored(input.BillAddr) : customer.BillAddr;
  const ShipAddr = input.ShipAddr ? addressAsStored(input.ShipAddr) : customer.ShipAddr;
  const keepsTax = !namesLines && !('TxnTaxDetail' in body) && existing?.totals.taxOverride !== undefined;
  const totals = totalsOf(ledger, {
    lines: built.lines,
    currency,
    taxMode,
    taxAfterDiscount: input.ApplyTaxAfterDiscount ?? false,
    state: (ShipAddr ?? BillAddr)?.CountrySubDivisionCode,
    customerIsExempt: customer.Taxable === false,
    requested: keepsTax ? { TotalTax: existing.totals.taxOverride } : TxnTaxDetail,
  });
  const TxnDate = input.TxnDate ?? today(ledger);
  const wantedNumber = { wanted: input.DocNumber, auto: AutoDocNumber === true, existing, options };
  return {
    ...input,
    TxnDate,
    Line: built.lines,
    lastLineId: built.lastLineId,
    totals,
    currency,
    isVoid: false,
    EmailStatus: input.EmailStatus ?? 'NotSet',
    PrintStatus: input.PrintStatus ?? 'NeedToPrint',
    ApplyTaxAfterDiscount: input.ApplyTaxAfterDiscount ?? false,
    DocNumber: documentNumber(ledger, kind, wantedNumber),
    ...(BillAddr && { BillAddr }),
    ...(ShipAddr && { ShipAddr }),
    ...(ledger.company.taxScheme === 'codes' && { GlobalTaxCalculation: taxMode }),
    ...(kind === 'Invoice' && { DueDate: dueDateOf(ledger, input, customer, TxnDate) }),
    ...(ledger.company.multicurrency && { ExchangeRate: input.ExchangeRate ?? rateOf(ledger, currency) }),
  };
};

const parseDocument = (kind: SalesKind, written: unknown): InvoiceInput & CreditMemoInput =>
  kind === 'Invoice' ? parseInput(invoiceShape, written) : parseInput(creditMemoShape, written);

/** What a writer could have written, without what the books computed. */
const writtenPart = (document: SalesDocument): Json => {
  const { totals: _totals, currency: _currency, isVoid: _isVoid, lastLineId: _lastLineId, ...written } = document;
  return written;
};

const taxModeOf = (ledger: Ledger, wanted: InvoiceInput['GlobalTaxCalculation']) => {
  if (ledger.company.taxScheme !== 'codes') return 'TaxExcluded';
  if (wanted === undefined) throw missing('GlobalTaxCalculation');
  return wanted;
};

const dueDateOf = (
  ledger: Ledger,
  input: Pick<InvoiceInput, 'DueDate' | 'SalesTermRef'>,
  customer: Customer,
  txnDate: string,
): string => {
  if (input.DueDate !== undefined) return input.DueDate;
  const term = input.SalesTermRef ?? customer.SalesTermRef;
  return term ? addDays(txnDate, resolve(ledger.tables.Term, term).DueDays) : txnDate;
};

/** Open invoices or credit memos of a customer, oldest first. */
export const openDocuments = (ledger: Ledger, kind: SalesKind, customerId: string): readonly SalesDocument[] =>
  ledger.indexes
    .documentsOf(kind, customerId)
    .flatMap((id) => ledger.tables[kind].get(id) ?? [])
    .filter((document) => openOf(ledger, kind, document.Id).gt(0))
    .sort((a, b) => (a.TxnDate < b.TxnDate ? -1 : a.TxnDate > b.TxnDate ? 1 : Number(a.Id) - Number(b.Id)));
