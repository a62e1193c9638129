// What changed since an instant, deleted records included: one call of change data capture tells of all kinds, and each kind that is asked
// for in the same breath is served from it. There is no paging there: what exceeds the cap is silently missing, so a full answer is split
// by entity, and a full answer for one entity is told as truncated.
import type { Clock, Instant } from '../../core/clock';
import { type ChangePage, LedgerUnavailable } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import { changesOf, Row, timeOf } from './answers';
import type { QuickBooksApi, RecordEntity } from './api';
import { ENTITY, type Found, notUnderstood } from './kinds';
import { CHANGE_WINDOW_MS, CHANGES_CAP } from './limits';
import { quoted } from './query';
import type { Reader } from './reading';

const ENTITIES: readonly RecordEntity[] = ['Customer', 'Invoice', 'CreditMemo', 'Payment'];
/** How long one answer may serve the kinds that are asked for one after the other, with no other call between. */
const SHARED_LIFE_MS = 10_000;

type Captured = {
  readonly since: Instant;
  readonly readAtMs: number;
  readonly callsBy: number;
  readonly rows: ReadonlyMap<string, readonly unknown[]>;
  readonly count: number;
  readonly time: Instant;
  readonly served: Set<RecordKind>;
};

export type ChangeFeed = (kind: RecordKind, since: Instant) => AsyncIterable<ChangePage>;

export const createChangeFeed = ({
  api,
  reader,
  clock,
}: {
  readonly api: QuickBooksApi;
  readonly reader: Reader;
  readonly clock: Clock;
}): ChangeFeed => {
  let shared: Captured | undefined;
  let fullAtMs: number | undefined;

  const capture = async (entities: readonly RecordEntity[], since: Instant): Promise<Captured> => {
    const readAtMs = clock.now().getTime();
    const answer = await api.changes(entities, since, { purpose: 'sync' });
    if (answer.verdict === 'failed') throw new LedgerUnavailable(answer.problem);
    const rows = changesOf(answer.json);
    const time = timeOf(answer.json);
    if (rows === undefined || time === undefined) throw new LedgerUnavailable(notChanges);
    for (const entity of entities) for (const row of rows.get(entity) ?? []) reader.note(entity, row);
    const count = [...rows.values()].reduce((total, { length }) => total + length, 0);
    return { since, readAtMs, callsBy: api.calls(), rows, count, time, served: new Set() };
  };

  /** Each kind once from one answer: asked a second time, it wants to know what is new. */
  const sharedFor = async (kind: RecordKind, since: Instant): Promise<Captured> => {
    const isFresh = shared?.callsBy === api.calls() && clock.now().getTime() - shared.readAtMs < SHARED_LIFE_MS;
    if (shared === undefined || !isFresh || shared.since > since || shared.served.has(kind)) {
      shared = await capture(ENTITIES, since);
    }
    shared.served.add(kind);
    return shared;
  };

  const pageOf = (kind: RecordKind, since: Instant, { rows, time }: Captured): ChangePage => ({
    readings: (rows.get(ENTITY[kind]) ?? [])
      .filter((row) => isSince(row, since))
      .flatMap((row) => reader.listedReadings(kind, row)),
    next: time > since ? time : since,
  });

  return async function* changes(kind, since) {
    if (Date.parse(since) < clock.now().getTime() - CHANGE_WINDOW_MS) {
      yield* changedRows(reader, kind, since);
      return;
    }
    // Once an answer was full, the next kinds of the same breath are asked for alone at once.
    const isFull = fullAtMs !== undefined && clock.now().getTime() - fullAtMs < SHARED_LIFE_MS;
    const captured = isFull ? undefined : await sharedFor(kind, since);
    if (captured !== undefined && captured.count < CHANGES_CAP) {
      yield pageOf(kind, since, captured);
      return;
    }
    const own = await capture([ENTITY[kind]], since);
    fullAtMs = clock.now().getTime();
    const page = pageOf(kind, since, own);
    yield own.count < CHANGES_CAP ? page : { readings: page.readings, truncated: true };
  };
};

/** Beyond the window only a query remains, and it tells of no deletion: `truncated`, though every change is shown. */
async function* changedRows(reader: Reader, kind: RecordKind, since: Instant): AsyncIterable<ChangePage> {
  const selection = {
    where: [`MetaData.LastUpdatedTime >= ${quoted(since)}`],
    orderBy: 'MetaData.LastUpdatedTime',
  };
  for await (const { fresh, isLast, startedAt = since } of reader.walked(ENTITY[kind], selection)) {
    const readings: Found[] = fresh.flatMap((row) => [...reader.listedReadings(kind, row)]);
    yield isLast ? { readings, truncated: true, next: startedAt } : { readings };
  }
}

/** QuickBooks rounds the instant down; a row without a stamp is shown rather than lost. */
const isSince = (row: unknown, since: Instant): boolean => {
  const at = Row.safeParse(row).data?.MetaData?.LastUpdatedTime;
  return at === undefined || at >= wholeSecond(since);
};
const wholeSecond = (instant: Instant): Instant => `${instant.slice(0, 19)}.000Z`;

const notChanges = {
  ...notUnderstood('QuickBooks answered a question for changes with something else.'),
  class: 'transient' as const,
};
