// The policy of one connection as a table, field by field: the rule in force, what may be chosen instead, and why the rest is fixed.
// Pure. It judges choices; storing them is policies.ts.

import { RECORD_KINDS, type RecordKind } from '../records';
import type { PolicyRow } from '../service';
import { type Clash, choosable, fieldOf, type PolicyChoices, ruleOf } from './policy';

const DOCUMENT = ['number', 'contact', 'moneyBlock', 'dates', 'reference', 'accounts', 'status'] as const;
const ATOMS: Readonly<Record<RecordKind, readonly string[]>> = {
  contact: ['name', 'email', 'phone', 'address', 'taxNumber', 'externalRef', 'status'],
  invoice: DOCUMENT,
  creditNote: DOCUMENT,
  payment: ['payment'],
  allocation: ['allocation'],
  refund: ['refund'],
};

const STATUS_OF_DOCUMENTS =
  'An end crosses by itself where the other side was left alone. Cancelled here and edited there is always asked.';
const FIXED: Readonly<Record<string, string>> = {
  'contact.externalRef': 'Both books know the customer by it. It is given here; a change in the ledger is put back.',
  'contact.status': 'Put aside on one side and edited on the other, a customer comes back: the edit wins.',
  'invoice.number': 'An invoice is known by its number. It is given here; a change in the ledger is put back.',
  'invoice.status': STATUS_OF_DOCUMENTS,
  'creditNote.number': 'A credit note is known by its number. It is given here; a change in the ledger is put back.',
  'creditNote.status': STATUS_OF_DOCUMENTS,
  'payment.payment':
    'Money moved or it did not. A payment is made or taken back as a whole; two versions are never mixed.',
  'allocation.allocation':
    'A credit was applied or it was not. It is made or taken back as a whole; two versions are never mixed.',
  'refund.refund':
    'Cash was given back or it was not. A refund is made or taken back as a whole; two versions are never mixed.',
};

export const policyRows = (choices: PolicyChoices): readonly PolicyRow[] =>
  RECORD_KINDS.flatMap((kind) => ATOMS[kind].map((atom) => rowOf(kind, atom, choices)));

const rowOf = (kind: RecordKind, atom: string, choices: PolicyChoices): PolicyRow => {
  const field = fieldOf(kind, atom);
  const may = choosable(kind, atom);
  return {
    field,
    kind,
    atom,
    rule: ruleOf(kind, atom, 'live', choices).clash,
    standard: ruleOf(kind, atom, 'live').clash,
    choices: may,
    ...(may.length > 0 ? {} : { fixedBecause: FIXED[field] ?? 'This rule is fixed.' }),
  };
};

/** What of `wanted` may not be chosen, as a sentence per field; empty where all is well. */
export const objectionsTo = (wanted: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> => {
  const rows = new Map(policyRows({}).map((row) => [row.field, row]));
  const found: Record<string, string> = {};
  for (const [field, rule] of Object.entries(wanted)) {
    const row = rows.get(field);
    if (row === undefined) found[field] = `is no field of the policy; choose among ${choosableFields().join(', ')}`;
    else if (row.fixedBecause !== undefined) found[field] = `cannot be chosen: ${row.fixedBecause}`;
    else if (!row.choices.includes(rule as Clash)) found[field] = `choose one of ${row.choices.join(', ')}`;
  }
  return found;
};

const choosableFields = (): readonly string[] =>
  policyRows({}).flatMap(({ field, choices }) => (choices.length > 0 ? [field] : []));

/** Only what differs from the house's own rules is remembered, so that a better default reaches whoever never chose. */
export const withoutDefaults = (choices: PolicyChoices): PolicyChoices =>
  Object.fromEntries(
    policyRows({}).flatMap(({ field, standard }) => {
      const chosen = choices[field];
      return chosen === undefined || chosen === standard ? [] : [[field, chosen]];
    }),
  );
