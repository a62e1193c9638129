// Ways out where a record lies in a month that the ledger has closed: each with what it does to the books and the page where it is done,
// and the letter to an accountant who is asked by link. Nothing here writes. Pure.
import { addDays, type CalendarDate, displayDate } from '../../../core/calendar-date';
import { displayMoney } from '../../../core/money';
import type { ProblemView } from '../../../sync/service';
import { kindName } from './words';

export type WayOut = {
  readonly title: string;
  readonly words: string;
  readonly button: string;
  readonly href: string;
};

export type ClosedPeriod = {
  readonly problem: Pick<ProblemView, 'kind' | 'code' | 'local' | 'external'>;
  readonly lockedThrough: CalendarDate | undefined;
  readonly today: CalendarDate;
  readonly ledger: string;
};

/** Empty where the problem is another one, or only the period itself could be opened. */
export const waysOut = (closed: ClosedPeriod): readonly WayOut[] => {
  const { problem } = closed;
  if (problem.code !== 'periodLocked') return [];
  const open = firstOpenDay(closed);
  return problem.external === undefined ? laterDay(closed, open) : adjustment(closed, open);
};

/** The day after the lock; where the ledger was locked a moment ago and we do not know until when, today. */
export const firstOpenDay = ({ lockedThrough, today, problem }: Omit<ClosedPeriod, 'ledger'>): CalendarDate => {
  const date = problem.local?.date;
  if (lockedThrough === undefined || (date !== undefined && date > lockedThrough)) return today;
  return addDays(lockedThrough, 1);
};

/** Not in the ledger yet: it may still be dated into an open month. */
const laterDay = ({ problem: { kind, local }, ledger }: ClosedPeriod, open: CalendarDate): readonly WayOut[] => {
  if (local === undefined) return [];
  const id = encodeURIComponent(local.id);
  const day = displayDate(open);
  if (kind === 'invoice') {
    return [
      {
        title: `Date it ${day}, the first open day`,
        words: `The invoice moves into the open month in both books, its tax with it. Look at the due date as well. If your customer has it already, send it again.`,
        button: 'Change the date',
        href: `/invoices/${id}/edit?date=${open}`,
      },
    ];
  }
  if (kind === 'creditNote') {
    return [
      {
        title: `Void it and write it anew from ${day} on`,
        words: `A credit note keeps its date. A new one with a later date lowers the claim in the open month in both books.`,
        button: 'Open the credit note',
        href: `/credit-notes/${id}`,
      },
    ];
  }
  if (kind === 'payment') {
    return [
      {
        title: `Reverse it and record it from ${day} on`,
        words: `A payment keeps its date. Recorded anew with a later date it is booked in the open month; note the true day in its reference, so that it is found on the bank statement of ${ledger}.`,
        button: 'Open the payment',
        href: `/payments/${id}`,
      },
    ];
  }
  return [];
};

/** It stands in the closed month over there: what was filed stays, the difference is booked in the open month. */
const adjustment = ({ problem: { kind, local }, ledger }: ClosedPeriod, open: CalendarDate): readonly WayOut[] => {
  if (local === undefined || (kind !== 'invoice' && kind !== 'creditNote')) return [];
  return [
    {
      title: `Leave the closed month, and book the difference from ${displayDate(open)} on`,
      words: `Undo the change here, so that both books show what was filed in ${ledger}. Then lower the claim with a credit note, or raise it with another invoice, dated in the open month.`,
      button: kind === 'invoice' ? 'Open the invoice' : 'Open the credit note',
      href: `/${kind === 'invoice' ? 'invoices' : 'credit-notes'}/${encodeURIComponent(local.id)}`,
    },
  ];
};

/** What a record is called to somebody who does not have it before them. */
export const recordWords = ({ kind, local, external }: Pick<ProblemView, 'kind' | 'local' | 'external'>): string => {
  const { name = 'A record', date, amountMinor, currency } = local ?? external ?? { name: undefined };
  const amount = amountMinor === undefined || currency === undefined ? '' : `, ${displayMoney(amountMinor, currency)}`;
  return `${kindName(kind)} ${name}${amount}${date === undefined ? '' : `, dated ${displayDate(date)}`}`;
};

export type QuestionLetter = Omit<ClosedPeriod, 'today'> & {
  readonly organisation: string;
  /** Absolute. */
  readonly url: string;
  readonly to: string;
};

/** A `mailto:` with everything that is needed to decide. */
export const questionLetter = ({ problem, lockedThrough, ledger, organisation, url, to }: QuestionLetter): string => {
  const name = (problem.local ?? problem.external)?.name ?? 'A record';
  const until = lockedThrough === undefined ? '' : ` (locked until ${displayDate(lockedThrough)})`;
  const text = [
    `Hello,`,
    `the ${recordWords(problem)} could not be written to ${organisation} in ${ledger}, because its period is closed there${until}.`,
    `May it go into the open month, or would you open the period for a moment?`,
    `Please answer here, no account is needed: ${url}`,
  ].join('\n\n');
  const subject = encodeURIComponent(`${name}: closed period in ${ledger}`);
  return `mailto:${encodeURIComponent(to)}?subject=${subject}&body=${encodeURIComponent(text)}`;
};
