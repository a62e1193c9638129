// Walks a query to its end and misses nothing while people work. Pages go by position, and a row that goes away moves all behind it one
// place forward, over the edge of the page already read. So each page begins a little before its place: where it shows nothing that was
// seen before, rows have gone, and the walk steps back.
import { LedgerUnavailable } from '../../sync/ports/ledger-port';

export type QueriedPage = { readonly rows: readonly unknown[]; readonly time: string | undefined };
export type WalkedPage = {
  /** Each row once per state of it. */
  readonly fresh: readonly unknown[];
  readonly isLast: boolean;
  /** QuickBooks' clock when the walk began. */
  readonly startedAt: string | undefined;
};

/** More pages than any company has: an answer that never ends is an error, not a list. */
const MOST_PAGES = 20_000;
const MOST_STEPS_BACK = 50;
/** A full page of another place that shows exactly the rows of the one before it is no list; once may be chance. */
const MOST_SAME_PAGES = 2;
const overlapOf = (pageSize: number): number => Math.min(10, Math.max(1, Math.floor(pageSize / 5)));

export async function* walk(
  fetchPage: (start: number) => Promise<QueriedPage>,
  identify: (row: unknown) => { readonly id: string; readonly version: string },
  pageSize: number,
): AsyncIterable<WalkedPage> {
  const shown = new Map<string, string>(); // id → version
  let start = 1;
  let stepsBack = 0;
  let startedAt: string | undefined;
  let lastPage = '';
  let samePages = 0;
  for (let count = 0; count < MOST_PAGES; count++) {
    const { rows, time } = await fetchPage(start);
    startedAt ??= time;
    const identified = rows.map((row) => ({ row, ...identify(row) }));
    const shownNow = identified.map(({ id, version }) => `${id} ${version}`).join();
    samePages = rows.length > 0 && shownNow === lastPage ? samePages + 1 : 0;
    if (samePages === MOST_SAME_PAGES) throw endless();
    lastPage = shownNow;
    if (start > 1 && !identified.some(({ id }) => shown.has(id)) && stepsBack < MOST_STEPS_BACK) {
      stepsBack++;
      start = Math.max(1, start - pageSize);
      continue;
    }
    const fresh = identified.filter(({ id, version }) => shown.get(id) !== version);
    for (const { id, version } of identified) shown.set(id, version);
    const isLast = rows.length < pageSize;
    yield { fresh: fresh.map(({ row }) => row), isLast, startedAt };
    if (isLast) return;
    start += pageSize - overlapOf(pageSize);
  }
  throw endless();
}

/** Asked for again later: nothing was concluded from it. */
const endless = (): LedgerUnavailable =>
  new LedgerUnavailable({
    class: 'transient',
    code: 'endlessList',
    message: 'QuickBooks answers a list with the same page again and again.',
  });
