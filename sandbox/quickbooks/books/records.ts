// The records as the books keep them: the accepted input in the names of the wire, and what the books computed from it.
// Balances and links are not here: they are derived from payments when a record is shown.

import type { DepositInput, PurchaseInput, TransferInput } from './bank-shapes';
import type { PaymentLine } from './links';
import type { CreditMemoInput, CustomerInput, InvoiceInput, ItemInput, LineInput, PaymentInput } from './shapes';
import type { Stamped } from './table';

type Computed = 'Id' | 'SyncToken' | 'sparse' | 'MetaData' | 'domain' | 'status' | 'LinkedTxn';
type Kept<T> = Omit<T, Computed>;

export type Customer = Stamped &
  Omit<Kept<CustomerInput>, 'DisplayName' | 'Active'> & { readonly DisplayName: string; readonly Active: boolean };

export type TaxLine = {
  readonly rateId: string;
  readonly percent: string;
  readonly amount: number;
  readonly netTaxable: number;
  readonly overrideDelta?: number;
};
/** What the books computed from the lines. */
export type Totals = {
  readonly subTotal: number;
  readonly tax: number;
  readonly total: number;
  readonly taxLines: readonly TaxLine[];
  /** The caller's TotalTax, kept through updates that do not touch lines or tax. */
  readonly taxOverride?: number;
};
export type DocumentLine = LineInput & { readonly Id?: string | undefined };

type Document<T> = Stamped &
  Omit<Kept<T>, 'Line' | 'TxnDate' | 'TxnTaxDetail'> & {
    readonly Line: readonly DocumentLine[];
    readonly TxnDate: string;
    readonly totals: Totals;
    readonly currency: string;
    readonly isVoid: boolean;
    /** The highest line id ever given in this document. */
    readonly lastLineId: number;
  };
export type SalesKind = 'Invoice' | 'CreditMemo';
/** Invoices and credit memos share everything but a few fields. */
export type SalesDocument = Document<InvoiceInput & CreditMemoInput>;

export type Payment = Stamped &
  Omit<Kept<PaymentInput>, 'Line' | 'TxnDate'> & {
    readonly Line: readonly PaymentLine[];
    readonly TxnDate: string;
    readonly currency: string;
    readonly isVoid: boolean;
    /** In a deposit: frozen until the deposit goes. */
    readonly isDeposited: boolean;
  };

/** Money that pays no invoice: spent from an account, received on one, or moved between two. */
type Bank<T> = Stamped & Omit<Kept<T>, 'TxnDate'> & { readonly TxnDate: string; readonly currency: string };
export type Purchase = Bank<PurchaseInput> & { readonly total: number; readonly tax: number };
export type Deposit = Bank<DepositInput> & { readonly total: number };
export type Transfer = Bank<TransferInput>;

export type Item = Stamped & Kept<ItemInput> & { readonly Active: boolean };
export type Account = Stamped & {
  readonly Name: string;
  readonly AccountType: string;
  readonly AccountSubType: string;
  readonly Classification: string;
  readonly Active: boolean;
  readonly AcctNum?: string;
  readonly currency: string;
};
export type Term = Stamped & { readonly Name: string; readonly DueDays: number; readonly Active: boolean };
export type PaymentMethod = Stamped & { readonly Name: string; readonly Type: string; readonly Active: boolean };
export type TaxRate = Stamped & {
  readonly Name: string;
  readonly percent: string;
  readonly Active: boolean;
  readonly agency: string;
};
export type TaxCode = Stamped & {
  readonly Name: string;
  readonly Description: string;
  readonly Taxable: boolean;
  readonly Active: boolean;
  readonly rateIds: readonly string[];
};
/** The foreign currencies that a company with several uses; its home currency is not in the list. */
export type CompanyCurrency = Stamped & { readonly Name: string; readonly Code: string; readonly Active: boolean };
/** Vendors and employees matter only because a name is unique over all three lists. */
export type Vendor = Stamped & { readonly DisplayName: string; readonly Active: boolean };
export type Employee = Stamped & {
  readonly DisplayName: string;
  readonly Active: boolean;
  readonly GivenName?: string;
  readonly FamilyName?: string;
};
