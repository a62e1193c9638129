// The calendar: what everybody would get in the coming days if nobody paid. It plays the plan day by day, with the letters of the days
// before taken as sent; it asks neither ledger nor gateway and changes nothing.

import type { ReminderPolicy } from '../../../config/reminder-policies';
import { addDays, type CalendarDate, dateIn } from '../../core/calendar-date';
import type { Business, Customer } from '../documents';
import { customersInQuestion, factsOf, readerOf } from './facts';
import type { DunningParts, Forecast, ForecastMark, ForecastRow } from './parts';
import { type CustomerFacts, planCustomer } from './plan';
import { isBusinessDay, type Reader, windowOn } from './send-window';
import { daysLate, type StepKey } from './steps';

type Parts = DunningParts & { readonly policy: ReminderPolicy };

/** Shown at most; the rest is said as a number. */
const MOST_CUSTOMERS = 400;

export const forecast = async (parts: Parts, tenantId: string, days: number): Promise<Forecast> => {
  const { store, billing, clock, policy } = parts;
  const business = await billing.businesses.get(tenantId);
  const mode = business.reminders.mode === 'rehearsal' ? 'rehearsal' : 'on';
  const now = clock.now();
  const ids = [...(await customersInQuestion(store, tenantId, { now, daysAhead: days, policy }))];
  const customers = await billing.customers.getMany(tenantId, ids.slice(0, MOST_CUSTOMERS));
  const rows: { readonly row: ForecastRow; readonly owed: number }[] = [];
  for (const customer of customers.values()) {
    const facts = await factsOf(parts, business, customer, mode);
    const row = rowOf(facts, business, now, days, policy);
    const owed = facts.invoices.reduce((sum, { openMinor }) => sum + openMinor, 0);
    if (row.marks.length > 0 || row.obstacle !== null) rows.push({ row, owed });
  }
  const from = dateIn(business.timeZone, now);
  const countries = [business.holidayCountry ?? business.country];
  return {
    from,
    days: daysFrom(from, days).map((date) => ({ date, isOff: !isBusinessDay(date, countries) })),
    rows: rows.sort((a, b) => b.owed - a.owed).map(({ row }) => row),
  };
};

const daysFrom = (from: CalendarDate, days: number): readonly CalendarDate[] =>
  Array.from({ length: days }, (_, index) => addDays(from, index));

const rowOf = (
  facts: CustomerFacts,
  business: Business,
  now: Date,
  days: number,
  policy: ReminderPolicy,
): ForecastRow => {
  const reader = readerOf(business, facts.customer);
  const sent = new Map<string, ReadonlySet<StepKey>>(facts.sent);
  const mailDates = [...facts.mailDates];
  const marks: ForecastMark[] = [];
  let obstacle: string | null = null;
  for (const date of daysFrom(dateIn(reader.timeZone, now), days)) {
    const ended = facts.invoices.filter((invoice) => daysLate(invoice, date) === policy.endsAfterDays);
    if (ended.length > 0) marks.push({ kind: 'end', date, invoices: ended });
    if (!isStillOpen(date, reader, now, policy)) continue;
    const plan = planCustomer({ ...facts, sent, mailDates }, date, policy);
    if (plan.kind === 'held' && plan.obstacle.kind === 'never') obstacle ??= plan.obstacle.reason;
    if (plan.kind !== 'send') continue;
    marks.push({ kind: 'mail', date, tone: plan.tone, invoices: [...plan.overdue, ...plan.comingDue] });
    mailDates.push(date);
    for (const { invoice, step } of plan.due) {
      sent.set(invoice.id, new Set([...(sent.get(invoice.id) ?? []), step.key]));
    }
  }
  return { customer: facts.customer satisfies Customer, marks, obstacle };
};

const isStillOpen = (date: CalendarDate, reader: Reader, now: Date, policy: ReminderPolicy): boolean => {
  const window = windowOn(date, reader, policy.window);
  return window !== undefined && now < window.closesAt;
};
