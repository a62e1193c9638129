// What a person does at the desk, by plain methods: the pages, the demo and tests use them, and webhooks tell of them as of any
// other change. A person may write into a closed period, void credit memos and merge customers; an app may not.

import { dec, decimalsOf, round, toNumber } from './arithmetic';
import { applyAfterPayment, applyAfterSale, linkCredit } from './auto-apply';
import { openOf } from './balances';
import type { Preferences } from './company';
import { createCustomer, mergeCustomers, updateCustomer } from './customers';
import type { Json } from './input';
import { type Ledger, resolve } from './ledger';
import { createPayment, deletePayment, updatePayment, voidPayment } from './payments';
import type { Customer, SalesKind } from './records';
import { duplicateName, notFound } from './refusal';
import { createDocument, deleteDocument, openDocuments, updateDocument, voidDocument } from './sales';

export type CustomerEntry = {
  readonly displayName: string;
  readonly companyName?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly currency?: string;
  readonly address?: Json;
  readonly parentId?: string;
};
export type LineEntry = {
  readonly description?: string;
  /** Decimal text. */
  readonly quantity?: string;
  readonly unitPrice: string;
  readonly itemId?: string;
  /** `TAX`, `NON`, or the id of a tax code. Default: taxed where the company taxes. */
  readonly taxCode?: string;
};
export type DocumentEntry = {
  readonly customerId: string;
  readonly lines: readonly LineEntry[];
  readonly number?: string;
  readonly date?: string;
  readonly dueDate?: string;
  readonly note?: string;
  readonly discountPercent?: string;
  readonly taxMode?: 'TaxExcluded' | 'TaxInclusive' | 'NotApplicable';
};
export type PaymentEntry = {
  readonly customerId: string;
  readonly amount: string;
  readonly date?: string;
  readonly reference?: string;
  readonly methodId?: string;
  readonly accountId?: string;
  /** What it pays; default: the customer's open invoices, oldest first. */
  readonly invoices?: readonly { readonly invoiceId: string; readonly amount: string }[];
};

export type Bookkeeper = ReturnType<typeof createBookkeeper>;

const PERSON = { by: 'person' } as const;

export const createBookkeeper = (ledger: Ledger) => ({
  ...customerDesk(ledger),
  ...salesDesk(ledger),
  ...paymentDesk(ledger),
  setClosingDate: (day: string | undefined): void => {
    ledger.company.preferences.closingDate = day;
  },
  setItemActive: (id: string, isActive: boolean): void => {
    const item = resolve(ledger.tables.Item, { value: id }, false);
    ledger.tables.Item.update(id, { ...item, Active: isActive });
  },
  /** As when a sandbox company is reset: every record goes, nobody is told, and no id comes back. Settings and lists stay. */
  startOver: (): void => {
    const { Customer, Invoice, CreditMemo, Payment, Purchase, Deposit, Transfer } = ledger.tables;
    for (const table of [Customer, Invoice, CreditMemo, Payment, Purchase, Deposit, Transfer]) table.clear();
    ledger.links.clear();
    ledger.indexes.clear();
  },
  setPreferences: (changes: Partial<Preferences>): void => void Object.assign(ledger.company.preferences, changes),
});

const customerOf = (ledger: Ledger, id: string): Customer => resolve(ledger.tables.Customer, { value: id }, false);

/** What a write must carry to be accepted: the id, and the version that stands now. */
const version = ({ tables }: Ledger, kind: SalesKind | 'Payment', id: string): Json => {
  const record = kind === 'Payment' ? tables.Payment.get(id) : tables[kind].get(id);
  if (!record) throw notFound(`${kind} ${id}`);
  return { Id: record.Id, SyncToken: record.SyncToken };
};

const customerDesk = (ledger: Ledger) => {
  const editCustomer = (id: string, fields: Json): void => {
    const { Id, SyncToken } = customerOf(ledger, id);
    updateCustomer(ledger, { Id, SyncToken, sparse: true, ...fields });
  };
  return {
    enterCustomer: (entry: CustomerEntry): string => createCustomer(ledger, customerBody(entry)).Id,
    changePhone: (id: string, phone: string): void => editCustomer(id, { PrimaryPhone: { FreeFormNumber: phone } }),
    changeEmail: (id: string, address: string): void => editCustomer(id, { PrimaryEmailAddr: { Address: address } }),
    renameCustomer: (id: string, displayName: string): void => editCustomer(id, { DisplayName: displayName }),
    editCustomer,
    makeInactive: (id: string): void => editCustomer(id, { Active: false }),
    makeActive: (id: string): void => editCustomer(id, { Active: true }),
    mergeCustomers: (fromId: string, intoId: string): void => mergeCustomers(ledger, fromId, intoId),
    enterVendor: (displayName: string): string => enterName(ledger, 'Vendor', displayName),
    enterEmployee: (displayName: string): string => enterName(ledger, 'Employee', displayName),
  };
};

const salesDesk = (ledger: Ledger) => {
  const enter = (kind: SalesKind, entry: DocumentEntry): string => {
    const body = documentBody(ledger, entry, customerOf(ledger, entry.customerId));
    const { Id } = createDocument(ledger, kind, body, PERSON);
    applyAfterSale(ledger, kind, entry.customerId);
    return Id;
  };
  const makeVoid = (kind: SalesKind, id: string): void =>
    void voidDocument(ledger, kind, version(ledger, kind, id), PERSON);
  const remove = (kind: SalesKind, id: string): void =>
    void deleteDocument(ledger, kind, version(ledger, kind, id), PERSON);
  return {
    enterInvoice: (entry: DocumentEntry): string => enter('Invoice', entry),
    enterCreditMemo: (entry: DocumentEntry): string => enter('CreditMemo', entry),
    /** Fields in the names of the wire; lines that are given replace the old ones. */
    editInvoice: (id: string, fields: Json): void => {
      updateDocument(ledger, 'Invoice', { ...version(ledger, 'Invoice', id), sparse: true, ...fields }, PERSON);
    },
    voidInvoice: (id: string): void => makeVoid('Invoice', id),
    deleteInvoice: (id: string): void => remove('Invoice', id),
    voidCreditMemo: (id: string): void => makeVoid('CreditMemo', id),
    deleteCreditMemo: (id: string): void => remove('CreditMemo', id),
    /** As much of the credit as the invoice takes. */
    applyCredit: (creditMemoId: string, invoiceId: string): string => {
      const left = openOf(ledger, 'CreditMemo', creditMemoId);
      const owed = openOf(ledger, 'Invoice', invoiceId);
      const credit = resolve(ledger.tables.CreditMemo, { value: creditMemoId });
      const invoice = resolve(ledger.tables.Invoice, { value: invoiceId });
      return linkCredit(ledger, credit, invoice, toNumber(left.lt(owed) ? left : owed));
    },
  };
};

const paymentDesk = (ledger: Ledger) => ({
  recordPayment: (entry: PaymentEntry): string => {
    const body = paymentBody(ledger, entry, customerOf(ledger, entry.customerId));
    const { Id } = createPayment(ledger, body, PERSON);
    applyAfterPayment(ledger, entry.customerId);
    return Id;
  },
  editPayment: (id: string, fields: Json): void => {
    updatePayment(ledger, { ...version(ledger, 'Payment', id), sparse: true, ...fields }, PERSON);
  },
  voidPayment: (id: string): void => void voidPayment(ledger, version(ledger, 'Payment', id), PERSON),
  deletePayment: (id: string): void => void deletePayment(ledger, version(ledger, 'Payment', id), PERSON),
  /** Into a deposit: from now on the payment is frozen. */
  depositPayment: (id: string): void => {
    const { Payment } = ledger.tables;
    Payment.update(id, { ...resolve(Payment, { value: id }), isDeposited: true });
  },
});

const enterName = (ledger: Ledger, entity: 'Vendor' | 'Employee', DisplayName: string): string => {
  const owner = ledger.indexes.nameOwner(DisplayName);
  if (owner) throw duplicateName(owner.id);
  const table = ledger.tables[entity];
  const { Id } = table.insert({ DisplayName, Active: true });
  ledger.indexes.claimName(DisplayName, { entity, id: Id });
  return Id;
};

const customerBody = (entry: CustomerEntry): Json => ({
  DisplayName: entry.displayName,
  ...(entry.companyName && { CompanyName: entry.companyName }),
  ...(entry.email && { PrimaryEmailAddr: { Address: entry.email } }),
  ...(entry.phone && { PrimaryPhone: { FreeFormNumber: entry.phone } }),
  ...(entry.currency && { CurrencyRef: { value: entry.currency } }),
  ...(entry.address && { BillAddr: entry.address }),
  ...(entry.parentId && { ParentRef: { value: entry.parentId }, Job: true }),
});

const documentBody = (ledger: Ledger, entry: DocumentEntry, customer: Customer): Json => {
  const currency = customer.CurrencyRef?.value ?? ledger.company.homeCurrency;
  return {
    CustomerRef: { value: entry.customerId },
    CurrencyRef: { value: currency },
    ...(entry.number && { DocNumber: entry.number }),
    ...(entry.date && { TxnDate: entry.date }),
    ...(entry.dueDate && { DueDate: entry.dueDate }),
    ...(entry.note && { PrivateNote: entry.note }),
    ...(ledger.company.taxScheme === 'codes' && { GlobalTaxCalculation: entry.taxMode ?? 'TaxExcluded' }),
    Line: [
      ...entry.lines.map((line) => lineBody(ledger, line, currency)),
      ...(entry.discountPercent && dec(entry.discountPercent).gt(0)
        ? [
            {
              DetailType: 'DiscountLineDetail',
              DiscountLineDetail: { PercentBased: true, DiscountPercent: Number(entry.discountPercent) },
            },
          ]
        : []),
    ],
  };
};

export const lineBody = (ledger: Ledger, line: LineEntry, currency: string): Json => {
  const quantity = dec(line.quantity ?? '1');
  return {
    DetailType: 'SalesItemLineDetail',
    Amount: toNumber(round(quantity.times(dec(line.unitPrice)), decimalsOf(currency))),
    ...(line.description && { Description: line.description }),
    SalesItemLineDetail: {
      ItemRef: { value: line.itemId ?? '1' },
      Qty: toNumber(quantity),
      UnitPrice: toNumber(dec(line.unitPrice)),
      TaxCodeRef: { value: line.taxCode ?? defaultTaxCode(ledger) },
    },
  };
};

const defaultTaxCode = (ledger: Ledger): string => {
  if (ledger.company.taxScheme === 'automated') return 'TAX';
  if (ledger.company.taxScheme === 'off') return 'NON';
  for (const { record } of ledger.tables.TaxCode.rows()) return record.Id;
  throw new Error('a company with tax codes has at least one');
};

const paymentBody = (ledger: Ledger, entry: PaymentEntry, customer: Customer): Json => {
  const lines = entry.invoices ?? oldestFirst(ledger, entry);
  return {
    CustomerRef: { value: entry.customerId },
    CurrencyRef: { value: customer.CurrencyRef?.value ?? ledger.company.homeCurrency },
    TotalAmt: toNumber(dec(entry.amount)),
    ...(entry.date && { TxnDate: entry.date }),
    ...(entry.reference && { PaymentRefNum: entry.reference }),
    ...(entry.methodId && { PaymentMethodRef: { value: entry.methodId } }),
    ...(entry.accountId && { DepositToAccountRef: { value: entry.accountId } }),
    Line: lines.map(({ invoiceId, amount }) => ({
      Amount: toNumber(dec(amount)),
      LinkedTxn: [{ TxnId: invoiceId, TxnType: 'Invoice' }],
    })),
  };
};

const oldestFirst = (
  ledger: Ledger,
  entry: PaymentEntry,
): { readonly invoiceId: string; readonly amount: string }[] => {
  let left = dec(entry.amount);
  return openDocuments(ledger, 'Invoice', entry.customerId).flatMap((invoice) => {
    const owed = openOf(ledger, 'Invoice', invoice.Id);
    const part = left.lt(owed) ? left : owed;
    if (part.lte(0)) return [];
    left = left.minus(part);
    return [{ invoiceId: invoice.Id, amount: part.toFixed() }];
  });
};
