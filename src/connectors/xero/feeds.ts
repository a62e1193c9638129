// Lists and changes of each kind, page by page. Allocations come out of their credit notes.
import type { Clock, Instant } from '../../core/clock';
import type { ChangePage } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import type { createAdvanceFeed } from './advance-feed';
import { allocationsIn } from './allocations';
import { CREDIT_NOTES, type ReadContext, resourceOf } from './kinds';
import type { WalkedPage } from './paging';
import type { Reader } from './reading';

/** How long a walk over credit notes may serve for their allocations too. */
const SHARED_WALK_LIFE_MS = 60_000;
type Walk = { readonly since: Instant } | { readonly from?: string };
type SharedWalk = {
  readonly walk: Walk;
  readonly readAt: number;
  readonly pages: readonly WalkedPage[];
  readonly for: RecordKind;
};

/** A walk that reaches as far back shows at least as much; lists must be of the same days. */
const covers = (shared: Walk, wanted: Walk): boolean =>
  'since' in shared && 'since' in wanted
    ? Date.parse(shared.since) <= Date.parse(wanted.since)
    : !('since' in shared) && !('since' in wanted) && shared.from === wanted.from;

export const createFeeds = (deps: {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly context: () => ReadContext;
  readonly advances: ReturnType<typeof createAdvanceFeed>;
}) => {
  const { reader, clock, context, advances } = deps;
  let shared: SharedWalk | undefined;

  /** Credit notes and allocations change together: one walk serves both where they are asked for one after the other. */
  async function* creditNoteWalk(kind: 'creditNote' | 'allocation', walk: Walk): AsyncIterable<WalkedPage> {
    const now = clock.now().getTime();
    const kept = shared;
    shared = undefined; // served once: whoever asks again wants to know anew
    if (kept?.for === kind && covers(kept.walk, walk) && now - kept.readAt < SHARED_WALK_LIFE_MS) {
      yield* kept.pages;
      return;
    }
    const pages: WalkedPage[] = [];
    for await (const page of reader.walked(CREDIT_NOTES, walk)) {
      pages.push(page);
      yield page;
    }
    const other = kind === 'creditNote' ? 'allocation' : 'creditNote';
    // Only a quiet feed is kept: an import of thousands is not worth its memory.
    shared = pages.length === 1 ? { walk, readAt: now, pages, for: other } : undefined;
  }

  const allocationPage = ({ fresh, next }: WalkedPage): ChangePage<'allocation'> => ({
    readings: fresh.flatMap(({ element }) => allocationsIn(context(), element)),
    ...(next === undefined ? {} : { next }),
  });

  async function* pages(kind: RecordKind, walk: Walk): AsyncIterable<ChangePage> {
    if (kind === 'allocation') {
      for await (const page of creditNoteWalk(kind, walk)) yield allocationPage(page);
    } else if (kind === 'creditNote') {
      for await (const page of creditNoteWalk(kind, walk)) yield reader.pageOf(CREDIT_NOTES, page);
    } else {
      // Before the payments, whose last page carries the cursor of the kind.
      if (kind === 'payment') yield* 'since' in walk ? advances.changes(walk.since) : advances.list(walk.from);
      yield* reader.pages(resourceOf(kind), walk);
    }
  }

  return {
    changes: (kind: RecordKind, since: Instant): AsyncIterable<ChangePage> => pages(kind, { since }),
    list: (kind: RecordKind, from: string | undefined): AsyncIterable<ChangePage> =>
      pages(kind, from === undefined || kind === 'contact' ? {} : { from }),
  };
};
