// Too much at once: a run stops before its first write of that kind, and only a named person lets exactly that plan through.
import { afterEach, describe, expect, it } from '@jest/globals';
import { runRows } from '../../../src/sync/collections';
import type { ContactAtoms, InvoiceAtoms } from '../../../src/sync/records';
import type { StopView } from '../../../src/sync/service';
import { ACTOR, contact, invoice, openSyncWorld, payment, type SyncWorld, TENANT } from '../../support/sync-world';

let world: SyncWorld;
let customer: string;
let invoicesHere: string[];
let invoicesThere: string[];

const open = async (count: number): Promise<void> => {
  world = await openSyncWorld();
  customer = world.billing.user.create('contact', contact('Acme'));
  invoicesHere = Array.from({ length: count }, (_, i) =>
    world.billing.user.create('invoice', invoice(`INV-${i + 1}`, customer)),
  );
  await world.approve();
  await world.settle();
  invoicesThere = world.ledger.live('invoice').map(({ externalId }) => externalId);
};
afterEach(() => world.close());

const voidThere = (from: number, until: number): void => {
  for (const id of invoicesThere.slice(from, until)) world.ledger.hands.setStatus('invoice', id, 'void');
};
const voidHere = (from: number, until: number): void => {
  for (const id of invoicesHere.slice(from, until)) world.billing.user.setStatus('invoice', id, 'void');
};
const stops = async (): Promise<readonly StopView[]> =>
  (await world.sync.stops.list(world.ref())).filter(({ state }) => state === 'open');
const theStop = async (): Promise<StopView> => {
  const [stop, ...more] = await stops();
  if (stop === undefined || more.length > 0) throw new Error('one open stop was expected');
  return stop;
};
const release = ({ id, hash }: StopView) => world.sync.stops.release(world.ref(), { stopId: id, hash, actor: ACTOR });
const liveHere = () => world.billing.live('invoice').length;
const liveThere = () => world.ledger.live('invoice').length;
const phoneThere = () => (world.ledger.live('contact')[0]?.projection.atoms as ContactAtoms | undefined)?.phone;
const hours = (count: number) => world.clock.advance(count * 3_600_000);

describe('ends in the ledger', () => {
  it('cross as ever while they are few', async () => {
    await open(30);
    voidThere(0, 5);
    await world.settle();
    expect(liveHere()).toBe(25);
    expect(await stops()).toEqual([]);
  });

  it('stop the run before the first of them where they are many', async () => {
    await open(30);
    voidThere(0, 6);
    await world.run();
    expect(liveHere()).toBe(30);
    const stop = await theStop();
    expect(stop).toMatchObject({ code: 'manyEnds', kind: 'invoice', heldCount: 6 });
    expect(stop.message).toContain('6 invoices of 30 linked');
    const { held } = await world.sync.stops.get(world.ref(), stop.id);
    expect(held.map(({ name, side, does }) => `${does} ${name} ${side}`)).toContain('end INV-1 local');
  });

  it('hold back every write of the kind, and no other kind', async () => {
    await open(30);
    voidThere(0, 6);
    world.billing.user.edit('invoice', invoicesHere[20] ?? '', { reference: 'PO 7' });
    world.billing.user.create('invoice', invoice('INV-99', customer));
    world.billing.user.edit('contact', customer, { phone: '+441' });
    await world.run();
    expect(phoneThere()).toBe('+441');
    expect(liveThere()).toBe(24);
    const references = world.ledger
      .live('invoice')
      .map(({ projection }) => (projection.atoms as InvoiceAtoms).reference);
    expect(references).not.toContain('PO 7');
  });

  it('go through once a named person says so, for exactly these', async () => {
    await open(30);
    voidThere(0, 6);
    await world.run();
    await release(await theStop());
    await world.settle();
    expect(liveHere()).toBe(24);
    expect(await stops()).toEqual([]);
    expect((await world.sync.stops.list(world.ref()))[0]).toMatchObject({ state: 'released', releasedBy: 'Ada' });
  });

  it('are asked about anew where the plan is another one by then', async () => {
    await open(30);
    voidThere(0, 6);
    await world.run();
    const shown = await theStop();
    voidThere(6, 14);
    hours(1);
    await world.run();
    await expect(release(shown)).rejects.toThrow('What is held back has changed since you looked.');
    expect((await theStop()).heldCount).toBe(14);
    expect(liveHere()).toBe(30);
  });

  it('are let through once: more of them on the same day are a new question', async () => {
    await open(60);
    voidThere(0, 8);
    await world.run();
    await release(await theStop());
    await world.settle();
    expect(liveHere()).toBe(52);
    voidThere(8, 15);
    await world.settle();
    expect(liveHere()).toBe(52);
    expect((await theStop()).heldCount).toBe(7);
  });

  it('are counted over a day, so that a few at a time do not slip through', async () => {
    await open(30);
    for (let i = 0; i < 5; i++) {
      voidThere(i, i + 1);
      hours(2);
      await world.settle();
    }
    expect(liveHere()).toBe(25);
    voidThere(5, 6);
    await world.settle();
    expect(liveHere()).toBe(25);
    expect((await theStop()).message).toContain('5 went before them');
    hours(25);
    await world.settle();
    expect(liveHere()).toBe(25); // time alone releases nothing
    await release(await theStop());
    await world.settle();
    expect(liveHere()).toBe(24);
    expect(await stops()).toEqual([]);
  });

  it('stand as a question no longer where they were taken back', async () => {
    await open(30);
    voidThere(0, 6);
    await world.run();
    for (const id of invoicesThere.slice(0, 6)) world.ledger.hands.setStatus('invoice', id, 'live');
    const stop = await theStop();
    await world.sync.stops.lookAgain(world.ref(), stop.id, ACTOR);
    await world.settle();
    expect(await stops()).toEqual([]);
    expect((await world.sync.stops.get(world.ref(), stop.id)).state).toBe('passed');
    expect(liveHere()).toBe(30);
  });
});

it('ends in billing stop before the ledger is touched', async () => {
  await open(30);
  voidHere(0, 6);
  await world.run();
  expect(liveThere()).toBe(30);
  await release(await theStop());
  await world.settle();
  expect(liveThere()).toBe(24);
});

it('payments that are edited are no ends', async () => {
  await open(12);
  const payments = invoicesHere.map((id) => world.billing.user.create('payment', payment(customer, id, 1_000)));
  await world.settle();
  for (const [i, id] of payments.entries()) {
    world.billing.user.edit('payment', id, payment(customer, invoicesHere[i] ?? '', 2_000 + i));
    hours(1);
    await world.settle();
  }
  expect(await stops()).toEqual([]);
  expect(
    world.ledger
      .live('payment')
      .map(({ guards }) => guards.allocatedMinor)
      .sort(),
  ).toEqual(payments.map((_, i) => 2_000 + i).sort());
});

it('what the look before a reminder ends is counted with the rest', async () => {
  await open(30);
  for (let i = 0; i < 5; i++) {
    voidThere(i, i + 1);
    await world.sync.refresh({ tenantId: TENANT, invoiceIds: [invoicesHere[i] ?? ''] });
  }
  expect(liveHere()).toBe(25);
  voidThere(5, 6);
  await world.settle();
  expect(liveHere()).toBe(25);
});

it('a run that was killed half-way has its writes counted by the next one', async () => {
  await open(30);
  voidThere(0, 5);
  await world.settle();
  // Its counts were never stored; its rows were.
  const { items } = await world.store.forTenant(TENANT).find(runRows, { limit: 1000 });
  expect(items.filter(({ op }) => op === 'void')).toHaveLength(5);
  voidThere(5, 6);
  await world.run();
  expect(liveHere()).toBe(25);
});

describe('one field changed nearly everywhere', () => {
  it('stops before the first write and names the field', async () => {
    await open(30);
    for (const id of invoicesThere.slice(0, 25)) world.ledger.hands.edit('invoice', id, { reference: 'RESET' });
    await world.run();
    const references = world.billing
      .live('invoice')
      .map(({ projection }) => (projection.atoms as InvoiceAtoms).reference);
    expect(references).not.toContain('RESET');
    const stop = await theStop();
    expect(stop).toMatchObject({ code: 'manyChanges', kind: 'invoice', heldCount: 25 });
    await release(stop);
    await world.settle();
    expect(
      world.billing
        .live('invoice')
        .filter(({ projection }) => (projection.atoms as InvoiceAtoms).reference === 'RESET'),
    ).toHaveLength(25);
  });
});

describe('what is gone', () => {
  it('is not believed where nothing else can be read either', async () => {
    await open(30);
    for (const id of invoicesThere) world.ledger.hands.setStatus('invoice', id, 'deleted');
    const hints = invoicesThere.slice(0, 3).map((externalId) => ({ externalId, kind: 'invoice' as const }));
    await world.sync.noteHints(hints.map((hint) => ({ ...hint, provider: 'memory', organisationId: 'org-1' })));
    await world.run({ skipPoll: true });
    expect(liveHere()).toBe(30);
    expect(await theStop()).toMatchObject({ code: 'recordsUnreadable', heldCount: 3 });
  });

  it('is believed where others are there', async () => {
    await open(30);
    for (const id of invoicesThere.slice(0, 3)) world.ledger.hands.setStatus('invoice', id, 'deleted');
    await world.settle();
    expect(liveHere()).toBe(27);
  });

  it('is found by the nightly compare where nobody told of it', async () => {
    await open(30);
    for (const id of invoicesThere.slice(0, 3)) world.ledger.hands.setStatus('invoice', id, 'deleted');
    await world.sync.fullCompare(world.ref().connectionId);
    await world.run({ skipPoll: true });
    expect(liveHere()).toBe(27);
  });

  it('is not believed where nothing at all is left to be asked about', async () => {
    await open(2);
    for (const id of invoicesThere) world.ledger.hands.setStatus('invoice', id, 'deleted');
    for (const { externalId } of world.ledger.live('contact')) {
      world.ledger.hands.setStatus('contact', externalId, 'deleted');
    }
    await world.run();
    expect(liveHere()).toBe(2);
    const stop = await theStop();
    expect(stop).toMatchObject({ code: 'recordsUnreadable', heldCount: 3 });
    expect(stop.message).toContain('no other is left that it still shows us');
    await release(stop);
    await world.settle();
    expect(liveHere()).toBe(0);
  });

  it('is nothing that an empty list says', async () => {
    await open(30);
    world.ledger.faults.read.push('emptyList', 'emptyList', 'emptyList', 'emptyList', 'emptyList');
    await world.sync.fullCompare(world.ref().connectionId);
    expect((await stops()).map(({ code, kind }) => `${code} ${kind}`)).toEqual(['listEmpty invoice']);
    await world.settle();
    expect(liveHere()).toBe(30);
    await world.sync.fullCompare(world.ref().connectionId);
    expect(await stops()).toEqual([]);
  });
});

it('what a person took back is no cancellation that is counted', async () => {
  await open(30);
  const runs = (await world.sync.runs.list(world.ref(), { limit: 50 })).items;
  const first = runs.find(({ counts }) => counts.external.created > 20);
  const undo = await world.sync.undo.preview(world.ref(), first?.id ?? '', ACTOR);
  await world.sync.undo.approve(world.ref(), undo.id, undo.hash, ACTOR);
  await world.settle();
  expect(liveThere()).toBe(0);
  expect(await stops()).toEqual([]);
});

it('payments beyond the limit of the connection wait for a person', async () => {
  await open(5);
  await world.sync.stops.saveLimits(world.ref(), { GBP: 30_000 }, ACTOR);
  for (const id of invoicesHere.slice(0, 3)) world.billing.user.create('payment', payment(customer, id, 12_000));
  await world.run();
  expect(world.ledger.live('payment')).toHaveLength(0);
  const stop = await theStop();
  expect(stop.message).toContain('360.00');
  await release(stop);
  await world.settle();
  expect(world.ledger.live('payment')).toHaveLength(3);
});

it('an organisation that is another one under the same sign-in pauses the connection, and nothing is written', async () => {
  await open(3);
  world.ledger.setOrganisation({ baseCurrency: 'USD' });
  hours(3);
  world.billing.user.edit('contact', customer, { phone: '+441' });
  await world.run();
  expect(phoneThere()).not.toBe('+441');
  const { state, pausedBecause } = await world.sync.connections.get(world.ref());
  expect(state).toBe('paused');
  expect(pausedBecause).toContain('another organisation');
});
