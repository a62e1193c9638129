// QuickBooks' records as they come over the wire, as far as we read them. Unknown fields are ignored (new ones appear without notice); a
// known field of another form makes that one record not understood. Amounts become exact decimals from the digits that were sent.
import { Big } from 'big.js';
import { z } from 'zod';
import { isDocumentDate } from '../../core/calendar-date';

/** A record that is well-formed and yet says something the house cannot hold. */
export class NotUnderstood extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotUnderstood';
  }
}

const decimal = z.number().transform((value) => new Big(String(value)));
const id = z.string().min(1);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const day = z.string().refine(isDocumentDate, { error: 'is no date' });
/** With an offset, usually Pacific: compared and kept as an instant. */
export const stamp = z.string().transform((value, context): string => {
  const atMs = Date.parse(value);
  if (!Number.isNaN(atMs)) return new Date(atMs).toISOString();
  context.addIssue({ code: 'custom', message: 'is no instant' });
  return z.NEVER;
});
const ref = z.object({ value: id });

const entity = {
  Id: id,
  SyncToken: z.string().min(1),
  MetaData: z.object({ LastUpdatedTime: stamp }),
};

/** What every row says of itself, whatever else is in it; deleted ones say nothing more. */
export const Row = z.looseObject({
  Id: id,
  SyncToken: z.string().optional().catch(undefined),
  status: z.string().optional().catch(undefined),
  MetaData: z.object({ LastUpdatedTime: stamp }).optional().catch(undefined),
});

const Address = z.object({
  Line1: text,
  Line2: text,
  Line3: text,
  Line4: text,
  Line5: text,
  City: text,
  CountrySubDivisionCode: text,
  PostalCode: text,
  Country: text,
});
export type AddressAnswer = z.output<typeof Address>;

export const CustomerAnswer = z.object({
  ...entity,
  DisplayName: z.string().min(1),
  Active: z.boolean().default(true),
  PrimaryEmailAddr: z.object({ Address: text }).nullish(),
  PrimaryPhone: z.object({ FreeFormNumber: text }).nullish(),
  BillAddr: Address.nullish(),
  CurrencyRef: ref.nullish(),
  Notes: text,
  Balance: decimal.nullish(),
});
export type CustomerAnswer = z.output<typeof CustomerAnswer>;

const SalesDetail = z.object({
  ItemRef: ref.nullish(),
  Qty: decimal.nullish(),
  UnitPrice: decimal.nullish(),
  TaxCodeRef: ref.nullish(),
  TaxInclusiveAmt: decimal.nullish(),
});
const lineFields = {
  Id: z.string().optional(),
  DetailType: z.string(),
  Description: text,
  Amount: decimal.nullish(),
  SalesItemLineDetail: SalesDetail.nullish(),
  DiscountLineDetail: z.object({ PercentBased: z.boolean().nullish(), DiscountPercent: decimal.nullish() }).nullish(),
};
const Line = z.object({
  ...lineFields,
  GroupLineDetail: z.object({ Line: z.array(z.object(lineFields)).default([]) }).nullish(),
});
export type LineAnswer = z.output<typeof Line>;

const LinkedTxn = z.array(z.object({ TxnId: id, TxnType: z.string() })).default([]);

const documentFields = {
  ...entity,
  DocNumber: text,
  TxnDate: day,
  CustomerRef: ref,
  CurrencyRef: ref.nullish(),
  PrivateNote: text,
  CustomerMemo: z.object({ value: text }).nullish(),
  GlobalTaxCalculation: z.string().nullish(),
  Line: z.array(Line).default([]),
  TxnTaxDetail: z.object({ TotalTax: decimal.nullish() }).nullish(),
  TotalAmt: decimal,
  Balance: decimal.nullish(),
};

export const InvoiceAnswer = z.object({ ...documentFields, DueDate: day.nullish(), LinkedTxn });
export type InvoiceAnswer = z.output<typeof InvoiceAnswer>;

export const CreditMemoAnswer = z.object({ ...documentFields, RemainingCredit: decimal.nullish() });
export type CreditMemoAnswer = z.output<typeof CreditMemoAnswer>;

export const PaymentAnswer = z.object({
  ...entity,
  CustomerRef: ref,
  CurrencyRef: ref.nullish(),
  TxnDate: day,
  TotalAmt: decimal,
  UnappliedAmt: decimal.nullish(),
  PrivateNote: text,
  PaymentRefNum: text,
  PaymentMethodRef: ref.nullish(),
  DepositToAccountRef: ref.nullish(),
  LinkedTxn,
  Line: z.array(z.object({ Amount: decimal, LinkedTxn })).default([]),
});
export type PaymentAnswer = z.output<typeof PaymentAnswer>;

// ---- settings and lists ----

export const CompanyAnswer = z.object({
  CompanyName: z.string(),
  Country: text,
  DefaultTimeZone: text,
  NameValue: z.array(z.object({ Name: z.string(), Value: text })).default([]),
});
export const PreferencesAnswer = z.object({
  TaxPrefs: z.object({ UsingSalesTax: z.boolean().nullish(), PartnerTaxEnabled: z.boolean().nullish() }).default({}),
  CurrencyPrefs: z.object({ MultiCurrencyEnabled: z.boolean().nullish(), HomeCurrency: ref.nullish() }).default({}),
  SalesFormsPrefs: z
    .object({
      CustomTxnNumbers: z.boolean().nullish(),
      AutoApplyCredit: z.boolean().nullish(),
      AutoApplyPayments: z.boolean().nullish(),
    })
    .default({}),
  AccountingInfoPrefs: z.object({ BookCloseDate: day.nullish() }).default({}),
});
export const CurrencyAnswer = z.object({ Code: z.string(), Active: z.boolean().default(true) });
export const AccountAnswer = z.object({
  Id: id,
  Name: z.string(),
  AcctNum: text,
  AccountType: z.string(),
  AccountSubType: text,
  Active: z.boolean().default(true),
  CurrencyRef: ref.nullish(),
});
export const ItemAnswer = z.object({
  Id: id,
  Name: z.string(),
  Type: text,
  Active: z.boolean().default(true),
  IncomeAccountRef: ref.nullish(),
});
const RateList = z.object({ TaxRateDetail: z.array(z.object({ TaxRateRef: ref })).default([]) }).nullish();
export const TaxCodeAnswer = z.object({
  Id: id,
  Name: z.string(),
  Active: z.boolean().default(true),
  Hidden: z.boolean().nullish(),
  SalesTaxRateList: RateList,
  PurchaseTaxRateList: RateList,
});
export const TaxRateAnswer = z.object({ Id: id, RateValue: decimal.nullish() });
export const PaymentMethodAnswer = z.object({ Id: id, Name: z.string(), Active: z.boolean().default(true) });

// ---- envelopes ----

const Timed = z.object({ time: stamp.optional().catch(undefined) });
export const timeOf = (json: unknown): string | undefined => Timed.safeParse(json).data?.time;

const QueryEnvelope = z.object({ QueryResponse: z.looseObject({}) });
/** The rows of a query, still unread; an empty result has no key. Undefined where it is no answer to a query. */
export const rowsOf = (json: unknown, entityName: string): readonly unknown[] | undefined => {
  const response = QueryEnvelope.safeParse(json).data?.QueryResponse;
  const rows = response?.[entityName];
  if (response === undefined || (rows !== undefined && !Array.isArray(rows))) return undefined;
  return rows ?? [];
};

/** Of a query that counts. */
export const totalCountOf = (json: unknown): number | undefined =>
  CountEnvelope.safeParse(json).data?.QueryResponse.totalCount;
const CountEnvelope = z.object({ QueryResponse: z.object({ totalCount: z.number().int().nonnegative() }) });

/** The one record of a read or a write. */
export const recordOf = (json: unknown, entityName: string): unknown =>
  typeof json === 'object' && json !== null ? (json as { readonly [key: string]: unknown })[entityName] : undefined;

const BatchEnvelope = z.object({ BatchItemResponse: z.array(z.looseObject({ bId: z.string() })) });
export const batchItemsOf = (json: unknown): ReadonlyMap<string, { readonly [key: string]: unknown }> | undefined => {
  const items = BatchEnvelope.safeParse(json).data?.BatchItemResponse;
  return items && new Map(items.map((item) => [item.bId, item]));
};

const ChangesEnvelope = z.object({
  CDCResponse: z.array(z.object({ QueryResponse: z.array(z.looseObject({})) })),
});
/** Rows by entity. Undefined where it is no answer of change data capture. */
export const changesOf = (json: unknown): ReadonlyMap<string, readonly unknown[]> | undefined => {
  const responses = ChangesEnvelope.safeParse(json).data?.CDCResponse;
  if (responses === undefined) return undefined;
  const rows = new Map<string, unknown[]>();
  for (const part of responses.flatMap(({ QueryResponse }) => QueryResponse)) {
    for (const [name, value] of Object.entries(part)) {
      if (Array.isArray(value)) rows.set(name, [...(rows.get(name) ?? []), ...value]);
    }
  }
  return rows;
};
