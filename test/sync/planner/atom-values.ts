// Every atom of every kind with a few values that a real record could have, for tests that walk over all of them.
import type { JsonValue } from '../../../src/core/json';
import type { AtomsOf, RecordKind } from '../../../src/sync/records';
import { allocation, creditNote, invoice, moneyBlock, payment, refund } from '../../support/sync-world';

/** `was`: as both sides agreed; `here`, `there`: as somebody typed it since; `older`: before an earlier run. */
export type Token = 'was' | 'here' | 'there' | 'older' | 'empty';

type Names = { readonly [K in RecordKind]: { readonly [A in keyof AtomsOf[K]]: 'compared' | 'fact' } };

/** The compiler holds this list to records.ts: an atom that is added or renamed there does not compile here. `fact`: never merged. */
const ATOMS: Names = {
  contact: {
    ...{ name: 'compared', externalRef: 'compared', phone: 'compared', email: 'compared', address: 'compared' },
    ...{ taxNumber: 'compared', currency: 'fact' },
  },
  invoice: {
    ...{ moneyBlock: 'compared', number: 'compared', reference: 'compared', dates: 'compared', contact: 'compared' },
    accounts: 'compared',
  },
  creditNote: {
    ...{ moneyBlock: 'compared', number: 'compared', reference: 'compared', dates: 'compared', contact: 'compared' },
    accounts: 'compared',
  },
  payment: { payment: 'compared' },
  allocation: { allocation: 'compared' },
  refund: { refund: 'compared' },
};

const namesOf = (kind: RecordKind, use: 'compared' | 'fact'): readonly string[] =>
  Object.entries(ATOMS[kind]).flatMap(([atom, how]) => (how === use ? [atom] : []));

export const ATOM_NAMES: Readonly<Record<RecordKind, readonly string[]>> = {
  contact: namesOf('contact', 'compared'),
  invoice: namesOf('invoice', 'compared'),
  creditNote: namesOf('creditNote', 'compared'),
  payment: namesOf('payment', 'compared'),
  allocation: namesOf('allocation', 'compared'),
  refund: namesOf('refund', 'compared'),
};
export const FACTS_OF_CONTACTS = namesOf('contact', 'fact');

const NUMBERS: Readonly<Record<Token, number>> = { was: 1, here: 2, there: 3, older: 4, empty: 5 };

/** Only text can be empty; of everything else `empty` is one more value. */
export const atomValue = (kind: RecordKind, atom: string, token: Token): JsonValue => {
  const n = NUMBERS[token];
  if (kind === 'payment') return { ...payment('cus_1', 'inv_1', n * 100).payment };
  if (kind === 'allocation') return { ...allocation('crn_1', 'inv_1', n * 100).allocation };
  if (kind === 'refund') return { ...refund('crn_1', n * 100).refund };
  if (kind !== 'contact' && atom !== 'reference') {
    const document = kind === 'invoice' ? invoice(`N-${n}`, `cus_${n}`) : creditNote(`N-${n}`, `cus_${n}`);
    if (atom === 'moneyBlock') return moneyBlock(n * 1_000);
    if (atom === 'dates') return { ...document.dates, issueDate: `2026-03-0${n}` };
    if (atom === 'accounts') return [token === 'was' ? null : `20${n}`];
    return atom === 'number' ? document.number : document.contact;
  }
  if (token === 'empty') return null;
  return atom === 'address'
    ? { lines: [`${n} High Street`], city: null, region: null, postalCode: null, country: 'GB' }
    : `${atom} ${n}`;
};
