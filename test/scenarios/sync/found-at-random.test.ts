// Faults that random seasons found (test/model/sync), each told as a short story that failed before its fix.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACTOR, contact, invoice, openSyncWorld, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
let inv: { here: string; there: string };
let con: { here: string; there: string };
beforeEach(async () => {
  world = await openSyncWorld();
  const customer = world.billing.user.create('contact', contact('Acme'));
  const here = world.billing.user.create('invoice', invoice('INV-1', customer));
  await world.approve();
  await world.settle();
  inv = { here, there: world.ledger.live('invoice')[0]?.externalId ?? '' };
  con = { here: customer, there: world.ledger.live('contact')[0]?.externalId ?? '' };
});
afterEach(() => world.close());

const compare = async (): Promise<void> => {
  await world.sync.fullCompare(world.ref().connectionId);
  await world.settle();
};

describe('what is gone from every list', () => {
  it('is looked up by the full compare, also where nothing else tells of it', async () => {
    world.ledger.hands.setStatus('invoice', inv.there, 'deleted');
    world.clock.advance(3_600_000); // longer ago than any poll looks back once the compare has moved the cursor
    await compare();
    expect(world.billing.get('invoice', inv.here)?.projection.status).toBe('void');
  });
});

describe('a customer merged in the ledger into one that another customer of ours has', () => {
  let other: string;
  beforeEach(async () => {
    other = world.billing.user.create('contact', contact('Bolt'));
    await world.settle();
    const survivor = world.ledger.live('contact').find(({ externalId }) => externalId !== con.there);
    world.ledger.hands.merge(con.there, survivor?.externalId ?? '');
    await world.settle();
  });

  it('is a question whose answers can be carried out: no customer of ours is taken for a record of the ledger', async () => {
    const [problem] = (await world.sync.problems.list(world.ref())).items;
    expect(problem).toMatchObject({ kind: 'contact', code: 'contactMerged', actions: ['retry', 'unlink'] });
    const request = { problemId: problem?.id ?? '', candidateId: other, actor: ACTOR };
    await expect(world.sync.problems.link(world.ref(), request)).rejects.toThrow(/linked/i);
    expect(world.billing.get('contact', con.here)?.projection.status).toBe('live');
  });

  it('lets the documents of that customer wait, new ones and known ones, until a person has answered', async () => {
    const fresh = world.billing.user.create('invoice', invoice('INV-2', con.here));
    world.billing.user.edit('invoice', inv.here, { reference: 'PO 1' });
    await world.settle();
    expect(world.ledger.live('invoice')).toHaveLength(1);
    expect(world.billing.get('invoice', inv.here)?.projection.atoms).toMatchObject({ contact: { id: con.here } });
    const { items } = await world.sync.problems.list(world.ref());
    expect(items.map(({ kind, state }) => `${kind} ${state}`).toSorted()).toEqual([
      'contact conflict',
      'invoice waiting',
      'invoice waiting',
    ]);
    const question = items.find(({ kind }) => kind === 'contact');
    await world.sync.problems.unlink(world.ref(), question?.id ?? '', ACTOR);
    await world.settle();
    // Parted: the known invoice follows the ledger to the other customer, the new one has nowhere to go and says so.
    expect(world.billing.get('invoice', inv.here)?.projection.atoms).toMatchObject({ contact: { id: other } });
    expect((await world.sync.problems.list(world.ref())).items.map(({ local }) => local?.id)).toEqual([fresh]);
  });
});
