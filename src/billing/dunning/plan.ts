// Decides what one customer gets on one day: one letter or none, and why none. Pure: reads nothing, sends nothing. The calendar of the
// coming days and the sending itself both ask this function, so that they cannot disagree.
import type { ReminderPolicy, ReminderStep } from '../../../config/reminder-policies';
import { addDays, type CalendarDate } from '../../core/calendar-date';
import { type CurrencyCode, exponentOf } from '../../core/money';
import type { Customer, Invoice } from '../documents';
import { daysLate, isChaseable, type StepKey, stepOn } from './steps';

export type CustomerFacts = {
  readonly customer: Customer;
  /** The open ones. */
  readonly invoices: readonly Invoice[];
  /** Money of the customer that no invoice has used, by currency. */
  readonly credit: ReadonlyMap<CurrencyCode, number>;
  /** Steps that were sent, by invoice. */
  readonly sent: ReadonlyMap<string, ReadonlySet<StepKey>>;
  /** Days on which the customer got a letter, of any invoice and by hand or by itself. */
  readonly mailDates: readonly CalendarDate[];
  /** The mail server refused the customer's present address. */
  readonly isAddressRefused: boolean;
};

export type StepDue = { readonly invoice: Invoice; readonly step: ReminderStep };
export type Obstacle = { readonly kind: 'never' | 'notNow'; readonly reason: string };
export type CustomerPlan =
  | {
      readonly kind: 'send';
      /** Of the oldest invoice in the letter: it sets the tone. */
      readonly tone: StepKey;
      readonly lead: Invoice;
      /** What this letter is the reminder of: claimed before it leaves. */
      readonly due: readonly StepDue[];
      readonly overdue: readonly Invoice[];
      readonly comingDue: readonly Invoice[];
    }
  | { readonly kind: 'held'; readonly obstacle: Obstacle }
  | { readonly kind: 'nothing' };

export const planCustomer = (facts: CustomerFacts, today: CalendarDate, policy: ReminderPolicy): CustomerPlan => {
  const chased = facts.invoices.filter((invoice) => isChaseable(invoice, today, policy) && !isCovered(invoice, facts));
  const due = stepsDue(chased, facts, today, policy);
  if (due.length === 0) return { kind: 'nothing' };

  const obstacle = obstacleOf(facts, today);
  if (obstacle !== undefined) return { kind: 'held', obstacle };
  const documents = due.filter(({ step }) => step.key === 'invoice');
  const isChasing = documents.length < due.length;
  const chasingObstacle = isChasing ? obstacleToChasing(facts, chased, today, policy) : undefined;
  if (isChasing && chasingObstacle === undefined) return letter(due, chased, today, policy);
  if (chasingObstacle !== undefined && documents.length === 0) return { kind: 'held', obstacle: chasingObstacle };
  // A new invoice is a document, not chasing: it goes out where and when reminders may not, and says nothing of other debts.
  return letter(
    documents,
    documents.map(({ invoice }) => invoice),
    today,
    policy,
  );
};

/** What is due and was not sent; an invoice that had its share of messages is left to a person. */
const stepsDue = (
  invoices: readonly Invoice[],
  { sent }: CustomerFacts,
  today: CalendarDate,
  policy: ReminderPolicy,
): readonly StepDue[] =>
  invoices.flatMap((invoice) => {
    const step = stepOn(invoice, today, policy);
    const done = sent.get(invoice.id);
    if (step === undefined || done?.has(step.key) || (done?.size ?? 0) >= policy.mostMessages) return [];
    return [{ invoice, step }];
  });

/** The customer's own money waits to be allocated: that is our task, not his. */
const isCovered = (invoice: Invoice, { invoices, credit }: CustomerFacts): boolean => {
  const owed = invoices.reduce(
    (sum, { currency, openMinor }) => sum + (currency === invoice.currency ? openMinor : 0),
    0,
  );
  return owed > 0 && (credit.get(invoice.currency) ?? 0) >= owed;
};

const never = (reason: string): Obstacle => ({ kind: 'never', reason });

/** What stops every letter. */
const obstacleOf = (
  { customer, isAddressRefused, mailDates }: CustomerFacts,
  today: CalendarDate,
): Obstacle | undefined => {
  if (customer.email === null) return never('There is no mail address.');
  if (isAddressRefused) return never(`The mail server refuses ${customer.email}: correct the address.`);
  if (customer.state === 'archived') return never('The customer is archived.');
  return mailDates.includes(today) ? { kind: 'notNow', reason: 'A mail went out today.' } : undefined;
};

const isFull = (
  cap: ReminderPolicy['caps'][number],
  mailDates: readonly CalendarDate[],
  today: CalendarDate,
): boolean => {
  const after = addDays(today, -cap.days);
  return mailDates.filter((date) => date > after && date <= today).length >= cap.count;
};

/** What stops chasing, though not the invoice itself. */
const obstacleToChasing = (
  { customer, mailDates }: CustomerFacts,
  chased: readonly Invoice[],
  today: CalendarDate,
  policy: ReminderPolicy,
): Obstacle | undefined => {
  const { mode, pausedUntil, reason } = customer.chasing;
  if (mode === 'paused' && (pausedUntil === null || pausedUntil > today)) {
    return never(`Reminders are paused${reason === null ? '' : `: ${reason}`}.`);
  }
  const isTooSmall = [...owedByCurrency(chased)].every(([currency, minor]) => minor < leastMinor(currency, policy));
  if (isTooSmall) return never('The amount is too small to be chased.');
  const full = policy.caps.some((cap) => isFull(cap, mailDates, today));
  return full ? { kind: 'notNow', reason: 'Enough mails went out in the last days.' } : undefined;
};

const owedByCurrency = (invoices: readonly Invoice[]): ReadonlyMap<CurrencyCode, number> => {
  const owed = new Map<CurrencyCode, number>();
  for (const { currency, openMinor } of invoices) owed.set(currency, (owed.get(currency) ?? 0) + openMinor);
  return owed;
};

/** Ten pounds, ten dinars, a thousand yen. */
const leastMinor = (currency: CurrencyCode, { leastUnits }: ReminderPolicy): number => {
  const exponent = exponentOf(currency);
  return exponent === 0 ? leastUnits * 100 : leastUnits * 10 ** exponent;
};

const byDueDate = (a: Invoice, b: Invoice): number =>
  a.dueDate < b.dueDate ? -1 : a.dueDate > b.dueDate ? 1 : a.id < b.id ? -1 : 1;

/** Everything overdue is listed; of what is not due yet only what is a reason for this letter. */
const letter = (
  due: readonly StepDue[],
  listed: readonly Invoice[],
  today: CalendarDate,
  policy: ReminderPolicy,
): CustomerPlan => {
  const overdue = listed.filter((invoice) => daysLate(invoice, today) > 0).sort(byDueDate);
  const comingDue = due
    .map(({ invoice }) => invoice)
    .filter((invoice) => daysLate(invoice, today) <= 0)
    .sort(byDueDate);
  const lead = overdue[0] ?? comingDue[0];
  if (lead === undefined) throw new Error('a letter about nothing was planned');
  const step = due.find(({ invoice }) => invoice.id === lead.id)?.step ?? stepOn(lead, today, policy);
  // The oldest may have had no step of its own yet (one day late, say): then the letter speaks as the steps that are due.
  const tone = step?.key ?? due[0]?.step.key;
  if (tone === undefined) throw new Error('a letter without a step was planned');
  return { kind: 'send', tone, lead, due, overdue, comingDue };
};
