// What a quiet day costs of the calls that Xero allows: a thousand open invoices that stand linked, fifty changes spread over the working
// day on both sides, the scheduled look every quarter of an hour, the nightly compare. Once with a paid tier's 5,000 calls, once with the
// free tier's 1,000. Reminders are left out: what they re-read depends on the policy.
import type { Bookkeeper } from '../../sandbox/xero/books/bookkeeper';
import { type Bench, type Figure, under, without } from './figure';
import { faultsOf, openRehearsal, type Rehearsal } from './rehearsal';

const INVOICES = 1_000;
const CUSTOMERS = 100;
const CHANGES = 50;
const DAY_STARTS = Date.parse('2026-03-10T00:00:00.000Z');
const MINUTE_MS = 60_000;
/** The house asks every five minutes which kinds are due, and every minute whether anything that waited is. */
const ROUND_EVERY = 5;
const COMPARE_AT = 2 * 60 + 17;
const WORK = { from: 9 * 60, until: 17 * 60 } as const;
const TIERS = [
  { tier: 'core', name: 'a paid tier', most: 250 }, // 5 % of 5,000
  { tier: 'starter', name: 'the free tier', most: 100 }, // 10 % of 1,000
] as const;

export const quietDay: Bench = {
  name: 'quiet-day',
  run: async (tell) => {
    const figures: Figure[] = [];
    for (const { tier, name, most } of TIERS) {
      const rehearsal = await openRehearsal({
        ledger: 'Xero',
        tier,
        start: new Date('2026-03-04T14:00:00.000Z'),
        xeroEntries: enterBooks,
        tell: (text) => tell(`${name}: ${text}`),
      });
      try {
        await bringToRest(rehearsal);
        const before = rehearsal.calls();
        await liveTheDay(rehearsal, (hour) => tell(`${name}: ${hour}:00, ${rehearsal.calls() - before} calls`));
        const calls = rehearsal.calls() - before;
        const faults = [...faultsOf(await rehearsal.standing()), ...(await rehearsal.problems())];
        figures.push(
          under({ what: `Xero: a quiet day on ${name}, calls`, value: calls, unit: 'calls' }, most),
          without(`Xero: a quiet day on ${name}, both sides`, faults, 'equal to the cent'),
        );
      } finally {
        await rehearsal.close();
      }
    }
    return figures;
  },
};

/** The days before are over: the echo of the first writes, a webhook heard, a budget that is whole again. */
const bringToRest = async (rehearsal: Rehearsal): Promise<void> => {
  await rehearsal.connect();
  await rehearsal.importAndReview();
  await rehearsal.approve();
  await rehearsal.runToRest('activated');
  rehearsal.clock.set(new Date(DAY_STARTS - 36 * 60 * MINUTE_MS));
  await rehearsal.runToRest('poll');
  const { xero } = rehearsal;
  const [someone] = xero?.books().contacts() ?? [];
  xero?.books().changePhone(someone?.contactId ?? '', '020 7000 0000');
  if (xero) payInLedger(xero.books());
  await xero?.flushWebhooks();
  await rehearsal.runToRest('webhook');
  rehearsal.clock.set(new Date(DAY_STARTS - 24 * 60 * MINUTE_MS));
  await rehearsal.runToRest('poll');
  rehearsal.clock.set(new Date(DAY_STARTS));
};

const liveTheDay = async (rehearsal: Rehearsal, tell: (hour: number) => void): Promise<void> => {
  const { clock, house } = rehearsal;
  const step = (WORK.until - WORK.from) / CHANGES;
  const changeAt = new Map(Array.from({ length: CHANGES }, (_, i) => [Math.round(WORK.from + i * step), i]));
  for (let minute = 0; minute < 24 * 60; minute++) {
    const at = new Date(DAY_STARTS + minute * MINUTE_MS);
    if (clock.now() < at) clock.set(at);
    if (minute % 60 === 0) tell(minute / 60);
    if (minute === COMPARE_AT) {
      await house.sync.fullCompare(connectionOf(rehearsal));
      await runNow(rehearsal, 'rest');
    }
    if (minute % ROUND_EVERY === 0) await runNow(rehearsal, 'poll');
    await runNow(rehearsal, 'sweep');
    const change = changeAt.get(minute);
    if (change !== undefined) await makeChange(rehearsal, change);
  }
};

/** What is put off for longer than a minute waits for its own time. */
const runNow = (rehearsal: Rehearsal, reason: string): Promise<unknown> =>
  rehearsal.runToRest(reason, reason === 'poll' ? 'due' : 'all', MINUTE_MS);

const connectionOf = ({ owner }: Rehearsal): string => new URL(owner.connectionUrl()).pathname.split('/').at(-1) ?? '';

/** Three of five are the bookkeeper's, two are made here. */
const makeChange = async (rehearsal: Rehearsal, index: number): Promise<void> => {
  const books = rehearsal.xero?.books();
  if (books === undefined) throw new Error('a quiet day needs Xero');
  const kind = index % 5;
  if (kind < 3) {
    if (kind === 0) payInLedger(books);
    else if (kind === 1) books.enterInvoice(invoiceOf(books, 90_000 + index));
    else books.changePhone(books.contacts()[index]?.contactId ?? '', `020 7946 0${100 + index}`);
    await rehearsal.xero?.flushWebhooks();
    await runNow(rehearsal, 'webhook');
    return;
  }
  if (kind === 3) await issueHere(rehearsal, index);
  else await payHere(rehearsal, index);
  await rehearsal.house.sync.noteLocal(rehearsal.tenantId);
  await runNow(rehearsal, 'local');
  // What we wrote is announced to us, too.
  await rehearsal.xero?.flushWebhooks();
  await runNow(rehearsal, 'webhook');
};

const payInLedger = (books: Bookkeeper): void => {
  const open = books.invoices().find((invoice) => invoice.status === 'AUTHORISED');
  if (open === undefined) throw new Error('no open invoice');
  books.recordPayment({
    documentId: open.id,
    amount: amountOf(books.openHundredths(open)),
    account: '090',
    date: '2026-03-10',
  });
};

const issueHere = async ({ house, tenantId, as }: Rehearsal, index: number): Promise<void> => {
  const { items } = await house.billing.customers.list(tenantId, { limit: 50 });
  await house.billing.invoices.createIssued(as, {
    customerId: items[index % items.length]?.id ?? '',
    issueDate: '2026-03-10',
    dueDate: '2026-04-09',
    taxMode: 'taxExclusive',
    lines: [{ description: 'Work', quantity: '2', unitPrice: '19.99', taxRate: 'standard' }],
  });
};

const payHere = async ({ house, tenantId, as }: Rehearsal, index: number): Promise<void> => {
  const { items } = await house.billing.invoices.list(tenantId, { limit: 200 });
  const invoice = items.filter(({ openMinor }) => openMinor > 0)[index];
  if (invoice === undefined) throw new Error('no open invoice');
  await house.billing.payments.record(as, {
    customerId: invoice.customerId,
    amountMinor: invoice.openMinor,
    currency: invoice.currency,
    date: '2026-03-10',
    method: 'bankTransfer',
    allocations: [{ invoiceId: invoice.id, amountMinor: invoice.openMinor }],
  });
};

const enterBooks = (books: Bookkeeper): void => {
  for (let i = 0; i < CUSTOMERS; i++) {
    books.enterCustomer({ name: `Customer ${String(i + 1).padStart(4, '0')}`, email: `post.${i}@rehearsal.example` });
  }
  for (let i = 0; i < INVOICES; i++) books.enterInvoice(invoiceOf(books, i + 1));
};

const invoiceOf = (books: Bookkeeper, number: number): Parameters<Bookkeeper['enterInvoice']>[0] => ({
  contactId: books.contacts()[number % CUSTOMERS]?.contactId ?? '',
  number: `X-${number}`,
  date: '2026-02-01',
  dueDate: '2026-03-31',
  lines: [{ description: 'Work', quantity: '1', unitAmount: '120', accountCode: '200', taxType: 'OUTPUT2' }],
});

const amountOf = (hundredths: number): string =>
  hundredths
    .toString()
    .padStart(3, '0')
    .replace(/(\d\d)$/, '.$1');
