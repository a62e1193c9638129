// What will stop working in a connection, and when, as sentences for a tired owner. Pure: facts and an instant in, warnings out. It tells
// only what follows from the facts; a healthy connection gives none.
import { dateIn, displayDate } from '../../core/calendar-date';
import type { Instant } from '../../core/clock';
import { BACKSTOP_MS, LONGEST_MS } from '../feeds/poll-pacing';
import type { Received } from '../ports/ledger-port';
import type { ConnectionState } from '../service';

export type Facts = {
  /** As people call it: Xero. */
  readonly ledger: string;
  readonly timeZone: string;
  readonly state: ConnectionState;
  readonly pausedBecause?: string;
  readonly activatedAt?: Instant;
  /** The ledger's sign-in: `endsAt` if it is not used before. */
  readonly consent?: { readonly isLost: boolean; readonly endsAt?: Instant };
  readonly budget?: { readonly usedToday: number; readonly leftToday?: number };
  readonly oldestWaitingAt?: Instant;
  readonly lastPollAt?: Instant;
  readonly lastFullCompareAt?: Instant;
  readonly webhookHeardAt?: Instant;
  readonly webhookMissedAt?: Instant;
  readonly received?: Received;
  /** Why the last run could not go on, where the ledger gave no answer that says anything. */
  readonly lastRunStopped?: { readonly because: string; readonly goesOnAt?: Instant };
};

export const WARNINGS = [
  'signInLost',
  'noUsableAnswer',
  'callsUsedUp',
  'nobodyLooks',
  'signInEnds',
  'callsShort',
  'waitsLong',
  'webhooksMissed',
  'webhooksNever',
  'compareLate',
  'trafficHigh',
] as const;
export type Warning = {
  readonly code: (typeof WARNINGS)[number];
  /** `stopped`: it does not work now. `soon`: it will stop at `at`. `watch`: it works, worse or dearer than it could. */
  readonly severity: 'stopped' | 'soon' | 'watch';
  readonly at?: Instant;
  readonly says: string;
  readonly fix: string;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SIGN_IN_SOON_MS = 14 * DAY_MS;
const SHORT_SHARE = 0.2;
const WAITS_LONG_MS = DAY_MS;
/** Looks may be six hours apart; two that did not come are no coincidence. */
const NOBODY_LOOKS_MS = 2 * LONGEST_MS;
const COMPARE_LATE_MS = 3 * DAY_MS;
const WEBHOOKS_PATIENCE_MS = 7 * DAY_MS;
const GIGABYTE = 1_000_000_000;

export const forecast = (facts: Facts, now: Date): readonly Warning[] => {
  const { state, ledger, pausedBecause, consent } = facts;
  if (state === 'disconnected') return [];
  if (state === 'paused' || consent?.isLost) {
    return [
      {
        code: 'signInLost',
        severity: 'stopped',
        says: `Nothing crosses: ${ledger} no longer accepts our sign-in.${pausedBecause ? ` ${pausedBecause}` : ''}`,
        fix: `Connect ${ledger} again. Records and links are kept, and it goes on where it stood.`,
      },
    ];
  }
  const found = [signInEnds(facts, now), ...(state === 'active' ? activeOnly(facts, now) : [])];
  return found
    .filter((warning) => warning !== undefined)
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
};
const SEVERITIES: readonly Warning['severity'][] = ['stopped', 'soon', 'watch'];

const activeOnly = (facts: Facts, now: Date): readonly (Warning | undefined)[] => [
  noUsableAnswer(facts),
  calls(facts),
  nobodyLooks(facts, now),
  waitsLong(facts, now),
  webhooks(facts, now),
  compareLate(facts, now),
  trafficHigh(facts, now),
];

const signInEnds = ({ ledger, timeZone, consent }: Facts, now: Date): Warning | undefined => {
  if (consent?.endsAt === undefined) return undefined;
  const leftMs = Date.parse(consent.endsAt) - now.getTime();
  if (leftMs > SIGN_IN_SOON_MS) return undefined;
  const day = displayDate(dateIn(timeZone, new Date(consent.endsAt)));
  return {
    code: 'signInEnds',
    severity: 'soon',
    at: consent.endsAt,
    says: `On ${day}, ${inDays(leftMs)}, nothing will cross any more: the sign-in to ${ledger} ends if it is not used before.`,
    fix: 'Sync now uses it and renews it. If that fails, connect again.',
  };
};

const noUsableAnswer = ({ ledger, lastRunStopped }: Facts): Warning | undefined => {
  if (lastRunStopped === undefined) return undefined;
  return {
    code: 'noUsableAnswer',
    severity: 'stopped',
    ...(lastRunStopped.goesOnAt === undefined ? {} : { at: lastRunStopped.goesOnAt }),
    says: `Nothing crosses at the moment: ${lastRunStopped.because} Nothing is lost, and nothing was concluded from it.`,
    fix: `Nothing to do: it tries again by itself. If it stays for an hour, see whether ${ledger} itself is working, and press Sync now.`,
  };
};

const calls = ({ ledger, budget }: Facts): Warning | undefined => {
  if (budget?.leftToday === undefined) return undefined;
  const limit = budget.usedToday + budget.leftToday;
  if (budget.leftToday === 0 && limit > 0) {
    return {
      code: 'callsUsedUp',
      severity: 'stopped',
      says: `${ledger} allows no more calls today (${figure(limit)} a day). Changes wait and cross as soon as it counts a new day.`,
      fix: 'Nothing to do. If it happens often, move to a larger plan of the provider.',
    };
  }
  if (limit === 0 || budget.leftToday / limit >= SHORT_SHARE) return undefined;
  return {
    code: 'callsShort',
    severity: 'watch',
    says: `${figure(budget.leftToday)} of ${figure(limit)} calls to ${ledger} are left today. We look less often until it counts a new day; what is left is kept for people and payments.`,
    fix: 'Nothing to do today. Other apps on the same books do not count; large imports do.',
  };
};

const nobodyLooks = ({ ledger, lastPollAt, activatedAt }: Facts, now: Date): Warning | undefined => {
  const last = lastPollAt ?? activatedAt;
  const ageMs = ageOf(last, now);
  if (ageMs <= NOBODY_LOOKS_MS) return undefined;
  return {
    code: 'nobodyLooks',
    severity: 'stopped',
    says: `Changes in ${ledger} are not seen: we last looked ${hours(ageMs)} ago.`,
    fix: 'Press Sync now. If nothing happens, the program that does the work in the background is not running.',
  };
};

const waitsLong = ({ oldestWaitingAt, timeZone }: Facts, now: Date): Warning | undefined => {
  const ageMs = ageOf(oldestWaitingAt, now);
  if (oldestWaitingAt === undefined || ageMs <= WAITS_LONG_MS) return undefined;
  const day = displayDate(dateIn(timeZone, new Date(oldestWaitingAt)));
  return {
    code: 'waitsLong',
    severity: 'watch',
    says: `A change of ${day} has not crossed yet.`,
    fix: 'Press Sync now and look at the problems of this connection.',
  };
};

const webhooks = (facts: Facts, now: Date): Warning | undefined => {
  const { ledger, timeZone, webhookHeardAt, webhookMissedAt, activatedAt } = facts;
  const minutes = BACKSTOP_MS / 60_000;
  const fix = `Check the webhook address at ${ledger}'s developer pages; the page of connections shows ours.`;
  if (webhookMissedAt !== undefined && (webhookHeardAt === undefined || webhookHeardAt <= webhookMissedAt)) {
    const day = displayDate(dateIn(timeZone, new Date(webhookMissedAt)));
    return {
      code: 'webhooksMissed',
      severity: 'watch',
      at: webhookMissedAt,
      says: `${ledger} did not tell us of a change that we found on ${day}. Until its messages come again, changes cross up to ${minutes} minutes late.`,
      fix,
    };
  }
  if (webhookHeardAt !== undefined || ageOf(activatedAt, now) <= WEBHOOKS_PATIENCE_MS) return undefined;
  return {
    code: 'webhooksNever',
    severity: 'watch',
    says: `${ledger} has never told us of a change by itself. We look every ${minutes} minutes instead.`,
    fix,
  };
};

const compareLate = ({ lastFullCompareAt, activatedAt }: Facts, now: Date): Warning | undefined => {
  const ageMs = ageOf(lastFullCompareAt ?? activatedAt, now);
  if (ageMs <= COMPARE_LATE_MS) return undefined;
  return {
    code: 'compareLate',
    severity: 'watch',
    says: `Both books were last compared record by record ${Math.floor(ageMs / DAY_MS)} days ago; that should happen every night.`,
    fix: 'Press Compare all records.',
  };
};

/** Straight on from the days of the month that have passed. */
const trafficHigh = ({ ledger, received }: Facts, now: Date): Warning | undefined => {
  if (received?.includedBytes === undefined || received.month !== now.toISOString().slice(0, 7)) return undefined;
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const passed = (now.getTime() - Date.UTC(year, month)) / (Date.UTC(year, month + 1) - Date.UTC(year, month));
  // A first compare on the first of the month says nothing about its end.
  const expected = passed < 0.1 ? received.bytes : Math.round(received.bytes / passed);
  if (expected <= received.includedBytes) return undefined;
  return {
    code: 'trafficHigh',
    severity: 'watch',
    says: `${ledger} sent us ${gigabytes(received.bytes)} this month, ${gigabytes(expected)} by its end at this pace. Its smallest paid plan includes ${gigabytes(received.includedBytes)} for all connections together, and charges for more.`,
    fix: 'Ask whoever runs this program to look at the plan it has with the provider.',
  };
};

/** 0 where it never happened: then there is nothing that is late. */
const ageOf = (at: Instant | undefined, now: Date): number =>
  at === undefined ? 0 : Math.max(0, now.getTime() - Date.parse(at));
const figure = (count: number): string => count.toLocaleString('en-GB');
const hours = (ms: number): string => `${Math.floor(ms / HOUR_MS)} hours`;
const gigabytes = (bytes: number): string => `${(bytes / GIGABYTE).toFixed(1)} GB`;
const inDays = (ms: number): string => {
  const days = Math.floor(ms / DAY_MS);
  if (days < 1) return 'within a day';
  return days === 1 ? 'in a day' : `in ${days} days`;
};
