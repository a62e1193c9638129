// How reminders are shown: the calendar, the policy as a line of days, a mail as a row and as a page. Pure.
import { friendlyPolicy, type ReminderPolicy, type ReminderStep } from '../../../config/reminder-policies';
import type { Business, Customer, Invoice } from '../../billing/documents';
import type { Forecast, ForecastMark } from '../../billing/dunning/parts';
import type { Mail, MailState } from '../../billing/mail/documents';
import { displayDate } from '../../core/calendar-date';

const KIND_WORDS: Readonly<Record<Mail['kind'], string>> = {
  invoice: 'Invoice',
  upcoming: 'Coming due',
  dueToday: 'Due today',
  friendly: 'Friendly reminder',
  clear: 'Clear reminder',
  firm: 'Firm reminder',
  final: 'Last reminder',
  receipt: 'Receipt',
  planApproval: 'Plan to approve',
};

const STATE_VIEWS: Readonly<Record<MailState, { readonly css: string; readonly words: string }>> = {
  waiting: { css: 'waiting', words: 'Waiting' },
  sending: { css: 'waiting', words: 'Being sent' },
  sent: { css: 'paid', words: 'Sent' },
  kept: { css: 'draft', words: 'Kept, not sent' },
  rehearsal: { css: 'draft', words: 'Rehearsal' },
  refused: { css: 'late', words: 'Not delivered' },
  unknown: { css: 'conflict', words: 'Perhaps sent' },
  dropped: { css: 'void', words: 'Not needed' },
};

export const endWords = ({ rows, more }: Forecast, mode: Business['reminders']['mode']): string => {
  const mails = rows.reduce((sum, { marks }) => sum + marks.filter(({ kind }) => kind === 'mail').length, 0);
  const count = mails === 0 ? 'no mail is due' : mails === 1 ? 'one mail' : `${mails} mails`;
  const days = more === 0 ? 'in the next 30 days' : `in the next 30 days to the ${rows.length} who owe most`;
  switch (mode) {
    case 'off':
      return `Reminders are off. If they were on and nobody paid: ${count} ${days}.`;
    case 'rehearsal':
      return `Rehearsal: reminders are written and kept here, none is sent. If nobody pays: ${count} ${days}.`;
    case 'on':
      return `Reminders are on. If nobody pays: ${count} ${days}.`;
  }
};

export const forecastView = (forecast: Forecast, locale: string) => {
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'narrow', timeZone: 'UTC' });
  const last = forecast.days.at(-1)?.date ?? forecast.from;
  return {
    span: `${displayDate(forecast.from, locale)} – ${displayDate(last, locale)}`,
    rest: forecast.more,
    mails: forecast.rows.reduce((sum, { marks }) => sum + marks.filter(({ kind }) => kind === 'mail').length, 0),
    days: forecast.days.map(({ date, isOff }, index) => ({
      isOff,
      letter: weekday.format(new Date(`${date}T00:00:00Z`)),
      day: Number(date.slice(8)),
      isMarked: index === 0 || date.endsWith('-01'),
    })),
    rows: forecast.rows.map(({ customer, marks, obstacle }) => ({
      customer: customer.name,
      href: `/customers/${customer.id}`,
      obstacle,
      cells: forecast.days.map(({ date, isOff }) => ({ isOff, mark: cellView(marks, date, locale) })),
    })),
  };
};

const cellView = (marks: readonly ForecastMark[], date: string, locale: string) => {
  const mark =
    marks.find((each) => each.date === date && each.kind === 'mail') ?? marks.find((each) => each.date === date);
  if (mark === undefined) return null;
  const numbers = mark.invoices.map(({ number }) => number ?? '').join(', ');
  const what = mark.kind === 'mail' ? KIND_WORDS[mark.tone] : 'Chasing ends';
  return {
    isMail: mark.kind === 'mail',
    words: `${displayDate(date, locale)}: ${what}, ${numbers}`,
  };
};

// ---- the policy as a line ---------------------------------------------------------------------------------------------------------

const LEFT = 24;
const RIGHT = 1076;
const FIRST_DAY = -7;

export const policyView = (policy: ReminderPolicy = friendlyPolicy) => {
  const x = (day: number): number =>
    Math.round(LEFT + ((RIGHT - LEFT) * (day - FIRST_DAY)) / (policy.endsAfterDays - FIRST_DAY));
  const steps = policy.steps.filter(({ anchor }) => anchor === 'dueDate');
  return {
    name: policy.name,
    count: steps.length,
    due: x(0),
    left: x(FIRST_DAY),
    end: { x: x(policy.endsAfterDays), words: `+${policy.endsAfterDays}` },
    steps: steps.map((step) => ({ x: x(step.day), day: dayWords(step.day), words: KIND_WORDS[step.key] })),
    label: steps.map((step: ReminderStep) => `${KIND_WORDS[step.key]} on day ${dayWords(step.day)}`).join(', '),
  };
};

const dayWords = (day: number): string => (day === 0 ? 'Due' : day < 0 ? `−${-day}` : `+${day}`);

// ---- mails ------------------------------------------------------------------------------------------------------------------------

export const mailRow = (mail: Mail, customers: ReadonlyMap<string, Customer>) => ({
  href: `/reminders/mails/${mail.id}`,
  at: mail.sentAt ?? mail.createdAt,
  subject: mail.subject,
  kind: KIND_WORDS[mail.kind],
  to: mail.to.address,
  customer: customers.get(mail.customerId ?? '')?.name ?? mail.to.name,
  customerHref: mail.customerId === null ? null : `/customers/${mail.customerId}`,
  status: STATE_VIEWS[mail.state],
  reason: mail.reason,
});

export const mailView = (
  mail: Mail,
  customers: ReadonlyMap<string, Customer>,
  invoices: ReadonlyMap<string, Invoice>,
) => ({
  mail: {
    ...mailRow(mail, customers),
    id: mail.id,
    text: mail.text,
    messageId: mail.messageId,
    fromName: mail.fromName,
    sentBy: mail.sentBy,
    attempts: mail.attempts,
    viewHref: `/reminders/mails/${mail.id}/view`,
    sendHref: `/reminders/mails/${mail.id}/send`,
    maySend: mail.state === 'unknown' || mail.state === 'refused' || mail.state === 'kept',
    sendWords: mail.state === 'unknown' ? `Send it again to ${mail.to.address}` : `Send it to ${mail.to.address}`,
    files: mail.files.map(({ name }, index) => ({ name, href: `/reminders/mails/${mail.id}/files/${index}` })),
    invoices: mail.items.flatMap(({ invoiceId }) => {
      const invoice = invoices.get(invoiceId);
      return invoice === undefined ? [] : [{ number: invoice.number ?? 'Draft', href: `/invoices/${invoiceId}` }];
    }),
  },
});
