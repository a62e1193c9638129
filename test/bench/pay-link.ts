// From a card on Stripe's page to the payment on the ledger's invoice: Stripe's webhook, the charge booked here, the payment written there. The house
// works by itself; time is the machine's, and 150 ms for each call to the ledger.
import { atMost, type Bench, type Figure, percentile, without } from './figure';
import { filledWith } from './filled-books';
import { faultsOf, type Ledger, openRehearsal, type Rehearsal } from './rehearsal';

const PAYMENTS = 20;
const APART_MS = 30_000;
const LIMIT_S = 30;
const GIVEN_UP_MS = 120_000;

export const payLink: Bench = {
  name: 'pay-link',
  run: async (tell) => {
    const figures: Figure[] = [];
    for (const ledger of ['Xero', 'QuickBooks'] as const) figures.push(...(await paid(ledger, tell)));
    return figures;
  },
};

const paid = async (ledger: Ledger, tell: (text: string) => void): Promise<readonly Figure[]> => {
  const rehearsal = await openRehearsal({
    ledger,
    start: new Date('2026-03-03T14:00:00.000Z'),
    isLive: true,
    takesCards: true,
    ...filledWith({ customers: 5, invoices: PAYMENTS, isPaid: () => false }),
  });
  try {
    await rehearsal.connect();
    await rehearsal.importAndReview();
    await rehearsal.approve();
    await rehearsal.runToRest('activated');
    await rehearsal.startJobs();
    const { house, tenantId, clock, hands } = rehearsal;
    const took: number[] = [];
    for (const { id, number } of (await house.billing.invoices.list(tenantId, { limit: PAYMENTS })).items) {
      tell(`${ledger}: ${took.length} of ${PAYMENTS} invoices paid by link`);
      clock.advance(APART_MS);
      const isThere = (): boolean => hands.invoices().some((one) => one.number === number && one.openMinor === 0);
      took.push(await timed(rehearsal, id, isThere));
    }
    const seconds = percentile(took, 1) / 1_000;
    const faults = [...faultsOf(await rehearsal.standing()), ...(await rehearsal.problems())];
    const what = `${ledger}: ${took.length} payments by link`;
    return [
      atMost({ what: `${what}, on the ledger's invoice, slowest`, value: seconds, unit: 's', decimals: 1 }, LIMIT_S),
      without(`${what}, both sides`, faults, 'equal to the cent'),
    ];
  } finally {
    await rehearsal.close();
  }
};

/** From the moment the card is taken; the payer does not come back from Stripe's page. */
const timed = async (
  { house: { pay }, stripe, tenantId, clock }: Rehearsal,
  invoiceId: string,
  isThere: () => boolean,
): Promise<number> => {
  const link = await pay.linkOf(tenantId, invoiceId);
  await pay.begin(link.slice(link.lastIndexOf('/') + 1));
  const session = stripe?.account().sessions.newestFirst()[0]?.id ?? '';
  const startedMs = clock.now().getTime();
  stripe?.pay(session);
  void stripe?.flushWebhooks();
  for (;;) {
    const elapsedMs = clock.now().getTime() - startedMs;
    if (isThere() || elapsedMs >= GIVEN_UP_MS) return elapsedMs;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
