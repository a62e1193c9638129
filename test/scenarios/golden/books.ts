// One side's books as a small table: what a person would see on its screen, without ids.
import { displayMoney } from '../../../src/core/money';
import type { Guards } from '../../../src/sync/ports/ledger-port';
import {
  type AllocationAtoms,
  type Atoms,
  type ContactAtoms,
  type CreditNoteAtoms,
  type InvoiceAtoms,
  type PaymentAtoms,
  type Projection,
  RECORD_KINDS,
  type RecordKind,
  type RecordRef,
  type RecordStatus,
  type RefundAtoms,
} from '../../../src/sync/records';
import type { SyncWorld } from '../../support/sync-world';

export type SideName = 'billing' | 'ledger';

export const KIND_NAMES: Readonly<Record<RecordKind, string>> = {
  contact: 'Customer',
  invoice: 'Invoice',
  creditNote: 'Credit note',
  payment: 'Payment',
  allocation: 'Credit used',
  refund: 'Refund',
};

const named = (world: SyncWorld, side: SideName, { $ref, id }: RecordRef): string => {
  const record = side === 'billing' ? world.billing.get($ref, id) : world.ledger.get($ref, id);
  return record === undefined ? 'gone' : nameOf(world, side, $ref, record.projection as Projection);
};

/** Money is called by what it settles. */
export const nameOf = (world: SyncWorld, side: SideName, kind: RecordKind, { atoms }: Projection): string => {
  const of = (ref: RecordRef): string => named(world, side, ref);
  const fields = atoms as Atoms as Partial<PaymentAtoms & AllocationAtoms & RefundAtoms>;
  if (kind === 'contact') return (atoms as Atoms as ContactAtoms).name;
  if (fields.payment) return fields.payment.allocations.map(({ invoice }) => of(invoice)).join(' and ');
  if (fields.allocation) return `${of(fields.allocation.creditNote)} for ${of(fields.allocation.invoice)}`;
  if (fields.refund) return of(fields.refund.creditNote);
  return (atoms as Atoms as InvoiceAtoms).number;
};

export const bookOf = (world: SyncWorld, side: SideName): readonly string[] => {
  const rows = RECORD_KINDS.flatMap((kind) =>
    (side === 'billing' ? world.billing.all(kind) : world.ledger.all(kind)).map(({ projection, guards }) => [
      KIND_NAMES[kind],
      nameOf(world, side, kind, projection as Projection),
      ...columnsOf(world, side, kind, projection as Projection, guards),
      stateOf(kind, projection.status),
    ]),
  ).toSorted((a, b) => order(a) - order(b) || (a.join('|') < b.join('|') ? -1 : 1));
  if (rows.length === 0) return ['Nothing.'];
  return table([['Record', 'Of', 'Details', 'Amount', 'Open', 'State'], ...rows]);
};

const KINDS_IN_ORDER = Object.values(KIND_NAMES);
const order = ([kind = '']: readonly string[]): number => KINDS_IN_ORDER.indexOf(kind);

const stateOf = (kind: RecordKind, status: RecordStatus): string => {
  if (status === 'void') return 'cancelled';
  return status === 'live' ? (kind === 'contact' ? 'active' : 'valid') : status;
};

/** Details, amount and what of it is open; of a cancelled record nothing is. */
const columnsOf = (
  world: SyncWorld,
  side: SideName,
  kind: RecordKind,
  { atoms, status }: Projection,
  { openMinor }: Guards,
): readonly [string, string, string] => {
  if (kind === 'contact') {
    const { email, phone, taxNumber } = atoms as Atoms as ContactAtoms;
    return [[email, phone, taxNumber].filter((field) => field !== null).join(', '), '', ''];
  }
  if (kind === 'invoice' || kind === 'creditNote') {
    const { contact, dates, moneyBlock, reference } = atoms as Atoms as InvoiceAtoms | CreditNoteAtoms;
    const due = 'dueDate' in dates ? [`due ${dates.dueDate}`] : [];
    const details = [named(world, side, contact), dates.issueDate, ...due, ...(reference === null ? [] : [reference])];
    const open = status === 'void' ? '' : displayMoney(openMinor, moneyBlock.currency);
    return [details.join(', '), displayMoney(moneyBlock.totalMinor, moneyBlock.currency), open];
  }
  const { payment, refund, allocation } = atoms as Atoms as Partial<PaymentAtoms & RefundAtoms & AllocationAtoms>;
  const cash = payment ?? refund;
  const open = payment && status === 'live' ? displayMoney(unallocated(payment), payment.currency) : '';
  if (cash)
    return [
      `${cash.date}, ${METHODS[cash.method] ?? cash.method}`,
      displayMoney(cash.amountMinor, cash.currency),
      open,
    ];
  return [allocation?.date ?? '', displayMoney(allocation?.amountMinor ?? 0, 'GBP'), ''];
};

const METHODS: Readonly<Record<string, string>> = { bankTransfer: 'bank transfer' };
const unallocated = ({ amountMinor, allocations }: PaymentAtoms['payment']): number =>
  allocations.reduce((left, allocation) => left - allocation.amountMinor, amountMinor);

/** Columns as wide as their widest cell. */
const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length), 3));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)];
};
