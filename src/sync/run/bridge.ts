// What one run holds in its hands: one connection, its two sides, its memory. Constructed per run; nothing in it outlives the run.
import type { CalendarDate } from '../../core/calendar-date';
import type { Clock } from '../../core/clock';
import type { IdSource } from '../../core/ids';
import type { Logger } from '../../core/logger';
import type { Session, Store } from '../../store/port';
import type { ConnectionDocument } from '../collections';
import type { DirtySet } from '../feeds/dirty-set';
import type { SightingStore } from '../feeds/sightings';
import type { LinkStore } from '../links/link-documents';
import type { BillingPort } from '../ports/billing-port';
import type { LedgerPort, Mapping, Organisation } from '../ports/ledger-port';
import type { RecordKind } from '../records';
import type { Gate } from '../safety/gate';
import type { Journal } from './journal';
import type { Readings } from './readings';

export type Bridge = {
  readonly store: Store;
  readonly session: Session;
  readonly tenantId: string;
  readonly connectionId: string;
  readonly connection: ConnectionDocument;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly uuid: () => string;
  readonly logger: Logger;
  /** Names this run in leases. */
  readonly owner: string;
  readonly ledger: LedgerPort;
  readonly ledgerName: string;
  readonly billing: BillingPort;
  readonly mapping: Mapping | undefined;
  readonly mapVersion: string;
  /** Fresh facts (lock dates, currencies), read at most once a run. */
  readonly organisation: () => Promise<Organisation>;
  /** The lock date as this run knows it by now: at first as it was stored. */
  readonly lockedThrough: () => CalendarDate | undefined;
  /** The ledger has just refused a date: its lock date is read anew, once. */
  readonly lockWasOld: () => Promise<void>;
  /** Organisation and chart, once a run: the pure half of the port judges by what was read last. Not needed where nothing is dirty. */
  readonly prepare: () => Promise<void>;
  readonly links: LinkStore;
  readonly dirty: DirtySet;
  readonly sightings: SightingStore;
  readonly readings: Readings;
  readonly journal: Journal;
  /** Safety stops: every write passes here first. */
  readonly gate: Gate;
  readonly pulls: (kind: RecordKind) => boolean;
  /** Pairs that a person keeps apart. */
  readonly separations: ReadonlySet<string>;
  readonly signal?: AbortSignal;
};

/** Grows when the meaning of a projection changes in code: every link is then compared afresh. */
const PROJECTION_CODE = 1;
export const mapVersionOf = (mapping: Mapping | undefined): string => `${mapping?.version ?? 0}.${PROJECTION_CODE}`;

export const separationKey = (kind: RecordKind, localId: string, externalId: string): string =>
  `${kind}:${localId}:${externalId}`;

const LEASE_MARGIN_MS = 60_000;
/** A lease outlives the longest call by a good margin; who dies holding it delays its record by this much. */
export const leaseEnd = (bridge: Bridge): Date =>
  new Date(bridge.clock.now().getTime() + bridge.ledger.capabilities.hardTimeoutMs + LEASE_MARGIN_MS);

/** After the deadline of a write whose outcome is unknown, this long until a look-up is believed. */
export const SETTLE_DELAY_MS = 30_000;

/** Ends a run early, with words: we were told to wait, or the sign-in is gone. */
export class RunStopped extends Error {
  constructor(
    message: string,
    readonly because: 'throttled' | 'auth' | 'transient' | 'aborted',
    readonly retryAfterMs: number,
  ) {
    super(message);
    this.name = 'RunStopped';
  }
}
