// What may be written into the books, in Xero's own words and spelling. The wire and the bookkeeper's forms both come
// through here; a field of the wrong type is refused before any rule is asked.
import { z } from 'zod';

/** Xero takes a null for "not mentioned". */
const mentioned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(mentioned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, mentioned(member)]),
  );
};

const text = z.string();
const guid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, 'is not a GUID')
  .transform((value) => value.toLowerCase());
const decimal = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/, 'is not a number')])
  .transform((value) => String(value));
const flag = z.union([z.boolean(), z.enum(['true', 'false'])]).transform((value) => value === true || value === 'true');
/** `2026-11-03`, the same with a time, or `/Date(1793664000000)/`. The time of day is dropped, never shifted. */
const date = z.string().transform((value, context) => {
  const milliseconds = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(value)?.[1];
  const day =
    milliseconds === undefined ? value.slice(0, 10) : new Date(Number(milliseconds)).toISOString().slice(0, 10);
  if (/^\d{4}-\d{2}-\d{2}$/.test(day) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)) return day;
  context.addIssue({ code: 'custom', message: 'is not a date' });
  return z.NEVER;
});

const record = <S extends z.ZodRawShape>(shape: S) => z.object(shape).partial();

export const ContactFields = record({
  ContactID: guid,
  ContactNumber: text,
  AccountNumber: text,
  ContactStatus: z.enum(['ACTIVE', 'ARCHIVED', 'GDPRREQUEST']),
  Name: text,
  FirstName: text,
  LastName: text,
  CompanyNumber: text,
  EmailAddress: text,
  TaxNumber: text,
  AccountsReceivableTaxType: text,
  DefaultCurrency: text,
  Website: text,
  Addresses: z.array(
    record({
      AddressType: z.enum(['POBOX', 'STREET']),
      AddressLine1: text,
      AddressLine2: text,
      AddressLine3: text,
      AddressLine4: text,
      City: text,
      Region: text,
      PostalCode: text,
      Country: text,
      AttentionTo: text,
    }),
  ),
  Phones: z.array(
    record({
      PhoneType: z.enum(['DEFAULT', 'DDI', 'MOBILE', 'FAX', 'OFFICE']),
      PhoneNumber: text,
      PhoneAreaCode: text,
      PhoneCountryCode: text,
    }),
  ),
  ContactPersons: z.array(record({ FirstName: text, LastName: text, EmailAddress: text, IncludeInEmails: flag })),
  PaymentTerms: record({ Sales: z.object({ Day: z.coerce.number().int(), Type: text }) }),
});
export type ContactInput = z.infer<typeof ContactFields>;

export const LineFields = record({
  LineItemID: guid,
  Description: text,
  Quantity: decimal,
  UnitAmount: decimal,
  ItemCode: text,
  AccountCode: text,
  AccountID: guid,
  TaxType: text,
  TaxAmount: decimal,
  LineAmount: decimal,
  DiscountRate: decimal,
  DiscountAmount: decimal,
  Tracking: z.array(record({ Name: text, Option: text })),
});
export type LineInput = z.infer<typeof LineFields>;

const documentFields = {
  Contact: ContactFields,
  Reference: text,
  Date: date,
  DueDate: date,
  ExpectedPaymentDate: date,
  Status: z.enum(['DRAFT', 'SUBMITTED', 'DELETED', 'AUTHORISED', 'PAID', 'VOIDED']),
  LineAmountTypes: z.enum(['Exclusive', 'Inclusive', 'NoTax']),
  CurrencyCode: text,
  CurrencyRate: decimal,
  Url: text,
  SentToContact: flag,
  BrandingThemeID: guid,
  LineItems: z.array(LineFields),
};
export const InvoiceFields = record({ ...documentFields, Type: text, InvoiceID: guid, InvoiceNumber: text }).transform(
  ({ InvoiceID, InvoiceNumber, ...rest }) => ({ ...rest, id: InvoiceID, number: InvoiceNumber }),
);
export const CreditNoteFields = record({
  ...documentFields,
  Type: text,
  CreditNoteID: guid,
  CreditNoteNumber: text,
}).transform(({ CreditNoteID, CreditNoteNumber, ...rest }) => ({
  ...rest,
  id: CreditNoteID,
  number: CreditNoteNumber,
}));
export type DocumentInput = Partial<z.infer<typeof InvoiceFields>>;

const documentRef = (id: string, number: string) => record({ [id]: guid, [number]: text });
export const PaymentFields = record({
  PaymentID: guid,
  Invoice: documentRef('InvoiceID', 'InvoiceNumber'),
  CreditNote: documentRef('CreditNoteID', 'CreditNoteNumber'),
  InvoiceNumber: text,
  CreditNoteNumber: text,
  Account: record({ AccountID: guid, Code: text }),
  Date: date,
  Amount: decimal,
  CurrencyRate: decimal,
  BankAmount: decimal,
  Reference: text,
  IsReconciled: flag,
  Status: text,
});
export type PaymentInput = z.infer<typeof PaymentFields>;

export const AllocationFields = record({
  Invoice: documentRef('InvoiceID', 'InvoiceNumber'),
  Amount: decimal,
  Date: date,
});
export type AllocationInput = z.infer<typeof AllocationFields>;

const bankAccount = record({ AccountID: guid, Code: text });
export const BankTransactionFields = record({
  BankTransactionID: guid,
  Type: text,
  Contact: ContactFields,
  BankAccount: bankAccount,
  Date: date,
  Reference: text,
  CurrencyCode: text,
  CurrencyRate: decimal,
  IsReconciled: flag,
  Status: text,
  LineAmountTypes: z.enum(['Exclusive', 'Inclusive', 'NoTax']),
  LineItems: z.array(LineFields),
  Url: text,
});
export type BankTransactionInput = z.infer<typeof BankTransactionFields>;
export const BankTransferFields = record({
  BankTransferID: guid,
  FromBankAccount: bankAccount,
  ToBankAccount: bankAccount,
  Amount: decimal,
  Date: date,
  Reference: text,
  FromIsReconciled: flag,
  ToIsReconciled: flag,
});
export type BankTransferInput = z.infer<typeof BankTransferFields>;

export const HistoryFields = z.object({ Details: text.max(2500) });

export class Malformed extends Error {}

export const parseFields = <S extends z.ZodType>(schema: S, value: unknown): z.infer<S> => {
  const parsed = schema.safeParse(mentioned(value));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Malformed(`The field ${issue?.path.join('.') ?? ''} could not be read: ${issue?.message ?? 'wrong type'}`);
};
