// One healthy connection, and each fact that changes what is foretold of it.
import { expect, test } from '@jest/globals';
import { type Facts, forecast } from '../../../src/sync/health/forecast';

const now = new Date('2026-11-20T12:00:00Z');
const before = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();
const after = (hours: number): string => before(-hours);
const DAY = 24;
const GB = 1_000_000_000;

const healthy: Facts = {
  ledger: 'Xero',
  timeZone: 'Pacific/Auckland',
  state: 'active',
  activatedAt: before(60 * DAY),
  consent: { isLost: false, endsAt: after(59 * DAY) },
  budget: { usedToday: 400, leftToday: 4_600 },
  lastPollAt: before(0.2),
  lastFullCompareAt: before(10),
  webhookHeardAt: before(1),
  received: { month: '2026-11', bytes: GB, includedBytes: 10 * GB },
};

const told = (change: Partial<Facts>, at = now) =>
  forecast({ ...healthy, ...change }, at).map(({ code, severity }) => `${severity}: ${code}`);

test('nothing is foretold of a connection that works', () => {
  expect(forecast(healthy, now)).toEqual([]);
});

test.each<[string, Partial<Facts>, readonly string[]]>([
  ['a pause', { state: 'paused' }, ['stopped: signInLost']],
  ['a consent that was withdrawn and not met by a run yet', { consent: { isLost: true } }, ['stopped: signInLost']],
  ['a connection that has ended', { state: 'disconnected', consent: { isLost: true } }, []],
  ['an answer that says nothing', { lastRunStopped: { because: 'Xero sent a page.' } }, ['stopped: noUsableAnswer']],
  ['a sign-in of 15 days', { consent: { isLost: false, endsAt: after(15 * DAY) } }, []],
  ['a sign-in of 14 days', { consent: { isLost: false, endsAt: after(14 * DAY) } }, ['soon: signInEnds']],
  ['a day without calls left', { budget: { usedToday: 5_000, leftToday: 0 } }, ['stopped: callsUsedUp']],
  ['a fifth of the calls left', { budget: { usedToday: 800, leftToday: 200 } }, []],
  ['less than a fifth left', { budget: { usedToday: 801, leftToday: 199 } }, ['watch: callsShort']],
  ['a ledger without a daily limit', { budget: { usedToday: 9_999 } }, []],
  ['a look 12 hours ago', { lastPollAt: before(12) }, []],
  ['no look for longer', { lastPollAt: before(12.1) }, ['stopped: nobodyLooks']],
  ['a change that waits for a day', { oldestWaitingAt: before(24) }, []],
  ['a change that waits for longer', { oldestWaitingAt: before(25) }, ['watch: waitsLong']],
  ['a webhook that was missed after the last one came', { webhookMissedAt: before(0.5) }, ['watch: webhooksMissed']],
  ['a webhook that came after the last miss', { webhookMissedAt: before(2) }, []],
  ['a compare three days ago', { lastFullCompareAt: before(3 * DAY) }, []],
  ['no compare for longer', { lastFullCompareAt: before(3 * DAY + 1) }, ['watch: compareLate']],
  [
    '7 GB after 19.5 days of 30',
    { received: { month: '2026-11', bytes: 7 * GB, includedBytes: 10 * GB } },
    ['watch: trafficHigh'],
  ],
  ['6 GB by then', { received: { month: '2026-11', bytes: 6 * GB, includedBytes: 10 * GB } }, []],
  ['the traffic of another month', { received: { month: '2026-10', bytes: 70 * GB, includedBytes: 10 * GB } }, []],
  ['traffic that costs nothing', { received: { month: '2026-11', bytes: 70 * GB } }, []],
])('%s', (_name, change, expected) => {
  expect(told(change)).toEqual(expected);
});

test('webhooks that never came are missed after a week, not on the first day', () => {
  const { webhookHeardAt: _heard, ...silent } = healthy;
  expect(forecast({ ...silent, activatedAt: before(6 * DAY), lastFullCompareAt: before(1) }, now)).toEqual([]);
  expect(forecast(silent, now).map(({ code }) => code)).toEqual(['webhooksNever']);
});

test('a connection that is still in review is not told of looks and compares that have not begun', () => {
  const { activatedAt: _activated, lastPollAt: _poll, lastFullCompareAt: _compare, ...young } = healthy;
  expect(forecast({ ...young, state: 'review', webhookMissedAt: before(1) }, now)).toEqual([]);
});

test('the traffic of the first days of a month is not drawn out to its end', () => {
  const at = new Date('2026-12-02T00:00:00Z');
  const looked = { lastPollAt: at.toISOString(), lastFullCompareAt: at.toISOString() };
  const received = { month: '2026-12', bytes: 2 * GB, includedBytes: 10 * GB };
  expect(told({ ...looked, received }, at)).toEqual([]);
});

test('what does not work comes before what will not, and that before what costs', () => {
  expect(
    told({
      oldestWaitingAt: before(30),
      consent: { isLost: false, endsAt: after(2 * DAY) },
      budget: { usedToday: 1_000, leftToday: 0 },
    }),
  ).toEqual(['stopped: callsUsedUp', 'soon: signInEnds', 'watch: waitsLong']);
});

test('each warning is a sentence with the day where the organisation is, and the one thing to do', () => {
  const [warning] = forecast({ ...healthy, consent: { isLost: false, endsAt: '2026-11-23T18:00:00.000Z' } }, now);
  expect(warning).toEqual({
    code: 'signInEnds',
    severity: 'soon',
    at: '2026-11-23T18:00:00.000Z',
    says: 'On 24 Nov 2026, in 3 days, nothing will cross any more: the sign-in to Xero ends if it is not used before.',
    fix: 'Sync now uses it and renews it. If that fails, connect again.',
  });
});
