// What a ledger is asked: the first import of books with years in them, a run in which nothing changed, and the push of a day on which
// a thousand invoices were written. Calls are counted by the ledger, time is that of its clock.
import { atMost, type Bench, type Figure, under, without } from './figure';
import { filledWith } from './filled-books';
import { faultsOf, type Ledger, openRehearsal, type Rehearsal } from './rehearsal';

const INVOICES = 5_000;
const CUSTOMERS = 500;
const PUSHED = 1_000;
/** Of five invoices, three are paid. */
const isPaid = (index: number): boolean => index % 5 < 3;

const HOUR_MS = 3_600_000;
const CALLS_OF_IMPORT = 200;
const MINUTES_OF_IMPORT = 10;
const CALLS_AT_REST = 6;
/** Invoices of one call, at most: what each ledger's batch takes. */
const BATCH = { Xero: 50, QuickBooks: 30 } as const;

export const trafficWith = (ledger: Ledger): Bench => ({
  name: ledger.toLowerCase(),
  run: async (tell) => {
    tell(`${ledger}: entering ${INVOICES} invoices in the books`);
    const rehearsal = await openRehearsal({
      ledger,
      start: new Date('2026-03-04T14:00:00.000Z'),
      ...filledWith({ customers: CUSTOMERS, invoices: INVOICES, isPaid }),
      tell: (text) => tell(`${ledger}: ${text}`),
    });
    try {
      return [
        ...(await firstImport(rehearsal, ledger)),
        ...(await nothingChanged(rehearsal, ledger)),
        ...(await push(rehearsal, ledger, tell)),
      ];
    } finally {
      await rehearsal.close();
    }
  },
});

const firstImport = async (rehearsal: Rehearsal, ledger: Ledger): Promise<readonly Figure[]> => {
  await rehearsal.connect();
  const startedMs = rehearsal.clock.now().getTime();
  await rehearsal.importAndReview();
  await rehearsal.approve();
  await rehearsal.runToRest('activated');
  const calls = rehearsal.calls();
  const minutes = (rehearsal.clock.now().getTime() - startedMs) / 60_000;
  const what = `${ledger}: first import of ${INVOICES} invoices`;
  const faults = [...faultsOf(await rehearsal.standing()), ...(await rehearsal.problems())];
  return [
    under({ what: `${what}, calls`, value: calls, unit: 'calls' }, CALLS_OF_IMPORT),
    under({ what: `${what}, time of its clock`, value: minutes, unit: 'min', decimals: 1 }, MINUTES_OF_IMPORT),
    without(`${what}, both sides`, faults, 'equal to the cent'),
  ];
};

const nothingChanged = async (rehearsal: Rehearsal, ledger: Ledger): Promise<readonly Figure[]> => {
  // The look before it hears the echo of our own writes; an hour puts that outside the overlap of two looks.
  rehearsal.clock.advance(HOUR_MS);
  await rehearsal.runToRest('poll');
  rehearsal.clock.advance(HOUR_MS);
  const before = { calls: rehearsal.calls(), writes: rehearsal.writes() };
  const runs = await rehearsal.runToRest('poll');
  const what = `${ledger}: a run in which nothing changed`;
  const written = runs.reduce((sum, { counts: { local } }) => sum + local.created + local.updated + local.voided, 0);
  return [
    atMost({ what: `${what}, calls`, value: rehearsal.calls() - before.calls, unit: 'calls' }, CALLS_AT_REST),
    atMost({ what: `${what}, writes`, value: rehearsal.writes() - before.writes + written, unit: 'writes' }, 0),
  ];
};

const push = async (rehearsal: Rehearsal, ledger: Ledger, tell: (text: string) => void): Promise<readonly Figure[]> => {
  await write(rehearsal, ledger, 1);
  await rehearsal.runToRest('local'); // in a running house the facts of the organisation are known
  for (let written = 0; written < PUSHED; written += 100) {
    tell(`${ledger}: writing ${written} of ${PUSHED} new invoices`);
    await write(rehearsal, ledger, 100);
  }
  const before = rehearsal.calls();
  await rehearsal.runToRest('local');
  const calls = rehearsal.calls() - before;
  const fewest = Math.ceil(PUSHED / BATCH[ledger]);
  const what = `${ledger}: push of ${PUSHED} new invoices`;
  const faults = [...faultsOf(await rehearsal.standing()), ...(await rehearsal.problems())];
  return [
    atMost({ what: `${what}, calls (fewest ${fewest})`, value: calls, unit: 'calls' }, Math.floor(fewest * 1.1)),
    without(`${what}, both sides`, faults, 'equal to the cent'),
  ];
};

const write = async ({ house, tenantId, as }: Rehearsal, ledger: Ledger, count: number): Promise<void> => {
  const { items: customers } = await house.billing.customers.list(tenantId, { limit: 200 });
  const taxRate = ledger === 'Xero' ? 'standard' : 'salestax';
  for (let i = 0; i < count; i++) {
    await house.billing.invoices.createIssued(as, {
      customerId: customers[i % customers.length]?.id ?? '',
      issueDate: '2026-03-04',
      dueDate: '2026-04-03',
      taxMode: 'taxExclusive',
      lines: [{ description: 'Work', quantity: '2', unitPrice: '19.99', taxRate }],
    });
  }
  await house.sync.noteLocal(tenantId);
};
