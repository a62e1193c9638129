// Lists and changes of each kind, page by page. Allocations come out of their credit notes, refunds out of the payments.
import type { Clock, Instant } from '../../core/clock';
import type { ChangePage } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import type { createAdvanceFeed } from './advance-feed';
import { allocationsIn } from './allocations';
import { REFUNDS, type ReadContext, resourceOf } from './kinds';
import type { WalkedPage } from './paging';
import type { Reader } from './reading';

/** How long a walk over credit notes may serve for their allocations too, and one over payments for refunds. */
const SHARED_WALK_LIFE_MS = 5 * 60_000;
type Walk = { readonly since: Instant } | { readonly from?: string };
type SharedWalk = {
  readonly walk: Walk;
  readonly readAt: number;
  readonly pages: readonly WalkedPage[];
  readonly for: RecordKind;
};

type SharedResource = 'creditNote' | 'payment';
const SHARED: { readonly [R in SharedResource]: readonly [RecordKind, RecordKind] } = {
  creditNote: ['creditNote', 'allocation'],
  payment: ['payment', 'refund'],
};
const sharedBy = (kind: RecordKind): SharedResource | undefined =>
  (Object.keys(SHARED) as SharedResource[]).find((resource) => SHARED[resource].includes(kind));

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
  const shared = new Map<SharedResource, SharedWalk>();

  /** Two kinds that one list shows change together: one walk serves both where they are asked for one soon after the other. */
  async function* sharedWalk(resource: SharedResource, kind: RecordKind, walk: Walk): AsyncIterable<WalkedPage> {
    const now = clock.now().getTime();
    const earlier = shared.get(resource);
    shared.delete(resource); // served once: whoever asks again wants to know anew
    if (earlier?.for === kind && covers(earlier.walk, walk) && now - earlier.readAt < SHARED_WALK_LIFE_MS) {
      yield* earlier.pages;
      return;
    }
    const pages: WalkedPage[] = [];
    for await (const page of reader.walked(resourceOf(resource), walk)) {
      pages.push(page);
      yield page;
    }
    const [first, second] = SHARED[resource];
    const other = kind === first ? second : first;
    const kept = worthKeeping(other, pages);
    if (kept !== undefined) shared.set(resource, { walk, readAt: clock.now().getTime(), pages: kept, for: other });
  }

  /** Refunds are few: of any walk over payments they alone are kept. An import of thousands of credit notes is not worth its memory. */
  const worthKeeping = (other: RecordKind, pages: readonly WalkedPage[]): readonly WalkedPage[] | undefined => {
    if (other !== 'refund') return pages.length === 1 ? pages : undefined;
    const isRefund = ({ element }: WalkedPage['fresh'][number]): boolean =>
      REFUNDS.read(context(), element) !== 'foreign';
    return pages.map((page) => ({ ...page, fresh: page.fresh.filter(isRefund) }));
  };

  const allocationPage = ({ fresh, next }: WalkedPage): ChangePage<'allocation'> => ({
    readings: fresh.flatMap(({ element }) => allocationsIn(context(), element)),
    ...(next === undefined ? {} : { next }),
  });

  async function* pages(kind: RecordKind, walk: Walk): AsyncIterable<ChangePage> {
    const resource = sharedBy(kind);
    // Before the payments, whose last page carries the cursor of the kind.
    if (kind === 'payment') yield* 'since' in walk ? advances.changes(walk.since) : advances.list(walk.from);
    if (kind === 'allocation') {
      for await (const page of sharedWalk('creditNote', kind, walk)) yield allocationPage(page);
    } else if (resource !== undefined) {
      for await (const page of sharedWalk(resource, kind, walk)) yield reader.pageOf(resourceOf(kind), page);
    } else {
      yield* reader.pages(resourceOf(kind), walk);
    }
  }

  return {
    changes: (kind: RecordKind, since: Instant): AsyncIterable<ChangePage> => pages(kind, { since }),
    list: (kind: RecordKind, from: string | undefined): AsyncIterable<ChangePage> =>
      pages(kind, from === undefined || kind === 'contact' ? {} : { from }),
  };
};
