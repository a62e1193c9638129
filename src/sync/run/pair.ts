// One pair as a run holds it: its row, its dirty entries, and both sides once they are read.
import type { DirtyDocument } from '../collections';
import type { Link } from '../links/link';
import type { SideView } from '../planner/side-view';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord } from '../ports/ledger-port';
import type { RecordKind } from '../records';

export type Pair = {
  readonly kind: RecordKind;
  readonly entries: readonly DirtyDocument[];
  readonly link?: Link;
  readonly localId?: string;
  readonly externalId?: string;
};

export type ReadPair = Pair & {
  readonly local: SideView;
  readonly external: SideView;
  readonly localRecord?: LocalRecord;
  readonly externalRecord?: ExternalRecord;
  /** Billing's feed tells what we know already, or nothing that crosses; the ledger was not asked. */
  readonly isEcho?: true;
};

export const pairKey = ({ kind, link, localId, externalId }: Pair): string =>
  link?.id ?? `${kind}:${localId ?? ''}:${externalId ?? ''}`;
