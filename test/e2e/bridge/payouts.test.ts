// Money by link, from the payer's card to the owner's bank account, over the wire of Stripe and of both ledgers: after the payout the clearing
// account in the ledger's own books is even to the cent, whatever was lost on the way, and nothing of it comes back as something new.
import './short-patience';
import { afterEach, describe, expect, it } from '@jest/globals';
import { accountBalance } from '../../../sandbox/quickbooks/books/bank';
import { type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/start';
import { bankBalance } from '../../../sandbox/xero/books/bank';
import type { Invoice } from '../../../src/billing/documents';
import { expectLevel, LEDGERS, type LedgerName, openWorld, type World } from './world';

const PLACES: Readonly<Record<LedgerName, Record<'clearing' | 'bank' | 'fees' | 'refunds' | 'disputes', string>>> = {
  xero: {
    clearing: 'Stripe clearing GBP',
    bank: 'Business Bank Account',
    fees: 'Bank Fees',
    refunds: 'Other Revenue',
    disputes: 'General Expenses',
  },
  quickbooks: {
    clearing: 'Card Clearing',
    bank: 'Checking',
    fees: 'Card processing fees',
    refunds: 'Discounts given',
    disputes: 'Bank charges',
  },
};

type Till = {
  readonly world: World;
  readonly stripe: StripeSandbox;
  /** In the ledger's own books, in minor units. */
  balance(place: 'clearing' | 'bank'): number;
  postings(): number;
  payByLink(invoice: Invoice): Promise<string>;
  paidOut(): string;
  round(): Promise<void>;
};

const open: Till[] = [];
afterEach(async () => {
  for (const { world, stripe } of open.splice(0)) {
    await world.close();
    await stripe.close();
  }
});

const openTill = async (ledger: LedgerName): Promise<Till> => {
  let stripe: StripeSandbox | undefined;
  const world = await openWorld(ledger, {
    isEmpty: true,
    environment: async (clock) => {
      stripe = await startStripeSandbox({
        now: clock.now,
        platform: { currency: ledger === 'xero' ? 'gbp' : 'usd' },
        requestsPerSecond: 10_000,
      });
      return {
        STRIPE_SECRET_KEY: stripe.secretKey,
        STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
        STRIPE_API_URL: stripe.url,
      };
    },
  });
  if (stripe === undefined) throw new Error('no rehearsal Stripe');
  const sandbox = stripe;
  const { sync } = world.house;
  const { chart } = await sync.mapping.suggest(world.ref, { taxRates: [], currencies: [world.currency] });
  const idOf = (name: string): string => chart.accounts.find((one) => one.name === name)?.id ?? '';
  const { clearing, ...places } = PLACES[ledger];
  const { current } = await sync.mapping.get(world.ref);
  if (current === undefined) throw new Error('no mapping');
  await sync.mapping.save(world.ref, {
    choices: {
      ...current,
      paymentAccounts: { ...current.paymentAccounts, [`stripe:${world.currency}`]: idOf(clearing) },
      payouts: {
        [world.currency]: Object.fromEntries(Object.entries(places).map(([place, name]) => [place, idOf(name)])),
      },
    },
    actor: { id: 'usr_owner', name: 'Olive Owner' },
  });
  await world.settle();
  const till: Till = {
    world,
    stripe: sandbox,
    balance: (place) => {
      const id = idOf(PLACES[ledger][place]);
      return ledger === 'xero'
        ? bankBalance(world.xero.books().state, id)
        : Math.round(accountBalance(world.quickbooks.books().ledger, id) * 100);
    },
    postings: () => {
      if (ledger === 'xero') {
        const { bankTransactions, bankTransfers } = world.xero.books().state;
        const plain = bankTransactions.all().filter(({ type }) => !type.endsWith('TRANSFER'));
        return plain.length + bankTransfers.all().length;
      }
      const { Purchase, Deposit, Transfer } = world.quickbooks.books().ledger.tables;
      return Purchase.size + Deposit.size + Transfer.size;
    },
    payByLink: async (invoice) => {
      const link = await world.house.pay.linkOf(world.tenantId, invoice.id);
      const token = link.slice(link.lastIndexOf('/') + 1);
      await world.house.pay.begin(token);
      const session = sandbox.account().sessions.newestFirst()[0]?.id ?? '';
      sandbox.pay(session);
      world.clock.advance(60_000); // fees are settled a little later
      sandbox.tick();
      await world.house.pay.returned(token);
      await world.house.sync.noteLocal(world.tenantId);
      return sandbox.account().charges.newestFirst()[0]?.id ?? '';
    },
    paidOut: () => {
      world.clock.advance(60_000);
      const payout = sandbox.createPayout({ currency: world.currency.toLowerCase(), includePending: true });
      sandbox.arrivePayout(payout?.id ?? '');
      return payout?.id ?? '';
    },
    round: async () => {
      await world.house.payouts.pull();
      await world.house.payouts.post(world.tenantId);
    },
  };
  open.push(till);
  return till;
};

describe.each(LEDGERS)('a payout into %s', (_name, ledger) => {
  it('leaves the clearing account even: payments, fees, a refund, a dispute that is won', async () => {
    const till = await openTill(ledger);
    const { world, stripe } = till;
    const customer = await world.customer('Ada Works');
    const charges: string[] = [];
    for (const price of ['100', '19.99', '250.50'])
      charges.push(await till.payByLink(await world.invoice(customer, price)));
    await world.settle();
    const received = till.balance('clearing');
    expect(received).toBeGreaterThan(37_000);
    stripe.refund(charges[0] ?? '', 2_500);
    const dispute = stripe.dispute(charges[1] ?? '');
    const first = till.paidOut();
    await till.round();

    expect(await world.house.payouts.get(world.tenantId, first)).toMatchObject({
      state: 'posted',
      problems: [],
      sums: { grossMinor: received },
      clearingMinor: 0,
    });
    expect(till.balance('clearing')).toBe(0);
    expect(till.balance('bank')).toBe((await world.house.payouts.get(world.tenantId, first)).amountMinor);
    expect(till.postings()).toBe(4);

    stripe.closeDispute(dispute.id, 'won');
    const last = await till.payByLink(await world.invoice(customer, '42'));
    await world.settle();
    till.paidOut();
    await till.round();
    expect([last.length > 0, till.balance('clearing')]).toEqual([true, 0]);
    expect(till.postings()).toBe(7);

    // The sync sees nothing of it: no new customer, no payment, no write.
    await world.night();
    await expectLevel(world);
    expect(till.postings()).toBe(7);
  });

  it.each(
    ledger === 'xero'
      ? (['lost-response', 'error-500-after', 'drop-request'] as const)
      : (['lost-response', 'html-500-after', 'drop-request'] as const),
  )('%s on every posting in turn: each stands once', async (fault) => {
    const till = await openTill(ledger);
    const { world, stripe } = till;
    const charge = await till.payByLink(await world.invoice(await world.customer('Bea Mills'), '80'));
    stripe.refund(charge, 1_000);
    await world.settle();
    const id = till.paidOut();
    const matches = ledger === 'xero' ? ['/BankTransactions', '/BankTransfers'] : ['/purchase', '/transfer'];
    for (const match of matches) {
      world.faults.set({
        name: fault,
        times: 2,
        match: `${ledger === 'xero' ? 'PUT' : 'POST'} ${pathTo(world, match)}`,
      });
    }
    for (let round = 0; round < 8; round++) {
      await till.round();
      world.clock.advance(6 * 60_000);
    }
    expect(await world.house.payouts.get(world.tenantId, id)).toMatchObject({ state: 'posted', clearingMinor: 0 });
    expect(till.postings()).toBe(3);
    expect(till.balance('clearing')).toBe(0);
  });

  it('that the bank sends back is taken back, and the money goes out with the next', async () => {
    const till = await openTill(ledger);
    const { world, stripe } = till;
    const customer = await world.customer('Cal Ltd');
    await till.payByLink(await world.invoice(customer, '60'));
    await world.settle();
    const id = till.paidOut();
    await till.round();
    const there = till.balance('bank');
    stripe.failPayout(id);
    await till.round();
    expect(await world.house.payouts.get(world.tenantId, id)).toMatchObject({ state: 'returned', clearingMinor: 0 });
    expect([till.balance('bank'), till.balance('clearing')]).toEqual([0, there]);
    await till.payByLink(await world.invoice(customer, '30'));
    await world.settle();
    till.paidOut();
    await till.round();
    expect(till.balance('clearing')).toBe(0);
  });
});

const pathTo = ({ ledger, ref, quickbooks }: World, resource: string): string =>
  ledger === 'xero'
    ? `/api.xro/2.0${resource}`
    : `/v3/company/${quickbooks.companies()[0]?.realmId ?? ref.connectionId}${resource}`;
