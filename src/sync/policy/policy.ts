// Who wins which atom, and which way it may travel: the defaults of the house, and what a person may choose instead for one connection.
// Changing a default here changes what every connection does that has not chosen otherwise. Direction is never chosen.
import type { RecordKind, RecordStatus } from '../records';

/** `push`: billing owns it, the ledger shows it. `pull`: the other way round. */
export type Direction = 'both' | 'push' | 'pull';
export const CLASHES = ['billing', 'ledger', 'newest', 'manual'] as const;
export type Clash = (typeof CLASHES)[number];
export type AtomRule = { readonly direction: Direction; readonly clash: Clash };

const DOCUMENT: Readonly<Record<string, AtomRule>> = {
  number: { direction: 'push', clash: 'billing' },
  contact: { direction: 'both', clash: 'manual' },
  moneyBlock: { direction: 'both', clash: 'manual' },
  dates: { direction: 'both', clash: 'manual' },
  reference: { direction: 'both', clash: 'ledger' },
  accounts: { direction: 'both', clash: 'ledger' },
};

const RULES: Readonly<Record<RecordKind, Readonly<Record<string, AtomRule>>>> = {
  contact: {
    name: { direction: 'both', clash: 'manual' }, // identity: drives matching and mail
    email: { direction: 'both', clash: 'manual' },
    phone: { direction: 'both', clash: 'newest' },
    address: { direction: 'both', clash: 'newest' },
    taxNumber: { direction: 'both', clash: 'ledger' }, // the accountant verified it
    externalRef: { direction: 'push', clash: 'billing' },
  },
  invoice: DOCUMENT,
  creditNote: DOCUMENT,
  payment: { payment: { direction: 'both', clash: 'manual' } }, // money moved or it did not: no merge
  allocation: { allocation: { direction: 'both', clash: 'manual' } },
  refund: { refund: { direction: 'both', clash: 'manual' } },
};

const STRICTEST: AtomRule = { direction: 'both', clash: 'manual' };

/** What a person chose for one connection, by `kind.atom` (`contact.email`). What may not be chosen has no effect, whoever stored it. */
export type PolicyChoices = { readonly [field: string]: Clash };
export const fieldOf = (kind: RecordKind, atom: string): string => `${kind}.${atom}`;

/** A clock never decides what a customer owes, by when, or who the customer is. */
const WITHOUT_CLOCK: readonly Clash[] = ['billing', 'ledger', 'manual'];
const OF_DOCUMENTS: Readonly<Record<string, readonly Clash[]>> = {
  contact: WITHOUT_CLOCK,
  moneyBlock: WITHOUT_CLOCK,
  dates: WITHOUT_CLOCK,
  reference: CLASHES,
  accounts: CLASHES,
};
const CHOOSABLE: Readonly<Record<RecordKind, Readonly<Record<string, readonly Clash[]>>>> = {
  contact: { name: CLASHES, email: CLASHES, phone: CLASHES, address: CLASHES, taxNumber: CLASHES },
  invoice: OF_DOCUMENTS,
  creditNote: OF_DOCUMENTS,
  payment: {},
  allocation: {},
  refund: {},
};

/** Empty where the rule is fixed. */
export const choosable = (kind: RecordKind, atom: string): readonly Clash[] => CHOOSABLE[kind][atom] ?? [];

/** A draft is billing's to finish, whatever was chosen; an issued document that the ledger edited too is a question for a person. */
export const ruleOf = (kind: RecordKind, atom: string, status: RecordStatus, choices: PolicyChoices = {}): AtomRule => {
  const rule = RULES[kind][atom] ?? STRICTEST;
  if (status === 'draft' && (atom === 'moneyBlock' || atom === 'dates')) return { ...rule, clash: 'billing' };
  const chosen = choices[fieldOf(kind, atom)];
  return chosen !== undefined && choosable(kind, atom).includes(chosen) ? { ...rule, clash: chosen } : rule;
};

/** Time alone never restarts a tug-of-war: at most this many restores of a link within the window. */
export const RESTORES_AT_MOST = 2;
export const RESTORE_WINDOW_MS = 7 * 86_400_000;

/** Two edits nearer than this have no telling order: the clocks of two systems are compared. */
export const NEWEST_GAP_MS = 2 * 60_000;
