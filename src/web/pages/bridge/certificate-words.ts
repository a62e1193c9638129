// A certificate in words: the verdict as a sentence, causes, months, one line a row. Page, PDF and API answers say the same.
import { type CurrencyCode, displayMoney, formatMinor } from '../../../core/money';
import type { Cause } from '../../../sync/certificate/causes';
import type { CertificateView } from '../../../sync/certificate/certificate';
import type { TallyRow } from '../../../sync/certificate/tally';
import { capital, kindNames } from './words';

const CAUSE_WORDS: Readonly<Record<Cause, (ledger: string) => string>> = {
  unlinkedLocal: (ledger) => `only here, not in ${ledger} yet`,
  unlinkedExternal: (ledger) => `only in ${ledger}, not here yet`,
  keptApart: () => 'kept apart by a person',
  underWay: () => 'changed just now, on its way',
  waiting: () => 'waiting for another record',
  blocked: () => 'blocked by a problem',
  held: (ledger) => `gone here or in ${ledger}, held back until a person has looked`,
  conflict: () => 'waiting for a decision',
  beforeCutOver: () => 'before the cut-over date',
  notCarried: (ledger) => `entered in ${ledger} by hand: it has no such record`,
};
export const causeWords = (cause: Cause, ledger: string): string => CAUSE_WORDS[cause](ledger);

/** Where a person reads more of a cause; undefined where there is nothing to do. */
export const causeHref = (cause: Cause, base: string): string | undefined => {
  switch (cause) {
    case 'waiting':
    case 'blocked':
    case 'conflict':
      return `${base}/problems?state=${cause}`;
    case 'held':
      return `${base}/stops`;
    case 'unlinkedLocal':
    case 'unlinkedExternal':
    case 'keptApart':
      return `${base}/matches`;
    case 'underWay':
      return `${base}/runs`;
    case 'beforeCutOver':
      return `${base}/mapping`;
    case 'notCarried':
      return undefined;
  }
};

const counted = (count: number, one: string, many: string, locale: string): string =>
  `${new Intl.NumberFormat(locale).format(count)} ${count === 1 ? one : many}`;

/** The sums that are left over, or the one word that none is. */
export const leftWords = ({ unexplainedSums }: Pick<CertificateView, 'unexplainedSums'>, locale: string): string => {
  const off = unexplainedSums.filter(({ minor }) => minor !== 0);
  const [first] = unexplainedSums;
  if (off.length > 0) return off.map(({ minor, currency }) => displayMoney(minor, currency, locale)).join(' and ');
  return first === undefined ? 'nothing' : displayMoney(0, first.currency, locale);
};

export type VerdictWords = { readonly sentence: string; readonly detail: string; readonly css: string };

export const verdictWords = (certificate: CertificateView, ledger: string, locale: string): VerdictWords => {
  const { verdict, documents, customers, explained, unexplained, ourBug } = certificate;
  const looked = counted(documents, 'document', 'documents', locale);
  const left = leftWords(certificate, locale);
  const whole = `${looked} and ${counted(customers, 'customer', 'customers', locale)} here, each compared with ${ledger}.`;
  switch (verdict) {
    case 'equal':
      return { sentence: `Both books agree to the cent: ${looked}, ${left} unexplained.`, detail: whole, css: 'good' };
    case 'explained':
      return {
        sentence: `Every difference has a named cause: ${looked}, ${left} unexplained.`,
        detail: `${whole} ${counted(explained, 'difference is', 'differences are', locale)} listed below with ${explained === 1 ? 'its cause' : 'their causes'}.`,
        css: 'warn',
      };
    case 'unexplained':
      return {
        sentence: `The books differ and nobody can say why: ${left} in ${counted(Math.max(unexplained, ourBug), 'record', 'records', locale)}.`,
        detail: `${whole} No record explains this, so it is a fault of BillBridge or of the books. Compare the records named below by hand before you rely on either side.`,
        css: 'bad',
      };
  }
};

export const monthWords = (month: string, locale: string): string => {
  if (month === '') return 'Without a date';
  const [year, number] = month.split('-').map(Number);
  const date = new Date(Date.UTC(year ?? 0, (number ?? 1) - 1, 1));
  return new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(date);
};

export const kindWords = (kind: TallyRow['kind']): string =>
  kind === 'openInvoice' ? 'Still owed on invoices' : capital(kindNames(kind));

/** Newest month first; what has no month last; kinds in their order, as the rows come. */
export const byMonth = (
  rows: readonly TallyRow[],
): readonly (readonly [month: string, rows: readonly TallyRow[]])[] => {
  const months = new Map<string, TallyRow[]>();
  for (const row of rows) months.set(row.month, [...(months.get(row.month) ?? []), row]);
  return [...months].sort(([a], [b]) => (a < b ? 1 : a > b ? -1 : 0));
};

export const plainAmount = (minor: number, currency: CurrencyCode | undefined): string =>
  currency === undefined ? '' : formatMinor(minor, currency);
