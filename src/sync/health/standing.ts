// How both books stand, counted from both books as they are now, and what explains each difference. It reads; it changes nothing. The
// counting itself is the certificate's (certificate/tally.ts), with all months in one.
import { toInstant } from '../../core/clock';
import type { Books, Counted } from '../certificate/books';
import { countTwice, readBooks } from '../certificate/reading';
import { asking } from '../connection/asking';
import { findConnection } from '../connection/connection-documents';
import { bridgeFor } from '../connection/import';
import type { InvoiceAtoms } from '../records';
import type { ConnectionRef, Standing, SyncDependencies } from '../service';

export const createStanding =
  (dependencies: SyncDependencies) =>
  async (ref: ConnectionRef): Promise<Standing> => {
    const bridge = await bridgeFor(dependencies, await findConnection(dependencies.store, ref));
    const { books, rows } = await asking(bridge.ledgerName, async () => {
      await bridge.prepare();
      const read = await readBooks(bridge);
      return { books: read, rows: await countTwice(bridge, read, false) };
    });
    const callsToday = (await bridge.ledger.budget?.())?.usedToday;
    return {
      at: toInstant(bridge.clock.now()),
      lines: rows.map(({ month: _month, unexplained, ourBug: _ourBug, causes, ...row }) => ({
        ...row,
        causes: causes.map(({ cause, count, sumMinor }) => ({ cause, count, sumMinor })),
        unexplainedMinor: unexplained.sumMinor,
      })),
      duplicates: countDuplicates(books),
      unequalAtRest: rows.reduce((sum, { ourBug }) => sum + ourBug.count, 0),
      calls: bridge.journal.result().calls,
      ...(callsToday === undefined ? {} : { callsToday }),
    };
  };

const countDuplicates = (books: Books): number => {
  let duplicates = 0;
  for (const kind of books.kinds) {
    for (const records of [books.locals.get(kind), books.externals.get(kind)]) {
      const seen = new Set<string>();
      for (const record of (records?.values() ?? []) as Iterable<Counted>) {
        if (record.projection.status !== 'live') continue;
        const { number } = record.projection.atoms as Partial<InvoiceAtoms>;
        const tag = 'tag' in record ? record.tag?.replace(/:\d+$/, '') : undefined;
        for (const key of [number && `number:${number}`, tag && `tag:${tag}`]) {
          if (!key) continue;
          if (seen.has(key)) duplicates++;
          seen.add(key);
        }
      }
    }
  }
  return duplicates;
};
