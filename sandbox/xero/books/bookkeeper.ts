// What a person does in Xero itself, as plain methods for pages, tests and the demo. Everything goes through the same rules as
// the API and is announced by webhook in the same way.
import { advanceAt, allocateAdvance, removeAdvanceAllocation, voidAdvance } from './advances';
import { balanceOf } from './balances';
import { createBankTransaction } from './bank';
import type { Actor, BookState } from './books';
import { contactAt, mergeContacts, writeContact } from './contacts';
import { documentAt, writeDocument } from './documents';
import {
  type AdvanceEntry,
  advanceInput,
  type CustomerEntry,
  contactInput,
  type DocumentEdit,
  type DocumentEntry,
  documentInput,
  type PaymentEntry,
  type WireFields,
} from './entries';
import {
  AllocationFields,
  BankTransactionFields,
  ContactFields,
  CreditNoteFields,
  InvoiceFields,
  PaymentFields,
  parseFields,
} from './input';
import { createAllocation, createPayment, deleteAllocation, deletePayment } from './payments';
import type {
  Account,
  Advance,
  AdvanceAllocation,
  Allocation,
  CalendarDate,
  Contact,
  Payment,
  SalesDocument,
} from './records';
import { refuse, Unknown } from './refusal';

const PERSON: Actor = { by: 'person' };

export class Bookkeeper {
  constructor(readonly state: BookState) {}

  enterCustomer(entry: CustomerEntry): Contact {
    return writeContact(this.state, parseFields(ContactFields, contactInput(entry)), 'create', PERSON);
  }

  changeCustomer(contactId: string, changes: Partial<CustomerEntry>): Contact {
    const fields = parseFields(ContactFields, { ...contactInput(changes), ContactID: contactId });
    return writeContact(this.state, fields, 'upsert', PERSON);
  }

  changePhone(contactId: string, phone: string): Contact {
    return this.changeCustomer(contactId, { phone });
  }

  archiveCustomer(contactId: string): Contact {
    return writeContact(this.state, { ContactID: contactId, ContactStatus: 'ARCHIVED' }, 'upsert', PERSON);
  }

  restoreCustomer(contactId: string): Contact {
    return writeContact(this.state, { ContactID: contactId, ContactStatus: 'ACTIVE' }, 'upsert', PERSON);
  }

  mergeCustomers(from: string, into: string): Contact {
    return mergeContacts(this.state, from, into);
  }

  enterInvoice(entry: DocumentEntry): SalesDocument {
    return this.#enter('invoice', entry);
  }

  enterCreditNote(entry: DocumentEntry): SalesDocument {
    return this.#enter('creditNote', entry);
  }

  edit(documentId: string, changes: DocumentEdit): SalesDocument {
    const { kind } = this.document(documentId);
    return this.#write(kind, documentId, documentInput(changes));
  }

  approve(documentId: string): SalesDocument {
    return this.#setStatus(documentId, 'AUTHORISED');
  }

  voidInvoice(documentId: string): SalesDocument {
    return this.#setStatus(documentId, 'VOIDED');
  }

  voidCreditNote(documentId: string): SalesDocument {
    return this.#setStatus(documentId, 'VOIDED');
  }

  deleteDraft(documentId: string): SalesDocument {
    return this.#setStatus(documentId, 'DELETED');
  }

  recordPayment(entry: PaymentEntry): Payment {
    const { kind, id } = this.document(entry.documentId);
    const account = this.#account(entry.account);
    const fields = {
      ...(kind === 'invoice' ? { Invoice: { InvoiceID: id } } : { CreditNote: { CreditNoteID: id } }),
      Account: { AccountID: account.accountId },
      Amount: entry.amount,
      Date: entry.date ?? this.state.today(),
      Reference: entry.reference ?? '',
    };
    return createPayment(this.state, parseFields(PaymentFields, fields), PERSON);
  }

  removePayment(paymentId: string): Payment {
    return deletePayment(this.state, paymentId, PERSON);
  }

  /** A statement line was matched: from now on the payment is reconciled. */
  reconcile(paymentId: string): Payment {
    const payment = this.state.payments.get(paymentId);
    if (payment === undefined) throw new Unknown();
    return this.state.together(() =>
      this.state.payments.put({ ...payment, isReconciled: true, updatedAt: this.state.stamp() }),
    );
  }

  allocateCredit(creditNoteId: string, invoiceId: string, amount: string, date?: CalendarDate): Allocation {
    const input = { Invoice: { InvoiceID: invoiceId }, Amount: amount, ...(date === undefined ? {} : { Date: date }) };
    return createAllocation(this.state, creditNoteId, parseFields(AllocationFields, input), PERSON);
  }

  removeAllocation(allocationId: string): Allocation {
    const allocation = this.state.allocations.get(allocationId);
    if (allocation === undefined) throw new Unknown();
    return deleteAllocation(this.state, allocation.creditNoteId, allocationId, PERSON);
  }

  /** Money of a customer beyond any invoice, or ahead of one: then on a revenue account and with its tax. */
  enterAdvance(kind: Advance['kind'], entry: AdvanceEntry): Advance {
    const { advanceId } = createBankTransaction(
      this.state,
      parseFields(BankTransactionFields, advanceInput(kind, entry, this.#account(entry.account).accountId)),
      { actor: PERSON, unitPlaces: 4 },
    );
    return advanceAt(this.state, kind, advanceId ?? '');
  }

  allocateAdvance(advanceId: string, invoiceId: string, amount: string, date?: CalendarDate): AdvanceAllocation {
    const input = { Invoice: { InvoiceID: invoiceId }, Amount: amount, ...(date === undefined ? {} : { Date: date }) };
    return allocateAdvance(this.state, this.advance(advanceId), parseFields(AllocationFields, input), PERSON);
  }

  removeAdvanceAllocation(allocationId: string): AdvanceAllocation {
    const allocation = this.state.advanceAllocations.get(allocationId);
    if (allocation === undefined) throw new Unknown();
    return removeAdvanceAllocation(this.state, this.advance(allocation.advanceId), allocationId, PERSON);
  }

  voidAdvance(advanceId: string): Advance {
    return voidAdvance(this.state, advanceId, PERSON);
  }

  advance(id: string): Advance {
    const advance = this.state.advances.get(id);
    if (advance === undefined) throw new Unknown();
    return advance;
  }

  advances(): Advance[] {
    return this.state.advances.all();
  }

  /** `null` opens the books again. */
  setLockDate(dates: { readonly period?: CalendarDate | null; readonly endOfYear?: CalendarDate | null }): void {
    const { periodLockDate, endOfYearLockDate, ...rest } = this.state.organisation;
    for (const date of [dates.period, dates.endOfYear]) {
      if (date != null && !/^\d{4}-\d{2}-\d{2}$/.test(date)) refuse('A lock date is written as 2026-03-31');
    }
    const period = dates.period === undefined ? periodLockDate : dates.period;
    const endOfYear = dates.endOfYear === undefined ? endOfYearLockDate : dates.endOfYear;
    this.state.organisation = {
      ...rest,
      ...(period == null ? {} : { periodLockDate: period }),
      ...(endOfYear == null ? {} : { endOfYearLockDate: endOfYear }),
    };
  }

  archiveAccount(codeOrId: string): Account {
    const account = this.#account(codeOrId);
    return this.state.together(() =>
      this.state.accounts.put({ ...account, status: 'ARCHIVED', updatedAt: this.state.stamp() }),
    );
  }

  restoreAccount(codeOrId: string): Account {
    const account = this.#account(codeOrId);
    return this.state.together(() =>
      this.state.accounts.put({ ...account, status: 'ACTIVE', updatedAt: this.state.stamp() }),
    );
  }

  startOver(): void {
    this.state.startOver();
  }

  archiveTaxRate(taxType: string): void {
    const rate = this.state.taxRates.get(taxType) ?? refuse(`There is no tax rate ${taxType}`);
    this.state.together(() => this.state.taxRates.put({ ...rate, status: 'ARCHIVED' }));
  }

  addCurrency(code: string, rate: string): void {
    if (!/^[A-Z]{3}$/.test(code)) refuse('A currency is named by three capital letters');
    if (!/^\d+(\.\d+)?$/.test(rate) || Number(rate) === 0) refuse('A rate is a number above zero, like 1.17');
    this.state.together(() => this.state.currencies.put({ code, description: code, rate }));
  }

  contact(id: string): Contact {
    return contactAt(this.state, id);
  }

  document(id: string): SalesDocument {
    return this.state.documents.get(id) ?? documentAt(this.state, 'invoice', id);
  }

  invoiceNumbered(number: string): SalesDocument | undefined {
    return this.state.documents.where('number', `invoice:${number}`)[0];
  }

  contacts(): Contact[] {
    return this.state.contacts.all();
  }

  invoices(): SalesDocument[] {
    return this.state.documents.where('kind', 'invoice');
  }

  creditNotes(): SalesDocument[] {
    return this.state.documents.where('kind', 'creditNote');
  }

  payments(): Payment[] {
    return this.state.payments.all();
  }

  openHundredths(document: SalesDocument): number {
    return balanceOf(this.state, document).open;
  }

  /** Counts and sums for a closing table, per currency in hundredths. */
  totals(): BookTotals {
    const live = (document: SalesDocument): boolean => document.status === 'AUTHORISED' || document.status === 'PAID';
    const invoices = this.invoices().filter(live);
    const payments = this.payments().filter((payment) => payment.status === 'AUTHORISED');
    const currencyOf = (payment: Payment): string => this.state.documents.get(payment.documentId)?.currency ?? '';
    return {
      customers: this.contacts().filter((contact) => contact.status === 'ACTIVE').length,
      invoices: invoices.length,
      openInvoices: invoices.filter((invoice) => this.openHundredths(invoice) > 0).length,
      invoiced: sums(
        invoices,
        (invoice) => invoice.currency,
        (invoice) => invoice.total,
      ),
      open: sums(
        invoices,
        (invoice) => invoice.currency,
        (invoice) => this.openHundredths(invoice),
      ),
      payments: payments.length,
      paid: sums(payments, currencyOf, (payment) => payment.amount),
    };
  }

  #enter(kind: SalesDocument['kind'], entry: DocumentEntry): SalesDocument {
    const date = entry.date ?? this.state.today();
    return this.#write(kind, undefined, {
      Type: kind === 'invoice' ? 'ACCREC' : 'ACCRECCREDIT',
      ...documentInput({ status: 'AUTHORISED', ...(kind === 'invoice' ? { dueDate: date } : {}), ...entry, date }),
    });
  }

  #setStatus(documentId: string, status: SalesDocument['status']): SalesDocument {
    const { kind, id } = this.document(documentId);
    return this.#write(kind, id, { Status: status });
  }

  #write(kind: SalesDocument['kind'], id: string | undefined, { number, ...fields }: WireFields): SalesDocument {
    const mode = id === undefined ? 'create' : 'upsert';
    const input =
      kind === 'invoice'
        ? parseFields(InvoiceFields, { ...fields, InvoiceID: id ?? null, InvoiceNumber: number ?? null })
        : parseFields(CreditNoteFields, { ...fields, CreditNoteID: id ?? null, CreditNoteNumber: number ?? null });
    return writeDocument(this.state, input, { kind, mode, actor: PERSON, unitPlaces: 4, refusesPaidEdits: true });
  }

  #account(codeOrId: string | undefined): Account {
    const { accounts } = this.state;
    if (codeOrId === undefined) {
      return accounts.all().find((account) => account.type === 'BANK') ?? refuse('There is no bank account');
    }
    return accounts.get(codeOrId) ?? accounts.where('code', codeOrId)[0] ?? refuse(`There is no account ${codeOrId}`);
  }
}

export type BookTotals = {
  readonly customers: number;
  readonly invoices: number;
  readonly openInvoices: number;
  readonly invoiced: Readonly<Record<string, number>>;
  readonly open: Readonly<Record<string, number>>;
  readonly payments: number;
  readonly paid: Readonly<Record<string, number>>;
};

const sums = <T>(rows: readonly T[], key: (row: T) => string, value: (row: T) => number): Record<string, number> => {
  const totals: Record<string, number> = {};
  for (const row of rows) totals[key(row)] = (totals[key(row)] ?? 0) + value(row);
  return totals;
};
