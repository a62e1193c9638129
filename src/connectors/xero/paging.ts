// Walks a list to its end and misses nothing while people work. A page number alone would: a record that is changed moves to the end, and the
// one after the page's edge slips onto the page already read. So each request starts again at the last stamp seen (overlapping, since
// Xero's seconds may or may not include themselves); pages are counted only inside a second that is fuller than a page, and where a record
// was seen to move there, that stretch is read again.
import type { Instant } from '../../core/clock';
import { secondBefore } from './dates';

export type PageRequest = { readonly modifiedSince: Instant | undefined; readonly page: number };
export type ListedElement = { readonly id: string; readonly stamp: Instant | undefined; readonly element: unknown };
export type ListedPage = {
  readonly elements: readonly ListedElement[];
  readonly serverNow: Instant | undefined;
  /** Of this request, where the answer tells; else a page that is not full is the last. */
  readonly pageCount: number | undefined;
};

export type WalkedPage = {
  /** Each record once per state of it. */
  readonly fresh: readonly ListedElement[];
  /** On the last page: the largest stamp seen, never later than the ledger's clock when the walk began. */
  readonly next?: Instant;
};

const OVERLAP_SECONDS = 1;
/** More pages than any organisation has: an answer that never ends is an error, not a list. */
const MOST_PAGES = 20_000;
const MOST_REPEATS = 5;

export async function* walk(
  fetchPage: (request: PageRequest) => Promise<ListedPage>,
  pageSize: number,
  since: Instant | undefined,
): AsyncIterable<WalkedPage> {
  const shown = new Map<string, string>(); // id → stamp
  let from = since;
  let page = 1;
  let repeats = 0;
  let stretch = newStretch();
  let startedAt: Instant | undefined;
  let latest = since;
  for (let count = 0; count < MOST_PAGES; count++) {
    const answer = await fetchPage({ modifiedSince: from, page });
    startedAt ??= answer.serverNow;
    const fresh = answer.elements.filter(({ id, stamp }) => shown.get(id) !== (stamp ?? ''));
    for (const { id, stamp } of answer.elements) {
      if (page > 1 && stretch.ids.has(id)) stretch.hasMoved = true;
      stretch.ids.add(id);
      shown.set(id, stamp ?? '');
      if (stamp !== undefined && (latest === undefined || stamp > latest)) latest = stamp;
    }
    const isLast = isLastPage(answer, page, pageSize);
    if (isLast && !(stretch.hasMoved && repeats < MOST_REPEATS)) {
      yield { fresh, next: capped(latest, startedAt) };
      return;
    }
    yield { fresh };

    if (isLast) {
      repeats++;
      page = 1;
      stretch = newStretch();
      continue;
    }
    const restart = restartAfter(stretch, answer, page);
    if (restart !== undefined && (from === undefined || restart > from)) {
      from = restart;
      page = 1;
      stretch = newStretch();
    } else {
      page++;
      stretch.edge = answer.elements.at(-1)?.stamp;
    }
  }
  throw new Error('a list of Xero did not end');
}

const isLastPage = ({ elements, pageCount }: ListedPage, page: number, pageSize: number): boolean =>
  elements.length === 0 || (pageCount === undefined ? elements.length < pageSize : page >= pageCount);

/** The pages read under one starting point. */
type Stretch = { readonly ids: Set<string>; hasMoved: boolean; edge: Instant | undefined };
const newStretch = (): Stretch => ({ ids: new Set(), hasMoved: false, edge: undefined });

/** Behind page 1 a record may have slipped over the edge before, so the edge before is where to start again. */
const restartAfter = (stretch: Stretch, { elements }: ListedPage, page: number): Instant | undefined => {
  const edge = page === 1 ? elements.at(-1)?.stamp : stretch.edge;
  return edge === undefined ? undefined : secondBefore(edge, OVERLAP_SECONDS);
};

const EPOCH = '1970-01-01T00:00:00.000Z';
const capped = (latest: Instant | undefined, startedAt: Instant | undefined): Instant => {
  if (latest === undefined) return startedAt ?? EPOCH;
  return startedAt !== undefined && startedAt < latest ? startedAt : latest;
};
