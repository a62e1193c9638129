// Reads of one organisation: lists and changes page by page, records by id in few calls. Fails with LedgerUnavailable where nothing can be
// said; says absent only where Xero said so about that very id.
import type { CalendarDate } from '../../core/calendar-date';
import type { Instant } from '../../core/clock';
import {
  type ChangePage,
  type ExternalId,
  type LedgerProblem,
  LedgerUnavailable,
  type Reading,
} from '../../sync/ports/ledger-port';
import { Envelope, elementsOf } from './answers';
import type { ApiAnswer, CallOptions, XeroApi } from './api';
import { parseInstant, toModifiedSince } from './dates';
import { type ReadContext, type Resource, type ResourceKind, readElement } from './kinds';
import { IDS_PER_CALL, type PageSizes } from './limits';
import { type ListedElement, type ListedPage, type WalkedPage, walk } from './paging';
import { anyOf, dateFrom, guidIs, whereGroups } from './where';

export type Reader = ReturnType<typeof createReader>;

export type ReaderDeps = {
  readonly api: XeroApi;
  readonly pageSizes: PageSizes;
  readonly context: () => ReadContext;
};

/** The answer's elements, or LedgerUnavailable. */
export const answered = (answer: ApiAnswer, plural: string): readonly unknown[] => {
  if (answer.verdict === 'failed') throw new LedgerUnavailable(answer.problem);
  const elements = elementsOf(answer.json, plural);
  if (elements === undefined) throw new LedgerUnavailable(notUnderstood(plural));
  return elements;
};

export const pageOfAnswer = (
  answer: ApiAnswer,
  plural: string,
  identify: (element: unknown) => ListedElement,
): ListedPage => {
  const elements = answered(answer, plural).map(identify);
  const envelope = answer.verdict === 'answered' ? Envelope.safeParse(answer.json).data : undefined;
  const { pageCount, itemCount } = envelope?.pagination ?? {};
  return { elements, serverNow: envelope?.DateTimeUTC, pageCount, itemCount };
};

const notUnderstood = (plural: string): LedgerProblem => ({
  class: 'transient',
  code: 'notUnderstood',
  message: `Xero answered a question for ${plural} with something else.`,
});

export const createReader = ({ api, pageSizes, context }: ReaderDeps) => {
  /** The raw elements of a list, walked to the end. */
  const walked = <K extends ResourceKind>(
    resource: Resource<K>,
    options: { readonly since?: Instant | undefined; readonly from?: CalendarDate | undefined },
  ): AsyncIterable<WalkedPage> => {
    const pageSize = resource.pageSize(pageSizes);
    const where = [resource.where, options.from === undefined ? undefined : dateFrom(options.from)];
    return walk(
      async ({ modifiedSince, page }) => {
        const answer = await resource.list(
          api,
          {
            where: where.filter((part) => part !== undefined).join(' AND ') || undefined,
            order: 'UpdatedDateUTC ASC',
            page,
            pageSize,
            modifiedSince: modifiedSince === undefined ? undefined : toModifiedSince(modifiedSince),
          },
          { purpose: 'sync' },
        );
        return pageOfAnswer(answer, resource.plural, (element) => listed(resource.idField, element));
      },
      pageSize,
      options.since,
    );
  };

  const pageOf = <K extends ResourceKind>(
    resource: Resource<K>,
    { fresh, next, total }: WalkedPage,
  ): ChangePage<K> => ({
    readings: fresh.flatMap(({ id, element }) => {
      const reading = readElement(resource, context(), id, element);
      return reading === 'foreign' ? [] : [{ externalId: id, reading }];
    }),
    ...(next === undefined ? {} : { next }),
    ...(total === undefined ? {} : { total }),
  });

  /** Raw elements by id, in as few calls as the addresses allow. Ids that a list does not show are asked for alone. */
  const elementsById = async <K extends ResourceKind>(
    resource: Resource<K>,
    ids: readonly ExternalId[],
    options: CallOptions,
  ): Promise<ReadonlyMap<ExternalId, unknown | undefined>> => {
    const found = new Map<ExternalId, unknown>();
    for (const query of idQueries(resource, ids)) {
      const answer = await resource.list(api, { ...query, pageSize: resource.pageSize(pageSizes) }, options);
      for (const element of answered(answer, resource.plural)) found.set(listed(resource.idField, element).id, element);
    }
    for (const id of ids) {
      if (found.has(id)) continue;
      const answer = await resource.single(api, id, options);
      if (answer.verdict === 'failed' && answer.problem.class === 'notFound') continue;
      found.set(id, answered(answer, resource.plural)[0]);
    }
    return found;
  };

  return {
    walked,
    pageOf,
    elementsById,
    pages: async function* <K extends ResourceKind>(
      resource: Resource<K>,
      options: { readonly since?: Instant; readonly from?: CalendarDate },
    ): AsyncIterable<ChangePage<K>> {
      for await (const page of walked(resource, options)) yield pageOf(resource, page);
    },
    byId: async <K extends ResourceKind>(
      resource: Resource<K>,
      ids: readonly ExternalId[],
      options: CallOptions,
    ): Promise<ReadonlyMap<ExternalId, Reading<K>>> => {
      const unique = [...new Set(ids)];
      const wanted = unique.filter(isGuid); // anything else is no id of Xero's, and would spoil the call for the others
      const elements = wanted.length === 0 ? new Map() : await elementsById(resource, wanted, options);
      return new Map(
        unique.map((id) => {
          const reading = elements.has(id) ? readElement(resource, context(), id, elements.get(id)) : 'foreign';
          return [id, reading === 'foreign' ? { state: 'absent', reason: 'notFound' } : reading];
        }),
      );
    },
  };
};

const isGuid = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);

export const listed = (idField: string, element: unknown): ListedElement => {
  const fields = typeof element === 'object' && element !== null ? (element as { [field: string]: unknown }) : {};
  const id = fields[idField];
  const stamp = fields.UpdatedDateUTC;
  return {
    id: typeof id === 'string' ? id : 'unidentified',
    stamp: typeof stamp === 'string' ? parseInstant(stamp) : undefined,
    element,
  };
};

/** Contacts and invoices can be asked for by a list of ids, the others by a condition. */
const idQueries = (resource: Resource<ResourceKind>, ids: readonly ExternalId[]) => {
  if (resource.kind === 'contact' || resource.kind === 'invoice') {
    const groups: { ids: readonly ExternalId[] }[] = [];
    for (let i = 0; i < ids.length; i += IDS_PER_CALL) groups.push({ ids: ids.slice(i, i + IDS_PER_CALL) });
    return groups;
  }
  return whereGroups(ids.map((id) => guidIs(resource.idField, id))).map((tests) => ({ where: anyOf(tests) }));
};
