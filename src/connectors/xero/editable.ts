// Which atoms Xero still changes on a record as it stands. Locked periods are the guards' business.
import type { ExternalRecord } from '../../sync/ports/ledger-port';
import type { PaymentAtoms, RecordKind } from '../../sync/records';

const ALL: Readonly<Record<RecordKind, readonly string[]>> = {
  contact: ['name', 'email', 'phone', 'address', 'taxNumber', 'externalRef', 'status'],
  invoice: ['number', 'contact', 'moneyBlock', 'dates', 'reference', 'accounts', 'status'],
  creditNote: ['number', 'contact', 'moneyBlock', 'dates', 'reference', 'accounts', 'status'],
  payment: [],
  allocation: [],
  refund: [],
};

/** With money on it, amounts and structure stand; of the dates only the due date moves, and Xero refuses the other in words. */
const PAID: readonly string[] = ['number', 'dates', 'reference', 'accounts'];

export const editableAtomsOf = (kind: RecordKind, { projection, guards }: ExternalRecord): readonly string[] => {
  if (projection.status === 'void') return [];
  // Of an overpayment or prepayment the allocations move, and only they.
  if (kind === 'payment') return (projection.atoms as PaymentAtoms).payment.isCredit === true ? ['payment'] : [];
  const isDocument = kind === 'invoice' || kind === 'creditNote';
  return isDocument && guards.allocatedMinor > 0 ? PAID : ALL[kind];
};
