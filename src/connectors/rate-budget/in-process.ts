// The budget of one process (embedded mode). Sliding windows, so that no fixed window of the ledger is ever overrun, wherever it begins.
import type { Clock } from '../../core/clock';
import type { BudgetLimits, CallPermit, RateBudget } from './port';
import {
  type Answer,
  type Attempt,
  closingOf,
  DAY_HOURS,
  DEFAULT_MAX_WAIT_MS,
  HOUR_MS,
  MINUTE_MS,
  PERMIT_LIFE_MS,
  REPORT_LIFE_MS,
  reservedOf,
} from './rules';
import { acquireBy } from './waiting';

type Ledger = {
  /** Starts of the calls of the last minute, in order. */
  calls: number[];
  readonly named: Map<string, number[]>;
  /** Calls by hour since the epoch. */
  readonly hours: Map<number, number>;
  /** Permit → when it counts as lost. */
  readonly inFlight: Map<string, number>;
  closedUntil: number;
  closedForSyncUntil: number;
  dayClosedUntil: number;
  reported?: { left: number; readonly at: number };
  /** Woken when a place in flight comes free. */
  waiters: (() => void)[];
};

export const createInProcessBudget = ({ clock }: { readonly clock: Clock }): RateBudget => {
  const ledgers = new Map<string, Ledger>();
  let sequence = 0;
  const ledgerOf = (key: string): Ledger => {
    const known = ledgers.get(key) ?? newLedger();
    ledgers.set(key, known);
    return known;
  };

  return {
    acquire: (key, limits, call) => {
      const ledger = ledgerOf(key);
      return acquireBy({
        clock,
        call: { maxWaitMs: call.maxWaitMs ?? DEFAULT_MAX_WAIT_MS, ...(call.signal && { signal: call.signal }) },
        attempt: async () => attempt(ledger, limits, call, clock.now().getTime(), () => `permit-${++sequence}`),
        whenFree: () => new Promise((resolve) => ledger.waiters.push(resolve)),
        permit: (id) => permitOf(ledger, id, clock),
      });
    },
    state: async (key, limits) => {
      const ledger = ledgerOf(key);
      const now = clock.now().getTime();
      forget(ledger, now);
      const left = leftToday(ledger, limits, now, DAY_HOURS * HOUR_MS);
      return {
        usedToday: usedToday(ledger),
        ...(left === undefined ? {} : { leftToday: left }),
        leftThisMinute: Math.max(0, limits.perMinute - ledger.calls.length),
        closedForMs: Math.max(0, ledger.closedUntil - now, ledger.closedForSyncUntil - now),
      };
    },
  };
};

const newLedger = (): Ledger => ({
  calls: [],
  named: new Map(),
  hours: new Map(),
  inFlight: new Map(),
  closedUntil: 0,
  closedForSyncUntil: 0,
  dayClosedUntil: 0,
  waiters: [],
});

const forget = (ledger: Ledger, now: number): void => {
  ledger.calls = ledger.calls.filter((at) => at > now - MINUTE_MS);
  for (const [name, calls] of ledger.named)
    ledger.named.set(
      name,
      calls.filter((at) => at > now - MINUTE_MS),
    );
  for (const hour of ledger.hours.keys()) if (hour <= Math.floor(now / HOUR_MS) - DAY_HOURS) ledger.hours.delete(hour);
  for (const [id, until] of ledger.inFlight) if (until <= now) ledger.inFlight.delete(id);
};

const usedToday = (ledger: Ledger): number => [...ledger.hours.values()].reduce((sum, count) => sum + count, 0);

/** To act on it a report must be young; to show and to plan by it, of today. */
const leftToday = (
  ledger: Ledger,
  limits: BudgetLimits,
  now: number,
  reportLifeMs = REPORT_LIFE_MS,
): number | undefined => {
  if (limits.perDay === undefined) return undefined;
  const counted = limits.perDay - usedToday(ledger);
  const { reported } = ledger;
  const left = reported !== undefined && reported.at > now - reportLifeMs ? Math.min(counted, reported.left) : counted;
  return Math.max(0, left);
};

type Call = Parameters<RateBudget['acquire']>[2];

const attempt = (ledger: Ledger, limits: BudgetLimits, call: Call, now: number, newId: () => string): Attempt => {
  forget(ledger, now);
  const closedUntil =
    call.purpose === 'sync' ? Math.max(ledger.closedUntil, ledger.closedForSyncUntil) : ledger.closedUntil;
  if (closedUntil > now) {
    return { result: ledger.dayClosedUntil >= closedUntil ? 'day' : 'wait', waitMs: closedUntil - now };
  }
  const left = leftToday(ledger, limits, now);
  if (left !== undefined && left <= (call.purpose === 'sync' ? reservedOf(limits, usedToday(ledger), left) : 0)) {
    return { result: 'day', waitMs: untilDayEases(ledger, now) };
  }
  const named = call.name === undefined ? undefined : limits.perMinuteOf?.[call.name];
  const namedCalls = (call.name !== undefined && ledger.named.get(call.name)) || [];
  const waitMs = Math.max(
    untilRoom(ledger.calls, limits.perMinute, MINUTE_MS, now),
    limits.perSecond === undefined ? 0 : untilRoom(ledger.calls, limits.perSecond, 1_000, now),
    named === undefined ? 0 : untilRoom(namedCalls, named, MINUTE_MS, now),
  );
  if (waitMs > 0) return { result: 'wait', waitMs };
  if (ledger.inFlight.size >= limits.inFlight) return { result: 'busy' };

  const id = newId();
  const hour = Math.floor(now / HOUR_MS);
  ledger.calls.push(now);
  if (call.name !== undefined && named !== undefined) ledger.named.set(call.name, [...namedCalls, now]);
  ledger.hours.set(hour, (ledger.hours.get(hour) ?? 0) + 1);
  ledger.inFlight.set(id, now + PERMIT_LIFE_MS);
  if (ledger.reported !== undefined) ledger.reported.left--;
  return { result: 'permit', id };
};

/** 0 where one more call fits into the last `windowMs`. */
const untilRoom = (calls: readonly number[], limit: number, windowMs: number, now: number): number => {
  const recent = calls.filter((at) => at > now - windowMs);
  const blocking = recent[recent.length - limit];
  return blocking === undefined ? 0 : blocking + windowMs - now;
};

const untilDayEases = (ledger: Ledger, now: number): number => {
  const oldest = Math.min(...ledger.hours.keys());
  if (ledger.reported !== undefined && ledger.reported.at > now - REPORT_LIFE_MS) {
    return ledger.reported.at + REPORT_LIFE_MS - now;
  }
  return Number.isFinite(oldest) ? (oldest + DAY_HOURS) * HOUR_MS - now : HOUR_MS;
};

const permitOf = (ledger: Ledger, id: string, clock: Clock): CallPermit => ({
  release: async (answer: Answer = {}) => {
    if (!ledger.inFlight.delete(id)) return;
    const now = clock.now().getTime();
    const { allMs, syncMs } = closingOf(answer);
    if (allMs > 0) ledger.closedUntil = Math.max(ledger.closedUntil, now + allMs);
    if (syncMs > 0) ledger.closedForSyncUntil = Math.max(ledger.closedForSyncUntil, now + syncMs);
    if (answer.limit === 'day') ledger.dayClosedUntil = Math.max(ledger.dayClosedUntil, now + syncMs);
    if (answer.dayRemaining !== undefined) {
      // Calls still under way are not in the ledger's figure yet.
      ledger.reported = { left: answer.dayRemaining - ledger.inFlight.size, at: now };
    }
    const oldest = ledger.calls[0];
    if (
      answer.minuteRemaining !== undefined &&
      answer.minuteRemaining <= ledger.inFlight.size &&
      oldest !== undefined
    ) {
      ledger.closedUntil = Math.max(ledger.closedUntil, oldest + MINUTE_MS);
    }
    for (const wake of ledger.waiters.splice(0)) wake();
  },
});
