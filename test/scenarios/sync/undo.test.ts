// A run taken back: what it created is cancelled and never copied again by itself, what it changed is as it was, and what must stay says why.
import { afterEach, describe, expect, it } from '@jest/globals';
import { dirtyRecords, runRows, syncAudit } from '../../../src/sync/collections';
import { findConnection } from '../../../src/sync/connection/connection-documents';
import { bridgeFor } from '../../../src/sync/connection/import';
import type { InvoiceAtoms } from '../../../src/sync/records';
import { advanceUndo } from '../../../src/sync/run/undo-orders';
import type { UndoRow } from '../../../src/sync/undo/undo-service';
import { createKillSwitch, Killed } from '../../support/kill-switch';
import {
  ACTOR,
  contact,
  invoice,
  moneyBlock,
  openSyncWorld,
  payment,
  type SyncWorld,
  TENANT,
} from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

const writes = () => world.ledger.log.filter(({ applied }) => applied).length + world.billing.writes.length;
const undo = () => world.sync.undo;
const preview = (runId: string) => undo().preview(world.ref(), runId, ACTOR);
const rowsOf = async (undoId: string, can: boolean): Promise<readonly UndoRow[]> => {
  const rows: UndoRow[] = [];
  let after: string | undefined;
  do {
    const page = await undo().rows(world.ref(), undoId, { can, ...(after === undefined ? {} : { after }) });
    rows.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return rows;
};
const approve = async (runId: string) => {
  const plan = await preview(runId);
  return undo().approve(world.ref(), plan.id, plan.hash, ACTOR);
};
const takeBack = async (runId: string) => {
  const plan = await approve(runId);
  await world.settle();
  return undo().get(world.ref(), plan.id);
};
/** I2: two further runs, and a full compare, find nothing to do. */
const expectRest = async () => {
  const before = writes();
  await world.settle();
  await world.sync.fullCompare(world.ref().connectionId);
  await world.settle();
  expect(writes()).toBe(before);
  expect(await world.sync.problems.counts(world.ref())).toEqual({ conflict: 0, blocked: 0, waiting: 0 });
  const standing = await world.sync.standing(world.ref());
  expect(standing.unequalAtRest).toBe(0);
  expect(standing.lines.map(({ unexplainedMinor }) => unexplainedMinor).filter((minor) => minor !== 0)).toEqual([]);
};
const createdThere = () => world.ledger.log.filter(({ op, applied }) => op === 'create' && applied).length;

/** One customer with so many invoices in billing, all sent by one run. */
const openSent = async (count: number, options: Parameters<typeof openSyncWorld>[0] = {}) => {
  world = await openSyncWorld(options);
  const customer = world.billing.user.create('contact', contact('Acme Ltd'));
  const ids = Array.from({ length: count }, (_, i) =>
    world.billing.user.create(
      'invoice',
      invoice(`INV-${i + 1}`, customer, 10_000, {
        dates: { issueDate: i === 0 ? '2026-02-01' : '2026-03-01', dueDate: '2026-03-31' },
      }),
    ),
  );
  await world.approve();
  const first = await world.settle();
  const there = new Map(
    world.ledger.live('invoice').map(({ externalId, projection }) => {
      return [(projection.atoms as InvoiceAtoms).number, externalId];
    }),
  );
  return { customer, ids, run: first.id, there };
};

describe('a first sync that was a mistake', () => {
  it('is taken back whole: twenty copies cancelled, their customer archived, and none is made again', async () => {
    const { run } = await openSent(20);
    const plan = await preview(run);
    expect(plan).toMatchObject({ state: 'planned', able: 21, unable: 0 });
    expect(plan.counts).toContainEqual({
      verdict: 'void',
      kind: 'invoice',
      currency: 'GBP',
      count: 20,
      sumMinor: 20 * 12_000,
    });
    const before = writes();
    await world.settle();
    expect(writes()).toBe(before); // nothing happens before a person approves
    const done = await takeBack(run);
    expect(done).toMatchObject({ state: 'done', approvedBy: 'Ada', progress: { open: 0, done: 21, refused: 0 } });
    expect(world.ledger.live('invoice')).toEqual([]);
    expect(world.ledger.live('contact')).toEqual([]);
    expect(world.billing.live('invoice')).toHaveLength(20);
    const born = createdThere();
    await expectRest();
    expect(createdThere()).toBe(born);
  });

  it('leaves what is reconciled, closed or edited, with the reason, and the customer of what stays', async () => {
    const { run, there, customer, ids } = await openSent(5);
    const contactThere = world.ledger.live('contact')[0]?.externalId ?? '';
    const paid = world.ledger.hands.create('payment', payment(contactThere, there.get('INV-2') ?? '', 12_000));
    world.ledger.hands.reconcile(paid);
    world.ledger.hands.edit('invoice', there.get('INV-3') ?? '', { reference: 'by the bookkeeper' });
    await world.settle();
    world.ledger.setLockDate('2026-02-28');
    const plan = await preview(run);
    const cannot = await rowsOf(plan.id, false);
    expect(Object.fromEntries(cannot.map(({ name, why }) => [name, why]))).toEqual({
      'INV-1': expect.stringContaining('in a period closed in'),
      'INV-2': expect.stringContaining('it was paid'),
      'INV-3': 'its reference changed since',
      'Acme Ltd': '4 documents and payments of this customer stay',
    });
    expect((await rowsOf(plan.id, true)).map(({ name }) => name).sort()).toEqual(['INV-4', 'INV-5']);
    await undo().approve(world.ref(), plan.id, plan.hash, ACTOR);
    await world.settle();
    expect(world.ledger.live('invoice')).toHaveLength(3);
    await expectRest();
    // The others go on crossing.
    world.billing.user.edit('invoice', ids[2] ?? '', { reference: 'again' });
    await world.settle();
    expect(world.ledger.get('invoice', there.get('INV-3') ?? '')?.projection.atoms).toMatchObject({
      reference: 'again',
    });
    expect(world.billing.get('contact', customer)?.projection.status).toBe('live');
  });

  it('says what moved between the look and the approval, and does the rest', async () => {
    const { run, there } = await openSent(3);
    const plan = await preview(run);
    world.ledger.hands.edit('invoice', there.get('INV-2') ?? '', { reference: 'typed in between' });
    await undo().approve(world.ref(), plan.id, plan.hash, ACTOR);
    await world.settle();
    const done = await undo().get(world.ref(), plan.id);
    expect(done).toMatchObject({ state: 'done', progress: { open: 0, done: 2, refused: 2 } });
    const refused = (await rowsOf(plan.id, true)).filter(({ state }) => state === 'refused');
    expect(Object.fromEntries(refused.map(({ name, why }) => [name, why]))).toEqual({
      'INV-2': 'its reference changed since',
      'Acme Ltd': 'documents or payments of this customer stay',
    });
    await expectRest();
  });

  it('takes the money off first, where the same run brought it', async () => {
    world = await openSyncWorld();
    const customer = world.billing.user.create('contact', contact('Acme Ltd'));
    const id = world.billing.user.create('invoice', invoice('INV-1', customer));
    world.billing.user.create('payment', payment(customer, id, 12_000));
    await world.approve();
    const run = await world.settle();
    const plan = await preview(run.id);
    expect((await rowsOf(plan.id, true)).map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['payment', 'void'],
      ['invoice', 'void'],
      ['contact', 'archive'],
    ]);
    const done = await takeBack(run.id);
    expect(done.progress).toEqual({ open: 0, done: 3, refused: 0 });
    expect(world.ledger.live('payment')).toEqual([]);
    expect(world.billing.live('payment')).toHaveLength(1);
    await expectRest();
  });
});

it('a large run is looked at by lists, and only what is in no list by its id', async () => {
  const asked: number[] = [];
  world = await openSyncWorld({
    wrapLedger: (port) => ({
      ...port,
      read: (kind, ids, purpose) => {
        if (purpose === 'person') asked.push(ids.length);
        return port.read(kind, ids, purpose);
      },
    }),
  });
  for (let i = 0; i < 201; i++) world.billing.user.create('contact', contact(`C ${i}`, { email: `c${i}@x.test` }));
  await world.approve();
  const run = await world.settle();
  const gone = world.ledger.live('contact')[0]?.externalId ?? '';
  world.ledger.hands.setStatus('contact', gone, 'deleted');
  const plan = await preview(run.id);
  expect([plan.able, plan.unable, asked]).toEqual([200, 1, [1]]);
});

describe('what was taken back', () => {
  it('is copied again only on a person’s word, under a new generation, and once', async () => {
    const { run, ids } = await openSent(2);
    const done = await takeBack(run);
    await undo().copyAgain(world.ref(), done.id, ACTOR);
    expect(world.nudges.at(-1)).toBe('copied again');
    await world.settle();
    // The contact comes out of the archive; this ledger gives the number of a cancelled invoice to nobody, and says so once.
    expect(world.ledger.all('contact').map(({ projection }) => projection.status)).toEqual(['live']);
    const asked = world.ledger.callCount();
    const { items } = await world.sync.problems.list(world.ref());
    expect(items.map(({ state, message }) => `${state} ${message}`).sort()).toEqual([
      expect.stringContaining('blocked INV-1 was not sent: Invoice # must be unique.'),
      expect.stringContaining('blocked INV-2 was not sent: Invoice # must be unique.'),
    ]);
    await world.run({ skipPoll: true });
    expect(world.ledger.callCount()).toBe(asked);
    for (const [i, id] of ids.entries()) world.billing.user.edit('invoice', id, { number: `NEW-${i}` });
    await world.settle();
    expect(world.ledger.live('invoice').map(({ tag }) => tag)).toEqual(ids.map((id) => `bb:${id}:1`));
    await expect(undo().copyAgain(world.ref(), done.id, ACTOR)).rejects.toThrow(/already/);
    await expectRest();
  });

  it('is not copied again while the undo is at work', async () => {
    const { run } = await openSent(1);
    const plan = await approve(run);
    await expect(undo().copyAgain(world.ref(), plan.id, ACTOR)).rejects.toThrow(/still being taken back/);
  });

  it('is linked again where it was only parted', async () => {
    await openSent(1);
    const here = world.billing.user.create('contact', contact('Bolt Ltd'));
    const there = world.ledger.hands.create('contact', contact('Bolt Ltd', { externalRef: here }));
    const run = await world.settle();
    const done = await takeBack(run.id);
    await undo().copyAgain(world.ref(), done.id, ACTOR);
    await world.settle();
    world.billing.user.edit('contact', here, { phone: '+441' });
    await world.settle();
    expect(world.ledger.get('contact', there)?.projection.atoms).toMatchObject({ phone: '+441' });
    await expectRest();
  });
});

describe('a later run', () => {
  it('gives its payment back, and the invoice is open again in the ledger', async () => {
    const { customer, ids, there } = await openSent(1);
    world.billing.user.create('payment', payment(customer, ids[0] ?? '', 12_000));
    const run = await world.settle();
    expect(world.ledger.get('invoice', there.get('INV-1') ?? '')?.guards.openMinor).toBe(0);
    await takeBack(run.id);
    expect(world.ledger.get('invoice', there.get('INV-1') ?? '')?.guards.openMinor).toBe(12_000);
    await expectRest();
  });

  it('puts back what it changed in the ledger, on both sides, and keeps both values in the activity log', async () => {
    const { ids, there } = await openSent(1);
    world.billing.user.edit('invoice', ids[0] ?? '', { reference: 'wrong', moneyBlock: moneyBlock(20_000) });
    const run = await world.settle();
    const plan = await preview(run.id);
    expect(await rowsOf(plan.id, true)).toMatchObject([{ verdict: 'restore', side: 'external', name: 'INV-1' }]);
    await takeBack(run.id);
    const expected = { reference: null, moneyBlock: { totalMinor: 12_000 } };
    expect(world.ledger.get('invoice', there.get('INV-1') ?? '')?.projection.atoms).toMatchObject(expected);
    expect(world.billing.get('invoice', ids[0] ?? '')?.projection.atoms).toMatchObject(expected);
    const log = await world.store.forTenant(TENANT).find(syncAudit, {
      where: { connectionId: world.ref().connectionId },
      order: { index: 'byAge' },
      limit: 100,
    });
    const overruled = log.items.filter(({ what }) => what === "overruled billing's reference");
    expect(overruled.map(({ who, memory }) => [who, JSON.parse(memory)])).toEqual([
      ['a person', expect.objectContaining({ local: 'wrong', external: null })],
    ]);
    expect(log.items.filter(({ what }) => what === 'taken back').map(({ who }) => who)).toEqual(['Ada']);
    await expectRest();
  });

  it('puts back what it changed in billing', async () => {
    const { ids, there } = await openSent(1);
    world.ledger.hands.edit('invoice', there.get('INV-1') ?? '', { reference: 'wrong' });
    const run = await world.settle();
    expect(world.billing.get('invoice', ids[0] ?? '')?.projection.atoms).toMatchObject({ reference: 'wrong' });
    await takeBack(run.id);
    expect(world.billing.get('invoice', ids[0] ?? '')?.projection.atoms).toMatchObject({ reference: null });
    expect(world.ledger.get('invoice', there.get('INV-1') ?? '')?.projection.atoms).toMatchObject({ reference: null });
    await expectRest();
  });

  it('cannot revive what it cancelled', async () => {
    const { ids } = await openSent(1);
    world.billing.user.setStatus('invoice', ids[0] ?? '', 'void');
    const run = await world.settle();
    const plan = await preview(run.id);
    expect(await rowsOf(plan.id, false)).toMatchObject([
      { why: 'a cancelled document cannot be revived; issue it anew' },
    ]);
    await expect(undo().approve(world.ref(), plan.id, plan.hash, ACTOR)).rejects.toThrow(/can be taken back/);
  });

  it('parts what it linked, and changes neither record', async () => {
    await openSent(1);
    const here = world.billing.user.create('contact', contact('Bolt Ltd'));
    world.ledger.hands.create('contact', contact('Bolt Ltd', { externalRef: here }));
    const run = await world.settle();
    const plan = await preview(run.id);
    expect(await rowsOf(plan.id, true)).toMatchObject([{ verdict: 'unlink', name: 'Bolt Ltd' }]);
    const before = writes();
    await takeBack(run.id);
    expect(writes()).toBe(before);
    await expectRest();
  });

  it('cancels in billing what it brought in from the ledger', async () => {
    world = await openSyncWorld();
    await world.approve();
    await world.settle();
    await world.sync.mapping.save(world.ref(), {
      choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
      pulledKinds: ['contact', 'invoice', 'payment'],
      actor: ACTOR,
    });
    const bolt = world.ledger.hands.create('contact', contact('Bolt Ltd'));
    world.ledger.hands.create('invoice', invoice('X-1', bolt));
    const run = await world.settle();
    expect(world.billing.live('invoice')).toHaveLength(1);
    const done = await takeBack(run.id);
    // Its contact carries billing's reference no more.
    expect(done.progress).toEqual({ open: 0, done: 3, refused: 0 });
    expect(world.ledger.get('contact', bolt)?.projection).toMatchObject({
      status: 'live',
      atoms: { externalRef: null },
    });
    expect(world.billing.live('invoice')).toEqual([]);
    expect(world.ledger.live('invoice')).toHaveLength(1);
    await expectRest();
  });
});

describe('an undo', () => {
  it('is itself a run: its cancellations cannot be revived, its restored values can be put back again', async () => {
    const { ids, there } = await openSent(1);
    world.billing.user.edit('invoice', ids[0] ?? '', { reference: 'B' });
    const run = await world.settle();
    await approve(run.id);
    const undone = await world.run();
    await world.settle();
    expect(world.billing.get('invoice', ids[0] ?? '')?.projection.atoms).toMatchObject({ reference: null });
    await takeBack(undone.id);
    expect(world.ledger.get('invoice', there.get('INV-1') ?? '')?.projection.atoms).toMatchObject({ reference: 'B' });
    expect(world.billing.get('invoice', ids[0] ?? '')?.projection.atoms).toMatchObject({ reference: 'B' });
    await expectRest();
  });

  it('finds nothing left to do a second time', async () => {
    const { run } = await openSent(2);
    await takeBack(run);
    const again = await preview(run);
    expect(again).toMatchObject({ able: 0, unable: 3 });
    expect((await rowsOf(again.id, false)).map(({ verdict }) => verdict)).toEqual(['nothing', 'nothing', 'nothing']);
  });

  it('needs exactly the plan that was shown, an ended run, and one at a time', async () => {
    const { run } = await openSent(1);
    const plan = await preview(run);
    await expect(undo().approve(world.ref(), plan.id, 'another', ACTOR)).rejects.toThrow(/not what was shown/);
    await expect(undo().preview(world.ref(), 'run_unknown', ACTOR)).rejects.toThrow(/run/);
    const foreign = { tenantId: 'ten_other', connectionId: world.ref().connectionId };
    await expect(undo().get(foreign, plan.id)).rejects.toThrow();
    await undo().approve(world.ref(), plan.id, plan.hash, ACTOR);
    expect((await preview(run)).state).toBe('running');
    await undo().approve(world.ref(), plan.id, plan.hash, ACTOR); // a second press of the button
    world.clock.advance(1000);
    await world.settle();
    expect(world.ledger.log.filter(({ op }) => op === 'void')).toHaveLength(2);
  });

  it('leaves rows of older runs alone, since nothing was kept of them', async () => {
    const { run } = await openSent(1);
    const session = world.store.forTenant(TENANT);
    for (const row of (await session.find(runRows, { where: { runId: run } })).items) {
      const { memory: _memory, ...old } = row;
      await session.update(runRows, old);
    }
    const plan = await preview(run);
    expect(plan.able).toBe(0);
    expect((await rowsOf(plan.id, false))[0]?.why).toContain('was not kept');
  });

  it('is found again by the sweep where the wish for it was lost', async () => {
    const { run } = await openSent(1);
    await approve(run);
    world.nudges.length = 0;
    await world.sync.sweep();
    expect(world.nudges).toEqual(['sweep']);
    await world.settle();
    world.nudges.length = 0;
    await world.sync.sweep();
    expect(world.nudges).toEqual([]);
  });

  it('goes on where the marks of its records were lost', async () => {
    const { run } = await openSent(2);
    const plan = await approve(run);
    await advanceUndo(await bridgeFor(world.dependencies, await findConnection(world.store, world.ref())));
    const session = world.store.forTenant(TENANT);
    for (const { id } of (await session.find(dirtyRecords, {})).items) await session.remove(dirtyRecords, id);
    await world.settle();
    expect((await undo().get(world.ref(), plan.id)).progress).toEqual({ open: 0, done: 3, refused: 0 });
  });

  it('is not called done while a bounded run has left something of it', async () => {
    const { run } = await openSent(2);
    const plan = await approve(run);
    const { connectionId } = world.ref();
    for (let i = 0; i < 40; i++) {
      const { left } = await world.sync.runOnce(connectionId, {
        reason: 'rest',
        skipPoll: true,
        budget: { records: 1 },
      });
      const { state } = await undo().get(world.ref(), plan.id);
      if (state === 'done') break;
      expect(left).toBeGreaterThan(0);
    }
    expect((await undo().get(world.ref(), plan.id)).state).toBe('done');
  });

  it('stops where the ledger asks us to wait, and goes on later', async () => {
    const { run } = await openSent(2);
    const plan = await approve(run);
    world.ledger.faults.write.push('throttled');
    const stopped = await world.run();
    expect(stopped).toMatchObject({ state: 'stopped', left: expect.any(Number) });
    expect(stopped.left).toBeGreaterThan(0);
    world.clock.advance(5 * 60_000);
    await world.settle();
    expect((await undo().get(world.ref(), plan.id)).progress).toEqual({ open: 0, done: 3, refused: 0 });
    await expectRest();
  });

  it('leaves the pair as it was where the ledger refuses', async () => {
    const { run, ids, there } = await openSent(1, {
      wrapLedger: (port) => ({
        ...port,
        write: async (requests, signal) =>
          requests.some(({ op }) => op === 'void')
            ? requests.map(({ ref }) => ({
                ref,
                result: 'refused' as const,
                problem: { class: 'validation' as const, message: 'The ledger does not like it.' },
              }))
            : port.write(requests, signal),
      }),
    });
    const done = await takeBack(run);
    expect(done.progress).toEqual({ open: 0, done: 0, refused: 2 });
    expect((await rowsOf(done.id, true))[0]?.why).toContain('The ledger does not like it.');
    await expectRest();
    world.billing.user.edit('invoice', ids[0] ?? '', { reference: 'goes on' });
    await world.settle();
    expect(world.ledger.get('invoice', there.get('INV-1') ?? '')?.projection.atoms).toMatchObject({
      reference: 'goes on',
    });
  });

  it('waits for an unknown outcome instead of doing it twice', async () => {
    const { run } = await openSent(3);
    await approve(run);
    world.ledger.faults.write.push('commitThenTimeout');
    await world.settle();
    expect(world.ledger.live('invoice')).toEqual([]);
    expect(
      world.ledger.log.filter(({ op, kind, applied }) => op === 'void' && kind === 'invoice' && applied),
    ).toHaveLength(3);
    await expectRest();
  });
});

/** Each kill meets fresh records of one long-lived business, so that every await gets its turn. */
it('a kill at any await resumes, and nothing is done twice', async () => {
  const kill = createKillSwitch();
  const wraps = { wrapLedger: kill.ledger, wrapBilling: kill.billing, wrapStore: kill.store };
  const { customer, ids, there } = await openSent(1, wraps);
  const kept = { here: ids[0] ?? '', there: there.get('INV-1') ?? '' };
  const voids = () => world.ledger.log.filter(({ op, applied }) => op === 'void' && applied).length;
  // Every await was passed through once; day by day each fourth does.
  const stride = 4;
  let at = 1 - stride;
  for (let hit = true; hit; ) {
    at += stride;
    const where = `killed at await ${at}`;
    const copy = world.billing.user.create('invoice', invoice(`N-${at}`, customer));
    world.billing.user.create('payment', payment(customer, copy, 12_000));
    world.billing.user.edit('invoice', kept.here, { reference: `wrong ${at}` });
    const run = await world.settle();
    const plan = await approve(run.id);
    const before = { voids: voids(), born: createdThere() };
    kill.arm(at);
    await world.run({ skipPoll: true }).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    hit = kill.wasKilled();
    kill.disarm();
    world.clock.advance(10 * 60_000);
    await world.settle();
    expect([where, (await undo().get(world.ref(), plan.id)).progress]).toEqual([
      where,
      { open: 0, done: 3, refused: 0 },
    ]);
    expect([where, voids() - before.voids, createdThere() - before.born]).toEqual([where, 2, 0]);
    expect([where, world.ledger.live('invoice').length, world.ledger.live('payment').length]).toEqual([where, 1, 0]);
    const expected = [where, { reference: null }];
    expect([where, world.ledger.get('invoice', kept.there)?.projection.atoms]).toMatchObject(expected);
    expect([where, world.billing.get('invoice', kept.here)?.projection.atoms]).toMatchObject(expected);
  }
  await expectRest();
  expect(at).toBeGreaterThan(30);
}, 180_000);
