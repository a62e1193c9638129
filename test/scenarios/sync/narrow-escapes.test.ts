// Moments in which one line of care is all that stands between two sound books and a wrong one: an answer that was lost and a key that was
// forgotten, a second worker, an edit under way, an answer that is only half true. test/planted/faults.ts takes each line out and sees
// these fail.
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSync } from '../../../src/sync/create-sync';
import type { LedgerPort, NaturalKey, Purpose, WriteRequest } from '../../../src/sync/ports/ledger-port';
import type { ContactAtoms, RecordKind } from '../../../src/sync/records';
import {
  ACTOR,
  contact,
  invoice,
  openSyncWorld,
  payment,
  type SyncWorld,
  type WorldOptions,
} from '../../support/sync-world';

let world: SyncWorld;
let here: string;
let there: string;
let bill: string;
afterEach(() => world.close());

const open = async (options: WorldOptions = {}): Promise<void> => {
  world = await openSyncWorld(options);
  here = world.billing.user.create('contact', contact('Ada'));
  bill = world.billing.user.create('invoice', invoice('INV-1', here));
  await world.approve();
  await world.settle();
  there = world.ledger.live('contact')[0]?.externalId ?? '';
};
const atomsHere = () => world.billing.get('contact', here)?.projection.atoms as unknown as ContactAtoms;
const atomsThere = () => world.ledger.get('contact', there)?.projection.atoms as unknown as ContactAtoms;
const problems = async () => (await world.sync.problems.list(world.ref(), { limit: 10 })).items;

/** The ledger with something done once, just before or just after it is written to. */
const aroundWrite =
  (when: 'before' | 'after', act: { now?: (() => Promise<void> | void) | undefined }) =>
  (port: LedgerPort): LedgerPort => ({
    ...port,
    write: async <K extends RecordKind>(requests: readonly WriteRequest<K>[], options?: never) => {
      const once = act.now;
      act.now = undefined;
      if (when === 'before') await once?.();
      const outcomes = await port.write(requests, options);
      if (when === 'after') await once?.();
      return outcomes;
    },
  });

describe('a payment whose answer was lost', () => {
  it('is booked once, also where the ledger has forgotten its key by the time it is asked about', async () => {
    await open();
    world.billing.user.create('payment', payment(here, bill, 5_000));
    world.ledger.faults.write.push('commitThenTimeout');
    await world.run();
    world.ledger.forgetKeys();
    world.clock.advance(10 * 60_000);
    // Before any list could show it.
    await world.run({ skipPoll: true });
    await world.settle();
    expect(world.ledger.live('payment')).toHaveLength(1);
    expect(await problems()).toEqual([]);
  });
});

describe('two workers', () => {
  it('leave to each other what one of them is just sending', async () => {
    const act: { now?: () => Promise<void> } = {};
    let lookedUp = 0;
    await open({
      wrapLedger: (port) => ({
        ...aroundWrite('after', act)(port),
        findByNaturalKey: async <K extends RecordKind>(kind: K, keys: readonly NaturalKey[], purpose?: Purpose) => {
          if (purpose === 'resolve') lookedUp += keys.length;
          return port.findByNaturalKey(kind, keys, purpose);
        },
      }),
    });
    world.billing.user.create('payment', payment(here, bill, 5_000));
    act.now = async () => {
      const other = createSync(world.dependencies);
      // Without a look at the lists, in which it would find the payment by its tag.
      await other.runOnce(world.ref().connectionId, { reason: 'sweep', skipPoll: true });
    };
    await world.settle();
    expect(act.now).toBeUndefined();
    expect(lookedUp).toBe(0);
    expect(world.ledger.live('payment')).toHaveLength(1);
  });

  it('send nothing on a lease that may end before the call does', async () => {
    let sent = 0;
    let stalls = false;
    await open({
      wrapLedger: (port) => ({
        ...port,
        write: async <K extends RecordKind>(requests: readonly WriteRequest<K>[], options?: never) => {
          if (stalls) sent += requests.length;
          return port.write(requests, options);
        },
      }),
      // The machine sleeps whenever something was stored.
      wrapStore: (store) => ({
        ...store,
        forTenant: (tenantId) => store.forTenant(tenantId),
        transaction: async (work) => {
          const done = await store.transaction(work);
          if (stalls) world.clock.advance(10 * 60_000);
          return done;
        },
      }),
    });
    world.billing.user.edit('contact', here, { phone: '0201' });
    stalls = true;
    await world.run();
    stalls = false;
    expect(sent).toBe(0);
    await world.settle();
    expect(atomsThere().phone).toBe('0201');
  });
});

describe('an edit', () => {
  it('made in billing while the last one is on its way crosses as well', async () => {
    const act: { now?: () => void } = {};
    await open({ wrapLedger: aroundWrite('before', act) });
    world.billing.user.edit('contact', here, { phone: '0201' });
    act.now = () => void world.billing.user.edit('contact', here, { phone: '0202' });
    await world.run();
    await world.settle();
    expect([atomsHere().phone, atomsThere().phone]).toEqual(['0202', '0202']);
  });

  it('made after a person chose between two others is asked about, not overwritten by that choice', async () => {
    await open();
    world.billing.user.edit('contact', here, { name: 'Ada 1' });
    world.ledger.hands.edit('contact', there, { name: 'Ada 2' });
    await world.run();
    const [asked] = await problems();
    expect(asked).toMatchObject({ state: 'conflict', code: 'bothChanged' });
    await world.sync.problems.choose(world.ref(), {
      problemId: asked?.id ?? '',
      take: { name: 'billing' },
      shownAs: asked?.shownAs ?? '',
      actor: ACTOR,
    });
    world.clock.advance(60_000);
    world.ledger.hands.edit('contact', there, { name: 'Ada 3' });
    await world.settle();
    expect([atomsHere().name, atomsThere().name]).toEqual(['Ada 1', 'Ada 3']);
    expect(await problems()).toMatchObject([{ state: 'conflict', code: 'bothChanged' }]);
  });

  it('that the ledger answers for and does not keep is named, and is not remembered as carried', async () => {
    await open();
    world.billing.user.edit('contact', here, { phone: '0201' });
    world.ledger.faults.write.push('answersButDropsChange');
    await world.settle();
    expect(atomsThere().phone).toBeNull();
    expect(await problems()).toMatchObject([{ state: 'blocked', code: 'notTaken' }]);
  });
});

describe('a record', () => {
  it('that an answer left out is not taken for deleted', async () => {
    const hidden = new Set<string>();
    let asked = 0;
    await open({
      wrapLedger: (port) => ({
        ...port,
        read: async <K extends RecordKind>(kind: K, ids: readonly string[], purpose?: Purpose) => {
          const found = await port.read(kind, ids, purpose);
          asked += ids.filter((id) => hidden.has(id)).length;
          return new Map([...found].filter(([id]) => !hidden.has(id)));
        },
      }),
    });
    const twin = world.ledger.live('invoice')[0]?.externalId ?? '';
    hidden.add(twin);
    await world.sync.noteHints([{ provider: 'memory', organisationId: 'org-1', kind: 'invoice', externalId: twin }]);
    await world.run({ skipPoll: true });
    expect(asked).toBeGreaterThan(0);
    expect(world.billing.get('invoice', bill)?.projection.status).toBe('live');
    hidden.clear();
    await world.settle();
    expect(world.billing.get('invoice', bill)?.projection.status).toBe('live');
    expect(await problems()).toEqual([]);
  });
});
