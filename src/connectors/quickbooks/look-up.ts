// Finds records by what only ours can have: numbers, names, tags. Voided and inactive ones included; several keys share one call.
// Notes cannot be searched, so a payment is looked for among those of its day, an allocation among the payments made since our id was:
// our ids tell when they were made.
import type { Clock } from '../../core/clock';
import {
  type ExternalId,
  type ExternalRecord,
  type LedgerProblem,
  LedgerUnavailable,
  type NaturalKey,
  type Purpose,
} from '../../sync/ports/ledger-port';
import type { ContactAtoms, CreditNoteAtoms, InvoiceAtoms, PaymentAtoms, RecordKind } from '../../sync/records';
import { deletedName } from './contact-projection';
import { ENTITY, type ReadContext, readingsIn } from './kinds';
import { LENGTHS } from './limits';
import { groupsOf, isOneOf, quoted } from './query';
import type { Reader } from './reading';
import { cut, displayName } from './text';

export type LookUpDeps = {
  readonly reader: Reader;
  readonly context: () => ReadContext;
  readonly clock: Clock;
};

type Rules<K extends RecordKind> = {
  /** Conditions, one call each, under which every record that may answer the keys is listed. */
  readonly searches: (keys: readonly NaturalKey[], now: Date) => readonly (readonly string[])[];
  readonly answers: (key: NaturalKey, record: ExternalRecord<K>) => boolean;
};

const MOST_VALUES = 200;

const nameOf = (key: NaturalKey): string | undefined => (key.by === 'number' ? undefined : key.name);
const numberOf = (key: NaturalKey): string | undefined => (key.by === 'name' ? undefined : key.number);

const contacts: Rules<'contact'> = {
  searches: (keys) => {
    const names = keys.map((key) => needed('contact', key, nameOf(key)));
    const clean = [...new Set(names.map((name) => displayName(name, LENGTHS.displayName)))];
    return groupsOf(
      clean.flatMap((name) => [name, deletedName(name)]),
      MOST_VALUES,
    ).map((group) => [isOneOf('DisplayName', group)]);
  },
  answers: (key, { tag, projection }) => {
    const { name }: ContactAtoms = projection.atoms;
    const wanted = displayName(nameOf(key) ?? '', LENGTHS.displayName);
    return (key.by === 'tag' && tag === key.tag) || wanted.toLowerCase() === name.toLowerCase();
  },
};

const documents = <K extends 'invoice' | 'creditNote'>(kind: K): Rules<K> => ({
  searches: (keys) => {
    const numbers = keys.map((key) => cut(needed(kind, key, numberOf(key)), LENGTHS.documentNumber));
    return groupsOf([...new Set(numbers)], MOST_VALUES).map((group) => [isOneOf('DocNumber', group)]);
  },
  answers: (key, { tag, projection }) => {
    const { number } = projection.atoms as InvoiceAtoms | CreditNoteAtoms;
    const wanted = cut(numberOf(key) ?? '', LENGTHS.documentNumber);
    return (key.by === 'tag' && tag === key.tag) || number.toLowerCase() === wanted.toLowerCase();
  },
});

const payments: Rules<'payment'> = {
  searches: (keys, now) => {
    const days = keys.flatMap((key) => (key.by === 'tag' && key.payment !== undefined ? [key.payment.date] : []));
    const bare = keys.filter((key) => key.by !== 'tag' || key.payment === undefined);
    return [
      ...groupsOf([...new Set(days)], MOST_VALUES).map((group) => [isOneOf('TxnDate', group)]),
      ...madeSince('payment', bare, now),
    ];
  },
  answers: (key, { tag, projection }) => {
    if (key.by !== 'tag') return false;
    if (tag === key.tag) return true;
    const { payment }: PaymentAtoms = projection.atoms;
    const twin = key.payment;
    return (
      twin !== undefined &&
      tag === undefined &&
      projection.status === 'live' &&
      payment.allocations.some(({ invoice }) => invoice.id === twin.invoiceId) &&
      payment.amountMinor === twin.amountMinor &&
      payment.date === twin.date
    );
  },
};

const allocations: Rules<'allocation'> = {
  searches: (keys, now) => madeSince('allocation', keys, now),
  answers: (key, { tag }) => key.by === 'tag' && tag === key.tag,
};

const RULES: { readonly [K in RecordKind]: Rules<K> } = {
  contact: contacts,
  invoice: documents('invoice'),
  creditNote: documents('creditNote'),
  payment: payments,
  allocation: allocations,
  refund: { searches: (keys) => keys.map((key) => [needed('refund', key, undefined)]), answers: () => false },
};

const needed = (kind: RecordKind, key: NaturalKey, value: string | undefined): string => {
  if (value === undefined) throw new LedgerUnavailable(cannotLookUp(kind, key));
  return value;
};

const cannotLookUp = (kind: RecordKind, key: NaturalKey): LedgerProblem => ({
  class: 'unsupported',
  message: `QuickBooks cannot be searched for a ${kind} by its ${key.by} alone.`,
});

// ---- by the time of our id ----

const DAY_MS = 86_400_000;
/** For an id that tells no time: longer than any intent stays open. */
const UNTOLD_MS = 40 * DAY_MS;

const madeSince = (kind: RecordKind, keys: readonly NaturalKey[], now: Date): readonly (readonly string[])[] => {
  if (keys.length === 0) return [];
  const tags = keys.map((key) => (key.by === 'tag' ? key.tag : needed(kind, key, undefined)));
  const earliest = Math.min(...tags.map((tag) => timeInTag(tag, now.getTime()) ?? now.getTime() - UNTOLD_MS));
  // A day for clocks that differ.
  return [[`MetaData.CreateTime >= ${quoted(new Date(earliest - DAY_MS).toISOString())}`]];
};

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 10;

const timeInTag = (tag: string, nowMs: number): number | undefined => {
  const time = /^bb:[a-z]{3}_([0-9a-z]{26,})/.exec(tag)?.[1]?.slice(0, TIME_DIGITS);
  if (time === undefined) return undefined;
  const atMs = [...time].reduce((total, digit) => total * DIGITS.length + DIGITS.indexOf(digit), 0);
  return atMs > 0 && atMs <= nowMs + DAY_MS ? Math.min(atMs, nowMs) : undefined;
};

// ---- the search ----

export const lookUp = async <K extends RecordKind>(
  { reader, context, clock }: LookUpDeps,
  kind: K,
  keys: readonly NaturalKey[],
  purpose: Purpose,
): Promise<ReadonlyMap<NaturalKey, readonly ExternalRecord<K>[]>> => {
  const rules: Rules<K> = RULES[kind];
  const records = new Map<ExternalId, ExternalRecord<K>>();
  for (const where of rules.searches(keys, clock.now())) {
    for await (const { fresh } of reader.walked(ENTITY[kind], { where }, purpose)) {
      for (const row of fresh) {
        for (const { externalId, reading } of readingsIn(context(), kind, row)) {
          // One that is not understood may be the one we look for: then nothing is proved.
          if (reading.state === 'unread') throw new LedgerUnavailable(reading.problem);
          if (reading.state === 'present') records.set(externalId, reading.record);
        }
      }
    }
  }
  return new Map(
    keys.map((key) => [
      key,
      chosen(
        [...records.values()].filter((found) => rules.answers(key, found)),
        key,
      ),
    ]),
  );
};

/** Where one proves by its tag to be ours, mere resemblance says nothing more. */
const chosen = <K extends RecordKind>(
  found: readonly ExternalRecord<K>[],
  key: NaturalKey,
): readonly ExternalRecord<K>[] => {
  const ours = key.by === 'tag' ? found.filter(({ tag }) => tag === key.tag) : [];
  return ours.length > 0 ? ours : found;
};
