// Which step of the policy an invoice is at: always the latest that has come, never one before it, so that a missed day costs one letter
// and a first day of reminders is no burst. Pure.
import type { ReminderPolicy, ReminderStep } from '../../../config/reminder-policies';
import { type CalendarDate, daysBetween } from '../../core/calendar-date';
import type { Invoice } from '../documents';

export type StepKey = ReminderStep['key'];

export const daysLate = (invoice: Pick<Invoice, 'dueDate'>, today: CalendarDate): number =>
  daysBetween(invoice.dueDate, today);

/** Issued, something open, and not so late that chasing has ended. */
export const isChaseable = (invoice: Invoice, today: CalendarDate, policy: ReminderPolicy): boolean =>
  invoice.status === 'issued' &&
  invoice.isOpen &&
  invoice.openMinor > 0 &&
  daysLate(invoice, today) < policy.endsAfterDays;

/** The latest step that has come by `today`; undefined before the first, and for invoices that are not chased. */
export const stepOn = (invoice: Invoice, today: CalendarDate, policy: ReminderPolicy): ReminderStep | undefined => {
  if (!isChaseable(invoice, today, policy)) return undefined;
  const step = policy.steps.findLast(
    ({ anchor, day }) => daysBetween(invoice[anchor], today) >= day && comesAfterIssue(invoice, anchor, day),
  );
  if (step === undefined || step.anchor === 'dueDate') return step;
  // An invoice typed into the ledger, or issued long before reminders were on, was sent by whoever made it.
  const age = daysBetween(invoice.issueDate, today);
  return invoice.origin === 'billing' && age <= policy.invoiceWithinDays ? step : undefined;
};

/** An invoice that is due at once has no "due in three days": such a step would come before the invoice itself. */
const comesAfterIssue = (invoice: Invoice, anchor: ReminderStep['anchor'], day: number): boolean =>
  anchor === 'issueDate' || daysBetween(invoice.issueDate, invoice.dueDate) + day > 0;
