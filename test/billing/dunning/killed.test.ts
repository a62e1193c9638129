// A worker killed at every await of a round: whatever it had done, the next worker sends no second copy, and loses no reminder silently.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MailPort } from '../../../src/billing/mail/mail-port';
import { createMailOutbox } from '../../../src/billing/mail/outbox';
import { addDays } from '../../../src/core/calendar-date';
import { allocationTo } from '../../support/billing';
import { createKillSwitch, Killed } from '../../support/kill-switch';
import { type DunningWorld, openDunningWorld, quiet } from './world';

let world: DunningWorld;
/** A mail server that takes everything at once: there are a hundred rounds to play. */
const arrivedAt: string[] = [];
const mail: MailPort = {
  domain: 'bridge.example',
  send: async ({ to }) => {
    arrivedAt.push(to.address);
    return { result: 'sent' };
  },
  close: async () => undefined,
};
beforeAll(async () => {
  world = await openDunningWorld({ country: 'SE' }); // no holidays in our table
});
afterAll(() => world.close());

/** One late invoice, on its own Thursday. */
const oneLate = async (week: number) => {
  const today = addDays('2026-03-12', 7 * week);
  world.at(`${today}T10:00:00Z`);
  const address = `reader${week}@x.example`;
  const customer = await world.reader({ email: address });
  const invoice = await world.invoice(customer, '100', { issueDate: addDays(today, -30), dueDate: addDays(today, -7) });
  return { address, customer, invoice };
};

const killedWorker = () => {
  const kill = createKillSwitch();
  const store = kill.store(world.store);
  const { clock, ids } = world;
  const outbox = createMailOutbox({ store, mail, clock, ids, logger: quiet });
  return { kill, ...world.worker({ store, outbox }), outbox };
};

describe('a worker killed', () => {
  it('at any await sends at most once, and what may be lost is shown', async () => {
    const { kill, dunning } = killedWorker();
    const { store, clock, ids } = world;
    const next = world.worker({ outbox: createMailOutbox({ store, mail, clock, ids, logger: quiet }) }).dunning;
    const seen = { sent: 0, unknown: 0 };
    for (let k = 1; ; k++) {
      const { address, customer, invoice } = await oneLate(k);
      kill.arm(k);
      const round = await dunning.runDue(world.tenantId).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      const wasKilled = kill.wasKilled();
      kill.disarm();
      world.clock.advance(20 * 60_000);
      await next.runDue(world.tenantId);

      const arrived = arrivedAt.filter((to) => to === address).length;
      const states = (await world.outbox.list(world.tenantId, { customerId: customer.id })).items.map(
        ({ state }) => state,
      );
      expect({ k, arrived, states }).toEqual({
        k,
        arrived: expect.any(Number),
        states: [expect.stringMatching(/^(sent|unknown)$/)],
      });
      expect(arrived).toBeLessThanOrEqual(1);
      if (states[0] === 'sent') expect(arrived).toBe(1);
      seen[states[0] === 'sent' ? 'sent' : 'unknown'] += 1;

      await world.billing.payments.record(world.as(), {
        customerId: customer.id,
        amountMinor: invoice.openMinor,
        currency: 'GBP',
        date: invoice.dueDate,
        method: 'bankTransfer',
        allocations: [allocationTo(invoice)],
      });
      if (!wasKilled) {
        expect(round).toMatchObject({ sent: 1 });
        break;
      }
    }
    // The hole is small and it is there: between handing over and writing down.
    expect(seen.unknown).toBeGreaterThanOrEqual(1);
    expect(seen.unknown).toBeLessThanOrEqual(4);
    expect(seen.sent).toBeGreaterThan(20);
  }, 60_000);
});
