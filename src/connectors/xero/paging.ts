// Walks a list to its end and misses nothing while people work. A page number alone would: a record that is changed moves to the end, and the
// one after the page's edge slips onto the page already read. So each request starts again at the last stamp seen (overlapping, since
// Xero's seconds may or may not include themselves). Pages are counted only inside a second that is fuller than a page; where a record from
// such a stretch turns up again with a later stamp, something may have slipped, and the stretch is read again.
import type { Instant } from '../../core/clock';
import { LedgerUnavailable } from '../../sync/ports/ledger-port';
import { secondBefore } from './dates';

export type PageRequest = { readonly modifiedSince: Instant | undefined; readonly page: number };
export type ListedElement = { readonly id: string; readonly stamp: Instant | undefined; readonly element: unknown };
export type ListedPage = {
  readonly elements: readonly ListedElement[];
  readonly serverNow: Instant | undefined;
  /** Of this request, where the answer tells; else a page that is not full is the last. */
  readonly pageCount: number | undefined;
  /** Of this request, where the answer tells. */
  readonly itemCount?: number | undefined;
};

export type WalkedPage = {
  /** Each record once per state of it. */
  readonly fresh: readonly ListedElement[];
  /** On the last page: the largest stamp seen, or an hour before the walk began where that is later; never later than its beginning. */
  readonly next?: Instant;
  /** On the first page, where Xero tells: what the whole walk will show. Later requests begin elsewhere and count less. */
  readonly total?: number;
};

const OVERLAP_SECONDS = 1;
/** More pages than any organisation has: an answer that never ends is an error, not a list. */
const MOST_PAGES = 20_000;
const MOST_REPEATS = 5;
/** Another page that shows exactly what the one before it showed is no list; once may be chance. */
const MOST_SAME_PAGES = 2;

export async function* walk(
  fetchPage: (request: PageRequest) => Promise<ListedPage>,
  pageSize: number,
  since: Instant | undefined,
): AsyncIterable<WalkedPage> {
  const shown = new Map<string, string>(); // id → stamp
  let from = since;
  let page = 1;
  let repeats = 0;
  let counted: CountedStretch | undefined;
  let startedAt: Instant | undefined;
  let latest = since;
  let lastPage = '';
  let samePages = 0;
  for (let count = 0; count < MOST_PAGES; count++) {
    const answer = await fetchPage({ modifiedSince: from, page });
    startedAt ??= answer.serverNow;
    const shownNow = answer.elements.map(({ id, stamp }) => `${id} ${stamp ?? ''}`).join();
    samePages = page > 1 && answer.elements.length > 0 && shownNow === lastPage ? samePages + 1 : 0;
    if (samePages === MOST_SAME_PAGES) throw endless();
    lastPage = shownNow;
    const fresh = answer.elements.filter(({ id, stamp }) => shown.get(id) !== (stamp ?? ''));
    for (const { id, stamp } of fresh) {
      if (counted?.ids.has(id)) counted.hasMoved = true;
      shown.set(id, stamp ?? '');
      if (stamp !== undefined && (latest === undefined || stamp > latest)) latest = stamp;
    }
    const total = count === 0 && answer.itemCount !== undefined ? { total: answer.itemCount } : {};
    const edge = answer.elements.at(-1)?.stamp;
    const restart = edge === undefined ? undefined : secondBefore(edge, OVERLAP_SECONDS);
    if (!isLastPage(answer, page, pageSize)) {
      yield { fresh, ...total };
      if (restart !== undefined && (from === undefined || restart > from)) {
        from = restart;
        page = 1;
        continue;
      }
      counted ??= { from, ids: new Set(), hasMoved: false };
      for (const { id } of answer.elements) counted.ids.add(id);
      page++;
      continue;
    }
    if (counted?.hasMoved !== true) {
      yield { fresh, next: capped(latest, startedAt), ...total };
      return;
    }
    if (repeats === MOST_REPEATS) {
      // Too busy to be sure: the cursor stays before the doubtful stretch, and the next poll reads it again.
      yield { fresh, next: counted.from ?? EPOCH };
      return;
    }
    yield { fresh };
    repeats++;
    from = counted.from;
    page = 1;
    counted = undefined;
  }
  throw endless();
}

/** Asked for again later: nothing was concluded from it, and the cursor stands where it stood. */
const endless = (): LedgerUnavailable =>
  new LedgerUnavailable({
    class: 'transient',
    code: 'endlessList',
    message: 'Xero answers a list with the same page again and again.',
  });

const isLastPage = ({ elements, pageCount }: ListedPage, page: number, pageSize: number): boolean =>
  elements.length === 0 || (pageCount === undefined ? elements.length < pageSize : page >= pageCount);

/** What was read by page number, from its first starting point on. */
type CountedStretch = { readonly from: Instant | undefined; readonly ids: Set<string>; hasMoved: boolean };

const EPOCH = '1970-01-01T00:00:00.000Z';
/**
 * Lists may lag behind what was written, by seconds. After an hour a list that shows nothing newer is believed: else whoever loaded
 * thousands of records at once would have them all listed again at every poll until the next change. The nightly compare stands behind it.
 */
const BELIEVED_AFTER_SECONDS = 3_600;
const capped = (latest: Instant | undefined, startedAt: Instant | undefined): Instant => {
  if (startedAt === undefined) return latest ?? EPOCH;
  if (latest === undefined || startedAt < latest) return startedAt;
  const believed = secondBefore(startedAt, BELIEVED_AFTER_SECONDS);
  return latest > believed ? latest : believed;
};
