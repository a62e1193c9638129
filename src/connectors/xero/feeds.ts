// Lists and changes of each kind, page by page. Allocations come out of their credit notes.
import type { Clock, Instant } from '../../core/clock';
import type { ChangePage } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import { allocationsIn } from './allocations';
import { CREDIT_NOTES, type ReadContext, resourceOf } from './kinds';
import type { WalkedPage } from './paging';
import type { Reader } from './reading';

/** How long a walk over credit notes may serve for their allocations too. */
const SHARED_WALK_LIFE_MS = 60_000;
type SharedWalk = {
  readonly since: Instant;
  readonly readAt: number;
  readonly pages: readonly WalkedPage[];
  readonly for: RecordKind;
};

export const createFeeds = (deps: {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly context: () => ReadContext;
}) => {
  const { reader, clock, context } = deps;
  let shared: SharedWalk | undefined;

  /** Credit notes and allocations change together: one walk serves both where they are asked for one after the other. */
  async function* creditNoteWalk(kind: 'creditNote' | 'allocation', since: Instant): AsyncIterable<WalkedPage> {
    const now = clock.now().getTime();
    if (
      shared !== undefined &&
      shared.since === since &&
      shared.for === kind &&
      now - shared.readAt < SHARED_WALK_LIFE_MS
    ) {
      const { pages } = shared;
      shared = undefined;
      yield* pages;
      return;
    }
    const pages: WalkedPage[] = [];
    for await (const page of reader.walked(CREDIT_NOTES, { since })) {
      pages.push(page);
      yield page;
    }
    const other = kind === 'creditNote' ? 'allocation' : 'creditNote';
    // Only a quiet feed is kept: an import of thousands is not worth its memory.
    shared = pages.length === 1 ? { since, readAt: now, pages, for: other } : undefined;
  }

  const allocationPage = ({ fresh, next }: WalkedPage): ChangePage<'allocation'> => ({
    readings: fresh.flatMap(({ element }) => allocationsIn(context(), element)),
    ...(next === undefined ? {} : { next }),
  });

  async function* changes(kind: RecordKind, since: Instant): AsyncIterable<ChangePage> {
    if (kind === 'allocation') {
      for await (const page of creditNoteWalk(kind, since)) yield allocationPage(page);
    } else if (kind === 'creditNote') {
      for await (const page of creditNoteWalk(kind, since)) yield reader.pageOf(CREDIT_NOTES, page);
    } else {
      yield* reader.pages(resourceOf(kind), { since });
    }
  }

  async function* list(kind: RecordKind, from: string | undefined): AsyncIterable<ChangePage> {
    const options = from === undefined || kind === 'contact' ? {} : { from };
    if (kind === 'allocation') {
      for await (const page of reader.walked(CREDIT_NOTES, options)) yield allocationPage(page);
    } else {
      yield* reader.pages(resourceOf(kind), options);
    }
  }

  return { changes, list };
};
