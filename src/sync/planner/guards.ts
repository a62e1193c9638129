// Accounting guards: what stands between a merged decision and its intent. A guard that fails blocks with a named problem; it never
// lets us "try anyway". Pure.
import type { CalendarDate } from '../../core/calendar-date';
import { displayDate } from '../../core/calendar-date';
import { displayMoney, sumMinor } from '../../core/money';
import { dateOf } from '../links/link';
import type { Guards, LedgerProblem, Organisation } from '../ports/ledger-port';
import { wayOut } from '../problems/way-out';
import type { Atoms, ContactAtoms, MoneyBlock, PaymentAtoms, Projection, RecordKind, RefundAtoms } from '../records';
import type { Side } from '../service';
import { sameValue } from './atoms';

export type Blocked = { readonly code: string; readonly message: string; readonly fix: string };

export type GuardFacts = {
  readonly kind: RecordKind;
  readonly side: Side;
  readonly op: 'create' | 'update' | 'void' | 'archive' | 'unarchive';
  /** In the target's space: what will stand there afterwards. */
  readonly payload: Projection;
  readonly atoms: readonly string[];
  /** The record on the side to be written, where it is there. */
  readonly target?: { readonly projection: Projection; readonly guards: Guards };
  /** For writes to the ledger. */
  readonly organisation?: Organisation;
  readonly editable?: readonly string[];
  readonly objections?: readonly LedgerProblem[];
  /** What the ledger will make of the payload: its total is predicted before it is sent. */
  readonly predicted?: Projection;
  /** Currency of the customer or contact, where that side fixes it. */
  readonly contactCurrency?: string | null;
  readonly ledgerName: string;
  readonly name: string;
};

/** The first guard that fails, or undefined where all hold. */
export const guard = (facts: GuardFacts): Blocked | undefined => {
  for (const check of CHECKS) {
    const blocked = check(facts);
    if (blocked) return blocked;
  }
  return undefined;
};

type Check = (facts: GuardFacts) => Blocked | undefined;

/** G1: to the cent, before sending; a difference is never spread silently. */
const totals: Check = ({ op, payload, predicted, name, atoms, side, ledgerName }) => {
  const block = payload.atoms.moneyBlock as MoneyBlock | undefined;
  if (block === undefined || (op !== 'create' && !atoms.includes('moneyBlock')) || isEnding(op)) return undefined;
  const lines = sumMinor(block.lines.map(({ netMinor }) => netMinor));
  const expected = block.taxMode === 'taxInclusive' ? block.totalMinor : block.netMinor;
  if (lines !== expected || block.netMinor + block.taxMinor !== block.totalMinor) {
    return {
      code: 'totalsDiffer',
      message: `${name} was not sent: its lines do not add up to its total.`,
      fix: 'Open the document, correct its lines and save it.',
    };
  }
  const there = predicted?.atoms.moneyBlock as MoneyBlock | undefined;
  if (side !== 'external' || there === undefined || there.totalMinor === block.totalMinor) return undefined;
  return {
    code: 'totalsDiffer',
    message: `${name} was not sent: ${ledgerName} would make the total ${show(there.totalMinor, there)} instead of ${show(block.totalMinor, block)}.`,
    fix: 'Check the tax rate mapping, or use prices that both systems round alike.',
  };
};

const show = (minor: number, { currency }: MoneyBlock): string => displayMoney(minor, currency);

/** Amounts, and whose they are: the money on the document is that customer's. */
const MONEY_HANGS_ON: ReadonlySet<string> = new Set(['moneyBlock', 'contact']);

/** G2: what the ledger can no longer change is frozen; corrections are credit notes. */
const frozen: Check = ({ op, side, kind, editable, atoms, target, name, ledgerName }) => {
  if (op !== 'update' || target === undefined) return undefined;
  const stuck =
    side === 'external'
      ? atoms.filter((atom) => editable !== undefined && !editable.includes(atom))
      : atoms.filter(
          (atom) => MONEY_HANGS_ON.has(atom) && (target.guards.allocatedMinor > 0 || target.guards.reconciled),
        );
  if (stuck.length === 0) return undefined;
  const where = side === 'external' ? ledgerName : 'billing';
  return {
    code: 'frozen',
    message: `${name} was not changed in ${where}: ${stuck.map(atomName).join(' and ')} can no longer be changed there, because it is paid, reconciled or closed.`,
    fix:
      kind === 'payment' || kind === 'refund'
        ? 'Undo the change on the side where it was made.'
        : 'Correct it with a credit note, or undo the change on the side where it was made.',
  };
};

/** G2: closed books. */
const lockDate: Check = ({ side, organisation, payload, target, kind, op, atoms, name, ledgerName }) => {
  const locked = organisation?.lockedThrough;
  if (side !== 'external' || locked === undefined || kind === 'contact') return undefined;
  // What a credit pays is dated the day it is allocated, not the day the money came in.
  const isAllocation = kind === 'payment' && (payload.atoms as Partial<PaymentAtoms>).payment?.isCredit === true;
  const touchesBooks = op !== 'update' || (!isAllocation && atoms.some((atom) => LOCKED_ATOMS.has(atom)));
  const dates = [dateOf(kind, payload.atoms), target && dateOf(kind, target.projection.atoms)];
  const closed = dates.find((date): date is CalendarDate => date !== undefined && date <= locked);
  if (!touchesBooks || closed === undefined) return undefined;
  return periodLocked({ name, ledgerName, date: closed, lockedThrough: locked });
};

/** The same words and ways out, whether we saw it before sending or the ledger said so. */
export const periodLocked = ({
  name,
  ledgerName,
  date,
  lockedThrough,
}: {
  readonly name: string;
  readonly ledgerName: string;
  readonly date?: CalendarDate | undefined;
  /** As we know it; older than the refusal where the ledger was locked a moment ago, and then not named. */
  readonly lockedThrough?: CalendarDate | undefined;
}): Blocked => ({
  code: 'periodLocked',
  message: `${name} was not sent: its date${date === undefined ? '' : `, ${displayDate(date)},`} is in a period locked in ${ledgerName}${lockedThrough === undefined || (date !== undefined && date > lockedThrough) ? '' : ` until ${displayDate(lockedThrough)}`}.`,
  fix: `Move the lock date in ${ledgerName}, or give the document a later date.`,
});
const LOCKED_ATOMS = new Set([
  'moneyBlock',
  'dates',
  'contact',
  'payment',
  'allocation',
  'refund',
  'accounts',
  'number',
]);

/** G3: money that sits on a document keeps it alive. */
const endsWithMoney: Check = ({ op, kind, side, target, name, ledgerName }) => {
  if (op !== 'void' || kind === 'contact' || target === undefined) return undefined;
  const isDocument = kind === 'invoice' || kind === 'creditNote';
  if (!target.guards.reconciled && !(isDocument && target.guards.allocatedMinor > 0)) return undefined;
  const where = side === 'external' ? ledgerName : 'billing';
  return {
    code: 'hasMoney',
    message: target.guards.reconciled
      ? `${name} could not be cancelled in ${where}: it is reconciled with the bank there.`
      : `${name} could not be cancelled in ${where}: a payment or credit is allocated to it there.`,
    fix: target.guards.reconciled
      ? `Undo the reconciliation in ${where}, then retry.`
      : `Remove the allocation in ${where}, then retry; or issue a credit note instead.`,
  };
};

/** G4: allocations never exceed the payment. */
const allocations: Check = ({ kind, op, payload, name }) => {
  if (kind !== 'payment' || isEnding(op)) return undefined;
  const { payment } = payload.atoms as Atoms as PaymentAtoms;
  const allocated = sumMinor(payment.allocations.map(({ amountMinor }) => amountMinor));
  if (payment.amountMinor > 0 && allocated <= payment.amountMinor) return undefined;
  return {
    code: 'overAllocated',
    message: `${name} was not sent: more is allocated than was paid.`,
    fix: 'Correct the allocations of this payment.',
  };
};

/** G5: no implicit conversion. */
const currency: Check = ({ side, op, kind, payload, target, organisation, contactCurrency, name, ledgerName }) => {
  if (isEnding(op)) return undefined;
  const mine = currencyOf(kind, payload);
  if (mine === undefined) return undefined;
  const theirs = target && currencyOf(kind, target.projection);
  if (theirs !== undefined && theirs !== mine) {
    return {
      code: 'currencyDiffers',
      message: `${name} is in ${mine} on one side and in ${theirs} on the other.`,
      fix: 'A document keeps its currency: cancel one of them and write it anew.',
    };
  }
  if (side === 'external' && organisation !== undefined && !organisation.currencies.includes(mine)) {
    return {
      code: 'currencyOff',
      message: `${name} was not sent: ${mine} is not switched on in ${ledgerName}.`,
      fix: `Add ${mine} to the currencies of the organisation in ${ledgerName}, then retry.`,
    };
  }
  if (!contactCurrency || contactCurrency === mine) return undefined;
  return {
    code: 'currencyDiffers',
    message: `${name} is in ${mine}, but its customer is kept in ${contactCurrency} there.`,
    fix: `Use a separate customer for ${mine}.`,
  };
};

/** Named problems of the ledger itself: a missing mapping, an archived target. */
const objections: Check = ({ side, op, objections: named, name, ledgerName }) => {
  const first = named?.[0];
  if (side !== 'external' || isEnding(op) || first === undefined) return undefined;
  return {
    code: first.code ?? first.class,
    message: `${name} was not sent: ${first.message}`,
    fix: wayOut(first, ledgerName),
  };
};

/** G5 for contacts: a ledger that fixes a contact's currency fixes it for good. */
const currencyIsFixed: Check = ({ kind, op, payload, target, name }) => {
  if (kind !== 'contact' || op !== 'update' || target === undefined) return undefined;
  const [mine, theirs] = [payload.atoms as Atoms as ContactAtoms, target.projection.atoms as Atoms as ContactAtoms];
  if (!mine.currency || !theirs.currency || sameValue(mine.currency, theirs.currency)) return undefined;
  return {
    code: 'currencyDiffers',
    message: `${name} is kept in ${mine.currency} on one side and in ${theirs.currency} on the other.`,
    fix: 'Link it to a contact of the same currency.',
  };
};

const CHECKS: readonly Check[] = [
  objections,
  currency,
  currencyIsFixed,
  lockDate,
  frozen,
  endsWithMoney,
  totals,
  allocations,
];

const isEnding = (op: GuardFacts['op']): boolean => op === 'void' || op === 'archive';

const currencyOf = (kind: RecordKind, { atoms }: Projection): string | undefined => {
  if (kind === 'payment') return (atoms as PaymentAtoms).payment?.currency;
  if (kind === 'refund') return (atoms as Atoms as Partial<RefundAtoms>).refund?.currency;
  return (atoms.moneyBlock as MoneyBlock | undefined)?.currency;
};

const ATOM_NAMES: Readonly<Record<string, string>> = {
  moneyBlock: 'its amounts',
  dates: 'its dates',
  contact: 'its customer',
  number: 'its number',
  reference: 'its reference',
  accounts: 'its accounts',
  payment: 'the payment',
  allocation: 'the allocation',
  refund: 'the refund',
  taxNumber: 'the tax number',
  externalRef: 'our reference',
  name: 'the name',
  email: 'the e-mail address',
  phone: 'the phone number',
  address: 'the address',
  status: 'whether it is still valid',
};
/** What people call an atom. */
export const atomName = (atom: string): string => ATOM_NAMES[atom] ?? atom;
