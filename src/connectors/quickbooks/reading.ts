// Reads of one company: queries page by page, records by id in few calls. Fails with LedgerUnavailable where nothing can be said; says
// absent only where QuickBooks said so about that very id.
import {
  type ExternalId,
  type LedgerProblem,
  LedgerUnavailable,
  type Purpose,
  type Reading,
} from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import { Row, recordOf, rowsOf, timeOf } from './answers';
import type { ApiAnswer, CallOptions, QuickBooksApi, RecordEntity } from './api';
import { ENTITY, type Found, hasLostLines, notUnderstood, type ReadContext, readingsIn } from './kinds';
import type { SeenVersions } from './memory';
import { type WalkedPage, walk } from './paging';
import { paymentIdOf } from './payment-projection';
import { type Entity, groupsOf, isOneOf, type Selection, WITH_INACTIVE } from './query';

export type Reader = ReturnType<typeof createReader>;

export type ReaderDeps = {
  readonly api: QuickBooksApi;
  readonly pageSize: number;
  readonly context: () => ReadContext;
  readonly seen: SeenVersions;
};

/** The rows of a query, or LedgerUnavailable. A page that says how many it holds and holds fewer was cut off on its way. */
export const queriedRows = (answer: ApiAnswer, entity: Entity): readonly unknown[] => {
  if (answer.verdict === 'failed') throw new LedgerUnavailable(answer.problem);
  const rows = rowsOf(answer.json, entity);
  if (rows === undefined) throw new LedgerUnavailable(somethingElse(entity));
  const said = (answer.json as { readonly QueryResponse?: { readonly maxResults?: unknown } }).QueryResponse
    ?.maxResults;
  if (typeof said === 'number' && rows.length > 0 && said !== rows.length) throw new LedgerUnavailable(cutShort);
  return rows;
};

const somethingElse = (entity: string): LedgerProblem => ({
  ...notUnderstood(`QuickBooks answered a question for ${entity} with something else.`),
  class: 'transient',
});
const cutShort: LedgerProblem = {
  class: 'transient',
  code: 'shortPage',
  message: 'QuickBooks left out a part of a list; it is asked again later.',
};

export const createReader = ({ api, pageSize, context, seen }: ReaderDeps) => {
  const note = (entity: RecordEntity, row: unknown): void => {
    const { data } = Row.safeParse(row);
    if (data?.SyncToken !== undefined) seen.note(entity, data.Id, data.SyncToken);
  };

  const walked = (
    entity: RecordEntity,
    selection: Pick<Selection, 'where' | 'orderBy'>,
    purpose: Purpose = 'sync',
  ): AsyncIterable<WalkedPage> =>
    walk(
      async (start) => {
        const where = [...(selection.where ?? []), ...(entity === 'Customer' ? [WITH_INACTIVE] : [])];
        const answer = await api.query(
          entity,
          { where, orderBy: selection.orderBy ?? 'Id', start, most: pageSize },
          { purpose },
        );
        return {
          rows: queriedRows(answer, entity),
          time: answer.verdict === 'answered' ? timeOf(answer.json) : undefined,
        };
      },
      identify,
      pageSize,
    );

  /** A row of a list as readings; one that a list may have shown wrongly is not read. */
  const listedReadings = <K extends RecordKind>(kind: K, row: unknown): readonly Found<K>[] => {
    const found = readingsIn(context(), kind, row);
    const isBare = (kind === 'invoice' || kind === 'creditNote') && hasLostLines(row);
    if (!isBare) return found;
    return found.map(({ externalId, reading }) => ({
      externalId,
      reading: reading.state === 'present' ? { state: 'unread', problem: withoutLines } : reading,
    }));
  };

  const rowById = async (entity: RecordEntity, id: string, options: CallOptions): Promise<unknown> => {
    const answer = await api.record(entity, id, options);
    if (answer.verdict === 'failed') {
      // 610 is the one definite "there is none".
      if (answer.problem.code === '610') return undefined;
      throw new LedgerUnavailable(answer.problem);
    }
    const row = recordOf(answer.json, entity);
    if (row === undefined) throw new LedgerUnavailable(somethingElse(entity));
    seen.trust(entity, id);
    note(entity, row);
    return row;
  };

  /** What a query shows of these ids, as far as it can be believed. */
  const queriedById = async (
    entity: RecordEntity,
    ids: readonly string[],
    options: CallOptions,
  ): Promise<Map<string, unknown>> => {
    const believed = new Map<string, unknown>();
    for (const group of groupsOf(ids, pageSize)) {
      const where = [isOneOf('Id', group), ...(entity === 'Customer' ? [WITH_INACTIVE] : [])];
      const answer = await api.query(entity, { where, most: Math.max(group.length, 1) }, options);
      for (const row of queriedRows(answer, entity)) {
        const { id, version } = identify(row);
        const isDocument = entity === 'Invoice' || entity === 'CreditMemo';
        if (seen.isBehind(entity, id, version) || (isDocument && hasLostLines(row))) continue;
        note(entity, row);
        believed.set(id, row);
      }
    }
    return believed;
  };

  /**
   * Rows by id. Many at once are asked for by a query, which may lag behind: whatever it leaves out, shows older than we have seen or
   * without lines is asked for alone. Every change carries the SyncToken that was read, so a row that was behind without our knowing
   * only makes QuickBooks refuse. Where a decision rests on the reading itself (`resolve`), each is asked for alone at once.
   */
  const rowsById = async (
    entity: RecordEntity,
    ids: readonly string[],
    options: CallOptions,
  ): Promise<ReadonlyMap<string, unknown>> => {
    const wanted = [...new Set(ids)].filter((id) => /^\d{1,20}$/.test(id)); // anything else is no id of QuickBooks'
    const inOne = wanted.filter((id) => !seen.isDoubted(entity, id));
    const rows =
      options.purpose === 'sync' && inOne.length > 1
        ? await queriedById(entity, inOne, options)
        : new Map<string, unknown>();
    const alone = wanted.filter((id) => !rows.has(id));
    for (let i = 0; i < alone.length; i += AT_ONCE) {
      const some = alone.slice(i, i + AT_ONCE);
      const answers = await Promise.all(some.map((id) => rowById(entity, id, options)));
      some.forEach((id, n) => void rows.set(id, answers[n]));
    }
    return rows;
  };

  return {
    walked,
    listedReadings,
    note,
    rowsById,
    byId: async <K extends RecordKind>(
      kind: K,
      ids: readonly ExternalId[],
      purpose: Purpose,
    ): Promise<ReadonlyMap<ExternalId, Reading<K>>> => {
      const rowIdOf = (id: ExternalId): string => (kind === 'allocation' ? paymentIdOf(id) : id);
      const rows = await rowsById(ENTITY[kind], ids.map(rowIdOf), { purpose });
      return new Map(
        ids.map((id) => {
          const row = rows.get(rowIdOf(id));
          const found = row === undefined ? [] : readingsIn(context(), kind, row);
          const own =
            found.find(({ externalId }) => externalId === id) ??
            found.find(({ reading }) => reading.state !== 'present');
          return [id, own?.reading ?? { state: 'absent', reason: 'notFound' }];
        }),
      );
    },
  };
};

const AT_ONCE = 8;

const identify = (row: unknown): { readonly id: string; readonly version: string } => {
  const { data } = Row.safeParse(row);
  return { id: data?.Id ?? 'unidentified', version: data?.SyncToken ?? '' };
};

const withoutLines: LedgerProblem = {
  class: 'transient',
  code: 'withoutLines',
  message: 'QuickBooks listed this document without its lines; it is read alone.',
};
