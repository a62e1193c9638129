// Who gave a field its value, told from billing's activity log: what a person sees beside a conflict. Decides nothing, and says nothing
// about what the log does not name.
import type { Activity } from '../../billing/documents';
import { canonicalJson, type JsonValue } from '../../core/json';
import type { BillingPort, LastEdit } from '../../sync/ports/billing-port';
import type { BillingPortOptions } from './port-types';

/** Fields of a document, and the atom they belong to. Lines are two atoms: what is owed, and where it is booked. */
const ATOM_OF: Readonly<Record<string, string>> = {
  name: 'name',
  email: 'email',
  phone: 'phone',
  address: 'address',
  taxNumber: 'taxNumber',
  number: 'number',
  customerId: 'contact',
  currency: 'moneyBlock',
  taxMode: 'moneyBlock',
  netMinor: 'moneyBlock',
  taxMinor: 'moneyBlock',
  totalMinor: 'moneyBlock',
  issueDate: 'dates',
  dueDate: 'dates',
  reference: 'reference',
  status: 'status',
  state: 'status',
};
/** A record with more entries than this is told by its oldest ones no more. */
const ENTRIES_AT_MOST = 200;

export const lastEditsIn =
  ({ billing, tenantId }: BillingPortOptions): BillingPort['lastEdits'] =>
  async (_kind, id) => {
    const { items } = await billing.activity.of(tenantId, id, { limit: ENTRIES_AT_MOST });
    return lastEditsOf(items);
  };

/** `entries` newest first. */
export const lastEditsOf = (
  entries: readonly Pick<Activity, 'at' | 'actor' | 'before' | 'after'>[],
): ReadonlyMap<string, LastEdit> => {
  const found = new Map<string, LastEdit>();
  for (const { at, actor, before, after } of entries) {
    for (const atom of atomsIn(before, after)) if (!found.has(atom)) found.set(atom, { at, by: actor.name });
  }
  return found;
};

type Fields = { readonly [field: string]: JsonValue };

const atomsIn = (before: Fields, after: Fields): ReadonlySet<string> => {
  const atoms = new Set<string>();
  for (const field of [...Object.keys(before), ...Object.keys(after)]) {
    const atom = ATOM_OF[field];
    if (atom !== undefined) atoms.add(atom);
  }
  if (canonicalJson(amountsOf(before.lines)) !== canonicalJson(amountsOf(after.lines))) atoms.add('moneyBlock');
  if (canonicalJson(accountsOf(before.lines)) !== canonicalJson(accountsOf(after.lines))) atoms.add('accounts');
  return atoms;
};

const linesOf = (lines: JsonValue | undefined): readonly Fields[] => (Array.isArray(lines) ? (lines as Fields[]) : []);
const accountsOf = (lines: JsonValue | undefined): readonly JsonValue[] =>
  linesOf(lines).map(({ account }) => account ?? null);
const amountsOf = (lines: JsonValue | undefined): readonly Fields[] =>
  linesOf(lines).map(({ account: _account, ...amounts }) => amounts);
