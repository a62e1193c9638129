// Two people at two screens. Whatever they type is like nothing typed before, and stands in the diary: every value found later can be led
// back to one edit. They know the rules of their own program and break none of them; of the other program they know nothing.
import type { JsonValue } from '../../../src/core/json';
import type { ContactAtoms, CreditNoteAtoms, InvoiceAtoms, PaymentAtoms, RecordKind } from '../../../src/sync/records';
import type { MemoryBilling } from '../../support/memory-billing';
import type { MemoryLedger } from '../../support/memory-ledger';
import { allocation, contact, creditNote, invoice, moneyBlock, payment } from '../../support/sync-world';
import type { HandStep, Side } from './steps';

/** One atom of one record, typed by hand. `replaced` is what stood there. */
export type DiaryEntry = {
  readonly n: number;
  readonly side: Side;
  readonly organisation: string;
  readonly kind: RecordKind;
  readonly id: string;
  readonly atom: string;
  readonly value: JsonValue;
  readonly replaced: JsonValue;
};

type Shown = {
  readonly id: string;
  readonly atoms: { readonly [atom: string]: JsonValue };
  readonly allocatedMinor: number;
  readonly openMinor: number;
  readonly reconciled: boolean;
  readonly status: string;
};

export type People = { act(step: HandStep): void; readonly diary: readonly DiaryEntry[] };

export const createPeople = (
  billing: MemoryBilling,
  books: () => { readonly organisation: string; readonly ledger: MemoryLedger; readonly lockedThrough: string | null },
  lock: (day: string | null) => void,
): People => {
  const diary: DiaryEntry[] = [];
  let n = 0;

  const all = (side: Side, kind: RecordKind): readonly Shown[] =>
    side === 'here'
      ? billing.all(kind).map((record) => shown(record.localId, record))
      : books()
          .ledger.all(kind)
          .map((record) => shown(record.externalId, record));
  const live = (side: Side, kind: RecordKind): readonly Shown[] =>
    all(side, kind).filter(({ status }) => status === 'live');
  const pick = (side: Side, kind: RecordKind, which: number, fits: (record: Shown) => boolean = () => true) =>
    at(live(side, kind).filter(fits), which);
  const isOpen = ({ atoms }: Shown, side: Side): boolean => {
    const lockedThrough = side === 'there' ? books().lockedThrough : null;
    const day = (atoms.dates as { issueDate?: string } | undefined)?.issueDate ?? '2026-03-02';
    return lockedThrough === null || day > lockedThrough;
  };
  const edit = (side: Side, kind: RecordKind, record: Shown, change: { readonly [atom: string]: JsonValue }): void => {
    for (const [atom, value] of Object.entries(change)) {
      const replaced = record.atoms[atom] ?? null;
      diary.push({ n, side, organisation: books().organisation, kind, id: record.id, atom, value, replaced });
    }
    if (side === 'here') billing.user.edit(kind, record.id, change as never);
    else books().ledger.hands.edit(kind, record.id, change as never);
  };
  const create = (side: Side, kind: RecordKind, atoms: object, status: 'live' | 'draft' = 'live'): void => {
    if (side === 'here') billing.user.create(kind, atoms as never, status);
    else books().ledger.hands.create(kind, atoms as never, status);
  };
  const setStatus = (
    side: Side,
    kind: RecordKind,
    id: string,
    status: 'live' | 'void' | 'archived' | 'deleted',
  ): void => {
    if (side === 'there') books().ledger.hands.setStatus(kind, id, status);
    else if (status !== 'deleted') billing.user.setStatus(kind, id, status);
  };

  const ofContacts = (step: HandStep): boolean => {
    switch (step.do) {
      case 'edit': {
        const record = pick(step.side, 'contact', step.which);
        if (record) edit(step.side, 'contact', record, { [step.atom]: contactValue(step.atom, n) });
        return true;
      }
      case 'customer':
        create(step.side, 'contact', contact(`Person ${words(n)}`, { email: `person${n}@x.test` }));
        return true;
      case 'archive': {
        const record = pick(step.side, 'contact', step.which);
        if (record) setStatus(step.side, 'contact', record.id, 'archived');
        return true;
      }
      case 'revive': {
        const record = at(
          all(step.side, 'contact').filter(({ status }) => status === 'archived'),
          step.which,
        );
        if (record) setStatus(step.side, 'contact', record.id, 'live');
        return true;
      }
      case 'merge': {
        const [from, into] = [pick('there', 'contact', step.which), pick('there', 'contact', step.which + 1)];
        if (from && into && from.id !== into.id) books().ledger.hands.merge(from.id, into.id);
        return true;
      }
      default:
        return false;
    }
  };

  const ofDocuments = (step: HandStep): boolean => {
    switch (step.do) {
      case 'refer': {
        const record = pick(step.side, 'invoice', step.which);
        const value = `PO ${n}${step.isLong ? ` for the ${words(n)} order of last week` : ''}`;
        if (record) edit(step.side, 'invoice', record, { reference: value });
        return true;
      }
      case 'redate': {
        const record = pick(step.side, 'invoice', step.which, (one) => isOpen(one, step.side));
        const dates = record?.atoms.dates as InvoiceAtoms['dates'] | undefined;
        if (record && dates) edit(step.side, 'invoice', record, { dates: { ...dates, dueDate: dayOf(n) } });
        return true;
      }
      case 'amount': {
        const record = pick(
          step.side,
          'invoice',
          step.which,
          (one) => one.allocatedMinor === 0 && isOpen(one, step.side),
        );
        if (record) edit(step.side, 'invoice', record, { moneyBlock: moneyBlock(10_000 + n * 5) as never });
        return true;
      }
      case 'invoice': {
        const owner = pick(step.side, 'contact', step.which);
        const number = `${step.side === 'here' ? 'H' : 'T'}-${n}`;
        const status = step.isDraft ? 'draft' : 'live';
        if (owner) create(step.side, 'invoice', invoice(number, owner.id, 10_000 + n * 5), status);
        return true;
      }
      case 'typeTwin': {
        const known = new Set(all('there', 'invoice').map(({ atoms }) => atoms.number));
        const twin = live('here', 'invoice').find(({ atoms }) => !known.has(atoms.number ?? null));
        const owner = pick('there', 'contact', step.which);
        if (twin && owner) create('there', 'invoice', { ...twin.atoms, contact: { $ref: 'contact', id: owner.id } });
        return true;
      }
      case 'void': {
        const record = pick(
          step.side,
          'invoice',
          step.which,
          (one) => one.allocatedMinor === 0 && isOpen(one, step.side),
        );
        if (record) setStatus(step.side, 'invoice', record.id, 'void');
        return true;
      }
      case 'delete': {
        const record = pick('there', 'invoice', step.which, (one) => one.allocatedMinor === 0 && isOpen(one, 'there'));
        if (record) setStatus('there', 'invoice', record.id, 'deleted');
        return true;
      }
      case 'issue':
      case 'discard': {
        const record = at(
          all('here', 'invoice').filter(({ status }) => status === 'draft'),
          step.which,
        );
        if (record && step.do === 'issue') setStatus('here', 'invoice', record.id, 'live');
        if (record && step.do === 'discard') billing.user.discard('invoice', record.id);
        return true;
      }
      case 'credit': {
        const owner = pick(step.side, 'contact', step.which);
        const number = `${step.side === 'here' ? 'HC' : 'TC'}-${n}`;
        if (owner) create(step.side, 'creditNote', creditNote(number, owner.id, 1_000 + n * 5));
        return true;
      }
      default:
        return false;
    }
  };

  const ofMoney = (step: HandStep): void => {
    switch (step.do) {
      case 'pay': {
        const record = pick(step.side, 'invoice', step.which, (one) => one.openMinor >= 300);
        if (!record) return;
        const amount = Math.floor(record.openMinor / step.part) - (step.part === 1 ? 0 : n % 90);
        const owner = (record.atoms as unknown as InvoiceAtoms).contact.id;
        create(step.side, 'payment', payment(owner, record.id, amount, { reference: `p${n}` }));
        return;
      }
      case 'repay': {
        if (step.side === 'there') return; // no ledger lets an amount be typed over
        const record = pick('here', 'payment', step.which);
        const was = (record?.atoms as unknown as PaymentAtoms | undefined)?.payment;
        const [first] = was?.allocations ?? [];
        if (!record || !was || !first || was.amountMinor < 200) return;
        const next = payment(was.contact.id, first.invoice.id, was.amountMinor - 1 - (n % 90), { reference: `p${n}` });
        edit('here', 'payment', record, { payment: next.payment as never });
        return;
      }
      case 'unpay': {
        const record = pick(step.side, 'payment', step.which, ({ reconciled }) => !reconciled);
        if (record) setStatus(step.side, 'payment', record.id, 'void');
        return;
      }
      case 'allocate': {
        const credit = pick(step.side, 'creditNote', step.which, (one) => one.openMinor > 0);
        const owner = (credit?.atoms as unknown as CreditNoteAtoms | undefined)?.contact.id;
        const target = pick(step.side, 'invoice', step.which, (one) => one.openMinor > 0 && contactOf(one) === owner);
        if (!credit || !target) return;
        const amount = Math.min(credit.openMinor, target.openMinor);
        create(step.side, 'allocation', allocation(credit.id, target.id, amount));
        return;
      }
      case 'reconcile': {
        const record = pick('there', 'payment', step.which);
        if (record) books().ledger.hands.reconcile(record.id);
        return;
      }
      case 'lock':
        lock(step.day);
        return;
      default:
        return;
    }
  };

  return {
    diary,
    act: (step) => {
      n++;
      if (!ofContacts(step) && !ofDocuments(step)) ofMoney(step);
    },
  };
};

const at = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(1, items.length)];
const contactOf = ({ atoms }: Shown): string => (atoms as unknown as InvoiceAtoms).contact.id;

const shown = (
  id: string,
  record: {
    readonly projection: { readonly status: string; readonly atoms: object };
    readonly guards: { readonly allocatedMinor: number; readonly openMinor: number; readonly reconciled: boolean };
  },
): Shown => ({
  id,
  ...record.guards,
  status: record.projection.status,
  atoms: record.projection.atoms as Shown['atoms'],
});

/** A name in letters: matching by name must not see two numbered names as one. */
const words = (n: number): string => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');

const contactValue = (atom: keyof ContactAtoms, n: number): JsonValue => {
  if (atom === 'address') {
    return { lines: [`${n} High Street`], city: 'Leeds', region: null, postalCode: `LS${n}`, country: 'GB' };
  }
  const values = { name: `Firm ${words(n)}`, phone: `+44 1${n}`, email: `e${n}@x.test`, taxNumber: `GB${n}` };
  return values[atom as keyof typeof values];
};

const dayOf = (n: number): string => new Date(Date.UTC(2026, 3, 1 + n)).toISOString().slice(0, 10);
