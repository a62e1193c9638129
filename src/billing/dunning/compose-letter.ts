// Turns a plan into what the letter says: amounts, dates and links in the words of the reader. Pure.
import { addDays, type CalendarDate, displayDate } from '../../core/calendar-date';
import { displayMoney } from '../../core/money';
import type { Business, Customer, Invoice, Payment } from '../documents';
import type { Letter, LetterItem } from '../mail/letter';
import type { CustomerPlan } from './plan';
import { daysLate } from './steps';

export type LetterSurroundings = {
  readonly business: Business;
  readonly customer: Customer;
  readonly today: CalendarDate;
  readonly payUrls: ReadonlyMap<string, string>;
  readonly credit: string | null;
  readonly unsubscribeUrl: string | null;
  readonly hasPdf: boolean;
};

/** Days that a firm letter gives. */
const DAYS_TO_PAY = 7;

export const composeReminder = (plan: Extract<CustomerPlan, { kind: 'send' }>, around: LetterSurroundings): Letter => {
  const { today } = around;
  const { locale, item } = words(around);
  const main = plan.overdue.length > 0 ? plan.overdue : plan.comingDue;
  const lead = item(plan.lead);
  const listed = plan.overdue.length + plan.comingDue.length;
  const late = daysLate(plan.lead, today);
  return {
    ...frame(around),
    kind: plan.tone,
    lead,
    amount: sumWords(main, locale),
    isOne: listed === 1,
    count: main.length,
    isMany: main.length > 1,
    late: late > 0 ? dayWords(late) : null,
    isDueToday: late === 0,
    overdue: plan.overdue.map(item),
    comingDue: plan.comingDue.map(item),
    comingDueHeading: plan.overdue.length > 0 ? 'Also coming due' : 'Coming due',
    byDate: displayDate(addDays(today, DAYS_TO_PAY), locale),
    pay: payButton(lead, listed === 1),
    answers: answersFor(around.business, plan.lead),
    receipt: null,
  };
};

export const composeReceipt = (payment: Payment, invoices: readonly Invoice[], around: LetterSurroundings): Letter => {
  const { locale, item } = words(around);
  const received = displayMoney(payment.amountMinor, payment.currency, locale);
  const [first] = invoices;
  const open = invoices.filter(({ openMinor }) => openMinor > 0);
  const none: LetterItem = {
    number: '',
    amount: received,
    dueDate: '',
    standing: '',
    reference: null,
    payUrl: null,
    isPaid: true,
  };
  return {
    ...frame(around),
    kind: 'receipt',
    lead: first === undefined ? none : item(first),
    amount: received,
    isOne: invoices.length === 1,
    count: invoices.length,
    isMany: invoices.length > 1,
    late: null,
    isDueToday: false,
    overdue: [],
    comingDue: invoices.map(item),
    comingDueHeading: 'Paid by it',
    byDate: displayDate(around.today, locale),
    pay: null,
    answers: null,
    unsubscribeUrl: null,
    receipt: {
      received,
      date: displayDate(payment.date, locale),
      isSettled: invoices.length > 0 && open.length === 0,
      stillOpen: open.length === 0 ? null : sumWords(open, locale),
    },
  };
};

export const sumWords = (invoices: readonly Invoice[], locale: string): string => {
  const sums = new Map<string, number>();
  for (const { currency, openMinor } of invoices) sums.set(currency, (sums.get(currency) ?? 0) + openMinor);
  return [...sums].map(([currency, minor]) => displayMoney(minor, currency, locale)).join(' and ');
};

/** The letters are in English; numbers and dates follow the reader as far as that goes with English words. */
export const letterLocale = (business: Business, customer: Customer): string => {
  const wanted = customer.locale ?? business.locale;
  return wanted.startsWith('en') ? wanted : 'en-GB';
};

const words = ({ business, customer, today, payUrls }: LetterSurroundings) => {
  const locale = letterLocale(business, customer);
  const item = (invoice: Invoice): LetterItem => ({
    number: invoice.number ?? '',
    amount: displayMoney(invoice.openMinor, invoice.currency, locale),
    dueDate: displayDate(invoice.dueDate, locale),
    standing: standing(invoice, today, locale),
    reference: invoice.reference,
    payUrl: payUrls.get(invoice.id) ?? null,
    isPaid: !invoice.isOpen,
  });
  return { locale, item };
};

const dayWords = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`;

const standing = (invoice: Invoice, today: CalendarDate, locale: string): string => {
  if (!invoice.isOpen) return 'paid';
  const late = daysLate(invoice, today);
  if (late > 0) return `${dayWords(late)} late`;
  return late === 0 ? 'due today' : `due ${displayDate(invoice.dueDate, locale)}`;
};

const frame = ({ business, customer, credit, unsubscribeUrl, hasPdf }: LetterSurroundings) => ({
  language: letterLocale(business, customer),
  seller: sellerOf(business),
  greetingName: customer.name,
  credit,
  unsubscribeUrl,
  hasPdf,
});

/** Whose letter it is. */
export const sellerOf = (business: Business): Letter['seller'] => ({
  name: business.name,
  initials: initialsOf(business.name),
  foot: footOf(business),
  accent: business.brand.accent,
});

export const initialsOf = (name: string): string =>
  name
    .split(/[\s\-–]+/)
    .map((word) => [...word].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? '')
    .filter((letter) => letter !== '')
    .slice(0, 2)
    .join('')
    .toUpperCase();

const footOf = ({ name, legalName, address, phone, taxNumber }: Business): string => {
  const place =
    address === null
      ? []
      : [
          ...address.lines,
          [address.city, address.region, address.postalCode].filter((part) => part !== null).join(' '),
        ];
  const parts = [legalName ?? name, ...place].filter((part) => part.trim() !== '').join(', ');
  return [parts, phone, taxNumber === null ? null : `Tax number ${taxNumber}`]
    .filter((part) => part !== null && part !== '')
    .join(' · ');
};

const payButton = (lead: LetterItem, isOne: boolean): Letter['pay'] =>
  lead.payUrl === null
    ? null
    : {
        url: lead.payUrl,
        label: isOne ? `Pay ${lead.amount}` : `Pay ${lead.amount} for ${lead.number}`,
        host: new URL(lead.payUrl).host,
      };

/** Three answers of one press each: they begin a reply that already says which invoice it is about. */
const answersFor = ({ email }: Business, { number }: Invoice): Letter['answers'] => {
  if (email === null) return null;
  const reply = (subject: string, body: string): string =>
    `mailto:${encodeURIComponent(email).replace('%40', '@')}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
  return [
    { label: 'I have paid', url: reply(`${number}: paid`, `We paid invoice ${number} on … by …`) },
    { label: 'I will pay on…', url: reply(`${number}: will be paid`, `We will pay invoice ${number} on …`) },
    { label: 'Something is wrong', url: reply(`${number}: question`, `About invoice ${number}: …`) },
  ];
};
