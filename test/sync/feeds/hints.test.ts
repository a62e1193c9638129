import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { simulatedClock } from '../../../src/core/clock';
import { claims, connections, dirtyRecords, syncCollections } from '../../../src/sync/collections';
import { createHints } from '../../../src/sync/feeds/hints';
import { newLink, openLinkStore } from '../../../src/sync/links/link-documents';
import type { HintInput } from '../../../src/sync/service';
import { openTestStore, type TestStore } from '../../support/store';

const AT = '2026-03-05T10:00:00.000Z';
const clock = simulatedClock(new Date(AT));
let bed: TestStore;
let nudges: string[];
let fault: Error | undefined;

beforeEach(async () => {
  bed = await openTestStore(syncCollections);
  nudges = [];
  fault = undefined;
  const claim = { id: 'xero:org', tenantId: 'biz', connectionId: 'con' };
  await bed.store.system.insert(claims, claim);
  await bed.store.forTenant('biz').insert(connections, {
    id: 'con',
    provider: 'xero',
    organisationId: 'org',
    grantId: 'grant',
    state: 'active',
    isConnected: true,
    organisation: {},
    organisationReadAt: AT,
    paymentUnit: 'allocation',
    kinds: ['invoice'],
    progress: [],
    cursors: {},
    needsFullCompare: false,
    pulledKinds: [],
    connectedAt: AT,
    connectedBy: 'Olive',
  });
});
afterEach(() => bed.close());

const intake = () =>
  createHints({
    store: bed.store,
    clock,
    nudge: async (connectionId: string) => {
      if (fault) throw fault;
      nudges.push(connectionId);
    },
  });

const hint = (externalId: string, organisationId = 'org'): HintInput => ({
  provider: 'xero',
  organisationId,
  kind: 'invoice',
  externalId,
});
const stored = () => bed.store.forTenant('biz').count(dirtyRecords, { where: { connectionId: 'con' } });

test('stores a hint before it answers', async () => {
  const note = intake();
  expect(await note([hint('a'), hint('b')])).toEqual({ noted: 2 });
  expect(await stored()).toBe(2);
});

test('stores what comes at once together, and each is stored when it is answered', async () => {
  const note = intake();
  const answers = Array.from({ length: 100 }, async (_, i) => {
    await note([hint(`invoice-${i}`)]);
    expect(await bed.store.forTenant('biz').get(dirtyRecords, `con:invoice:external:invoice-${i}`)).toBeDefined();
  });
  await Promise.all(answers);
  expect(await stored()).toBe(100);
  expect(nudges.length).toBeLessThan(20);
});

test('tells a failure to those whom it took, and goes on with the next', async () => {
  const note = intake();
  fault = new Error('the disk is full');
  const failed = await Promise.allSettled([note([hint('a')]), note([hint('b')])]);
  expect(failed.map(({ status }) => status)).toContain('rejected');
  fault = undefined;
  expect(await note([hint('c')])).toEqual({ noted: 1 });
});

test('remembers that webhooks come, so that the scheduled look may be rarer', async () => {
  await intake()([hint('a')]);
  expect(await bed.store.forTenant('biz').get(connections, 'con')).toMatchObject({ webhookHeardAt: AT });
});

test('ignores organisations that nobody connected', async () => {
  expect(await intake()([hint('a', 'of somebody else')])).toEqual({ noted: 0 });
  expect(nudges).toEqual([]);
});

describe('the echo of what we wrote', () => {
  const [before, then, after] = ['2026-03-05T09:00:00.000Z', '2026-03-05T09:30:00.000Z', '2026-03-05T09:30:00.001Z'];
  const restAt = async (change: Partial<Parameters<typeof newLink>[0]> & object = {}): Promise<void> => {
    const row = newLink({
      id: 'lnk',
      connectionId: 'con',
      kind: 'invoice',
      mapVersion: '1.1',
      localId: 'l',
      externalId: 'a',
    });
    await openLinkStore(bed.store, 'biz', 'con').insert({ ...row, externalVersion: then, ...change });
  };
  const happened = (happenedAt: string): HintInput => ({ ...hint('a'), happenedAt });

  test.each([
    ['of that moment is no news', then, 0],
    ['of an earlier one is no news', before, 0],
    ['of a later one is', after, 1],
  ])('%s', async (_what, at, expected) => {
    await restAt();
    expect(await intake()([happened(at)])).toEqual({ noted: 1 });
    expect(await stored()).toBe(expected);
    expect(nudges).toHaveLength(expected);
  });

  test('is news where versions are no moments, and where no moment is told', async () => {
    await restAt({ externalVersion: '7@2026-03-05T09:30:00-08:00' } as object);
    await intake()([happened(before)]);
    await intake()([hint('b')]);
    expect(await stored()).toBe(2);
  });
});

test('waits for others where calls are scarce, and asks for no run', async () => {
  const session = bed.store.forTenant('biz');
  const connection = await session.get(connections, 'con');
  if (connection === undefined) throw new Error('no connection');
  await session.update(connections, { ...connection, gathersForMs: 3_600_000 });
  await intake()([hint('a')]);
  await intake()([hint('a')]);
  expect(nudges).toEqual([]);
  expect(await session.get(dirtyRecords, 'con:invoice:external:a')).toMatchObject({
    dueAt: '2026-03-05T11:00:00.000Z',
    number: 2,
  });
});
