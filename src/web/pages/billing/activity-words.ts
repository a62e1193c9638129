// An entry of the activity log as a person reads it: a verb, and the fields that moved with both values.
import type { Activity } from '../../../billing/documents';
import { type CurrencyCode, formatMinor } from '../../../core/money';
import { capital, valueWords } from '../bridge/words';
import type { TimelineEntry } from './parts';

const VERBS: Readonly<Record<string, string>> = {
  created: 'wrote it',
  updated: 'changed it',
  issued: 'issued it',
  voided: 'voided it',
  removed: 'deleted the draft',
  archived: 'put it aside',
  unarchived: 'brought it back',
  allocated: 'allocated it',
  unallocated: 'took an allocation back',
  recorded: 'recorded it',
  reversed: 'reversed it',
  reallocated: 'moved the money of it',
  refunded: 'recorded a refund of it',
  refundVoided: 'voided a refund of it',
  chargeNoted: 'noted the charge of it',
};

/** Fields that repeat what another one says, or that no person reads. */
const SILENT = new Set([
  'nameKey',
  'emailKey',
  'taxNumberKey',
  'numberKey',
  'isOpen',
  'hasCredit',
  'updatedAt',
  'updatedBy',
  'createdAt',
  'id',
  'tenantId',
  'revision',
  'taxRows',
  'billTo',
]);
const MOST_CHANGES = 12;

const fieldWords = (field: string): string => {
  const words = field
    .replace(/Minor$/, '')
    .replace(/([A-Z])/g, ' $1')
    .toLowerCase();
  return capital(words);
};

/** `currency` of the document, where it has one: amounts are told in it. */
export const timelineEntry = (entry: Activity, currency?: CurrencyCode): TimelineEntry => {
  const verb = entry.action.split('.').at(-1) ?? entry.action;
  const fields = [...new Set([...Object.keys(entry.before), ...Object.keys(entry.after)])].filter(
    (field) => !SILENT.has(field) && !field.endsWith('Id'),
  );
  return {
    at: entry.at,
    who: entry.actor.name,
    words: VERBS[verb] ?? verb.replace(/([A-Z])/g, ' $1').toLowerCase(),
    changes: fields.slice(0, MOST_CHANGES).map((field) => ({
      field: fieldWords(field),
      before: shown(field, entry.before[field], currency),
      after: shown(field, entry.after[field], currency),
    })),
  };
};

const shown = (field: string, value: unknown, currency: CurrencyCode | undefined): string => {
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'entry' : 'entries'}`;
  if (field.endsWith('Minor') && typeof value === 'number' && currency !== undefined)
    return formatMinor(value, currency);
  const text = valueWords(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};
