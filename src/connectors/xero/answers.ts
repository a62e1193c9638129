// Xero's records as they come over the wire, as far as we read them. Unknown fields are ignored; a known field of another form makes that one
// record not understood. Amounts become exact decimals from the digits that were sent.
import { Big } from 'big.js';
import { z } from 'zod';
import { parseDocumentDate, parseInstant } from './dates';

/** A record that is well-formed and yet says something the house cannot hold. */
export class NotUnderstood extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotUnderstood';
  }
}

const parsedBy = <T>(read: (text: string) => T | undefined, what: string) =>
  z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `is no ${what}` });
    return z.NEVER;
  });

const stamp = parsedBy(parseInstant, 'instant');
const day = parsedBy(parseDocumentDate, 'date');
const decimal = z.number().transform((value) => new Big(String(value)));
const guid = z.string().regex(/^[0-9a-f-]{36}$/i, { error: 'is no id' });
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** What each element of a batch says about itself, whatever else is in it. */
export const ElementVerdict = z.object({
  StatusAttributeString: z.string().optional(),
  HasErrors: z.boolean().optional().catch(undefined),
  HasValidationErrors: z.boolean().optional().catch(undefined),
  ValidationErrors: z
    .array(z.object({ Message: z.string() }))
    .optional()
    .catch(undefined),
});

export const Envelope = z.looseObject({
  DateTimeUTC: stamp.optional().catch(undefined),
  pagination: z
    .object({ pageCount: z.number().int(), itemCount: z.number().int().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export const ContactAnswer = z.object({
  ContactID: guid,
  ContactNumber: text,
  ContactStatus: z.enum(['ACTIVE', 'ARCHIVED', 'GDPRREQUEST']),
  Name: z.string(),
  EmailAddress: text,
  TaxNumber: text,
  MergedToContactID: guid.optional(),
  IsSupplier: z.boolean().optional(),
  IsCustomer: z.boolean().optional(),
  Addresses: z
    .array(
      z.object({
        AddressType: z.string(),
        AddressLine1: text,
        AddressLine2: text,
        AddressLine3: text,
        AddressLine4: text,
        City: text,
        Region: text,
        PostalCode: text,
        Country: text,
      }),
    )
    .default([]),
  Phones: z
    .array(z.object({ PhoneType: z.string(), PhoneNumber: text, PhoneAreaCode: text, PhoneCountryCode: text }))
    .default([]),
  UpdatedDateUTC: stamp,
});
export type ContactAnswer = z.output<typeof ContactAnswer>;

const Line = z.object({
  LineItemID: guid.optional(),
  Description: text,
  Quantity: decimal.optional(),
  UnitAmount: decimal.optional(),
  AccountCode: text,
  TaxType: text,
  LineAmount: decimal.optional(),
  DiscountRate: decimal.optional(),
  DiscountAmount: decimal.optional(),
});

const documentFields = {
  Contact: z.object({ ContactID: guid }),
  Reference: text,
  Status: z.enum(['DRAFT', 'SUBMITTED', 'DELETED', 'AUTHORISED', 'PAID', 'VOIDED']),
  LineAmountTypes: z.enum(['Exclusive', 'Inclusive', 'NoTax']),
  CurrencyCode: z.string().regex(/^[A-Z]{3}$/),
  CurrencyRate: decimal.optional(),
  Date: day,
  LineItems: z.array(Line),
  SubTotal: decimal,
  TotalTax: decimal,
  Total: decimal,
  UpdatedDateUTC: stamp,
};

const AppliedAdvance = z.object({
  OverpaymentID: guid.optional(),
  PrepaymentID: guid.optional(),
  AppliedAmount: decimal.optional(),
});

export const InvoiceAnswer = z.object({
  ...documentFields,
  Type: z.string(),
  InvoiceID: guid,
  InvoiceNumber: text,
  DueDate: day.optional(),
  Url: text,
  AmountDue: decimal,
  AmountPaid: decimal,
  AmountCredited: decimal.optional(),
  CreditNotes: z.array(z.object({ CreditNoteID: guid })).default([]),
  Overpayments: z.array(AppliedAdvance).default([]),
  Prepayments: z.array(AppliedAdvance).default([]),
});
export type InvoiceAnswer = z.output<typeof InvoiceAnswer>;

const AllocationFields = {
  AllocationID: guid,
  Amount: decimal,
  Date: day,
  Invoice: z.object({ InvoiceID: guid }),
  IsDeleted: z.boolean().optional(),
};
export const AllocationAnswer = z.object(AllocationFields);
export type AllocationAnswer = z.output<typeof AllocationAnswer>;

export const CreditNoteAnswer = z.object({
  ...documentFields,
  Type: z.string(),
  CreditNoteID: guid,
  CreditNoteNumber: text,
  RemainingCredit: decimal,
  Allocations: z.array(AllocationAnswer).default([]),
});
export type CreditNoteAnswer = z.output<typeof CreditNoteAnswer>;

export const PaymentAnswer = z.object({
  PaymentID: guid,
  Date: day,
  Amount: decimal,
  Reference: text,
  PaymentType: z.string().optional(),
  Status: z.enum(['AUTHORISED', 'DELETED']),
  IsReconciled: z.boolean().optional(),
  Account: z.object({ AccountID: guid.optional() }).optional(),
  Invoice: z.object({
    InvoiceID: guid,
    Type: z.string().optional(),
    CurrencyCode: z.string().optional(),
    Contact: z.object({ ContactID: guid.optional() }).optional(),
  }),
  UpdatedDateUTC: stamp,
});
export type PaymentAnswer = z.output<typeof PaymentAnswer>;

const AdvanceFields = {
  Type: z.string().optional(),
  Contact: z.object({ ContactID: guid }),
  Date: day,
  Status: z.enum(['AUTHORISED', 'PAID', 'VOIDED']),
  Total: decimal,
  RemainingCredit: decimal,
  CurrencyCode: z.string().regex(/^[A-Z]{3}$/),
  Allocations: z.array(z.object(AllocationFields)).default([]),
  UpdatedDateUTC: stamp,
};
/** An overpayment or a prepayment. */
export const AdvanceAnswer = z.object({
  ...AdvanceFields,
  OverpaymentID: guid.optional(),
  PrepaymentID: guid.optional(),
});
export type AdvanceAnswer = z.output<typeof AdvanceAnswer>;
/** The bank transaction that one was made of. */
export const AdvanceRowAnswer = z.object({
  BankTransactionID: guid,
  OverpaymentID: guid.optional(),
  PrepaymentID: guid.optional(),
  BankAccount: z.object({ AccountID: guid }),
  LineItems: z.array(z.object({ LineItemID: guid })).default([]),
  Status: z.string().default('AUTHORISED'),
  Total: decimal,
  Url: text,
  UpdatedDateUTC: stamp,
});
export type AdvanceRowAnswer = z.output<typeof AdvanceRowAnswer>;
/** A payment on a credit note. The note is shown under Invoice, with its own type, or as what it is. */
export const RefundAnswer = PaymentAnswer.extend({
  Invoice: PaymentAnswer.shape.Invoice.optional(),
  CreditNote: z
    .object({
      CreditNoteID: guid,
      Type: z.string().optional(),
      CurrencyCode: z.string().optional(),
    })
    .optional(),
});
export type RefundAnswer = z.output<typeof RefundAnswer>;

/** What kind of payment an element says it is, before anything else of it is read. */
export const PaymentTypeOnly = z.object({ PaymentType: z.string().optional() });

/** As far as a posting of ours is found again by them. */
export const BankTransactionAnswer = z.object({
  BankTransactionID: guid,
  Type: z.string(),
  Status: z.string().default('AUTHORISED'),
  Reference: text,
  Total: decimal.optional(),
  BankAccount: z.object({ AccountID: guid }),
});
export const BankTransferAnswer = z.object({
  BankTransferID: guid,
  Status: z.string().default('AUTHORISED'),
  Reference: text,
  Amount: decimal,
  FromBankAccount: z.object({ AccountID: guid }),
  ToBankAccount: z.object({ AccountID: guid }),
});

export const OrganisationAnswer = z.object({
  OrganisationID: guid,
  Name: z.string(),
  BaseCurrency: z.string(),
  CountryCode: z.string(),
  Timezone: text,
  PeriodLockDate: z.string().nullish(),
  EndOfYearLockDate: z.string().nullish(),
  PaysTax: z.boolean().optional(),
  SalesTaxBasis: z.string().nullish(),
  IsDemoCompany: z.boolean().optional(),
  ShortCode: text,
});
export const CurrencyAnswer = z.object({ Code: z.string() });
export const AccountAnswer = z.object({
  AccountID: guid,
  Code: z.string().nullish(),
  Name: z.string(),
  Type: z.string(),
  Class: text,
  Status: z.string(),
  SystemAccount: text,
  EnablePaymentsToAccount: z.boolean().optional(),
  CurrencyCode: text,
});
export const TaxRateAnswer = z.object({
  TaxType: z.string(),
  Name: z.string(),
  EffectiveRate: decimal.optional(),
  DisplayTaxRate: decimal.optional(),
  Status: z.string().default('ACTIVE'),
  CanApplyToRevenue: z.boolean().optional(),
});
export const ItemAnswer = z.object({
  Code: z.string(),
  Name: text,
  SalesDetails: z.object({ AccountCode: text }).optional(),
});

/** The plural array of an answer, its elements still unread. Undefined where there is none: then nothing can be said. */
export const elementsOf = (json: unknown, plural: string): readonly unknown[] | undefined => {
  const envelope = Envelope.safeParse(json);
  const elements = envelope.success ? envelope.data[plural] : undefined;
  return Array.isArray(elements) ? elements : undefined;
};
