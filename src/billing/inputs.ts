// What the engine's commands accept: parsed here, at its door, whoever calls (form, API, gateway, bridge). Each message says what to enter.
// Shapes only; rules that need other documents (is the customer active, is the rate known) are the commands'.
// Longer than most files on purpose: one place to read every field that a caller may send.
import { z } from 'zod';
import { isCalendarDate, isTimeZone } from '../core/calendar-date';
import { canonicalDecimal, decimal as exact, isCurrencyCode, isDecimal } from '../core/money';
import { PAYMENT_METHODS, TAX_MODES, TAX_ROUNDINGS } from './documents';
import { LIMITS, plainText } from './texts';

// ---- small parts ----------------------------------------------------------------------------------------------------------------

const requiredText = (what: string, limit: number) =>
  z
    .string(`enter ${what}`)
    .transform(plainText)
    .pipe(z.string().min(1, `enter ${what}`).max(limit, `keep ${what} to ${limit} characters`));

/** Empty means none. */
const optionalText = (what: string, limit: number) =>
  z
    .string(`enter ${what} as text, or leave it empty`)
    .transform(plainText)
    .pipe(z.string().max(limit, `keep ${what} to ${limit} characters`))
    .transform((value) => (value === '' ? null : value))
    .nullable();

const email = optionalText('the e-mail address', LIMITS.email).refine(
  (value) => value === null || /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>"]+$/.test(value),
  'enter one e-mail address such as jo@example.com',
);

const currency = z
  .string('enter a currency code such as GBP')
  .transform((value) => value.trim().toUpperCase())
  .refine(isCurrencyCode, 'enter a currency code of three letters such as GBP');

const country = z
  .string('enter a country code such as GB')
  .transform((value) => value.trim().toUpperCase())
  .refine((value) => /^[A-Z]{2}$/.test(value), 'enter a country code of two letters such as GB');

const timeZone = z
  .string('enter a time zone such as Europe/London')
  .refine((value) => value.length <= 64 && isTimeZone(value), 'enter a time zone such as Europe/London');

const locale = z.string('enter a language such as en-GB').refine((value) => {
  try {
    return Intl.getCanonicalLocales(value).length === 1;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}, 'enter a language such as en-GB');

const date = z
  .string('enter a date such as 2026-03-31')
  .refine((value) => isCalendarDate(value) && value >= '1970-01-01' && value < '2200-01-01', {
    message: 'enter a date such as 2026-03-31',
  });

const decimal = (what: string, example: string) =>
  z
    .string(`enter ${what} as a number such as ${example}`)
    .trim()
    .refine(isDecimal, `enter ${what} as a number such as ${example}, with at most 10 decimals`)
    .transform(canonicalDecimal);

const percent = (what: string) =>
  decimal(what, '20').refine(
    (value) => exact(value).gte(0) && exact(value).lte(100),
    `enter ${what} as a number from 0 to 100`,
  );

const amountMinor = z
  .int('enter the amount in whole minor units (pence, cents)')
  .positive('enter an amount above zero');

const days = z.int('enter whole days').min(0, 'enter 0 or more days').max(365, 'enter at most 365 days');

export const AddressInput = z.strictObject({
  lines: z
    .array(requiredText('the street', LIMITS.addressLine), 'enter the street as a list of lines')
    .max(4, 'keep the street to four lines')
    .default([]),
  city: optionalText('the city', LIMITS.addressPart).default(null),
  region: optionalText('the region', LIMITS.addressPart).default(null),
  postalCode: optionalText('the postal code', LIMITS.postalCode).default(null),
  country: country.nullable().default(null),
});

// ---- business -------------------------------------------------------------------------------------------------------------------

const taxRate = z.strictObject({
  key: z
    .string('give the tax rate a key such as standard')
    .regex(/^[a-z][a-zA-Z0-9-]{0,39}$/, 'give the tax rate a key of letters and digits such as standard')
    .refine((key) => key !== 'none' && key !== 'ledger', 'the keys none and ledger are taken: choose another'),
  name: requiredText('the name of the tax rate', LIMITS.name),
  percent: percent('the tax rate'),
  state: z.enum(['active', 'archived']).default('active'),
});

const numbering = z.strictObject({
  prefix: z.string().regex(/^[A-Za-z0-9/._-]{0,12}$/, 'use letters, digits and - / . _ for the prefix, such as INV-'),
  digits: z.int('enter how many digits numbers have').min(1, 'use 1 to 10 digits').max(10, 'use 1 to 10 digits'),
});

const business = {
  name: requiredText('the name of the business', LIMITS.name),
  legalName: optionalText('the legal name', LIMITS.name),
  country,
  timeZone,
  locale,
  baseCurrency: currency,
  taxNumber: optionalText('the tax number', LIMITS.taxNumber),
  address: AddressInput.nullable(),
  email,
  phone: optionalText('the phone number', LIMITS.phone),
  taxRates: z
    .array(taxRate)
    .max(50, 'keep to 50 tax rates')
    .refine((rates) => new Set(rates.map(({ key }) => key)).size === rates.length, 'give each tax rate its own key'),
  taxRounding: z.enum(TAX_ROUNDINGS, 'choose perLine (as Xero) or perRate (as QuickBooks)'),
  termsDays: days,
  numbering: z.strictObject({ invoice: numbering, creditNote: numbering }),
  brand: z.strictObject({
    accent: z.string().regex(/^#[0-9a-fA-F]{6}$/, 'enter a colour such as #0b5fff'),
  }),
  reminders: z.strictObject({ mode: z.enum(['off', 'rehearsal', 'on'], 'choose off, rehearsal or on') }),
  holidayCountry: country.nullable(),
};

export const BusinessInput = z.strictObject({
  ...business,
  legalName: business.legalName.default(null),
  locale: locale.default('en-GB'),
  taxNumber: business.taxNumber.default(null),
  address: business.address.default(null),
  email: business.email.default(null),
  phone: business.phone.default(null),
  taxRates: business.taxRates.default([]),
  taxRounding: business.taxRounding.default('perLine'),
  termsDays: days.default(30),
  numbering: business.numbering.default({
    invoice: { prefix: 'INV-', digits: 4 },
    creditNote: { prefix: 'CN-', digits: 4 },
  }),
  brand: business.brand.default({ accent: '#1f5f4a' }),
  reminders: business.reminders.default({ mode: 'rehearsal' }),
  holidayCountry: business.holidayCountry.default(null),
});
export type BusinessInput = z.input<typeof BusinessInput>;
export const BusinessChanges = z.strictObject(business).partial();
export type BusinessChanges = z.input<typeof BusinessChanges>;

// ---- customer -------------------------------------------------------------------------------------------------------------------

const contactPerson = z.strictObject({
  /** Absent for a new one. */
  id: z.string().max(64).optional(),
  name: requiredText('the name of the person', LIMITS.name),
  email: email.default(null),
  phone: optionalText('the phone number', LIMITS.phone).default(null),
  role: optionalText('the role', 100).default(null),
});
const furtherAddress = AddressInput.extend({
  id: z.string().max(64).optional(),
  label: requiredText('what the address is for', 100),
});

const customer = {
  name: requiredText('the name of the customer', LIMITS.name),
  email,
  phone: optionalText('the phone number', LIMITS.phone),
  taxNumber: optionalText('the tax number', LIMITS.taxNumber),
  address: AddressInput.nullable(),
  contacts: z.array(contactPerson).max(50, 'keep to 50 contacts'),
  addresses: z.array(furtherAddress).max(50, 'keep to 50 addresses'),
  currency: currency.nullable(),
  timeZone: timeZone.nullable(),
  locale: locale.nullable(),
  termsDays: days.nullable(),
  notes: optionalText('the notes', LIMITS.notes),
};
export const CustomerInput = z.strictObject({
  ...customer,
  email: customer.email.default(null),
  phone: customer.phone.default(null),
  taxNumber: customer.taxNumber.default(null),
  address: customer.address.default(null),
  contacts: customer.contacts.default([]),
  addresses: customer.addresses.default([]),
  currency: customer.currency.default(null),
  timeZone: customer.timeZone.default(null),
  locale: customer.locale.default(null),
  termsDays: customer.termsDays.default(null),
  notes: customer.notes.default(null),
});
export type CustomerInput = z.input<typeof CustomerInput>;
export const CustomerChanges = z.strictObject(customer).partial();
export type CustomerChanges = z.input<typeof CustomerChanges>;

/** From a ledger: as its bookkeeper typed it, however odd the e-mail address looks. */
const ledgerCustomer = { ...customer, email: optionalText('the e-mail address', LIMITS.email) };
export const LedgerCustomerInput = CustomerInput.extend({ email: ledgerCustomer.email.default(null) });
export const LedgerCustomerChanges = z.strictObject(ledgerCustomer).partial();

export const ChasingInput = z.strictObject({
  mode: z.enum(['on', 'paused'], 'choose on or paused'),
  pausedUntil: date.nullable().default(null),
  reason: optionalText('the reason', LIMITS.reference).default(null),
});
export type ChasingInput = z.input<typeof ChasingInput>;

// ---- invoice and credit note ----------------------------------------------------------------------------------------------------

const TAX_RATE_KEY = /^(ledger:.{1,64}|[a-z][a-zA-Z0-9-]{0,39})$/;
const line = {
  description: requiredText('what was delivered', LIMITS.lineDescription),
  quantity: decimal('the quantity', '1.5').default('1'),
  unitPrice: decimal('the unit price', '19.99'),
  discountPercent: percent('the discount').default('0'),
  /** May be left out only in documents without tax. */
  taxRate: z.string('choose a tax rate').regex(TAX_RATE_KEY, 'choose a tax rate of the business').optional(),
  account: optionalText('the account', 100).default(null),
};
export const LineInput = z.strictObject(line);
export type LineInput = z.input<typeof LineInput>;

const lines = z.array(LineInput).min(1, 'add at least one line').max(1_000, 'keep to 1,000 lines');

const claim = {
  customerId: requiredText('the id of the customer', 64),
  currency: currency.optional(),
  taxMode: z.enum(TAX_MODES, 'choose taxExclusive, taxInclusive or noTax').optional(),
  issueDate: date.optional(),
  reference: optionalText('the reference', LIMITS.reference).optional(),
  notes: optionalText('the notes', LIMITS.notes).optional(),
};

export const InvoiceInput = z.strictObject({ ...claim, dueDate: date.optional(), lines });
export type InvoiceInput = z.input<typeof InvoiceInput>;
export const InvoiceChanges = InvoiceInput.partial();
export type InvoiceChanges = z.input<typeof InvoiceChanges>;
export const CreditNoteInput = z.strictObject({ ...claim, lines });
export type CreditNoteInput = z.input<typeof CreditNoteInput>;
export const CreditNoteChanges = CreditNoteInput.partial();
export type CreditNoteChanges = z.input<typeof CreditNoteChanges>;

const { account, ...ledgerLine } = line;
/** A document as a ledger states it: its number, and amounts that must come out the same here, to the cent. */
const stated = {
  number: requiredText('the number', LIMITS.number),
  netMinor: z.int(),
  taxMinor: z.int(),
  totalMinor: z.int(),
  lines: z
    .array(
      z.strictObject({
        ...ledgerLine,
        // A ledger's line may be silent.
        description: z.string().transform(plainText).pipe(z.string().max(LIMITS.lineDescription)),
        netMinor: z.int(),
      }),
    )
    .max(500),
  /** Per line, in order; where left out, lines keep the account they have. */
  accounts: z.array(account.unwrap()).max(500).optional(),
};
export const LedgerInvoiceInput = InvoiceInput.extend({
  ...stated,
  status: z.enum(['draft', 'issued']),
});
export type LedgerInvoiceInput = z.input<typeof LedgerInvoiceInput>;
export const LedgerInvoiceChanges = LedgerInvoiceInput.partial();
export type LedgerInvoiceChanges = z.input<typeof LedgerInvoiceChanges>;
export const LedgerCreditNoteInput = CreditNoteInput.extend({ ...stated, status: z.enum(['draft', 'issued']) });
export type LedgerCreditNoteInput = z.input<typeof LedgerCreditNoteInput>;
export const LedgerCreditNoteChanges = LedgerCreditNoteInput.partial();
export type LedgerCreditNoteChanges = z.input<typeof LedgerCreditNoteChanges>;

export const VoidInput = z.strictObject({ reason: optionalText('the reason', LIMITS.reference).default(null) });
export type VoidInput = z.input<typeof VoidInput>;

// ---- payment and allocation -------------------------------------------------------------------------------------------------------

export const AllocationInput = z.strictObject({
  invoiceId: requiredText('the id of the invoice', 64),
  amountMinor,
  /** Default: the day of the payment, or today for a credit note. */
  date: date.optional(),
  /** Fixed by the caller where a ledger already knows the allocation. */
  id: z
    .string()
    .regex(/^alc_[a-z0-9]{1,60}$/, 'an allocation id looks like alc_01j…')
    .optional(),
});
export type AllocationInput = z.input<typeof AllocationInput>;
const allocationList = z.array(AllocationInput).max(200, 'allocate one payment to at most 200 invoices');

export const AllocateInput = z.strictObject({ allocations: allocationList.min(1, 'name at least one invoice') });
export type AllocateInput = z.input<typeof AllocateInput>;
export const ReallocateInput = z.strictObject({ allocations: allocationList });
export type ReallocateInput = z.input<typeof ReallocateInput>;

export const PaymentInput = z.strictObject({
  customerId: requiredText('the id of the customer', 64),
  amountMinor,
  currency,
  date,
  method: z.enum(PAYMENT_METHODS, `choose one of ${PAYMENT_METHODS.join(', ')}`),
  account: optionalText('the account', 100).default(null),
  reference: optionalText('the reference', LIMITS.reference).default(null),
  allocations: allocationList.default([]),
  /**
   * `exact`: refused where an invoice has less open than asked for. `upToOpen`: takes what is open by then and leaves the rest as the
   * customer's credit; for money that has come in already and must be booked whatever happened to the invoice meanwhile.
   */
  fit: z.enum(['exact', 'upToOpen']).default('exact'),
  chargeId: optionalText('the charge id', 255).default(null),
  feeMinor: z.int().nullable().default(null),
  payoutId: optionalText('the payout id', 255).default(null),
});
export type PaymentInput = z.input<typeof PaymentInput>;

export const RefundInput = z.strictObject({
  creditNoteId: requiredText('the id of the credit note', 64),
  amountMinor,
  currency,
  date,
  method: z.enum(PAYMENT_METHODS, `choose one of ${PAYMENT_METHODS.join(', ')}`),
  account: optionalText('the account', 100).default(null),
  reference: optionalText('the reference', LIMITS.reference).default(null),
  gatewayRefundId: optionalText('the refund id of the gateway', 255).default(null),
});
export type RefundInput = z.input<typeof RefundInput>;

/** What a gateway tells later about a charge. */
export const ChargeFactsInput = z.strictObject({
  feeMinor: z.int().optional(),
  payoutId: z.string().max(255).optional(),
});
export type ChargeFactsInput = z.input<typeof ChargeFactsInput>;
