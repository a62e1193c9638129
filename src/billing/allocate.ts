// Moves money of a payment or credit note onto invoices and back. Holds the two sums that must never break: nothing allocates more
// than it has, and no invoice receives more than it is open for. Runs inside the caller's transaction.
import type { CalendarDate } from '../core/calendar-date';
import { type BridgeError, refused } from '../core/errors';
import { type CurrencyCode, displayMoney, sumMinor } from '../core/money';
import { type Allocation, allocations, type Invoice } from './documents';
import { settled } from './invoices';
import { draw, type Pot } from './payment-credits';
import type { Unit } from './unit-of-work';

export type AllocationSource = {
  readonly kind: 'payment' | 'creditNote';
  readonly id: string;
  readonly customerId: string;
  readonly currency: CurrencyCode;
  /** Not allocated yet. */
  readonly openMinor: number;
  /** Where the money lies; without them all of it goes straight to the invoices. */
  readonly pots?: readonly Pot[];
  /** Date of allocations that name none. */
  readonly date: CalendarDate;
};

export type AllocationRequest = {
  readonly invoiceId: string;
  readonly amountMinor: number;
  readonly date?: CalendarDate | undefined;
  readonly id?: string | undefined;
};

/** Refused as a whole if one of them cannot be. With `upToOpen` each takes at most what its invoice and the source have left. */
export const allocate = async (
  unit: Unit,
  source: AllocationSource,
  requests: readonly AllocationRequest[],
  fit: 'exact' | 'upToOpen',
): Promise<readonly Allocation[]> => {
  const made: Allocation[] = [];
  let leftMinor = source.openMinor;
  let pots: readonly Pot[] = source.pots ?? [{ openMinor: source.openMinor }];
  for (const request of requests) {
    const invoice = await unit.load('invoice', request.invoiceId);
    const amountMinor =
      fit === 'upToOpen'
        ? fittingAmount(source, invoice, Math.min(request.amountMinor, leftMinor))
        : checkedAmount(source, invoice, request.amountMinor, leftMinor);
    if (amountMinor === 0) continue;
    leftMinor -= amountMinor;
    const date = request.date ?? source.date;
    const drawn = draw(pots, amountMinor);
    pots = drawn.left;
    for (const [i, part] of drawn.parts.entries()) {
      const id = (i === 0 ? request.id : undefined) ?? unit.ids('alc');
      made.push(await insertAllocation(unit, source, { ...part, id, invoiceId: invoice.id, date }));
    }
    await settle(unit, invoice, amountMinor, date);
  }
  return made;
};

const insertAllocation = (
  unit: Unit,
  { kind, id, customerId, currency }: AllocationSource,
  row: Pick<Allocation, 'id' | 'invoiceId' | 'amountMinor' | 'date' | 'creditId'>,
): Promise<Allocation> =>
  unit.insert(
    'allocation',
    { sourceKind: kind, sourceId: id, customerId, currency, ...row, state: 'live' },
    'allocation.made',
  );

/** Ends one allocation; its invoice is open again by the amount. */
export const endAllocation = async (unit: Unit, allocation: Allocation): Promise<Allocation> => {
  if (allocation.state === 'removed') return allocation;
  const ended = await unit.update('allocation', allocation, { state: 'removed' }, 'allocation.ended');
  await settle(unit, await unit.load('invoice', allocation.invoiceId), -allocation.amountMinor, allocation.date);
  return ended;
};

export const liveAllocations = async (unit: Unit, sourceId: string): Promise<readonly Allocation[]> => {
  const page = await unit.session.find(allocations, { where: { sourceId, state: 'live' }, limit: 1000 });
  return page.items;
};

export const liveSum = (rows: readonly Allocation[]): number => sumMinor(rows.map(({ amountMinor }) => amountMinor));

const settle = (unit: Unit, invoice: Invoice, amountMinor: number, date: CalendarDate): Promise<Invoice> => {
  const changes = { allocatedMinor: invoice.allocatedMinor + amountMinor, settledDate: date };
  const action = amountMinor > 0 ? 'invoice.allocated' : 'invoice.unallocated';
  return unit.update('invoice', invoice, settled(invoice, changes), action);
};

/** What keeps money of this source off this invoice, whatever the amount. */
const obstacle = (source: AllocationSource, invoice: Invoice): BridgeError | undefined => {
  const name = invoice.number ?? 'The draft';
  if (invoice.status === 'draft') {
    return refused('A draft owes nothing yet.', 'Issue the invoice first.');
  }
  if (invoice.status === 'void') return refused(`${name} is void and owes nothing.`, 'Choose another invoice.');
  if (invoice.customerId !== source.customerId) {
    return refused(`${name} belongs to another customer.`, 'Choose an invoice of the customer who paid.');
  }
  if (invoice.currency !== source.currency) {
    return refused(
      `${name} is in ${invoice.currency}, the money is in ${source.currency}.`,
      `Choose an invoice in ${source.currency}.`,
    );
  }
  return undefined;
};

const checkedAmount = (source: AllocationSource, invoice: Invoice, amountMinor: number, leftMinor: number): number => {
  const problem = obstacle(source, invoice);
  if (problem !== undefined) throw problem;
  const show = (minor: number): string => displayMoney(minor, source.currency);
  if (amountMinor > invoice.openMinor) {
    throw refused(
      `${invoice.number} has ${show(invoice.openMinor)} open, so ${show(amountMinor)} cannot be allocated to it.`,
      `Allocate at most ${show(invoice.openMinor)}; the rest can stay as the customer's credit.`,
    );
  }
  if (amountMinor > leftMinor) {
    const what = source.kind === 'payment' ? 'payment' : 'credit note';
    throw refused(
      `The ${what} has ${show(leftMinor)} left, so ${show(amountMinor)} cannot be allocated.`,
      `Allocate at most ${show(leftMinor)}.`,
    );
  }
  return amountMinor;
};

const fittingAmount = (source: AllocationSource, invoice: Invoice, amountMinor: number): number =>
  obstacle(source, invoice) === undefined ? Math.min(amountMinor, invoice.openMinor) : 0;
