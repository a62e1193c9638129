// How the bridge's nouns are said to people: kinds, ledgers, operations, times.
import { type CalendarDate, displayDate, isCalendarDate } from '../../../core/calendar-date';
import { type CurrencyCode, displayMoney } from '../../../core/money';
import { isRef, type MoneyBlock, type RecordKind } from '../../../sync/records';
import type { ConnectionState, PlanOp, RunCounts, Side, SyncProvider } from '../../../sync/service';

export const ledgerName = (provider: SyncProvider): string =>
  provider === 'xero' ? 'Xero' : provider === 'quickbooks' ? 'QuickBooks' : 'the ledger';

const KINDS: Readonly<Record<RecordKind | 'openInvoice', readonly [one: string, many: string]>> = {
  contact: ['customer', 'customers'],
  invoice: ['invoice', 'invoices'],
  creditNote: ['credit note', 'credit notes'],
  payment: ['payment', 'payments'],
  allocation: ['allocated credit', 'allocated credits'],
  refund: ['refund', 'refunds'],
  openInvoice: ['open invoice', 'open invoices'],
};
export const kindName = (kind: RecordKind | 'openInvoice'): string => KINDS[kind][0];
export const kindNames = (kind: RecordKind | 'openInvoice'): string => KINDS[kind][1];
export const countOf = (count: number, kind: RecordKind): string =>
  `${count} ${count === 1 ? kindName(kind) : kindNames(kind)}`;
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const stateWords = (
  state: ConnectionState,
  ledger: string,
): { readonly words: string; readonly status: string } => {
  switch (state) {
    case 'connected':
      return { words: 'Connected, not read yet', status: 'waiting' };
    case 'importing':
      return { words: `Reading ${ledger}`, status: 'waiting' };
    case 'matching':
      return { words: 'Looking for records that are the same', status: 'waiting' };
    case 'review':
      return { words: 'Waits for your review; nothing is written yet', status: 'draft' };
    case 'active':
      return { words: 'Active', status: 'agrees' };
    case 'paused':
      return { words: `${ledger} no longer lets us in`, status: 'late' };
    case 'disconnected':
      return { words: 'Disconnected', status: 'void' };
  }
};

/** Class of a plan row, its sign and the word behind it. */
export const opSign = (
  op: PlanOp | 'retire',
): { readonly css: string; readonly sign: string; readonly word: string } => {
  switch (op) {
    case 'create':
      return { css: 'create', sign: '+', word: 'create' };
    case 'update':
      return { css: 'change', sign: '~', word: 'change' };
    case 'void':
    case 'retire':
      return { css: 'drop', sign: '−', word: 'void' };
    case 'ask':
      return { css: 'ask', sign: '?', word: 'ask you' };
    case 'adopt':
    case 'link':
      return { css: 'same', sign: '=', word: 'link, write nothing' };
  }
};

export const sideWords = (side: Side | 'none', ledger: string): string =>
  side === 'external' ? `in ${ledger}` : side === 'local' ? 'here' : '';

export const writesOf = ({ local, external }: Pick<RunCounts, 'local' | 'external'>): string => {
  const created = local.created + external.created;
  const updated = local.updated + external.updated;
  const voided = local.voided + external.voided;
  return created + updated + voided === 0 ? 'nothing' : `+${created} ~${updated} −${voided}`;
};

export const durationWords = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
};

/** A plain reason a person reads, for the reasons jobs give. */
export const reasonWords = (reason: string): string =>
  ({
    poll: 'Asked what changed',
    webhook: 'The ledger told of a change',
    local: 'Changed here',
    person: 'Asked for by hand',
    activated: 'First run after approval',
    compare: 'Nightly comparison',
    rest: 'Went on where it had stopped',
    sweep: 'Looked for forgotten work',
    refresh: 'Looked before a reminder',
    connected: 'Connected',
    reconnected: 'Connected again',
    answered: 'You decided',
    'billing changed': 'Changed here',
    'full compare': 'Comparison of all records',
    'mapping saved': 'The mapping changed',
    'policy saved': 'The rules of who wins changed',
    'plan approved': 'The plan was approved',
    'undo approved': 'A run was taken back',
    'copied again': 'Copied again after an undo',
  })[reason] ?? capital(reason);

export type AmountView = { readonly minor: number; readonly currency: CurrencyCode } | null;
export const amountView = (record: { readonly amountMinor?: number; readonly currency?: CurrencyCode }): AmountView =>
  record.amountMinor === undefined || record.currency === undefined
    ? null
    : { minor: record.amountMinor, currency: record.currency };

const ATOM_WORDS: Readonly<Record<string, string>> = {
  contact: 'Customer',
  moneyBlock: 'Lines and amounts',
  dates: 'Dates',
  externalRef: 'Our id',
  accounts: 'Booked to',
  status: 'State',
};
export const atomWords = (atom: string): string =>
  ATOM_WORDS[atom] ?? capital(atom.replace(/([A-Z])/g, ' $1').toLowerCase());

/** The value of an atom in the reader's way of writing; `side` is said where the value is another record of that side. */
export const atomValueWords = (value: unknown, side: string, locale: string): string => {
  if (isRef(value)) return `the ${kindName(value.$ref)} ${side}`;
  if (isMoneyBlock(value)) {
    const what = value.lines.slice(0, 3).map(({ description }) => description);
    const more = value.lines.length > what.length ? ` and ${value.lines.length - what.length} more` : '';
    return `${displayMoney(value.totalMinor, value.currency, locale)}: ${what.join('; ')}${more}`;
  }
  if (typeof value === 'string' && isCalendarDate(value)) return displayDate(value as CalendarDate, locale);
  if (Array.isArray(value)) {
    const words = [...new Set(value.map((each) => (each === null ? 'as mapped' : atomValueWords(each, side, locale))))];
    return words.length === 0 ? 'nothing' : words.join(', ');
  }
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).filter(([, inner]) => inner !== null && inner !== '');
    const isDated = parts.every(([key]) => key.endsWith('Date'));
    return parts
      .map(([key, inner]) => {
        const words = atomValueWords(inner, side, locale);
        return isDated ? `${key === 'dueDate' ? 'due' : 'issued'} ${words}` : words;
      })
      .join(', ');
  }
  return valueWords(value);
};

const isMoneyBlock = (value: unknown): value is MoneyBlock =>
  typeof value === 'object' && value !== null && 'lines' in value && 'totalMinor' in value && 'currency' in value;

/** `<b>name</b>` and the rest of its sentence, which may begin with the name itself. */
export const restOf = (name: string, message: string): string =>
  message.startsWith(name) ? message.slice(name.length) : `: ${message}`;

/** A value of an atom as a person reads it. */
export const valueWords = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(valueWords).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== '')
      .map(([key, inner]) => `${key} ${valueWords(inner)}`)
      .join(', ');
  }
  return '';
};
