// Reads what the plan of one customer is made from, and who comes into question at all. Reads only.

import type { ReminderPolicy } from '../../../config/reminder-policies';
import { addDays, dateIn } from '../../core/calendar-date';
import type { CurrencyCode } from '../../core/money';
import { findAll, type Store } from '../../store/port';
import { type Business, type Customer, type Invoice, invoices } from '../documents';
import { type Mail, mails } from '../mail/documents';
import type { Billing } from '../service';
import { type ClaimMode, reminderClaims } from './documents';
import type { CustomerFacts } from './plan';
import type { Reader } from './send-window';
import type { StepKey } from './steps';

/** Newest mails that are looked at: more than the caps allow in their days. */
const MAILS_TO_READ = 20;

/** Customers with an open invoice that has, or by `daysAhead` will have, a step; with what they owe by these, in any currency. */
export const customersInQuestion = async (
  store: Store,
  tenantId: string,
  { now, daysAhead, policy }: { readonly now: Date; readonly daysAhead: number; readonly policy: ReminderPolicy },
): Promise<ReadonlyMap<string, number>> => {
  const session = store.forTenant(tenantId);
  // A day more on either side: the customers' dates are not the server's.
  const today = dateIn('UTC', now);
  const earliest = Math.min(...policy.steps.map(({ day }) => day));
  const due = { gte: addDays(today, -policy.endsAfterDays - 1), lte: addDays(today, daysAhead - earliest + 1) };
  const issued = { gte: addDays(today, -policy.invoiceWithinDays - 1), lte: addDays(today, daysAhead + 1) };
  const seen = new Set<string>();
  const owed = new Map<string, number>();
  const add = ({ id, customerId, isOpen, openMinor }: Invoice): void => {
    if (!isOpen || seen.has(id)) return;
    seen.add(id);
    owed.set(customerId, (owed.get(customerId) ?? 0) + openMinor);
  };
  for await (const invoice of findAll(session, invoices, { where: { isOpen: true, dueDate: due } })) add(invoice);
  for await (const invoice of findAll(session, invoices, { where: { issueDate: issued } })) add(invoice);
  return owed;
};

export const readerOf = (business: Business, customer: Customer): Reader => {
  const countries = [business.holidayCountry ?? business.country, customer.address?.country ?? null];
  return {
    customerId: customer.id,
    timeZone: customer.timeZone ?? business.timeZone,
    countries: countries.filter((country) => country !== null),
  };
};

export const factsOf = async (
  { store, billing }: { readonly store: Store; readonly billing: Billing },
  business: Business,
  customer: Customer,
  mode: ClaimMode,
): Promise<CustomerFacts> => {
  const session = store.forTenant(business.id);
  const open: Invoice[] = [];
  const where = { customerId: customer.id, isOpen: true };
  for await (const invoice of findAll(session, invoices, { where, order: { index: 'customerOpen' } }))
    open.push(invoice);

  const sent = new Map<string, Set<StepKey>>();
  for (const { id } of open) {
    for await (const claim of findAll(session, reminderClaims, { where: { invoiceId: id } })) {
      if (claim.mode === mode) sent.set(id, (sent.get(id) ?? new Set()).add(claim.step));
    }
  }

  const newest = { where: { customerId: customer.id }, order: { index: 'customer', direction: 'descending' } } as const;
  const recent = (await session.find(mails, { ...newest, limit: MAILS_TO_READ })).items;
  const { timeZone } = readerOf(business, customer);
  return {
    customer,
    invoices: open,
    credit: await creditOf(billing, business.id, customer.id),
    sent,
    mailDates: recent
      .filter((mail) => countsAsMessage(mail, mode))
      .map(({ createdAt }) => dateIn(timeZone, new Date(createdAt))),
    isAddressRefused: recent.some(({ isAddressRefused, to }) => isAddressRefused && to.address === customer.email),
  };
};

/** Receipts are thanks, not chasing; a dropped mail never left. */
const countsAsMessage = ({ kind, state }: Mail, mode: ClaimMode): boolean =>
  kind !== 'receipt' && state !== 'dropped' && state !== 'refused' && (state !== 'rehearsal' || mode === 'rehearsal');

const creditOf = async (
  billing: Billing,
  tenantId: string,
  customerId: string,
): Promise<ReadonlyMap<CurrencyCode, number>> =>
  new Map((await billing.customers.balance(tenantId, customerId)).map((row) => [row.currency, row.creditMinor]));
