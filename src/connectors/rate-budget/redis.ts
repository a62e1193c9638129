// The budget of many processes: one Lua script on Redis decides, so that two workers never take the same place. Same rules as in-process.ts;
// one contract suite runs on both. Time is each process's clock: workers whose clocks differ by less than a second share it well enough.
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
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
} from './rules';
import { acquireBy } from './waiting';

/** Another process may hold the places, and Redis does not call back. */
const BUSY_POLL_MS = 50;

export const createRedisBudget = ({
  redis,
  clock,
  prefix = 'billbridge',
}: {
  readonly redis: Redis;
  readonly clock: Clock;
  readonly prefix?: string;
}): RateBudget => {
  const run = async (op: 'acquire' | 'release' | 'state', key: string, input: Input): Promise<unknown> => {
    // The braces keep all keys of one connection on one node of a cluster.
    const base = `${prefix}:rate:{${key}}`;
    const keys = [
      `${base}:calls`,
      `${base}:named:${input.name ?? ''}`,
      `${base}:hours`,
      `${base}:flight`,
      `${base}:notes`,
    ];
    const now = clock.now().getTime();
    return JSON.parse(z.string().parse(await redis.eval(SCRIPT, keys.length, ...keys, op, now, JSON.stringify(input))));
  };

  return {
    acquire: (key, limits, call) =>
      acquireBy({
        clock,
        call: { maxWaitMs: call.maxWaitMs ?? DEFAULT_MAX_WAIT_MS, ...(call.signal && { signal: call.signal }) },
        attempt: async () =>
          AttemptAnswer.parse(
            await run('acquire', key, {
              ...limitsOf(limits),
              id: randomUUID(),
              isSync: call.purpose === 'sync',
              ...namedLimit(limits, call.name),
            }),
          ),
        whenFree: () => clock.sleep(BUSY_POLL_MS),
        permit: (id): CallPermit => ({
          release: async (answer: Answer = {}) => {
            await run('release', key, { id, ...closingOf(answer), isDay: answer.limit === 'day', ...answer });
          },
        }),
      }),
    state: async (key, limits) => StateAnswer.parse(await run('state', key, limitsOf(limits))),
  };
};

type Input = Readonly<Record<string, unknown>> & { readonly name?: string };

const AttemptAnswer: z.ZodType<Attempt> = z.discriminatedUnion('result', [
  z.object({ result: z.literal('permit'), id: z.string() }),
  z.object({ result: z.literal('busy') }),
  z.object({ result: z.enum(['wait', 'day']), waitMs: z.number() }),
]);
const StateAnswer = z
  .object({
    usedToday: z.number(),
    leftToday: z.number().optional(),
    leftThisMinute: z.number(),
    closedForMs: z.number(),
  })
  .transform(({ leftToday, ...rest }) => ({ ...rest, ...(leftToday === undefined ? {} : { leftToday }) }));

const limitsOf = (limits: BudgetLimits): Input => ({
  perMinute: limits.perMinute,
  inFlight: limits.inFlight,
  perSecond: limits.perSecond,
  perDay: limits.perDay,
  reservedShare: limits.reservedShare,
});

const namedLimit = (limits: BudgetLimits, name: string | undefined): Input => {
  const limit = name === undefined ? undefined : limits.perMinuteOf?.[name];
  return name === undefined || limit === undefined ? {} : { name, namedPerMinute: limit };
};

const SCRIPT = `
local calls, named, hours, flight, notes = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local op, now, input = ARGV[1], tonumber(ARGV[2]), cjson.decode(ARGV[3])
local MINUTE, HOUR, DAY_HOURS = ${MINUTE_MS}, ${HOUR_MS}, ${DAY_HOURS}
local PERMIT_LIFE, REPORT_LIFE = ${PERMIT_LIFE_MS}, ${REPORT_LIFE_MS}
local function note(field) return tonumber(redis.call('HGET', notes, field) or '0') end
local function raise(field, value)
  if value > note(field) then redis.call('HSET', notes, field, value) end
end

redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - MINUTE)
redis.call('ZREMRANGEBYSCORE', named, '-inf', now - MINUTE)
redis.call('ZREMRANGEBYSCORE', flight, '-inf', now)
local used, oldestHour = 0, nil
local counted = redis.call('HGETALL', hours)
for i = 1, #counted, 2 do
  local hour = tonumber(counted[i])
  if hour <= math.floor(now / HOUR) - DAY_HOURS then
    redis.call('HDEL', hours, counted[i])
  else
    used = used + tonumber(counted[i + 1])
    if not oldestHour or hour < oldestHour then oldestHour = hour end
  end
end
-- To act on it a report must be young; to show and to plan by it, of today.
local reportIsFresh = note('reportedAt') > now - (op == 'state' and DAY_HOURS * HOUR or REPORT_LIFE)
local left = nil
if input.perDay then
  left = input.perDay - used
  if reportIsFresh then left = math.min(left, note('reportedLeft')) end
  left = math.max(0, left)
end

if op == 'state' then
  return cjson.encode({
    usedToday = used, leftToday = left,
    leftThisMinute = math.max(0, input.perMinute - redis.call('ZCARD', calls)),
    closedForMs = math.max(0, note('closed') - now, note('closedForSync') - now),
  })
end

if op == 'release' then
  if redis.call('ZREM', flight, input.id) == 0 then return cjson.encode({}) end
  if input.allMs > 0 then raise('closed', now + input.allMs) end
  if input.syncMs > 0 then raise('closedForSync', now + input.syncMs) end
  if input.isDay then raise('dayClosed', now + input.syncMs) end
  local underWay = redis.call('ZCARD', flight)
  if input.dayRemaining then
    redis.call('HSET', notes, 'reportedLeft', input.dayRemaining - underWay, 'reportedAt', now)
  end
  local oldest = redis.call('ZRANGE', calls, 0, 0, 'WITHSCORES')
  if input.minuteRemaining and input.minuteRemaining <= underWay and oldest[2] then
    raise('closed', tonumber(oldest[2]) + MINUTE)
  end
  redis.call('PEXPIRE', notes, 2 * DAY_HOURS * HOUR)
  return cjson.encode({})
end

local function refuse(result, waitMs) return cjson.encode({ result = result, waitMs = waitMs }) end
local closed = note('closed')
if input.isSync then closed = math.max(closed, note('closedForSync')) end
if closed > now then return refuse(note('dayClosed') >= closed and 'day' or 'wait', closed - now) end
local reserved = 0
if left and input.isSync then reserved = math.ceil(math.min(input.perDay, used + left) * input.reservedShare) end
if left and left <= reserved then
  if reportIsFresh then return refuse('day', note('reportedAt') + REPORT_LIFE - now) end
  return refuse('day', oldestHour and (oldestHour + DAY_HOURS) * HOUR - now or HOUR)
end
local function untilRoom(set, limit, window)
  if not limit then return 0 end
  local recent = redis.call('ZCOUNT', set, '(' .. (now - window), '+inf')
  if recent < limit then return 0 end
  local blocking = redis.call('ZREVRANGE', set, limit - 1, limit - 1, 'WITHSCORES')
  return tonumber(blocking[2]) + window - now
end
local wait = math.max(
  untilRoom(calls, input.perMinute, MINUTE),
  untilRoom(calls, input.perSecond, 1000),
  untilRoom(named, input.namedPerMinute, MINUTE))
if wait > 0 then return refuse('wait', wait) end
if redis.call('ZCARD', flight) >= input.inFlight then return cjson.encode({ result = 'busy' }) end

redis.call('ZADD', calls, now, input.id)
redis.call('PEXPIRE', calls, 2 * MINUTE)
if input.namedPerMinute then
  redis.call('ZADD', named, now, input.id)
  redis.call('PEXPIRE', named, 2 * MINUTE)
end
redis.call('HINCRBY', hours, math.floor(now / HOUR), 1)
redis.call('PEXPIRE', hours, 2 * DAY_HOURS * HOUR)
redis.call('ZADD', flight, now + PERMIT_LIFE, input.id)
redis.call('PEXPIRE', flight, PERMIT_LIFE)
if reportIsFresh then redis.call('HINCRBY', notes, 'reportedLeft', -1) end
return cjson.encode({ result = 'permit', id = input.id })
`;
