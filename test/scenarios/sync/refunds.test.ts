// Cash given back against a credit note, between billing and a ledger: it crosses once in either direction, also through lost answers and a
// process that dies at any await; it counts as money for the safety stop; an undo takes it back; and where a ledger has no record for it, the
// certificate says so by name.
import { afterEach, describe, expect, it } from '@jest/globals';
import { RECORD_KINDS } from '../../../src/sync/records';
import { createKillSwitch } from '../../support/kill-switch';
import { ACTOR, contact, creditNote, openSyncWorld, refund, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

/** One customer with a credit note of 12.00 on both sides. */
const open = async (options: Parameters<typeof openSyncWorld>[0] = {}) => {
  world = await openSyncWorld(options);
  const customer = world.billing.user.create('contact', contact('Acme'));
  const here = world.billing.user.create('creditNote', creditNote('CN-1', customer));
  await world.approve();
  await world.settle();
  return { customer, here, there: world.ledger.live('creditNote')[0]?.externalId ?? '' };
};
const leftHere = (id: string) => world.billing.get('creditNote', id)?.guards.openMinor;
const leftThere = (id: string) => world.ledger.get('creditNote', id)?.guards.openMinor;
const problems = async () => (await world.sync.problems.list(world.ref(), {})).items;
const expectAgreed = async () => {
  expect(await problems()).toEqual([]);
  const { lines, unequalAtRest } = await world.sync.standing(world.ref());
  expect(unequalAtRest).toBe(0);
  for (const { unexplainedMinor } of lines) expect(unexplainedMinor).toBe(0);
};

describe('a refund', () => {
  it('recorded here is sent once, and both notes have as much left', async () => {
    const { here, there } = await open();
    world.billing.user.create('refund', refund(here, 500));
    await world.settle();
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(world.ledger.live('refund')).toHaveLength(1);
    expect([leftHere(here), leftThere(there)]).toEqual([700, 700]);
    await expectAgreed();
  });

  it('made in the ledger comes in once, and goes with it when it is removed there', async () => {
    const { here, there } = await open();
    const made = world.ledger.hands.create('refund', refund(there, 500));
    await world.settle();
    expect(world.billing.live('refund')).toMatchObject([{ projection: { atoms: { refund: { amountMinor: 500 } } } }]);
    expect(leftHere(here)).toBe(700);
    world.ledger.hands.setStatus('refund', made, 'void');
    await world.settle();
    expect(world.billing.live('refund')).toEqual([]);
    expect(leftHere(here)).toBe(1_200);
    await expectAgreed();
  });

  it('that waits for its credit note goes after it', async () => {
    const { customer } = await open();
    const note = world.billing.user.create('creditNote', creditNote('CN-2', customer));
    world.billing.user.create('refund', refund(note, 1_200));
    await world.settle();
    expect(world.ledger.live('creditNote')).toHaveLength(2);
    expect(world.ledger.live('refund')).toHaveLength(1);
    await expectAgreed();
  });

  it('entered by hand on both sides is one and the same where amount, day and reference agree', async () => {
    const { here, there } = await open();
    world.ledger.hands.create('refund', refund(there, 500, { reference: 'RMA 7' }));
    world.billing.user.create('refund', refund(here, 500, { reference: 'RMA 7' }));
    await world.settle();
    expect([world.billing.live('refund').length, world.ledger.live('refund').length]).toEqual([1, 1]);
    await expectAgreed();
  });

  it.each(['commitThenTimeout', 'errorAfterCommit', 'drop', 'throttled'] as const)(
    'that meets %s is booked once all the same',
    async (fault) => {
      const { here, there } = await open();
      world.billing.user.create('refund', refund(here, 500));
      world.ledger.faults.write.push(fault);
      await world.run();
      await world.settle();
      expect(world.ledger.live('refund')).toHaveLength(1);
      expect(leftThere(there)).toBe(700);
      await expectAgreed();
    },
  );

  it('is booked once wherever the process dies between the first look and the answer', async () => {
    const kill = createKillSwitch();
    const { customer } = await open({ wrapLedger: kill.ledger, wrapBilling: kill.billing, wrapStore: kill.store });
    let at = 1;
    for (let hit = true; hit; at += 7) {
      const note = world.billing.user.create('creditNote', creditNote(`CN-K${at}`, customer));
      await world.settle();
      world.billing.user.create('refund', refund(note, 500));
      kill.arm(at);
      await world.run().catch(() => undefined);
      hit = kill.wasKilled();
      kill.disarm();
      world.clock.advance(5 * 60_000);
      await world.settle();
      const there = world.ledger
        .live('creditNote')
        .find(({ projection }) => 'number' in projection.atoms && projection.atoms.number === `CN-K${at}`);
      expect([at, leftThere(there?.externalId ?? '')]).toEqual([at, 700]);
    }
    expect(at).toBeGreaterThan(50);
    expect(world.ledger.live('refund').length).toBe(world.billing.live('refund').length);
    await expectAgreed();
  }, 30_000);

  it('counts as money: beyond the limit of the connection it waits for a person', async () => {
    const { here } = await open();
    await world.sync.stops.saveLimits(world.ref(), { GBP: 400 }, ACTOR);
    world.billing.user.create('refund', refund(here, 500));
    await world.run();
    expect(world.ledger.live('refund')).toEqual([]);
    const [stop] = (await world.sync.stops.list(world.ref())).filter(({ state }) => state === 'open');
    expect(stop).toMatchObject({ code: 'moneyLimit' });
    await world.sync.stops.release(world.ref(), { stopId: stop?.id ?? '', hash: stop?.hash ?? '', actor: ACTOR });
    await world.settle();
    expect(world.ledger.live('refund')).toHaveLength(1);
  });

  it('is taken back with the run that sent it', async () => {
    const { here, there } = await open();
    world.clock.advance(60_000); // so that this run is surely the newest
    world.billing.user.create('refund', refund(here, 500));
    const run = await world.settle();
    const runs = (await world.sync.runs.list(world.ref(), { limit: 10 })).items;
    const sent = runs.find(({ counts }) => counts.external.created > 0) ?? run;
    const plan = await world.sync.undo.preview(world.ref(), sent.id, ACTOR);
    await world.sync.undo.approve(world.ref(), plan.id, plan.hash, ACTOR);
    await world.settle();
    expect(world.ledger.live('refund')).toEqual([]);
    expect(leftThere(there)).toBe(1_200);
  });
});

describe('a ledger without a record for refunds', () => {
  it('is sent none, and its certificate names what it does not hold', async () => {
    const kinds = RECORD_KINDS.filter((kind) => kind !== 'refund');
    const { here } = await open({ capabilities: { kinds } });
    world.billing.user.create('refund', refund(here, 500));
    await world.settle();
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(world.ledger.all('refund')).toEqual([]);
    await expectAgreed();
    const made = await world.sync.certificates.make(world.ref(), { actor: ACTOR });
    const rows = await world.sync.certificates.rows(world.ref(), made.id);
    expect(rows.filter(({ kind }) => kind === 'refund')).toMatchObject([
      {
        local: { count: 1, sumMinor: 500 },
        external: { count: 0, sumMinor: 0 },
        causes: [{ cause: 'notCarried', count: 1 }],
        unexplained: { count: 0, sumMinor: 0 },
      },
    ]);
  });
});
