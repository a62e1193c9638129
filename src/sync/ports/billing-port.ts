// The billing engine as the bridge sees it. Implemented by connectors/billing; sync never imports billing.
import type { CalendarDate } from '../../core/calendar-date';
import type { Instant } from '../../core/clock';
import type { AtomsOf, Projection, RecordKind } from '../records';
import type { Guards } from './ledger-port';

export type LocalId = string;

export type LocalRecord<K extends RecordKind = RecordKind> = {
  readonly kind: K;
  readonly localId: LocalId;
  readonly revision: number;
  readonly projection: Projection<AtomsOf[K]>;
  readonly guards: Guards;
  readonly changedAt: Instant;
  /** Who made the last change, for people: a user's name or "Xero". */
  readonly changedBy: string;
  /** A record of the same kind whose money this is: until that one has ended in the ledger, this one does not cross. */
  readonly cameFrom?: LocalId;
};

export type LocalReading<K extends RecordKind = RecordKind> =
  | { readonly state: 'present'; readonly record: LocalRecord<K> }
  | { readonly state: 'absent' };

export type LocalWrite<K extends RecordKind = RecordKind> = {
  readonly kind: K;
  readonly op: 'create' | 'update' | 'void' | 'archive' | 'unarchive';
  /** The intent's key: billing remembers it with the effect, and a repeat has no second one. */
  readonly key: string;
  readonly localId: LocalId; // pre-allocated for creates
  /** In billing's space: refs are local ids. For `update` only `atoms` are taken from it. */
  readonly projection: Projection<AtomsOf[K]>;
  readonly atoms: readonly string[];
  readonly expectedRevision?: number;
  /** For the activity entry: "Xero". */
  readonly source: string;
};

export type LocalOutcome<K extends RecordKind = RecordKind> =
  | { readonly result: 'done'; readonly record: LocalRecord<K> }
  | { readonly result: 'stale' }
  | { readonly result: 'refused'; readonly reason: string; readonly remedy: string };

export type LocalChange = { readonly sequence: string; readonly kind: RecordKind; readonly localId: LocalId };

export type LastEdit = { readonly at: Instant; readonly by: string };

export type BillingPort = {
  read<K extends RecordKind>(kind: K, ids: readonly LocalId[]): Promise<ReadonlyMap<LocalId, LocalReading<K>>>;
  list<K extends RecordKind>(
    kind: K,
    options?: { readonly from?: CalendarDate },
  ): AsyncIterable<readonly LocalRecord<K>[]>;
  /** Candidates for matching: same number, same name, same e-mail, same tax number (each compared case-insensitively). */
  findCandidates<K extends RecordKind>(
    kind: K,
    key: { readonly number?: string; readonly name?: string; readonly email?: string },
  ): Promise<readonly LocalRecord<K>[]>;
  /** Never throws for a refusal of billing's rules. */
  write<K extends RecordKind>(write: LocalWrite<K>): Promise<LocalOutcome<K>>;
  /** The effect of an earlier write with this key, or undefined if none is stored. */
  effectOf(key: string): Promise<{ readonly kind: RecordKind; readonly localId: LocalId } | undefined>;
  /** Changes since the last acknowledged one (outbox rows written in the same transaction as the change). */
  pendingChanges(limit: number): Promise<readonly LocalChange[]>;
  acknowledge(sequences: readonly string[]): Promise<void>;
  /** Who gave each atom its value, as far as the activity log tells; for people, never for a decision. */
  lastEdits(kind: RecordKind, id: LocalId): Promise<ReadonlyMap<string, LastEdit>>;
  /** `projection`: what the record will be; a payment's id may depend on it. */
  newId(kind: RecordKind, projection?: Projection): LocalId;
  /** Billing's own trims and limits. Pure. */
  normalise<K extends RecordKind>(kind: K, projection: Projection<AtomsOf[K]>): Projection<AtomsOf[K]>;
};
