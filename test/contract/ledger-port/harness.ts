// What a ledger brings to the contract suite: the port under test on an organisation that has a chart and a mapping, the hands of a
// bookkeeper who works in it beside us, switches for faults by neutral names, and a count of calls.
import type { CalendarDate } from '../../../src/core/calendar-date';
import type { CurrencyCode, DecimalString } from '../../../src/core/money';
import type { ExternalId, LedgerPort, Mapping } from '../../../src/sync/ports/ledger-port';
import type { MoneyBlock } from '../../../src/sync/records';

export type LedgerFacts = {
  /** Billing's tax rate keys that the mapping knows; the first is an ordinary one. */
  readonly taxRates: readonly { readonly key: string; readonly percent: DecimalString }[];
  readonly taxModes: readonly MoneyBlock['taxMode'][];
  /** Kinds of documents whose lines may carry a discount of their own. */
  readonly lineDiscounts: readonly ('invoice' | 'creditNote')[];
  /** Enabled in the organisation, its own currency first; one each with 0, 2 and 3 decimals where the ledger can. */
  readonly currencies: readonly CurrencyCode[];
  readonly disabledCurrency: CurrencyCode;
  /** The form of an id that the ledger never gave out. */
  readonly unknownId: ExternalId;
  /** An account or item that lines may name instead of the mapping's default. */
  readonly otherRevenue: string;
};

/** Every method works in the ledger itself, past our port. */
export type Hands = {
  enterCustomer(customer: {
    readonly name: string;
    readonly email?: string;
    readonly phone?: string;
  }): Promise<ExternalId>;
  enterInvoice(invoice: {
    readonly contactId: ExternalId;
    readonly number: string;
    readonly issueDate: CalendarDate;
    readonly dueDate: CalendarDate;
    readonly description: string;
    /** One line, quantity 1, untaxed price as a decimal, taxed with the first tax rate. */
    readonly unitPrice: DecimalString;
  }): Promise<ExternalId>;
  /** The id of the record that `list('payment')` shows. */
  recordPayment(payment: {
    readonly invoiceId: ExternalId;
    readonly amount: DecimalString;
    readonly date: CalendarDate;
  }): Promise<ExternalId>;
  voidInvoice(id: ExternalId): Promise<void>;
  archiveCustomer(id: ExternalId): Promise<void>;
  changePhone(id: ExternalId, phone: string): Promise<void>;
  changeInvoicePrice(id: ExternalId, unitPrice: DecimalString): Promise<void>;
  setLockDate(date: CalendarDate | null): Promise<void>;
  /** Where people can merge two contacts in the ledger. */
  mergeCustomers?(from: ExternalId, into: ExternalId): Promise<void>;
  countInvoices(number: string): Promise<number>;
  countPayments(invoiceId: ExternalId): Promise<number>;
};

/**
 * `dropBeforeCommit`: the request never reaches the books and the line goes dead. `commitThenDrop`: it does, and the answer is lost.
 * `serverError`: 500 without effect; `serverErrorAfterCommit`: 500 with it. `throttle`: turned away at the door, as the ledger does it.
 * `maintenance`: an answer that is no JSON. `revoked`: the consent is gone for good.
 */
export type FaultName =
  | 'dropBeforeCommit'
  | 'commitThenDrop'
  | 'serverError'
  | 'serverErrorAfterCommit'
  | 'throttle'
  | 'maintenance'
  | 'revoked';

export type LedgerHarness = {
  readonly port: LedgerPort;
  readonly mapping: Mapping;
  readonly facts: LedgerFacts;
  readonly hands: Hands;
  /** The next `times` calls (default 1) of that direction meet the fault; `revoked` stays until `healFaults`. */
  fault(name: FaultName, on: 'read' | 'write', times?: number): Promise<void>;
  /** From now on every answer shows this record in a form that nobody understands. */
  spoil(id: ExternalId): Promise<void>;
  healFaults(): Promise<void>;
  /** Calls that reached the ledger's API so far; signing in not counted. */
  calls(): number;
  end(): Promise<void>;
};
