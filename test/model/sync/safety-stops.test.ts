// I13, in both directions: a plan over a stop makes not one write of its kind, in one run or spread over the day; a plan below it is
// carried out; and what a person lets through is exactly what was held. The rule is told here a second time, without the sync's own code.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACTOR, contact, invoice, openSyncWorld, payment, type SyncWorld } from '../../support/sync-world';

/** Of up to fifty links, five may end in a day. */
const MOST_ENDS = 5;
const RUNS = { numRuns: 12 };

const business = async (invoices: number) => {
  const world = await openSyncWorld();
  const customer = world.billing.user.create('contact', contact('Acme'));
  for (let i = 0; i < invoices; i++) world.billing.user.create('invoice', invoice(`INV-${i}`, customer));
  await world.approve();
  await world.settle();
  return { world, customer };
};
const writes = ({ ledger, billing }: SyncWorld) =>
  ledger.log.filter(({ applied }) => applied).length + billing.writes.length;

describe('a plan over a stop', () => {
  it('ends nothing, and what is let through ends exactly that', async () => {
    const side = fc.constantFrom('here' as const, 'there' as const);
    const day = fc.record({
      side,
      first: fc.nat({ max: 7 }),
      second: fc.nat({ max: 5 }),
      hours: fc.constantFrom(1, 26),
    });
    await fc.assert(
      fc.asyncProperty(day, async ({ side: from, first, second, hours }) => {
        const { world } = await business(13);
        const end = (many: number): void => {
          if (from === 'here')
            for (const { localId } of world.billing.live('invoice').slice(0, many))
              world.billing.user.setStatus('invoice', localId, 'void');
          else
            for (const { externalId } of world.ledger.live('invoice').slice(0, many))
              world.ledger.hands.setStatus('invoice', externalId, 'void');
        };
        const judge = async (many: number, before: number): Promise<number> => {
          const start = writes(world);
          end(many);
          await world.run();
          const held = before + many > MOST_ENDS && many > 0;
          expect([many, before, writes(world) - start]).toEqual([many, before, held ? 0 : many]);
          const open = (await world.sync.stops.list(world.ref())).filter(({ state }) => state === 'open');
          expect(open).toHaveLength(held ? 1 : 0);
          for (const { id: stopId, hash } of open)
            await world.sync.stops.release(world.ref(), { stopId, hash, actor: ACTOR });
          if (held) await world.run();
          expect(writes(world) - start).toBe(many);
          return held ? before : before + many; // what a person let through counts no more
        };
        const done = await judge(first, 0);
        world.clock.advance(hours * 3_600_000);
        await judge(second, hours > 24 ? 0 : done);
        await world.close();
      }),
      RUNS,
    );
  }, 120_000);

  it('moves no money over the limit of a day', async () => {
    const amounts = fc.array(fc.integer({ min: 1_000, max: 12_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(amounts, fc.boolean(), async (paid, isHere) => {
        const { world, customer } = await business(5);
        await world.sync.stops.saveLimits(world.ref(), { GBP: 20_000 }, ACTOR);
        const there = world.ledger.live('contact')[0]?.externalId ?? '';
        for (const [i, amount] of paid.entries()) {
          const [mine, its] = [world.billing.live('invoice')[i]?.localId, world.ledger.live('invoice')[i]?.externalId];
          if (isHere) world.billing.user.create('payment', payment(customer, mine ?? '', amount));
          else world.ledger.hands.create('payment', payment(there, its ?? '', amount));
        }
        const start = writes(world);
        await world.run();
        const isHeld = paid.reduce((sum, amount) => sum + amount, 0) > 20_000;
        expect([paid, writes(world) - start]).toEqual([paid, isHeld ? 0 : paid.length]);
        await world.close();
      }),
      RUNS,
    );
  }, 120_000);

  it('believes no list that is suddenly empty', async () => {
    const { world } = await business(9);
    world.ledger.faults.read.push('emptyList', 'emptyList', 'emptyList', 'emptyList', 'emptyList');
    const start = writes(world);
    await world.sync.fullCompare(world.ref().connectionId);
    world.billing.user.edit('invoice', world.billing.live('invoice')[0]?.localId ?? '', { reference: 'PO 1' });
    await world.run({ skipPoll: true });
    expect(writes(world) - start).toBe(0);
    expect((await world.sync.stops.list(world.ref())).map(({ code }) => code)).toContain('listEmpty');
    await world.close();
  });
});
