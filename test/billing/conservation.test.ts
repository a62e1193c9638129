// Random commands, some at the same time, over a real store: whatever is accepted or refused, no cent appears or goes, numbers have no gap,
// and every revision has its activity entry and its outbox row.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  activity,
  allocations,
  type CreditNote,
  creditNotes,
  type Invoice,
  invoices,
  type Payment,
  payments,
  refunds,
} from '../../src/billing/documents';
import { BridgeError } from '../../src/core/errors';
import { type Collection, findAll, type TenantDocument } from '../../src/store/port';
import { type BillingWorld, GATEWAY, LEDGER, OWNER, openBillingWorld, paymentInput } from '../support/billing';

type Command =
  | {
      readonly do: 'invoice' | 'creditNote';
      readonly customer: number;
      readonly amount: number;
      readonly issue: boolean;
    }
  | {
      readonly do: 'pay';
      readonly customer: number;
      readonly amount: number;
      readonly onto: readonly { readonly pick: number; readonly amount: number }[];
      readonly by: 'user' | 'ledger' | 'gateway';
    }
  | {
      readonly do: 'allocate' | 'credit' | 'reallocate';
      readonly pick: number;
      readonly onto: readonly { readonly pick: number; readonly amount: number }[];
    }
  | {
      readonly do: 'payBack';
      readonly pick: number;
      readonly amount: number;
    }
  | {
      readonly do:
        | 'voidRefund'
        | 'issue'
        | 'void'
        | 'remove'
        | 'reverse'
        | 'voidNote'
        | 'unallocate'
        | 'endByLedger'
        | 'edit';
      readonly pick: number;
    };

const pick = fc.nat({ max: 30 });
const amount = fc.integer({ min: 1, max: 120 });
const onto = fc.array(fc.record({ pick, amount }), { maxLength: 3 });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    do: fc.constantFrom('invoice' as const, 'creditNote' as const),
    customer: fc.nat({ max: 1 }),
    amount,
    issue: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('pay' as const),
    customer: fc.nat({ max: 1 }),
    amount,
    onto,
    by: fc.constantFrom('user' as const, 'ledger' as const, 'gateway' as const),
  }),
  fc.record({ do: fc.constantFrom('allocate' as const, 'credit' as const, 'reallocate' as const), pick, onto }),
  fc.record({ do: fc.constant('payBack' as const), pick, amount }),
  fc.record({
    do: fc.constantFrom(
      'voidRefund' as const,
      'issue' as const,
      'void' as const,
      'remove' as const,
      'reverse' as const,
      'voidNote' as const,
      'unallocate' as const,
      'endByLedger' as const,
      'edit' as const,
    ),
    pick,
  }),
);

const all = async <T extends TenantDocument>(world: BillingWorld, collection: Collection<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const document of findAll(world.store.forTenant(world.tenantId), collection, {})) found.push(document);
  return found;
};

const sum = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0);

/** Positions are chosen before the commands run, so a concurrent batch may well step on its own feet. */
const prepare = async (
  world: BillingWorld,
  customers: readonly string[],
  step: Command,
): Promise<() => Promise<unknown>> => {
  const { billing } = world;
  const [claims, notes, money, rows, back] = [
    await all(world, invoices),
    await all(world, creditNotes),
    await all(world, payments),
    await all(world, allocations),
    await all(world, refunds),
  ];
  const at = <T extends { id: string }>(list: readonly T[], position: number): string =>
    list[position % Math.max(list.length, 1)]?.id ?? 'none';
  const requests = (wanted: readonly { pick: number; amount: number }[]) => ({
    allocations: wanted.map((one) => ({ invoiceId: at(claims, one.pick), amountMinor: one.amount })),
  });
  const lines = (minor: number) => ({
    lines: [{ description: 'x', unitPrice: (minor / 100).toFixed(2), taxRate: 'none' }],
  });
  switch (step.do) {
    case 'invoice':
    case 'creditNote': {
      const service = step.do === 'invoice' ? billing.invoices : billing.creditNotes;
      const input = { customerId: customers[step.customer] ?? '', ...lines(step.amount) };
      return () => (step.issue ? service.createIssued(world.as(), input) : service.create(world.as(), input));
    }
    case 'pay': {
      const actor = { user: OWNER, ledger: LEDGER, gateway: GATEWAY }[step.by];
      const fit = step.by === 'gateway' ? 'upToOpen' : 'exact';
      const input = paymentInput({ id: customers[step.customer] ?? '' } as never, step.amount, {
        ...requests(step.onto),
        fit,
      });
      return () => billing.payments.record(world.as(actor), input);
    }
    case 'allocate':
      return () => billing.payments.allocate(world.as(), at(money, step.pick), requests(step.onto));
    case 'reallocate':
      return () => billing.payments.reallocate(world.as(), at(money, step.pick), requests(step.onto));
    case 'credit':
      return () => billing.creditNotes.allocate(world.as(), at(notes, step.pick), requests(step.onto));
    case 'payBack': {
      const input = {
        creditNoteId: at(notes, step.pick),
        amountMinor: step.amount,
        currency: 'GBP',
        date: '2026-03-02',
        method: 'bankTransfer' as const,
      };
      return () => billing.refunds.record(world.as(), input);
    }
    case 'voidRefund':
      return () => billing.refunds.void(world.as(), at(back, step.pick));
    case 'issue':
      return () => billing.invoices.issue(world.as(), at(claims, step.pick));
    case 'void':
      return () => billing.invoices.void(world.as(), at(claims, step.pick));
    case 'remove':
      return () => billing.invoices.remove(world.as(), at(claims, step.pick));
    case 'edit':
      return () => billing.invoices.update(world.as(), at(claims, step.pick), lines(step.pick + 1));
    case 'reverse':
      return () => billing.payments.reverse(world.as(), at(money, step.pick));
    case 'voidNote':
      return () => billing.creditNotes.void(world.as(), at(notes, step.pick));
    case 'unallocate':
    case 'endByLedger': {
      const row = rows[step.pick % Math.max(rows.length, 1)];
      if (row?.sourceKind === 'creditNote') return () => billing.creditNotes.unallocate(world.as(), row.id);
      return step.do === 'unallocate'
        ? () => billing.payments.unallocate(world.as(), row?.id ?? 'none')
        : () => billing.payments.endAllocationFromLedger(world.as(LEDGER), row?.id ?? 'none');
    }
  }
};

const checkBooks = async (world: BillingWorld): Promise<void> => {
  const [claims, notes, money, rows, back] = [
    await all(world, invoices),
    await all(world, creditNotes),
    await all(world, payments),
    await all(world, allocations),
    await all(world, refunds),
  ];
  const paidBackOf = (id: string) =>
    sum(
      back
        .filter(({ creditNoteId, state }) => creditNoteId === id && state === 'recorded')
        .map((one) => one.amountMinor),
    );
  const live = rows.filter(({ state }) => state === 'live');
  const liveOf = (field: 'invoiceId' | 'sourceId', id: string) =>
    sum(live.filter((row) => row[field] === id).map((row) => row.amountMinor));

  for (const claim of [...claims, ...notes]) {
    const allocated = liveOf('state' in claim && 'dueDate' in claim ? 'invoiceId' : 'sourceId', claim.id);
    expect(claim.allocatedMinor).toBe(allocated);
    const paidBack = paidBackOf(claim.id);
    if (!('dueDate' in claim)) expect(claim.refundedMinor ?? 0).toBe(paidBack);
    expect(claim.openMinor).toBe(claim.status === 'issued' ? claim.totalMinor - allocated - paidBack : 0);
    expect(claim.openMinor).toBeGreaterThanOrEqual(0);
    expect(claim.isOpen).toBe(claim.openMinor > 0);
  }
  for (const payment of money) {
    const allocated = liveOf('sourceId', payment.id);
    expect(payment.allocatedMinor).toBe(allocated);
    expect(payment.openMinor).toBe(payment.state === 'recorded' ? payment.amountMinor - allocated : 0);
    expect(payment.openMinor).toBeGreaterThanOrEqual(0);
    if (payment.state === 'recorded') expect(sum(payment.allocations.map((one) => one.amountMinor))).toBe(allocated);
  }
  const paidBack = back.filter(({ state }) => state === 'recorded').map(({ amountMinor }) => amountMinor);
  checkConservation(claims, notes, money, sum(live.map(({ amountMinor }) => amountMinor)), sum(paidBack));
  const [totals] = await world.billing.reports.totals(world.tenantId);
  expect(totals?.owedMinor ?? 0).toBe(sum(claims.map(({ openMinor }) => openMinor)));
  expect(totals?.creditMinor ?? 0).toBe(sum([...notes, ...money].map(({ openMinor }) => openMinor)));
  for (const series of [claims, notes]) {
    const numbers = series
      .flatMap(({ number }) => (number === null ? [] : [Number(number.replace(/\D/g, ''))]))
      .sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  }
  await checkTrail(world, [...claims, ...notes, ...money, ...rows, ...back]);
};

const checkConservation = (
  claims: readonly Invoice[],
  notes: readonly CreditNote[],
  money: readonly Payment[],
  allocated: number,
  paidBack: number,
): void => {
  const given = [
    ...money.filter(({ state }) => state === 'recorded').map(({ amountMinor }) => amountMinor),
    ...notes.filter(({ status }) => status === 'issued').map(({ totalMinor }) => totalMinor),
  ];
  expect(sum(given)).toBe(allocated + paidBack + sum([...money, ...notes].map(({ openMinor }) => openMinor)));
  const claimed = claims.filter(({ status }) => status === 'issued').map(({ totalMinor }) => totalMinor);
  expect(sum(claimed)).toBe(allocated + sum(claims.map(({ openMinor }) => openMinor)));
};

const checkTrail = async (world: BillingWorld, documents: readonly TenantDocument[]): Promise<void> => {
  const trail = new Map<string, number[]>();
  for (const { subjectId, subjectRevision } of await all(world, activity)) {
    trail.set(subjectId, [...(trail.get(subjectId) ?? []), subjectRevision]);
  }
  const pending = new Set(
    (await world.billing.changes.pending(world.tenantId, 1000)).map(({ subjectId }) => subjectId),
  );
  for (const { id, revision } of documents) {
    expect(trail.get(id)?.sort((a, b) => a - b)).toEqual(Array.from({ length: revision }, (_, i) => i + 1));
    expect(pending).toContain(id);
  }
};

test('no command, alone or among others, makes or loses a cent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), { minLength: 5, maxLength: 25 }),
      async (batches) => {
        const world = await openBillingWorld();
        try {
          const customers = [(await world.customer()).id, (await world.customer({ name: 'Other' })).id];
          for (const batch of batches) {
            const ready = await Promise.all(batch.map((step) => prepare(world, customers, step)));
            const outcomes = await Promise.allSettled(ready.map((run) => run()));
            for (const outcome of outcomes) {
              // A refusal is an answer; anything else is our bug.
              if (outcome.status === 'rejected' && !(outcome.reason instanceof BridgeError)) throw outcome.reason;
            }
          }
          await checkBooks(world);
        } finally {
          await world.close();
        }
      },
    ),
    { numRuns: 30 },
  );
});
