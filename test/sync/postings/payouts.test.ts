// Payouts on their way to a ledger that loses answers: each posting stands in the books exactly once, and nothing is left half done.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connections, directory, links } from '../../../src/sync/collections';
import type { Mapping } from '../../../src/sync/ports/ledger-port';
import type { Movement, PayoutReading } from '../../../src/sync/ports/payout-source';
import { payouts as payoutDocuments } from '../../../src/sync/postings/collections';
import { createPayouts } from '../../../src/sync/postings/create-payouts';
import { effectOn } from '../../../src/sync/postings/rules';
import type { Payouts } from '../../../src/sync/postings/service';
import { createMemoryGateway, createMemoryPostings } from '../../support/memory-postings';
import { ACTOR, contact, openSyncWorld, type SyncWorld, TENANT } from '../../support/sync-world';

const DAY_MS = 24 * 60 * 60_000;
const CHOICES: Omit<Mapping, 'version'> = {
  revenue: '200',
  taxCodes: { standard: 'OUTPUT2' },
  paymentAccounts: { '*:GBP': 'acc-090', 'stripe:GBP': 'clearing' },
  payouts: { GBP: { bank: 'bank', fees: 'fees', refunds: 'returns', disputes: 'disputed' } },
};

let world: SyncWorld;
let ledger: ReturnType<typeof createMemoryPostings>;
let gateway: ReturnType<typeof createMemoryGateway>;
let payouts: Payouts;

beforeEach(async () => {
  world = await openSyncWorld();
  await world.approve();
  await world.sync.mapping.save(world.ref(), { choices: CHOICES, actor: ACTOR });
  world.clock.advance(DAY_MS);
  ledger = createMemoryPostings();
  gateway = createMemoryGateway();
  payouts = openPayouts();
});
afterEach(() => world.close());

const openPayouts = (): Payouts =>
  createPayouts({
    ...world.dependencies,
    source: gateway.source,
    charges: gateway.book,
    openLedger: () => ({ ...world.ledger.port, postings: ledger.postings }),
  });

let rows = 0;
const charge = (amountMinor: number, feeMinor: number, tenantId = TENANT): Movement => {
  const chargeId = `ch_${++rows}`;
  gateway.charges.push({
    tenantId,
    chargeId,
    paymentId: `pay_${rows}`,
    amountMinor,
    currency: 'GBP',
    state: 'live',
    label: `Invoice INV-${rows}`,
    recordIds: [`alc_${rows}`],
  });
  return movement('charge', amountMinor, { feeMinor, chargeId });
};
const movement = (kind: Movement['kind'], amountMinor: number, more: Partial<Movement> = {}): Movement => ({
  id: `txn_${++rows}`,
  kind,
  type: kind,
  amountMinor,
  feeMinor: 0,
  currency: 'GBP',
  chargeId: null,
  isConverted: false,
  description: null,
  ...more,
});
const pays = (id: string, movements: readonly Movement[], change: Partial<PayoutReading> = {}): void =>
  gateway.pays(
    {
      id,
      amountMinor: movements.reduce((sum, { amountMinor, feeMinor }) => sum + amountMinor - feeMinor, 0),
      currency: 'GBP',
      createdAt: world.clock.now().toISOString(),
      arrivesOn: '2026-03-05',
      state: 'paid',
      isItemised: true,
      isComplete: true,
      ...change,
    },
    movements,
  );
const round = async (): Promise<void> => {
  await payouts.pull();
  await payouts.post(TENANT);
};
const inBooks = (): string[] => ledger.books.map(({ posting }) => posting.reference);
const onClearing = (): number => ledger.books.reduce((sum, { posting }) => sum + effectOn('clearing', posting), 0);

describe('a payout', () => {
  test('is posted as fees and transfer, once, however often it is looked at', async () => {
    pays('po_1', [charge(10_000, 320), charge(2_000, 50)]);
    await round();
    await round();
    expect(inBooks()).toEqual(['po_1 fees', 'po_1']);
    expect(onClearing()).toBe(-12_000);
    expect(await payouts.get(TENANT, 'po_1')).toMatchObject({
      state: 'posted',
      amountMinor: 11_630,
      sums: { grossMinor: 12_000, feesMinor: 370, netMinor: 11_630 },
      postings: [
        { part: 'fees', state: 'posted', externalId: 'ext-1' },
        { part: 'transfer', state: 'posted', externalId: 'ext-2' },
      ],
    });
  });

  test('waits until the gateway has told all of it', async () => {
    pays('po_1', [charge(10_000, 320)], { isComplete: false, state: 'underway' });
    await round();
    expect(inBooks()).toEqual([]);
    gateway.becomes('po_1', { isComplete: true, state: 'paid' });
    await round();
    expect(inBooks()).toEqual(['po_1 fees', 'po_1']);
  });

  test('that was made before the ledger was connected is shown, and left to whoever booked it', async () => {
    pays('po_0', [charge(10_000, 320)], { createdAt: '2026-03-01T09:00:00.000Z' });
    await round();
    expect(await payouts.get(TENANT, 'po_0')).toMatchObject({ state: 'before', postings: [] });
    expect(inBooks()).toEqual([]);
  });

  test('waits for an approved plan where the links are gone', async () => {
    world.billing.user.create('contact', contact('Kiln Ltd'));
    await world.settle();
    pays('po_1', [charge(10_000, 320)]);
    await payouts.pull();
    const session = world.store.forTenant(TENANT);
    for (const { id } of (await session.find(links, { limit: 10 })).items) await session.remove(links, id);
    await payouts.post(TENANT);
    expect(inBooks()).toEqual([]);
    expect((await world.sync.connections.get(world.ref())).state).toBe('importing');
  });

  test('without a payment of ours is nobody’s', async () => {
    pays('po_1', [movement('charge', 500, { chargeId: 'ch_of_a_shop' })]);
    await round();
    expect((await payouts.list(TENANT)).items).toEqual([]);
  });

  test('of others is looked through once, and again when a charge may have been booked late', async () => {
    const late = charge(500, 20);
    const [known] = gateway.charges.splice(0);
    pays('po_1', [late]);
    await round();
    if (known !== undefined) gateway.charges.push(known);
    await round();
    expect((await payouts.list(TENANT)).items).toEqual([]);
    world.clock.advance(7 * 60 * 60_000);
    await round();
    expect(inBooks()).toEqual(['po_1 fees', 'po_1']);
  });

  test('does not exist for another business', async () => {
    pays('po_1', [charge(10_000, 320)]);
    await round();
    await expect(payouts.get('ten_other', 'po_1')).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
    expect((await payouts.list('ten_other')).items).toEqual([]);
  });
});

describe('answers that get lost', () => {
  test.each(['commitThenLose', 'lose'] as const)(
    '%s: looked up before it is sent again, and stands once',
    async (fault) => {
      pays('po_1', [charge(10_000, 320)]);
      ledger.faults.push(fault);
      await round();
      await round(); // at once: nothing may be decided yet
      expect(ledger.keys).toHaveLength(1);
      expect(await payouts.get(TENANT, 'po_1')).toMatchObject({ state: 'posting' });
      world.clock.advance(3 * 60_000);
      await round();
      expect(inBooks()).toEqual(['po_1 fees', 'po_1']);
      expect(new Set(ledger.keys).size).toBe(2);
      expect(await payouts.get(TENANT, 'po_1')).toMatchObject({ state: 'posted', problems: [] });
    },
  );

  test('a store that was restored to before it was posted posts nothing twice', async () => {
    pays('po_1', [charge(10_000, 320)]);
    ledger.books.push({
      id: 'ext-earlier',
      posting: {
        kind: 'transfer',
        reference: 'po_1',
        date: '2026-03-05',
        currency: 'GBP',
        memo: '',
        from: 'clearing',
        to: 'bank',
        amountMinor: 9_680,
      },
    });
    await round();
    expect(inBooks()).toEqual(['po_1', 'po_1 fees']);
  });

  test('two workers at once post each part once', async () => {
    pays('po_1', [charge(10_000, 320), movement('refund', -1_000)]);
    pays('po_2', [charge(5_000, 100)]);
    await payouts.pull();
    const other = openPayouts();
    await Promise.all([payouts.post(TENANT), other.post(TENANT), payouts.post(TENANT)]);
    world.clock.advance(3 * 60_000);
    await round();
    expect(inBooks().sort()).toEqual(['po_1', 'po_1 fees', 'po_1 refunds', 'po_2', 'po_2 fees']);
  });

  test('a ledger that is away: tried again, nothing counted as sent', async () => {
    pays('po_1', [charge(10_000, 320)]);
    ledger.setDown(true);
    await round();
    expect(ledger.keys).toEqual([]);
    ledger.setDown(false);
    await round();
    expect(inBooks()).toEqual(['po_1 fees', 'po_1']);
  });
});

describe('what a person has to put right', () => {
  test('an account that nobody chose holds the payout up, and nothing of it is posted', async () => {
    await world.sync.mapping.save(world.ref(), { choices: { ...CHOICES, payouts: {} }, actor: ACTOR });
    pays('po_1', [charge(10_000, 320)]);
    await round();
    expect((await payouts.held(TENANT)).map(({ id }) => id)).toEqual(['po_1']);
    const kept = await world.store.forTenant(TENANT).get(payoutDocuments, 'po_1');
    await round();
    expect(await world.store.forTenant(TENANT).get(payoutDocuments, 'po_1')).toEqual(kept); // nothing new, nothing written
    expect(await payouts.get(TENANT, 'po_1')).toMatchObject({
      state: 'held',
      problems: ['Choose the bank account in which payouts arrive.', 'Choose the account for the gateway’s fees.'],
    });
    await world.sync.mapping.save(world.ref(), { choices: CHOICES, actor: ACTOR });
    await round();
    expect(inBooks()).toEqual(['po_1 fees', 'po_1']);
  });

  test('a refusal of the ledger stands until the mapping changes; what was posted keeps its clearing account', async () => {
    pays('po_1', [charge(10_000, 320), movement('refund', -1_000)]);
    ledger.faults.push('lose', 'refuse');
    await round();
    world.clock.advance(3 * 60_000);
    await round(); // the lost one was absent, and is refused now
    await round();
    expect(ledger.keys).toHaveLength(2);
    expect(await payouts.get(TENANT, 'po_1')).toMatchObject({ state: 'held', problems: ['Account archived.'] });
    const other = { ...CHOICES, payouts: { GBP: { ...CHOICES.payouts?.GBP, refunds: 'returns-2' } } };
    await world.sync.mapping.save(world.ref(), { choices: other, actor: ACTOR });
    await round();
    expect(inBooks()).toEqual(['po_1 refunds', 'po_1 fees', 'po_1']);
    expect(ledger.books[0]?.posting).toMatchObject({ lines: [{ account: 'returns-2' }] });
  });

  test('a part that stands fixes the clearing account of one that is planned anew', async () => {
    pays('po_1', [charge(10_000, 320), movement('refund', -1_000)]);
    ledger.faults.push('none', 'refuse');
    await round();
    expect(await payouts.get(TENANT, 'po_1')).toMatchObject({ state: 'held', problems: ['Account archived.'] });
    const moved = {
      ...CHOICES,
      paymentAccounts: { ...CHOICES.paymentAccounts, 'stripe:GBP': 'clearing-2' },
      payouts: { GBP: { ...CHOICES.payouts?.GBP, fees: 'fees-2' } },
    };
    await world.sync.mapping.save(world.ref(), { choices: moved, actor: ACTOR });
    await round();
    expect(ledger.books.map(({ posting }) => effectOn('clearing', posting))).toEqual([-1_000, -320, -8_680]);
    expect(ledger.books[1]?.posting).toMatchObject({ lines: [{ account: 'fees-2' }] });
  });

  test('a part that stands fixes the clearing account of the rest', async () => {
    pays('po_1', [charge(10_000, 320), movement('refund', -1_000)]);
    ledger.faults.push('commitThenLose');
    await round();
    const moved = { ...CHOICES, paymentAccounts: { ...CHOICES.paymentAccounts, 'stripe:GBP': 'clearing-2' } };
    await world.sync.mapping.save(world.ref(), { choices: moved, actor: ACTOR });
    world.clock.advance(3 * 60_000);
    await round();
    expect(inBooks()).toEqual(['po_1 refunds', 'po_1 fees', 'po_1']);
    expect(onClearing()).toBe(-10_000);
  });

  test('is tried again when asked', async () => {
    pays('po_1', [charge(10_000, 320)]);
    ledger.faults.push('refuse');
    await round();
    expect(await payouts.retry(TENANT, 'po_1')).toMatchObject({ state: 'posted' });
    await expect(payouts.retry(TENANT, 'po_1')).rejects.toMatchObject({ code: 'BB_SYNC_REFUSED' });
  });

  test('money of two businesses in one payout is shown to each in part, and posted for neither', async () => {
    await connectToo('ten_other');
    pays('po_1', [charge(10_000, 320), charge(700, 20, 'ten_other')]);
    await round();
    await payouts.post('ten_other');
    const own = await payouts.get(TENANT, 'po_1');
    expect(own).toMatchObject({ state: 'held', sums: { grossMinor: 10_000 } });
    expect(own.problems[0]).toMatch(/another business/);
    expect(await payouts.get('ten_other', 'po_1')).toMatchObject({ state: 'held', sums: { grossMinor: 700 } });
    expect(inBooks()).toEqual([]);
  });
});

/** A second business of this installation, connected to the same kind of ledger. */
const connectToo = async (tenantId: string): Promise<void> => {
  const { connectionId } = world.ref();
  const own = await world.store.forTenant(TENANT).get(connections, connectionId);
  if (own === undefined) throw new Error('not connected');
  const { revision: _r, tenantId: _t, ...copy } = own;
  await world.store.forTenant(tenantId).insert(connections, { ...copy, id: 'con_other', organisationId: 'org-2' });
  const entry = { id: 'con_other', tenantId, provider: 'memory', organisationId: 'org-2', state: 'active' as const };
  await world.store.system.insert(directory, entry);
};

describe('a payout that comes back', () => {
  test('is taken back once, and goes out again with the next', async () => {
    pays('po_1', [charge(10_000, 320)]);
    await round();
    gateway.becomes('po_1', { state: 'failed' });
    await round();
    await round();
    expect(inBooks()).toEqual(['po_1 fees', 'po_1', 'po_1 return']);
    expect(await payouts.get(TENANT, 'po_1')).toMatchObject({ state: 'returned' });
    pays('po_2', [movement('returned', 9_680), charge(1_000, 30)]);
    await round();
    expect(onClearing()).toBe(-11_000);
  });

  test('before it was posted: its fees, and no transfer', async () => {
    pays('po_1', [charge(10_000, 320)], { state: 'failed' });
    await round();
    expect(inBooks()).toEqual(['po_1 fees']);
    expect(await payouts.get(TENANT, 'po_1')).toMatchObject({ state: 'returned' });
  });
});
