// Who wins which atom, and which way it may travel: the defaults of the house. Changing a rule here changes what every connection does.
import type { RecordKind, RecordStatus } from './records';

/** `push`: billing owns it, the ledger shows it. `pull`: the other way round. */
export type Direction = 'both' | 'push' | 'pull';
export type Clash = 'billing' | 'ledger' | 'newest' | 'manual';
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
};

const STRICTEST: AtomRule = { direction: 'both', clash: 'manual' };

/** A draft is billing's to finish; an issued document that the ledger edited too is a question for a person. */
export const ruleOf = (kind: RecordKind, atom: string, status: RecordStatus): AtomRule => {
  const rule = RULES[kind][atom] ?? STRICTEST;
  if (status === 'draft' && (atom === 'moneyBlock' || atom === 'dates')) return { ...rule, clash: 'billing' };
  return rule;
};

/** Time alone never restarts a tug-of-war: at most this many restores of a link within the window. */
export const RESTORES_AT_MOST = 2;
export const RESTORE_WINDOW_MS = 7 * 86_400_000;

/** Two edits nearer than this have no telling order: the clocks of two systems are compared. */
export const NEWEST_GAP_MS = 2 * 60_000;
