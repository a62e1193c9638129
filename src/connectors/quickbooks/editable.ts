// Which atoms can still be changed on a record of QuickBooks as it stands. QuickBooks would let an app rewrite a paid invoice, and moves the
// payments about to fit; we do not: what is paid is corrected by a credit note. Closed periods are the guards' business.
import type { ExternalRecord } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import { isPartOfPayment } from './payment-projection';

const ALL: Readonly<Record<RecordKind, readonly string[]>> = {
  contact: ['name', 'email', 'phone', 'address', 'status'],
  invoice: ['number', 'contact', 'moneyBlock', 'dates', 'reference', 'accounts', 'status'],
  // Only people can void a credit memo.
  creditNote: ['number', 'contact', 'moneyBlock', 'dates', 'reference', 'accounts'],
  payment: ['payment', 'status'],
  allocation: ['status'],
  refund: [],
};

const PAID: readonly string[] = ['number', 'dates', 'reference'];

export const editableAtomsOf = (
  kind: RecordKind,
  { externalId, projection, guards }: ExternalRecord,
): readonly string[] => {
  if (projection.status === 'void' || guards.reconciled) return [];
  if (kind === 'allocation' && isPartOfPayment(externalId)) return [];
  const isDocument = kind === 'invoice' || kind === 'creditNote';
  return isDocument && guards.allocatedMinor > 0 ? PAID : ALL[kind];
};
