// What every rate budget must do, on a clock that stands still unless somebody sleeps on it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BudgetLimits, BudgetRefusal, CallPermit, RateBudget } from '../../../src/connectors/rate-budget/port';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';

export type BudgetHarness = {
  /** Budgets on the same backing share what they count (in process: the same one). */
  open(clock: SimulatedClock): RateBudget;
  end(): Promise<void>;
};

const LIMITS: BudgetLimits = { perMinute: 6, inFlight: 3, perDay: 100, reservedShare: 0.2 };
const START = new Date('2026-11-20T10:00:30.000Z');
const isPermit = (answer: CallPermit | BudgetRefusal): answer is CallPermit => 'release' in answer;

export const describeRateBudget = (name: string, setUp: () => Promise<BudgetHarness>): void => {
  describe(`rate budget ${name}`, () => {
    let harness: BudgetHarness;
    let clock: SimulatedClock;
    let budget: RateBudget;
    beforeEach(async () => {
      harness = await setUp();
      clock = simulatedClock(START);
      budget = harness.open(clock);
    });
    afterEach(() => harness.end());

    const elapsedMs = (): number => clock.now().getTime() - START.getTime();
    const call = async (
      limits = LIMITS,
      request: Parameters<RateBudget['acquire']>[2] = { purpose: 'sync' },
      answer?: Parameters<CallPermit['release']>[0],
    ): Promise<void> => {
      const permit = await budget.acquire('con_1', limits, request);
      if (!isPermit(permit)) throw new Error(`refused: ${permit.refused}`);
      await permit.release(answer);
    };

    test('lets the calls of a minute through at once and makes the next one wait for room', async () => {
      for (let i = 0; i < LIMITS.perMinute; i++) {
        await call();
        clock.advance(1_000);
      }
      expect(elapsedMs()).toBe(6_000);
      await call();
      expect(elapsedMs()).toBe(60_000);
      await call();
      expect(elapsedMs()).toBe(61_000);
    });

    test('never lets more than a minute’s calls into any minute, wherever it begins', async () => {
      const starts: number[] = [];
      for (let i = 0; i < 20; i++) {
        await call();
        starts.push(elapsedMs());
        clock.advance((i * 7_919) % 13_000);
      }
      for (const start of starts) {
        expect(starts.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(6);
      }
    });

    test('spreads calls over the seconds where the ledger wants that', async () => {
      const limits = { ...LIMITS, perSecond: 2 };
      for (let i = 0; i < 5; i++) await call(limits);
      expect(elapsedMs()).toBe(2_000);
    });

    test('holds a named limit beside the main one', async () => {
      const limits = { ...LIMITS, perMinute: 50, perMinuteOf: { batch: 2 } };
      await call(limits, { purpose: 'sync', name: 'batch' });
      await call(limits, { purpose: 'sync', name: 'batch' });
      await call(limits);
      expect(elapsedMs()).toBe(0);
      await call(limits, { purpose: 'sync', name: 'batch' });
      expect(elapsedMs()).toBe(60_000);
    });

    test('never has more calls in flight than allowed, and goes on when one comes back', async () => {
      const held: CallPermit[] = [];
      for (let i = 0; i < LIMITS.inFlight; i++) {
        const permit = await budget.acquire('con_1', LIMITS, { purpose: 'sync' });
        if (isPermit(permit)) held.push(permit);
      }
      expect(held).toHaveLength(3);
      let entered = false;
      const waiting = budget.acquire('con_1', LIMITS, { purpose: 'sync' }).then((permit) => {
        entered = true;
        return permit;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(entered).toBe(false);
      await held[0]?.release();
      expect(isPermit(await waiting)).toBe(true);
    });

    test('takes the place of a holder that died back after a while', async () => {
      for (let i = 0; i < LIMITS.inFlight; i++) await budget.acquire('con_1', LIMITS, { purpose: 'sync' });
      clock.advance(200_000);
      expect(isPermit(await budget.acquire('con_1', LIMITS, { purpose: 'sync' }))).toBe(true);
    });

    test('refuses instead of waiting longer than the caller may', async () => {
      for (let i = 0; i < LIMITS.perMinute; i++) await call();
      expect(await budget.acquire('con_1', LIMITS, { purpose: 'sync', maxWaitMs: 10_000 })).toEqual({
        refused: 'wait',
        retryAfterMs: 60_000,
      });
      expect(elapsedMs()).toBe(0);
    });

    test('keeps a share of the day back for looking up and for people', async () => {
      const limits = { ...LIMITS, perMinute: 1_000, perDay: 10 };
      for (let i = 0; i < 8; i++) await call(limits);
      expect(await budget.acquire('con_1', limits, { purpose: 'sync' })).toMatchObject({ refused: 'day' });
      await call(limits, { purpose: 'resolve' });
      await call(limits, { purpose: 'person' });
      expect(await budget.acquire('con_1', limits, { purpose: 'person' })).toMatchObject({ refused: 'day' });
      expect(await budget.state('con_1', limits)).toMatchObject({ usedToday: 10, leftToday: 0 });
    });

    test('opens the day again when its calls are a day old', async () => {
      const limits = { ...LIMITS, perMinute: 1_000, perDay: 10 };
      for (let i = 0; i < 8; i++) await call(limits);
      const refusal = await budget.acquire('con_1', limits, { purpose: 'sync' });
      if (isPermit(refusal)) throw new Error('was let through');
      clock.advance(refusal.retryAfterMs - 1);
      expect(await budget.acquire('con_1', limits, { purpose: 'sync' })).toMatchObject({ refused: 'day' });
      clock.advance(1);
      await call(limits);
    });

    test('believes the ledger where it says that less of the day is left', async () => {
      await call(LIMITS, { purpose: 'sync' }, { dayRemaining: 2 });
      await call();
      expect(await budget.acquire('con_1', LIMITS, { purpose: 'sync' })).toMatchObject({ refused: 'day' });
      expect(await budget.state('con_1', LIMITS)).toMatchObject({ usedToday: 2, leftToday: 1 });
      clock.advance(3_600_000); // the report is old: one more answer is worth having
      await call();
    });

    test('keeps back a share of what a smaller tier allows, not of what we thought', async () => {
      const limits = { ...LIMITS, perMinute: 1_000 };
      for (let left = 9; left >= 2; left--) await call(limits, { purpose: 'sync' }, { dayRemaining: left });
      expect(await budget.acquire('con_1', limits, { purpose: 'sync' })).toMatchObject({ refused: 'day' });
      await call(limits, { purpose: 'person' });
    });

    test('waits for the minute to end where the ledger says that nothing of it is left', async () => {
      await call(LIMITS, { purpose: 'sync' }, { minuteRemaining: 0 });
      await call();
      expect(elapsedMs()).toBe(60_000);
    });

    test('calls nobody before a Retry-After has passed', async () => {
      await call(LIMITS, { purpose: 'sync' }, { limit: 'minute', retryAfterMs: 17_000 });
      expect((await budget.state('con_1', LIMITS)).closedForMs).toBe(17_000);
      await call(LIMITS, { purpose: 'person' });
      expect(elapsedMs()).toBe(17_000);
    });

    test('waits a moment after a 429 that names no time', async () => {
      await call(LIMITS, { purpose: 'sync' }, { limit: 'concurrent' });
      await call();
      expect(elapsedMs()).toBe(1_000);
    });

    test('parks the day at once instead of sleeping for hours', async () => {
      await call(LIMITS, { purpose: 'sync' }, { limit: 'day', retryAfterMs: 66_975_000 });
      expect(await budget.acquire('con_1', LIMITS, { purpose: 'sync' })).toEqual({
        refused: 'day',
        retryAfterMs: 66_975_000,
      });
      expect(elapsedMs()).toBe(0);
    });

    test('counts each connection alone', async () => {
      for (let i = 0; i < LIMITS.perMinute; i++) await call();
      expect(isPermit(await budget.acquire('con_2', LIMITS, { purpose: 'sync' }))).toBe(true);
      expect(elapsedMs()).toBe(0);
    });

    test('counts a permit once, however often it is given back', async () => {
      const permit = await budget.acquire('con_1', LIMITS, { purpose: 'sync' });
      if (!isPermit(permit)) throw new Error('refused');
      await permit.release();
      await permit.release({ limit: 'minute', retryAfterMs: 50_000 });
      expect((await budget.state('con_1', LIMITS)).closedForMs).toBe(0);
    });

    test('gives up waiting when the caller is told to stop', async () => {
      const stop = new AbortController();
      stop.abort();
      expect(await budget.acquire('con_1', LIMITS, { purpose: 'sync', signal: stop.signal })).toMatchObject({
        refused: 'wait',
      });
    });

    test('is shared by everybody who opens it', async () => {
      const other = harness.open(clock);
      for (let i = 0; i < 5; i++) await call();
      const answers = await Promise.all(
        [budget, other].map((one) => one.acquire('con_1', LIMITS, { purpose: 'sync', maxWaitMs: 0 })),
      );
      expect(answers.filter(isPermit)).toHaveLength(1);
    });
  });
};
