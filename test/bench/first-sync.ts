// The first sync of a business that has everything here and nothing in its ledger: 3,000 customers, 10,000 invoices, 10,000 payments. Calls
// are held against the fewest that the ledger's batches allow, time against what its limits allow for that many calls.
import { rmSync } from 'node:fs';
import { XERO_PLAY } from '../../demo/books';
import { atMost, type Bench, type Figure, without } from './figure';
import { type Effort, plainScript } from './plain-script';
import { faultsOf, type Ledger, openRehearsal, type Rehearsal } from './rehearsal';

const CUSTOMERS = 3_000;
const INVOICES = 10_000;
const START = new Date('2026-03-04T14:00:00.000Z');
const SLACK = 1.1;
/** So much of it is enough to see what a script on the raw SDKs takes: it goes on at the same pace. */
const SHARE = 10;

/** Records of one call, at most, and calls of a minute: what each ledger documents. QuickBooks counts batches apart. */
const LIMITS = {
  Xero: { batch: 50, callsAMinute: 60 },
  QuickBooks: { batch: 30, callsAMinute: 40 },
} as const;

export const firstSync: Bench = {
  name: 'first-sync',
  run: async (tell) => {
    const loaded = await openRehearsal({ ledger: 'Xero', start: START });
    try {
      await load(loaded, tell);
    } finally {
      await loaded.close({ keep: true });
    }
    const figures: Figure[] = [];
    try {
      for (const ledger of ['Xero', 'QuickBooks'] as const)
        figures.push(...(await carried(ledger, loaded.folder, tell)));
    } finally {
      rmSync(loaded.folder, { recursive: true, force: true });
    }
    return figures;
  },
};

const load = async ({ house: { billing }, as }: Rehearsal, tell: (text: string) => void): Promise<void> => {
  const customers: string[] = [];
  for (let i = 0; i < CUSTOMERS; i++) {
    customers.push((await billing.customers.create(as, { name: `Customer ${String(i + 1).padStart(5, '0')}` })).id);
  }
  for (let i = 0; i < INVOICES; i++) {
    if (i % 200 === 0) tell(`writing ${i} of ${INVOICES} invoices and their payments`);
    const { id, customerId, totalMinor, currency } = await billing.invoices.createIssued(as, {
      customerId: customers[i % CUSTOMERS] ?? '',
      issueDate: '2026-02-01',
      dueDate: '2026-03-03',
      taxMode: 'noTax',
      lines: [{ description: 'Work', quantity: '1', unitPrice: `${10 + (i % 500)}.25` }],
    });
    await billing.payments.record(as, {
      customerId,
      amountMinor: totalMinor,
      currency,
      date: '2026-02-20',
      method: 'bankTransfer',
      allocations: [{ invoiceId: id, amountMinor: totalMinor }],
    });
  }
};

const carried = async (ledger: Ledger, folder: string, tell: (text: string) => void): Promise<readonly Figure[]> => {
  const rehearsal = await openRehearsal({
    ledger,
    start: START,
    play: { ...XERO_PLAY, ledger },
    copyOf: folder,
    tell: (text) => tell(`${ledger}: ${text}`),
  });
  try {
    await rehearsal.connect();
    const startedMs = rehearsal.clock.now().getTime();
    await rehearsal.importAndReview();
    await rehearsal.approve();
    await rehearsal.runToRest('activated');
    const calls = rehearsal.calls();
    const minutes = (rehearsal.clock.now().getTime() - startedMs) / 60_000;
    const { batch, callsAMinute } = LIMITS[ledger];
    const fewest = Math.ceil(CUSTOMERS / batch) + 2 * Math.ceil(INVOICES / batch);
    const least = fewest / callsAMinute;
    const what = `${ledger}: first sync of ${CUSTOMERS} customers, ${INVOICES} invoices, ${INVOICES} payments`;
    const faults = [...faultsOf(await rehearsal.standing()), ...(await rehearsal.problems())];
    const plain = await plainScript(ledger, START, { customers: CUSTOMERS / SHARE, invoices: INVOICES / SHARE }, tell);
    return [
      atMost({ what: `${what}, calls (fewest ${fewest})`, value: calls, unit: 'calls' }, Math.floor(fewest * SLACK)),
      atMost(
        { what: `${what}, time of its clock (least ${least.toFixed(1)})`, value: minutes, unit: 'min', decimals: 1 },
        Number((least * SLACK).toFixed(1)),
      ),
      without(`${what}, both sides`, faults, 'equal to the cent'),
      beside(`${ledger}: a tenth of it by a plain script, one call a record`, plain, {
        calls: calls / SHARE,
        minutes: minutes / SHARE,
      }),
    ];
  } finally {
    await rehearsal.close();
  }
};

const beside = (what: string, plain: Effort, ours: Effort): Figure => ({
  what,
  measured: `${plain.calls} calls, ${plain.minutes.toFixed(1)} min`,
  limit: `a tenth of ours: ${ours.calls.toFixed(0)}, ${ours.minutes.toFixed(1)} min`,
  holds: ours.calls < plain.calls && ours.minutes < plain.minutes,
});
