// What a person fills in, and the same in the words of the API, so that both are read by the same schemas.
import type { CalendarDate, LineAmountTypes } from './records';

export type CustomerEntry = {
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly number?: string;
  readonly taxNumber?: string;
  readonly currency?: string;
  readonly address?: {
    readonly line?: string;
    readonly city?: string;
    readonly postalCode?: string;
    readonly country?: string;
  };
};
export type LineEntry = {
  /** The line of the document that is meant; without it a new line. */
  readonly lineItemId?: string;
  readonly description: string;
  readonly quantity?: string;
  readonly unitAmount: string;
  readonly accountCode?: string;
  readonly taxType?: string;
  readonly discountRate?: string;
};
export type DocumentEntry = {
  readonly contactId: string;
  readonly number?: string;
  readonly reference?: string;
  readonly date?: CalendarDate;
  readonly dueDate?: CalendarDate;
  readonly currency?: string;
  readonly lineAmountTypes?: LineAmountTypes;
  /** Default AUTHORISED: a person approves what they enter. */
  readonly status?: 'DRAFT' | 'SUBMITTED' | 'AUTHORISED';
  readonly lines: readonly LineEntry[];
};
export type DocumentEdit = Partial<Omit<DocumentEntry, 'contactId'>> & { readonly contactId?: string };
export type PaymentEntry = {
  readonly documentId: string;
  readonly amount: string;
  readonly date?: CalendarDate;
  /** Code or id of the account; default the first bank account. */
  readonly account?: string;
  readonly reference?: string;
};

export type AdvanceEntry = {
  readonly contactId: string;
  readonly amount: string;
  readonly date?: CalendarDate;
  /** Code or id of the bank account; default the first. */
  readonly account?: string;
  readonly description?: string;
  /** Of a prepayment. */
  readonly accountCode?: string;
  readonly taxType?: string;
};

export type WireFields = Readonly<Record<string, unknown>>;

export const contactInput = (entry: Partial<CustomerEntry>): WireFields => ({
  ...(entry.name === undefined ? {} : { Name: entry.name }),
  ...(entry.email === undefined ? {} : { EmailAddress: entry.email }),
  ...(entry.phone === undefined ? {} : { Phones: [{ PhoneType: 'DEFAULT', PhoneNumber: entry.phone }] }),
  ...(entry.number === undefined ? {} : { ContactNumber: entry.number }),
  ...(entry.taxNumber === undefined ? {} : { TaxNumber: entry.taxNumber }),
  ...(entry.currency === undefined ? {} : { DefaultCurrency: entry.currency }),
  ...(entry.address === undefined
    ? {}
    : {
        Addresses: [
          {
            AddressType: 'POBOX',
            AddressLine1: entry.address.line ?? '',
            City: entry.address.city ?? '',
            PostalCode: entry.address.postalCode ?? '',
            Country: entry.address.country ?? '',
          },
        ],
      }),
});

/** The amount is what came in: of a prepayment with its tax. */
export const advanceInput = (
  kind: 'overpayment' | 'prepayment',
  entry: AdvanceEntry,
  accountId: string,
): WireFields => ({
  Type: kind === 'overpayment' ? 'RECEIVE-OVERPAYMENT' : 'RECEIVE-PREPAYMENT',
  Contact: { ContactID: entry.contactId },
  BankAccount: { AccountID: accountId },
  ...(entry.date === undefined ? {} : { Date: entry.date }),
  LineAmountTypes: kind === 'overpayment' ? 'NoTax' : 'Inclusive',
  LineItems: [
    {
      Description: entry.description ?? (kind === 'overpayment' ? 'Overpayment' : 'Prepayment'),
      Quantity: '1',
      UnitAmount: entry.amount,
      ...(kind === 'overpayment' ? {} : { AccountCode: entry.accountCode ?? '200' }),
      ...(entry.taxType === undefined ? {} : { TaxType: entry.taxType }),
    },
  ],
});

export const documentInput = (entry: DocumentEdit): WireFields => ({
  ...(entry.contactId === undefined ? {} : { Contact: { ContactID: entry.contactId } }),
  ...(entry.number === undefined ? {} : { number: entry.number }),
  ...(entry.reference === undefined ? {} : { Reference: entry.reference }),
  ...(entry.date === undefined ? {} : { Date: entry.date }),
  ...(entry.dueDate === undefined ? {} : { DueDate: entry.dueDate }),
  ...(entry.currency === undefined ? {} : { CurrencyCode: entry.currency }),
  ...(entry.lineAmountTypes === undefined ? {} : { LineAmountTypes: entry.lineAmountTypes }),
  ...(entry.status === undefined ? {} : { Status: entry.status }),
  ...(entry.lines === undefined
    ? {}
    : {
        LineItems: entry.lines.map((line) => ({
          Description: line.description,
          Quantity: line.quantity ?? '1',
          UnitAmount: line.unitAmount,
          ...(line.lineItemId === undefined
            ? { AccountCode: line.accountCode ?? '200' }
            : { LineItemID: line.lineItemId }),
          ...(line.taxType === undefined ? {} : { TaxType: line.taxType }),
          ...(line.discountRate === undefined ? {} : { DiscountRate: line.discountRate }),
        })),
      }),
});
