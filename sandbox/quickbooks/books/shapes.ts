// The fields that a write may carry, by entity, with the documented lengths. Strict: a field that is not listed is refused, as
// the service does. Fields that the service computes may be echoed back and are dropped.
import { z } from 'zod';
import { isDay } from './time';

export const ref = z.strictObject({
  value: z.string().min(1),
  name: z.string().optional(),
  type: z.string().optional(),
});
export type Ref = { readonly value: string; readonly name?: string | undefined };

/** Computed by the service: may be echoed back, and is forgotten. */
export const echoed = z
  .unknown()
  .transform(() => undefined)
  .optional();
export const text = (max: number) => z.string().max(max).optional();
export const day = z.string().refine(isDay, 'Invalid date, it should be YYYY-MM-DD').optional();
export const number = z.number().optional();
export const flag = z.boolean().optional();
export const optionalRef = ref.optional();

/** Present in every entity. MetaData and domain are the service's own. */
export const entity = {
  Id: z.string().optional(),
  SyncToken: z.string().optional(),
  sparse: flag,
  MetaData: echoed,
  domain: echoed,
  status: echoed,
  AttachableRef: echoed,
  CustomField: z
    .array(
      z.strictObject({
        DefinitionId: z.string(),
        Name: text(30),
        Type: z.literal('StringType'),
        StringValue: text(31),
      }),
    )
    .max(3)
    .optional(),
};

export const address = z
  .strictObject({
    Id: echoed,
    Line1: text(500),
    Line2: text(500),
    Line3: text(500),
    Line4: text(500),
    Line5: text(500),
    City: text(255),
    Country: text(255),
    CountryCode: text(255),
    County: text(255),
    CountrySubDivisionCode: text(255),
    PostalCode: text(30),
    PostalCodeSuffix: text(30),
    Lat: echoed,
    Long: echoed,
    Tag: text(100),
    Note: text(1000),
  })
  .optional();
export type Address = NonNullable<z.output<typeof address>>;

const phone = z.strictObject({ FreeFormNumber: text(30), Id: echoed, Default: flag, Tag: echoed }).optional();
const email = z.strictObject({ Address: text(100), Id: echoed, Default: flag, Tag: echoed }).optional();
const memo = z.strictObject({ value: text(1000), id: echoed }).optional();

export const customerShape = z.strictObject({
  ...entity,
  Title: text(16),
  GivenName: text(100),
  MiddleName: text(100),
  FamilyName: text(100),
  Suffix: text(16),
  DisplayName: text(500),
  CompanyName: text(100),
  PrintOnCheckName: text(110),
  Active: flag,
  Notes: text(2000),
  Taxable: flag,
  PrimaryEmailAddr: email,
  PrimaryPhone: phone,
  AlternatePhone: phone,
  Mobile: phone,
  Fax: phone,
  WebAddr: z.strictObject({ URI: text(1000), Id: echoed, Default: flag, Tag: echoed }).optional(),
  BillAddr: address,
  ShipAddr: address,
  CurrencyRef: optionalRef,
  SalesTermRef: optionalRef,
  PaymentMethodRef: optionalRef,
  DefaultTaxCodeRef: optionalRef,
  ParentRef: optionalRef,
  Job: flag,
  BillWithParent: flag,
  ResaleNum: text(16),
  PrimaryTaxIdentifier: text(20),
  SecondaryTaxIdentifier: text(20),
  BusinessNumber: text(20),
  AcctNum: text(100),
  PreferredDeliveryMethod: z.enum(['Print', 'Email', 'None']).optional(),
  TaxExemptionReasonId: text(20),
  Balance: echoed,
  OpenBalanceDate: echoed,
  BalanceWithJobs: echoed,
  FullyQualifiedName: echoed,
  Level: echoed,
  V4IDPseudonym: echoed,
  IsProject: echoed,
  ClientEntityId: echoed,
  ClientCompanyId: echoed,
  CustomerTypeRef: echoed,
  ARAccountRef: echoed,
  Source: echoed,
});
export type CustomerInput = z.output<typeof customerShape>;

const linkedTxn = z.strictObject({ TxnId: z.string(), TxnType: z.string(), TxnLineId: z.string().optional() });

const salesItem = z.strictObject({
  ItemRef: optionalRef,
  ClassRef: optionalRef,
  UnitPrice: number,
  RatePercent: echoed,
  Qty: number,
  ItemAccountRef: echoed,
  TaxCodeRef: optionalRef,
  TaxClassificationRef: echoed,
  ServiceDate: day,
  TaxInclusiveAmt: number,
  // Discounts per line exist in French companies only.
  DiscountRate: echoed,
  DiscountAmt: echoed,
});
const discount = z.strictObject({
  PercentBased: flag,
  DiscountPercent: number,
  DiscountAccountRef: optionalRef,
  DiscountRef: echoed,
  ServiceDate: day,
  ClassRef: optionalRef,
  TaxCodeRef: optionalRef,
});
const taxLine = z.strictObject({
  Amount: number,
  DetailType: z.literal('TaxLineDetail'),
  TaxLineDetail: z.strictObject({
    TaxRateRef: ref,
    PercentBased: flag,
    TaxPercent: number,
    NetAmountTaxable: number,
    TaxInclusiveAmount: number,
    OverrideDeltaAmount: number,
    ServiceDate: day,
  }),
});
const taxDetail = z.strictObject({
  TxnTaxCodeRef: optionalRef,
  DefaultTaxCodeRef: echoed,
  TotalTax: number,
  TaxReviewStatus: echoed,
  UseAutomatedSalesTax: flag,
  TaxLine: z.array(taxLine).optional(),
});
export type TaxDetailInput = z.output<typeof taxDetail>;

export const lineShape = z.strictObject({
  Id: z.string().optional(),
  LineNum: number,
  Description: text(4000),
  Amount: number,
  LinkedTxn: z.array(linkedTxn).optional(),
  DetailType: z.enum([
    'SalesItemLineDetail',
    'DiscountLineDetail',
    'DescriptionOnly',
    'SubTotalLineDetail',
    'GroupLineDetail',
  ]),
  SalesItemLineDetail: salesItem.optional(),
  DiscountLineDetail: discount.optional(),
  DescriptionLineDetail: z.strictObject({ ServiceDate: day, TaxCodeRef: optionalRef }).optional(),
  SubTotalLineDetail: echoed,
  GroupLineDetail: echoed,
  CustomField: echoed,
});
export type LineInput = z.output<typeof lineShape>;
export type SalesItemInput = z.output<typeof salesItem>;
export type DiscountInput = z.output<typeof discount>;

const sales = {
  ...entity,
  CustomerRef: ref,
  Line: z.array(lineShape).min(1).max(10_000),
  DocNumber: text(21),
  AutoDocNumber: flag,
  TxnDate: day,
  DepartmentRef: optionalRef,
  ClassRef: optionalRef,
  CurrencyRef: optionalRef,
  ExchangeRate: number,
  PrivateNote: text(4000),
  CustomerMemo: memo,
  BillAddr: address,
  ShipAddr: address,
  ShipFromAddr: address,
  FreeFormAddress: flag,
  BillEmail: email,
  BillEmailCc: email,
  BillEmailBcc: email,
  EmailStatus: z.enum(['NotSet', 'NeedToSend', 'EmailSent']).optional(),
  PrintStatus: z.enum(['NotSet', 'NeedToPrint', 'PrintComplete']).optional(),
  GlobalTaxCalculation: z.enum(['TaxExcluded', 'TaxInclusive', 'NotApplicable']).optional(),
  TxnTaxDetail: taxDetail.optional(),
  ApplyTaxAfterDiscount: flag,
  SalesTermRef: optionalRef,
  ARAccountRef: echoed,
  TemplateRef: echoed,
  TotalAmt: echoed,
  HomeTotalAmt: echoed,
  Balance: echoed,
  HomeBalance: echoed,
  LinkedTxn: echoed,
  DeliveryInfo: echoed,
  RecurDataRef: echoed,
  TxnSource: echoed,
  TaxExemptionRef: echoed,
  ShipMethodRef: optionalRef,
  ShipDate: day,
  TrackingNum: text(31),
};
export const invoiceShape = z.strictObject({
  ...sales,
  DueDate: day,
  // Deposits on invoices are turned off in these companies, and then the service forgets them.
  Deposit: echoed,
  DepositToAccountRef: echoed,
  AllowIPNPayment: flag,
  AllowOnlinePayment: flag,
  AllowOnlineCreditCardPayment: flag,
  AllowOnlineACHPayment: flag,
  InvoiceLink: echoed,
});
export const creditMemoShape = z.strictObject({
  ...sales,
  PaymentMethodRef: optionalRef,
  RemainingCredit: echoed,
  InvoiceRef: echoed,
});
export type InvoiceInput = z.output<typeof invoiceShape>;
export type CreditMemoInput = z.output<typeof creditMemoShape>;

export const paymentShape = z.strictObject({
  ...entity,
  CustomerRef: ref,
  TotalAmt: z.number(),
  TxnDate: day,
  CurrencyRef: optionalRef,
  ExchangeRate: number,
  PrivateNote: text(4000),
  PaymentRefNum: text(21),
  PaymentMethodRef: optionalRef,
  DepositToAccountRef: optionalRef,
  ARAccountRef: echoed,
  ProcessPayment: flag,
  TxnSource: echoed,
  UnappliedAmt: echoed,
  LinkedTxn: echoed,
  Line: z
    .array(
      z.strictObject({
        Id: echoed,
        LineNum: echoed,
        Amount: z.number(),
        LinkedTxn: z.array(linkedTxn).min(1).max(1),
        LineEx: echoed,
      }),
    )
    .max(10_000)
    .optional(),
});
export type PaymentInput = z.output<typeof paymentShape>;

export const itemShape = z.strictObject({
  ...entity,
  Name: z.string().min(1).max(100),
  Type: z.enum(['Service', 'NonInventory', 'Inventory', 'Group', 'Category']).optional(),
  Description: text(4000),
  Active: flag,
  Sku: text(100),
  UnitPrice: number,
  Taxable: flag,
  IncomeAccountRef: optionalRef,
  ExpenseAccountRef: optionalRef,
  SubItem: flag,
  ParentRef: optionalRef,
  FullyQualifiedName: echoed,
  Level: echoed,
  TrackQtyOnHand: flag,
  PurchaseCost: number,
});
export type ItemInput = z.output<typeof itemShape>;
