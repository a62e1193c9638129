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
  const since = { issueDate: daysBetween(invoice.issueDate, today), dueDate: daysLate(invoice, today) };
  const terms = since.issueDate - since.dueDate;
  const step = policy.steps.findLast(
    ({ anchor, day }) =>
      since[anchor] >= day &&
      // An invoice that is due at once has no "due in three days": such a step would come before the invoice itself.
      (anchor === 'issueDate' || terms + day > 0),
  );
  if (step === undefined || step.anchor === 'dueDate') return step;
  // An invoice typed into the ledger, or issued long before reminders were on, was sent by whoever made it.
  return invoice.origin === 'billing' && since.issueDate <= policy.invoiceWithinDays ? step : undefined;
};
