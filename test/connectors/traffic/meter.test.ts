// Bytes by connection and month: nothing is counted twice or lost by two processes that count at once, and nothing fails by counting.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTrafficMeter, sizeOf, traffic } from '../../../src/connectors/traffic/meter';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';
import { createLogger } from '../../../src/core/logger';
import type { Store } from '../../../src/store/port';
import { openTestStore } from '../../support/store';

let store: Store;
let close: () => Promise<void>;
let clock: SimulatedClock;
beforeEach(async () => {
  ({ store, close } = await openTestStore([traffic]));
  clock = simulatedClock(new Date('2026-11-30T23:00:00Z'));
});
afterEach(() => close());

const ref = { tenantId: 'ten_1', connectionId: 'con_1' };
const logs: string[] = [];
const meterOver = (of: Store = store) =>
  createTrafficMeter({
    store: of,
    clock,
    logger: createLogger({ level: 'warn', now: clock.now, write: (line) => void logs.push(line) }),
  });

test('what came is told at once, by connection and by month', async () => {
  const meter = meterOver();
  meter.note(ref, 1_000);
  meter.note(ref, 24);
  meter.note({ ...ref, connectionId: 'con_2' }, 7);
  expect(await meter.read(ref)).toEqual({ month: '2026-11', bytes: 1_024 });
  expect(await meter.read(ref)).toEqual({ month: '2026-11', bytes: 1_024 });
  clock.advance(2 * 3_600_000);
  expect(await meter.read(ref)).toEqual({ month: '2026-12', bytes: 0 });
  expect(await meter.read({ ...ref, tenantId: 'ten_2' })).toEqual({ month: '2026-12', bytes: 0 });
});

test('it is written down within a minute, without being asked', async () => {
  const meter = meterOver();
  meter.note(ref, 5);
  clock.advance(60_000);
  meter.note(ref, 6);
  await meter.flush();
  expect((await store.forTenant('ten_1').get(traffic, 'con_1:2026-11'))?.bytes).toBe(11);
});

test('two processes that write at once add up', async () => {
  const meters = Array.from({ length: 4 }, () => meterOver());
  for (let round = 0; round < 5; round++) {
    for (const meter of meters) meter.note(ref, 10);
    await Promise.all(meters.map((meter) => meter.flush()));
  }
  expect((await meterOver().read(ref)).bytes).toBe(200);
  expect((await store.forTenant('ten_1').get(traffic, 'con_1:2026-11'))?.answers).toBe(20);
});

test('a store that fails costs no answer, and what was counted is written later', async () => {
  let isDown = true;
  const failing: Store = {
    ...store,
    forTenant: (tenantId) => {
      if (isDown) throw new Error('disk full');
      return store.forTenant(tenantId);
    },
  };
  const meter = meterOver(failing);
  meter.note(ref, 9);
  await meter.flush();
  expect(logs.join()).toContain('could not be written down');
  isDown = false;
  expect((await meter.read(ref)).bytes).toBe(9);
});

test.each([
  [{ 'content-length': '120' }, 'äb', 120],
  [{}, 'äb', 3],
  [{ 'content-length': 'much' }, 'ab', 2],
])('an answer with %j is as long as the wire says, or as its text', (headers, text, size) => {
  expect(sizeOf({ headers: headers as Record<string, string>, text })).toBe(size);
});
