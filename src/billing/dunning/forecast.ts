// The calendar: what everybody would get in the coming days if nobody paid. It plays the plan day by day, with the letters of the days
// before taken as sent; it asks neither ledger nor gateway and changes nothing.

import type { ReminderPolicy } from '../../../config/reminder-policies';
import { addDays, type CalendarDate, dateIn } from '../../core/calendar-date';
import type { Business } from '../documents';
import { customersInQuestion, factsOf, readerOf } from './facts';
import type { DunningParts, Forecast, ForecastMark, ForecastRow } from './parts';
import { type CustomerFacts, planCustomer } from './plan';
import { isBusinessDay, type Reader, windowOn } from './send-window';
import { daysLate, type StepKey } from './steps';

type Parts = DunningParts & { readonly policy: ReminderPolicy };

/** Looked at: those who owe most. The rest is said as a number. */
const MOST_CUSTOMERS = 60;

export const forecast = async (parts: Parts, tenantId: string, days: number): Promise<Forecast> => {
  const { store, billing, clock, policy } = parts;
  const business = await billing.businesses.get(tenantId);
  const mode = business.reminders.mode === 'rehearsal' ? 'rehearsal' : 'on';
  const now = clock.now();
  const owed = await customersInQuestion(store, tenantId, { now, daysAhead: days, policy });
  const largest = [...owed].sort(([, a], [, b]) => b - a).map(([id]) => id);
  const shown = largest.slice(0, MOST_CUSTOMERS);
  const customers = await billing.customers.getMany(tenantId, shown);
  const rows: ForecastRow[] = [];
  for (const id of shown) {
    const customer = customers.get(id);
    if (customer === undefined) continue;
    const row = rowOf(await factsOf(parts, business, customer, mode), business, now, days, policy);
    if (row.marks.length > 0 || row.obstacle !== null) rows.push(row);
  }
  const from = dateIn(business.timeZone, now);
  const countries = [business.holidayCountry ?? business.country];
  return {
    from,
    days: daysFrom(from, days).map((date) => ({ date, isOff: !isBusinessDay(date, countries) })),
    rows,
    more: largest.length - shown.length,
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
  const today = dateIn(reader.timeZone, now);
  const isOver = isClosed(today, reader, now, policy);
  for (const date of daysFrom(today, days)) {
    const ended = facts.invoices.filter((invoice) => daysLate(invoice, date) === policy.endsAfterDays);
    if (ended.length > 0) marks.push({ kind: 'end', date, invoices: ended });
    if ((date === today && isOver) || !isBusinessDay(date, reader.countries)) continue;
    const plan = planCustomer({ ...facts, sent, mailDates }, date, policy);
    if (plan.kind === 'held' && plan.obstacle.kind === 'never') obstacle ??= plan.obstacle.reason;
    if (plan.kind !== 'send') continue;
    marks.push({ kind: 'mail', date, tone: plan.tone, invoices: [...plan.overdue, ...plan.comingDue] });
    mailDates.push(date);
    for (const { invoice, step } of plan.due) {
      sent.set(invoice.id, new Set([...(sent.get(invoice.id) ?? []), step.key]));
    }
  }
  return { customer: facts.customer, marks, obstacle };
};

const isClosed = (date: CalendarDate, reader: Reader, now: Date, policy: ReminderPolicy): boolean => {
  const window = windowOn(date, reader, policy.window);
  return window === undefined || now >= window.closesAt;
};
