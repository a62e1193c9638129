// What is left to pay, and the one word for it. Pure; the only place that derives state from amounts.
import type { CreditNoteState, Invoice, InvoiceState } from './documents';

type Claim = Pick<Invoice, 'status' | 'totalMinor' | 'allocatedMinor'> & {
  /** Credit notes only: what was paid back in cash. */
  readonly refundedMinor?: number | undefined;
};

/** What is no longer open: allocated, or paid back. */
export const usedMinorOf = ({ allocatedMinor, refundedMinor = 0 }: Omit<Claim, 'status' | 'totalMinor'>): number =>
  allocatedMinor + refundedMinor;

export type Settled = { readonly allocatedMinor: number; readonly openMinor: number; readonly isOpen: boolean };

/** Amounts of a document in this status with this much allocated. Drafts and void documents owe nothing. */
export const settledBy = (claim: Claim): Settled => {
  const { status, totalMinor, allocatedMinor } = claim;
  const usedMinor = usedMinorOf(claim);
  if (status !== 'issued') {
    assert(usedMinor === 0, 'only issued documents have allocations and refunds');
    return { allocatedMinor: 0, openMinor: 0, isOpen: false };
  }
  const openMinor = totalMinor - usedMinor;
  assert(allocatedMinor >= 0 && usedMinor >= allocatedMinor && openMinor >= 0, 'what is used stays within the total');
  return { allocatedMinor, openMinor, isOpen: openMinor > 0 };
};

export const invoiceStateOf = (claim: Claim): InvoiceState => {
  if (claim.status !== 'issued') return claim.status;
  const { isOpen } = settledBy(claim);
  return isOpen ? (usedMinorOf(claim) > 0 ? 'part' : 'open') : 'paid';
};

export const creditNoteStateOf = (claim: Claim): CreditNoteState => {
  const state = invoiceStateOf(claim);
  return state === 'paid' ? 'used' : state;
};

/** An issued invoice is late from the day after its due date until nothing is open. */
export const isOverdue = (invoice: Pick<Invoice, 'isOpen' | 'dueDate'>, today: string): boolean =>
  invoice.isOpen && invoice.dueDate < today;

const assert = (holds: boolean, rule: string): void => {
  if (!holds) throw new Error(`settlement: ${rule}`);
};
