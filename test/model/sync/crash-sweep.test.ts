// A kill at every await of a run, in turn: whatever was half done, the next runs end where an undisturbed one would have ended.
// Each kill meets fresh records of one long-lived business, so that hundreds of kills fit into seconds.
import { describe, expect, it } from '@jest/globals';
import { createKillSwitch, Killed, type KillSwitch } from '../../support/kill-switch';
import { contact, invoice, moneyBlock, openSyncWorld, payment, type SyncWorld } from '../../support/sync-world';
import { expectAtRest, expectFrozenStaysFrozen, expectNoDuplicates, withIntentCheck } from './invariants';

type Cast = {
  readonly n: number;
  readonly here: string;
  readonly there: string;
  readonly inv: string;
  readonly invThere: string;
};
type Scenario = {
  readonly name: string;
  /** What people do before the run that is killed. */
  readonly act: (world: SyncWorld, cast: Cast) => void;
  readonly expect: (world: SyncWorld, cast: Cast) => void;
  readonly fault?: Parameters<SyncWorld['ledger']['faults']['write']['push']>[0];
};

const live = (world: SyncWorld, kind: 'contact' | 'invoice' | 'payment', id: string) =>
  world.ledger.get(kind, id)?.projection;

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a new customer with a new invoice and a payment',
    act: (world, { n }) => {
      const customer = world.billing.user.create('contact', contact(`New ${n}`, { email: `new${n}@x.test` }));
      const document = world.billing.user.create('invoice', invoice(`N-${n}`, customer));
      world.billing.user.create('payment', payment(customer, document, 5_000));
    },
    expect: (world, { n }) => {
      const found = world.ledger
        .live('invoice')
        .filter(({ projection }) => (projection.atoms as { number: string }).number === `N-${n}`);
      expect(found.map(({ guards }) => guards.openMinor)).toEqual([7_000]);
    },
  },
  {
    name: 'a new customer and invoice of the ledger',
    act: (world, { n }) => {
      const customer = world.ledger.hands.create('contact', contact(`Theirs ${n}`, { email: `theirs${n}@x.test` }));
      world.ledger.hands.create('invoice', invoice(`L-${n}`, customer));
    },
    expect: (world, { n }) => {
      const names = world.billing
        .live('invoice')
        .map(({ projection }) => (projection.atoms as { number: string }).number);
      expect(names.filter((number) => number === `L-${n}`)).toHaveLength(1);
    },
  },
  {
    name: 'different fields edited on both sides',
    act: (world, { n, here, there }) => {
      world.billing.user.edit('contact', here, { email: `e${n}@x.test` });
      world.ledger.hands.edit('contact', there, { phone: `+44${n}` });
    },
    expect: (world, { n, here, there }) => {
      for (const atoms of [
        live(world, 'contact', there)?.atoms,
        world.billing.get('contact', here)?.projection.atoms,
      ]) {
        expect(atoms).toMatchObject({ email: `e${n}@x.test`, phone: `+44${n}` });
      }
    },
  },
  {
    name: 'an invoice cancelled in billing',
    act: (world, { inv }) => world.billing.user.setStatus('invoice', inv, 'void'),
    expect: (world, { invThere }) => expect(live(world, 'invoice', invThere)?.status).toBe('void'),
  },
  {
    name: 'an invoice voided in the ledger',
    act: (world, { invThere }) => world.ledger.hands.setStatus('invoice', invThere, 'void'),
    expect: (world, { inv }) => expect(world.billing.get('invoice', inv)?.projection.status).toBe('void'),
  },
  {
    name: 'an amount changed whose answer is lost',
    act: (world, { inv, n }) => world.billing.user.edit('invoice', inv, { moneyBlock: moneyBlock(20_000 + n * 5) }),
    fault: 'commitThenTimeout',
    expect: (world, { invThere, n }) =>
      expect(live(world, 'invoice', invThere)?.atoms).toMatchObject({ moneyBlock: { netMinor: 20_000 + n * 5 } }),
  },
  {
    name: 'a new invoice whose answer is lost',
    act: (world, { here, n }) => {
      world.billing.user.create('invoice', invoice(`T-${n}`, here));
    },
    fault: 'commitThenTimeout',
    expect: (world, { n }) => {
      const numbers = world.ledger
        .live('invoice')
        .map(({ projection }) => (projection.atoms as { number: string }).number);
      expect(numbers.filter((number) => number === `T-${n}`)).toHaveLength(1);
    },
  },
  {
    name: 'a payment replaced',
    act: (world, { here, inv, n }) => {
      const [paid] = world.billing
        .live('payment')
        .filter(({ projection }) => JSON.stringify(projection).includes(`"${inv}"`));
      world.billing.user.edit('payment', paid?.localId ?? '', payment(here, inv, 3_000 + n));
    },
    expect: (world, { invThere, n }) => {
      const paid = world.ledger
        .live('payment')
        .filter(({ projection }) => JSON.stringify(projection).includes(`"${invThere}"`));
      expect(paid.map(({ guards }) => guards.allocatedMinor)).toEqual([3_000 + n]);
    },
  },
  {
    name: 'a contact archived in the ledger and edited in billing',
    act: (world, { here, there, n }) => {
      world.ledger.hands.setStatus('contact', there, 'archived');
      world.billing.user.edit('contact', here, { phone: `+49${n}` });
    },
    expect: (world, { there, n }) =>
      expect(live(world, 'contact', there)).toMatchObject({ status: 'live', atoms: { phone: `+49${n}` } }),
  },
  {
    name: 'a contact merged into another',
    act: (world, { there, n }) => {
      const survivor = world.ledger.hands.create('contact', contact(`Customer ${n}`, { email: `c${n}@x.test` }));
      world.ledger.hands.merge(there, survivor);
    },
    expect: (world, { here }) => expect(world.billing.get('contact', here)?.projection.status).toBe('live'),
  },
];

const openKillableWorld = async (kill: KillSwitch, failures: string[]): Promise<SyncWorld> => {
  let world: SyncWorld;
  const opened = await openSyncWorld({
    wrapStore: kill.store,
    wrapBilling: kill.billing,
    wrapLedger: (port) => kill.ledger(withIntentCheck(port, () => world, failures)),
  });
  world = opened;
  await world.approve();
  return world;
};

const prepare = async (world: SyncWorld, n: number, isPaid: boolean): Promise<Cast> => {
  const here = world.billing.user.create('contact', contact(`Customer ${n}`, { email: `c${n}@x.test` }));
  const inv = world.billing.user.create('invoice', invoice(`INV-${n}`, here));
  if (isPaid) world.billing.user.create('payment', payment(here, inv, 2_000));
  await world.settle();
  const there = world.ledger.live('contact').find(({ tag }) => tag?.startsWith(`bb:${here}:`))?.externalId ?? '';
  const invThere = world.ledger.live('invoice').find(({ tag }) => tag?.startsWith(`bb:${inv}:`))?.externalId ?? '';
  return { n, here, there, inv, invThere };
};

describe('a kill at any await', () => {
  it.each(SCENARIOS)(
    'changes nothing but the time: $name',
    async (scenario) => {
      const kill = createKillSwitch();
      const failures: string[] = [];
      const world = await openKillableWorld(kill, failures);
      let k = FIRST_KILL;
      for (let isOver = false; !isOver; k += STRIDE) {
        kill.disarm();
        world.clock.advance(DAY_MS); // else the safety stop would count sixty cancellations in one day
        const cast = await prepare(world, k, scenario.name === 'a payment replaced');
        expect(cast.there).not.toBe('');
        scenario.act(world, cast);
        if (scenario.fault) world.ledger.faults.write.push(scenario.fault);
        kill.arm(k);
        await world.run().catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        isOver = !kill.wasKilled();
        kill.disarm();
        world.ledger.faults.write.length = 0;
        expectNoDuplicates(world);
        world.clock.advance(5 * 60_000);
        await world.settle();
        try {
          scenario.expect(world, cast);
          expectNoDuplicates(world);
          expect((await world.sync.problems.list(world.ref())).items).toEqual([]);
        } catch (error) {
          throw new Error(`killed at await ${k}: ${(error as Error).message}`);
        }
      }
      kill.disarm();
      await expectAtRest(world);
      expectFrozenStaysFrozen(world);
      expect(failures).toEqual([]);
      await world.close();
    },
    120_000,
  );
});

const DAY_MS = 25 * 3_600_000;
/** `CRASH_SWEEP=full` kills at every await; the everyday run at every thirteenth. */
const STRIDE = process.env.CRASH_SWEEP === 'full' ? 1 : 13;
const FIRST_KILL = 1;
