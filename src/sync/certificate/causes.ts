// Why two records are not equal: one named cause for each pair, or none. A pair that is at rest and yet apart has no cause: that is what a
// certificate calls unexplained. Pure.
import { dateOf, type Link, recordKey } from '../links/link';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord } from '../ports/ledger-port';
import type { RecordKind } from '../records';
import { type Books, idOf, linkOf, pairsOf, spentOn } from './books';

/** In the order in which they are shown. */
export const CAUSES = [
  'unlinkedLocal',
  'unlinkedExternal',
  'keptApart',
  'underWay',
  'waiting',
  'blocked',
  'held',
  'conflict',
  'beforeCutOver',
  'notCarried',
] as const;
/**
 * `keptApart`: a person said that it has no partner. `underWay`: changed since the pair was last compared, or being written.
 * `waiting`: for another record. `held`: one side is gone, and a safety stop keeps that from the other until a person has said so.
 * `notCarried`: the ledger has no record of this kind; people enter it there in a form of its own.
 */
export type Cause = (typeof CAUSES)[number];

export type Pair = {
  readonly link?: Link | undefined;
  readonly local?: LocalRecord | undefined;
  readonly external?: ExternalRecord | undefined;
};

export const causeOf = (books: Books, kind: RecordKind, { link, local, external }: Pair): Cause | undefined => {
  if (books.uncarried?.has(kind)) return 'notCarried';
  if (isBeforeCutOver(books, kind, { local, external })) return 'beforeCutOver';
  const unlinked = local === undefined ? 'unlinkedExternal' : 'unlinkedLocal';
  const isApart = [local, external].some(
    (record) =>
      record !== undefined &&
      books.apart.has(recordKey(kind, 'localId' in record ? 'local' : 'external', idOf(record))),
  );
  if (link === undefined) return isApart ? 'keptApart' : unlinked;
  if (link.state === 'waiting' || link.state === 'blocked' || link.state === 'conflict') return link.state;
  if (link.state === 'retired') return link.retiredBecause === 'unlinked' ? 'keptApart' : unlinked;
  if (link.intent !== undefined) return 'underWay';
  if (link.localId === undefined || link.externalId === undefined) return unlinked;
  if (!isAtRest({ link, local, external })) return 'underWay';
  const isOneGone = local === undefined || external === undefined;
  return isOneGone && books.heldKinds?.has(kind) ? 'held' : undefined;
};

/** As the pair was when it was last found equal, as far as each side's own mark of change tells; a side that is missing says nothing. */
export const isAtRest = ({ link, local, external }: Pair): boolean =>
  link !== undefined &&
  link.state === 'linked' &&
  link.intent === undefined &&
  link.localRevision !== undefined &&
  link.externalVersion !== undefined &&
  (local === undefined || link.localRevision === local.revision) &&
  (external === undefined || link.externalVersion === external.version);

const isBeforeCutOver = ({ cutOverDate }: Books, kind: RecordKind, { local, external }: Pair): boolean => {
  if (cutOverDate === undefined) return false;
  return [local, external].some((record) => {
    const date = record && dateOf(kind, record.projection.atoms);
    return date !== undefined && date < cutOverDate;
  });
};

/** Per document: how much of the difference of its open balance comes from money that is not equal on both sides, by cause. */
export type Touched = ReadonlyMap<string, ReadonlyMap<Cause, number>>;

export const touchedBy = (books: Books): Touched => {
  const touched = new Map<string, Map<Cause, number>>();
  for (const kind of ['payment', 'allocation', 'refund'] as const) {
    for (const pair of pairsOf(books, kind)) {
      const cause = causeOf(books, kind, pair);
      if (cause === undefined) continue;
      for (const side of ['local', 'external'] as const) {
        const record = pair[side];
        for (const spent of record === undefined ? [] : spentOn(record)) {
          // Counted once a pair of documents, under the name that billing has for it.
          const link = linkOf(books, spent.kind, side, spent.id);
          const key =
            link?.localId === undefined
              ? recordKey(spent.kind, side, spent.id)
              : recordKey(spent.kind, 'local', link.localId);
          const parts = touched.get(key) ?? new Map<Cause, number>();
          const minor = side === 'local' ? -spent.minor : spent.minor;
          touched.set(key, parts.set(cause, (parts.get(cause) ?? 0) + minor));
        }
      }
    }
  }
  return touched;
};
