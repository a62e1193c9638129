// Random days at the till: presses, cards, debits, bank payments, voids and edits, lost, doubled and late webhooks, a Stripe that is busy,
// tabs that race. Whatever happened: every charge is one payment, every payment is one charge, and no two pages were payable at once.
// Seed and path are printed where it fails; put them into the `replay` below.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Invoice } from '../../../src/billing/documents';
import { BridgeError } from '../../../src/core/errors';
import { allocationTo } from '../../support/billing';
import { openPayWorld, type PayWorld, sessionOf, tokenOf } from './pay-world';

const replay = {}; // { seed: 1, path: '0:1' }
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const STEPS = [
  'press',
  'pressTwice',
  'card',
  'card',
  'declined',
  'bankAsks',
  'bankAgrees',
  'debit',
  'debitComesBack',
  'comeBack',
  'bankTransfer',
  'raise',
  'lower',
  'void',
  'newLink',
  'hear',
  'hearBackwards',
  'hearTwice',
  'deaf',
  'sweep',
  'busy',
  'answerLost',
  'minute',
  'halfDay',
  'week',
] as const;
type Step = (typeof STEPS)[number];

type Till = { readonly world: PayWorld; readonly invoice: Invoice; token: string; readonly given: Set<string> };

const openTill = async (): Promise<Till> => {
  const world = await openPayWorld({}, {}, 0);
  const { invoice, token } = await world.link();
  return { world, invoice, token, given: new Set() };
};

/** Refusals in words are answers; anything else is a bug. */
const orRefused = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
  }
};

const press = async (till: Till): Promise<void> => {
  await orRefused(till.world.pay.begin(till.token).then((address) => till.given.add(address)));
};

/** On every page that is still open, as payers with old tabs do. */
const payWith = ({ world, given }: Till, how: Parameters<PayWorld['payAt']>[1]): void => {
  for (const address of given) {
    if (world.sandbox.account().sessions.get(sessionOf(address))?.status === 'open') world.payAt(address, how);
  }
};

const play: Record<Step, (till: Till) => Promise<void> | void> = {
  press,
  pressTwice: async (till) => {
    await Promise.all([press(till), press(till)]);
  },
  card: (till) => payWith(till, {}),
  declined: (till) => payWith(till, { card: '4000000000000002' }),
  bankAsks: (till) => payWith(till, { card: '4000002500003155' }),
  bankAgrees: ({ world, given }) => {
    for (const address of given) {
      const session = world.sandbox.account().sessions.get(sessionOf(address));
      const intent = world.sandbox.account().intents.get(session?.payment_intent ?? '');
      if (session?.status === 'open' && intent?.status === 'requires_action')
        world.sandbox.answerForBank(session.id, true);
    }
  },
  debit: (till) => payWith(till, { bankAccount: '000123456789' }),
  debitComesBack: (till) => payWith(till, { bankAccount: '000222222227' }),
  comeBack: async ({ world, token }) => {
    await world.pay.returned(token);
  },
  bankTransfer: async ({ world, invoice }) => {
    const now = await world.invoiceNow(invoice);
    const amount = Math.min(now.openMinor, 4_000);
    if (amount > 0) await world.payment(await world.customerOf(), amount, { allocations: [allocationTo(now, amount)] });
  },
  raise: ({ world, invoice }) => orRefused(edit(world, invoice, '150')),
  lower: ({ world, invoice }) => orRefused(edit(world, invoice, '60')),
  void: ({ world, invoice }) => orRefused(world.billing.invoices.void(world.as(), invoice.id)),
  newLink: async (till) => {
    await till.world.pay.revoke(till.world.tenantId, till.invoice.id);
    till.token = tokenOf(await till.world.pay.linkOf(till.world.tenantId, till.invoice.id));
  },
  hear: ({ world }) => hear(world),
  hearBackwards: async ({ world }) => {
    world.sandbox.faults.set({ name: 'webhookReordered', times: 1 });
    await hear(world);
  },
  hearTwice: async ({ world }) => {
    world.sandbox.faults.set({ name: 'webhookDuplicated', times: 3 });
    await hear(world);
  },
  deaf: async ({ world }) => {
    world.sandbox.faults.set({ name: 'webhookLost' });
    await world.sandbox.flushWebhooks();
    world.jobs.length = 0;
    world.sandbox.faults.clear('webhookLost');
  },
  sweep: ({ world }) => world.pay.sweep(world.tenantId),
  busy: ({ world }) => world.sandbox.faults.set({ name: 'rateLimited', times: 2 }),
  answerLost: ({ world }) => world.sandbox.faults.set({ name: 'truncatedAnswer', match: 'POST', times: 1 }),
  minute: ({ world }) => pass(world, MINUTE_MS),
  halfDay: ({ world }) => pass(world, DAY_MS / 2),
  week: ({ world }) => pass(world, 7 * DAY_MS),
};

const pass = ({ clock, sandbox }: PayWorld, ms: number): void => {
  clock.advance(ms);
  sandbox.tick();
};

/** A job that fails because Stripe is busy is given up here: the sweep has to find its event. */
const hear = async (world: PayWorld): Promise<void> => {
  await world.sandbox.flushWebhooks();
  for (const id of world.jobs.splice(0)) {
    try {
      await world.pay.workOffEvent(id);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('the gateway could not be read'))) throw error;
    }
  }
};

const edit = (world: PayWorld, { id }: Invoice, unitPrice: string) =>
  world.billing.invoices.update(world.as(), id, {
    lines: [{ description: 'Work', quantity: '1', unitPrice, taxRate: 'none' }],
  });

/** At any moment at most one of the pages that somebody was led to can be paid. */
const checkOnePage = ({ world, given }: Till): void => {
  const open = [...given].filter(
    (address) => world.sandbox.account().sessions.get(sessionOf(address))?.status === 'open',
  );
  expect(open.length).toBeLessThanOrEqual(1);
};

const checkMoney = async ({ world, invoice }: Till): Promise<void> => {
  const charges = world.sandbox
    .account()
    .charges.newestFirst()
    .filter(({ status }) => status === 'succeeded');
  const booked = (await world.payments()).filter(({ source }) => source === 'gateway');
  const rows = (list: readonly (readonly [string | null, number])[]) =>
    list.map(([id, minor]) => `${id} ${minor}`).sort();
  expect(rows(booked.map(({ chargeId, amountMinor }) => [chargeId, amountMinor]))).toEqual(
    rows(charges.map(({ id, amount }) => [id, amount])),
  );
  expect(new Set(world.told)).toEqual(new Set(booked.map(({ id }) => id)));
  for (const { chargeId, feeMinor } of booked) {
    const charge = world.sandbox.account().charges.get(chargeId ?? '');
    expect(feeMinor).toBe(world.sandbox.account().balance.get(charge?.balance_transaction ?? '')?.fee);
  }
  const now = await world.invoiceNow(invoice);
  const live = (await world.checkouts()).filter(({ isLive }) => isLive);
  if (!now.isOpen) expect(live).toEqual([]);
  expect(live.length).toBeLessThanOrEqual(1);
  const at = world.clock.now().toISOString();
  const overdue = (await world.events()).filter(({ state, notBefore }) => state === 'waiting' && notBefore <= at);
  expect(overdue).toEqual([]);
};

describe('random days at the till', () => {
  test('lose no money and book none twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { minLength: 4, maxLength: 22 }), async (steps) => {
        const till = await openTill();
        try {
          for (const step of ['press', ...steps] as const) {
            await play[step](till);
            checkOnePage(till);
          }
          // Debits arrive or come back, fees are told; then the house hears nothing of it and has to find it by itself.
          const { world } = till;
          world.sandbox.faults.clear();
          world.clock.advance(8 * DAY_MS);
          world.sandbox.tick();
          world.clock.advance(DAY_MS);
          await play.deaf(till);
          pass(world, 10 * MINUTE_MS);
          await world.pay.sweep(world.tenantId);
          await world.pay.sweep(world.tenantId);
          await checkMoney(till);
        } finally {
          await till.world.close();
        }
      }),
      { numRuns: 25, ...replay },
    );
  }, 60_000);
});
