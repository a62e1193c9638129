// The records of one rehearsal organisation, as its books keep them. Money is whole hundredths (Xero rounds every amount to
// two decimals, whatever the currency), quantities and prices are decimal strings, document dates are YYYY-MM-DD.

export type Hundredths = number;
export type CalendarDate = string;

export type Account = {
  readonly accountId: string;
  /** Many bank accounts have none. */
  readonly code: string | null;
  readonly name: string;
  readonly type: 'BANK' | 'CURRENT' | 'CURRLIAB' | 'DIRECTCOSTS' | 'EXPENSE' | 'OVERHEADS' | 'REVENUE' | 'OTHERINCOME';
  readonly class: 'ASSET' | 'LIABILITY' | 'EXPENSE' | 'REVENUE' | 'EQUITY';
  readonly status: 'ACTIVE' | 'ARCHIVED';
  readonly taxType: string;
  readonly systemAccount: string;
  readonly enablePaymentsToAccount: boolean;
  readonly currency?: string;
  readonly bankAccountNumber?: string;
  readonly updatedAt: number;
};

export type TaxRate = {
  readonly taxType: string;
  readonly name: string;
  /** Per cent. */
  readonly rate: string;
  readonly status: 'ACTIVE' | 'ARCHIVED';
  readonly reportTaxType: string;
  readonly appliesToRevenue: boolean;
  readonly appliesToExpenses: boolean;
};

export type Currency = {
  readonly code: string;
  readonly description: string;
  /** Foreign units per one unit of the base currency: what Xero fills in when a document names no rate. */
  readonly rate: string;
};

export type Item = {
  readonly itemId: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly unitPrice: string;
  readonly accountCode: string;
  readonly taxType: string;
  readonly updatedAt: number;
};

export type Phone = {
  readonly PhoneType: string;
  readonly PhoneNumber: string;
  readonly PhoneAreaCode: string;
  readonly PhoneCountryCode: string;
};
export type Address = { readonly AddressType: string } & { readonly [line: string]: string };
export type ContactPerson = {
  readonly FirstName: string;
  readonly LastName: string;
  readonly EmailAddress: string;
  readonly IncludeInEmails: boolean;
};

export type Contact = {
  readonly contactId: string;
  readonly contactNumber: string;
  readonly accountNumber: string;
  readonly status: 'ACTIVE' | 'ARCHIVED' | 'GDPRREQUEST';
  readonly mergedToContactId?: string;
  readonly name: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly companyNumber: string;
  readonly emailAddress: string;
  readonly taxNumber: string;
  readonly receivableTaxType: string;
  readonly defaultCurrency: string;
  readonly website: string;
  readonly addresses: readonly Address[];
  readonly phones: readonly Phone[];
  readonly persons: readonly ContactPerson[];
  readonly salesTerms?: { readonly Day: number; readonly Type: string };
  readonly updatedAt: number;
};

export type LineAmountTypes = 'Exclusive' | 'Inclusive' | 'NoTax';
export type DocumentStatus = 'DRAFT' | 'SUBMITTED' | 'AUTHORISED' | 'PAID' | 'VOIDED' | 'DELETED';

export type Line = {
  readonly lineItemId: string;
  readonly description: string;
  readonly quantity: string;
  readonly unitAmount: string;
  readonly itemCode: string;
  readonly accountCode: string;
  readonly taxType: string;
  readonly discountRate?: string;
  readonly discountAmount?: string;
  readonly discount: Hundredths;
  readonly lineAmount: Hundredths;
  readonly taxAmount: Hundredths;
  readonly tracking: readonly { readonly Name: string; readonly Option: string }[];
};

/** An invoice (ACCREC) or a credit note (ACCRECCREDIT): the same paper with the opposite sign. */
export type SalesDocument = {
  readonly kind: 'invoice' | 'creditNote';
  readonly id: string;
  readonly number: string;
  readonly contactId: string;
  readonly reference: string;
  readonly date: CalendarDate;
  readonly dueDate?: CalendarDate;
  readonly expectedPaymentDate?: CalendarDate;
  readonly status: DocumentStatus;
  readonly lineAmountTypes: LineAmountTypes;
  readonly currency: string;
  readonly currencyRate: string;
  readonly url: string;
  readonly sentToContact: boolean;
  readonly brandingThemeId?: string;
  readonly lines: readonly Line[];
  readonly subTotal: Hundredths;
  readonly totalTax: Hundredths;
  readonly total: Hundredths;
  readonly fullyPaidOn?: CalendarDate;
  /** The app that created it; absent where a person did. */
  readonly createdBy?: string;
  readonly updatedAt: number;
};

export type Payment = {
  readonly paymentId: string;
  readonly documentId: string;
  readonly accountId: string;
  readonly date: CalendarDate;
  readonly amount: Hundredths;
  readonly bankAmount: Hundredths;
  readonly currencyRate: string;
  readonly reference: string;
  readonly isReconciled: boolean;
  readonly status: 'AUTHORISED' | 'DELETED';
  readonly updatedAt: number;
};

export type Allocation = {
  readonly allocationId: string;
  readonly creditNoteId: string;
  readonly invoiceId: string;
  readonly amount: Hundredths;
  readonly date: CalendarDate;
  readonly isDeleted: boolean;
  readonly updatedAt: number;
};

/** Money of a customer that pays no invoice yet: paid beyond what was due, or ahead of the invoice (with its tax). */
export type Advance = {
  readonly kind: 'overpayment' | 'prepayment';
  readonly id: string;
  readonly bankTransactionId: string;
  readonly contactId: string;
  readonly date: CalendarDate;
  readonly currency: string;
  readonly currencyRate: string;
  readonly lineAmountTypes: LineAmountTypes;
  readonly lines: readonly Line[];
  readonly subTotal: Hundredths;
  readonly totalTax: Hundredths;
  readonly total: Hundredths;
  readonly status: 'AUTHORISED' | 'PAID' | 'VOIDED';
  readonly updatedAt: number;
};

export type AdvanceAllocation = {
  readonly allocationId: string;
  readonly advanceId: string;
  readonly invoiceId: string;
  readonly amount: Hundredths;
  readonly date: CalendarDate;
  readonly isDeleted: boolean;
  readonly updatedAt: number;
};

/** Money into or out of a bank account that pays no document: a fee, a receipt, one side of a transfer. */
export type BankTransaction = {
  readonly bankTransactionId: string;
  readonly type:
    | 'SPEND'
    | 'RECEIVE'
    | 'SPEND-TRANSFER'
    | 'RECEIVE-TRANSFER'
    | 'RECEIVE-OVERPAYMENT'
    | 'RECEIVE-PREPAYMENT';
  /** The overpayment or prepayment that the money became. */
  readonly advanceId?: string;
  readonly url?: string;
  /** Transfers have none. */
  readonly contactId?: string;
  readonly accountId: string;
  readonly date: CalendarDate;
  readonly reference: string;
  readonly lineAmountTypes: LineAmountTypes;
  readonly lines: readonly Line[];
  readonly subTotal: Hundredths;
  readonly totalTax: Hundredths;
  readonly total: Hundredths;
  readonly status: 'AUTHORISED' | 'DELETED' | 'VOIDED';
  readonly isReconciled: boolean;
  readonly updatedAt: number;
};

export type BankTransfer = {
  readonly bankTransferId: string;
  readonly fromTransactionId: string;
  readonly toTransactionId: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly amount: Hundredths;
  readonly date: CalendarDate;
  readonly reference: string;
  readonly status: 'AUTHORISED' | 'DELETED';
  readonly createdAt: number;
};

export type HistoryRecord = {
  readonly at: number;
  readonly user: string;
  readonly changes: string;
  readonly details: string;
};

export type Organisation = {
  readonly organisationId: string;
  readonly name: string;
  readonly countryCode: string;
  readonly baseCurrency: string;
  /** As Xero spells it: GMTSTANDARDTIME, NEWZEALANDSTANDARDTIME. */
  readonly timezone: string;
  /** The same zone as ICU knows it. */
  readonly zone: string;
  readonly taxNumber: string;
  readonly shortCode: string;
  readonly isDemoCompany: boolean;
  readonly class: string;
  readonly createdAt: number;
  /** Binds everybody but advisers. */
  readonly periodLockDate?: CalendarDate;
  /** Binds everybody. */
  readonly endOfYearLockDate?: CalendarDate;
  /** The rights of the user whose consent the app works with. */
  readonly appUserIsAdviser: boolean;
};
