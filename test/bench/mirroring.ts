// How long a change takes to the other side where everything works: from the ledger's webhook to billing, and from a command here to the ledger's
// books. The house works by itself on its own queue; time is the machine's, and 150 ms for each call to the ledger. The changes come a few seconds
// apart on its clock, so the ledger's real limits hold, and no change waits for the one before.
import type { InvoiceInput } from '../../src/billing/inputs';
import { atMost, type Bench, type Figure, percentile, under, without } from './figure';
import { filledWith } from './filled-books';
import { faultsOf, type Ledger, openRehearsal, type Rehearsal } from './rehearsal';

const CHANGES = 100;
const CUSTOMERS = 30;
const INVOICES = 150;
const APART_MS = 7_000;
const GIVEN_UP_MS = 60_000;
const LIMIT_MS = 2_000;
const DATES = { date: '2026-03-04', dueDate: '2026-04-03' };

/** One change: makes it, and says when the other side shows it. */
type Change = { readonly make: () => unknown; readonly isThere: () => Promise<boolean> | boolean };

export const mirroring: Bench = {
  name: 'mirroring',
  run: async (tell) => {
    const figures: Figure[] = [];
    for (const ledger of ['Xero', 'QuickBooks'] as const) figures.push(...(await mirrored(ledger, tell)));
    return figures;
  },
};

const mirrored = async (ledger: Ledger, tell: (text: string) => void): Promise<readonly Figure[]> => {
  const rehearsal = await openRehearsal({
    ledger,
    start: new Date('2026-03-03T14:00:00.000Z'),
    isLive: true,
    ...filledWith({ customers: CUSTOMERS, invoices: INVOICES, isPaid: () => false }),
  });
  try {
    await rehearsal.connect();
    await rehearsal.importAndReview();
    await rehearsal.approve();
    await rehearsal.runToRest('activated');
    await rehearsal.startJobs();
    const measure = async (direction: string, changeAt: (index: number) => Promise<Change>): Promise<number[]> => {
      const took: number[] = [];
      for (let index = 0; index < CHANGES; index++) {
        if (index % 10 === 0) tell(`${ledger}, ${direction}: ${index} of ${CHANGES} changes`);
        rehearsal.clock.advance(APART_MS);
        took.push(await timed(rehearsal, await changeAt(index)));
        while ((await rehearsal.house.backing.queue.counts()).running > 0) await moment();
      }
      return took;
    };
    const inward = await measure('from the ledger', (index) => changeThere(rehearsal, index));
    const outward = await measure('to the ledger', (index) => changeHere(rehearsal, ledger, index));
    const faults = [...faultsOf(await rehearsal.standing()), ...(await rehearsal.problems())];
    const what = `${ledger}: ${CHANGES} changes`;
    return [
      ...figuresOf(`${what}, from the webhook to billing`, inward),
      ...figuresOf(`${what}, from a command here to the ledger`, outward),
      without(`${what} each way, both sides`, faults, 'equal to the cent'),
    ];
  } finally {
    await rehearsal.close();
  }
};

const figuresOf = (what: string, took: readonly number[]): readonly Figure[] => [
  under({ what: `${what}, p95`, value: percentile(took, 0.95), unit: 'ms' }, LIMIT_MS),
  atMost({ what: `${what}, missing`, value: took.filter((ms) => ms >= GIVEN_UP_MS).length, unit: 'changes' }, 0),
];

/** By the house's clock, which counts the machine's time and what calls take. */
const timed = async ({ clock, flushWebhooks }: Rehearsal, { make, isThere }: Change): Promise<number> => {
  const startedMs = clock.now().getTime();
  await make();
  void flushWebhooks();
  for (;;) {
    const elapsedMs = clock.now().getTime() - startedMs;
    if (elapsedMs >= GIVEN_UP_MS || (await isThere())) return elapsedMs;
    await moment();
  }
};

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3));

/** A payment, a new invoice, a telephone number, a due date, a credit note: in turn. */
const changeThere = async ({ hands, house: { billing }, tenantId }: Rehearsal, index: number): Promise<Change> => {
  const customers = hands.customers();
  const customer = customers[index % customers.length];
  const openInvoice = hands.invoices().find(({ openMinor }) => openMinor > 0);
  if (customer === undefined || openInvoice === undefined) throw new Error('the books are empty');
  const { number } = openInvoice;
  const here = () => billing.invoices.byNumber(tenantId, number);
  switch (index % 5) {
    case 0:
      return {
        make: () => hands.pay(openInvoice, (openInvoice.openMinor / 100).toFixed(2), DATES.date),
        isThere: async () => (await here())?.openMinor === 0,
      };
    case 1: {
      const fresh = `N-${index}`;
      return {
        make: () => hands.enterInvoice(customer.id, fresh, '120.00', DATES),
        isThere: async () => (await billing.invoices.byNumber(tenantId, fresh)) !== undefined,
      };
    }
    case 2: {
      const phone = `020 7946 ${1_000 + index}`;
      return {
        make: () => hands.changePhone(customer.id, phone),
        isThere: async () =>
          (await billing.customers.list(tenantId, { limit: 200 })).items.some((one) => one.phone === phone),
      };
    }
    case 3: {
      const dueDate = `2026-05-${String(1 + (index % 28)).padStart(2, '0')}`;
      return {
        make: () => hands.changeDueDate(openInvoice.id, dueDate),
        isThere: async () => (await here())?.dueDate === dueDate,
      };
    }
    default: {
      const fresh = `C-${index}`;
      return {
        make: () => hands.enterCreditNote(customer.id, fresh, '10.00', DATES.date),
        isThere: async () => (await billing.creditNotes.byNumber(tenantId, fresh)) !== undefined,
      };
    }
  }
};

/** An invoice, a payment, an address, in turn, each told to the queue as the pages do. */
const changeHere = async (rehearsal: Rehearsal, ledger: Ledger, index: number): Promise<Change> => {
  const { house, hands, tenantId, as } = rehearsal;
  const { billing, wishes } = house;
  const { items: customers } = await billing.customers.list(tenantId, { limit: 50 });
  const customer = customers[index % customers.length];
  if (customer === undefined) throw new Error('billing is empty');
  const told = async (work: Promise<unknown>): Promise<void> => {
    await work;
    await wishes.localChanged(tenantId);
  };
  if (index % 3 === 0) {
    let number: string | null | undefined;
    return {
      make: () =>
        told(
          billing.invoices.createIssued(as, invoiceFor(customer.id, ledger)).then((issued) => {
            number = issued.number;
          }),
        ),
      isThere: () => hands.invoices().some((one) => one.number === number),
    };
  }
  if (index % 3 === 1) {
    const { items } = await billing.invoices.list(tenantId, { limit: 200 });
    const invoice = items.find(({ openMinor }) => openMinor > 0);
    if (invoice === undefined) throw new Error('no open invoice here');
    const { id: invoiceId, customerId, openMinor: amountMinor, currency, number } = invoice;
    const payment = { customerId, amountMinor, currency, date: DATES.date, method: 'bankTransfer' } as const;
    return {
      make: () => told(billing.payments.record(as, { ...payment, allocations: [{ invoiceId, amountMinor }] })),
      isThere: () => hands.invoices().some((one) => one.number === number && one.openMinor === 0),
    };
  }
  const email = `post.${index}@changed.example`;
  return {
    make: () => told(billing.customers.update(as, customer.id, { email })),
    isThere: () => hands.customers().some((one) => one.email === email),
  };
};

const invoiceFor = (customerId: string, ledger: Ledger): InvoiceInput => ({
  customerId,
  issueDate: DATES.date,
  dueDate: DATES.dueDate,
  taxMode: 'taxExclusive',
  lines: [
    { description: 'Work', quantity: '2', unitPrice: '19.99', taxRate: ledger === 'Xero' ? 'standard' : 'salestax' },
  ],
});
