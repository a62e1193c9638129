// One Xero organisation behind LedgerPort: puts reading, looking up and writing together, and remembers what the pure half of the port
// judges by. No call is made before the first method.
import type { Clock, Instant } from '../../core/clock';
import type {
  ChangePage,
  ExternalId,
  ExternalRecord,
  LedgerCapabilities,
  LedgerPort,
  Mapping,
  Reading,
} from '../../sync/ports/ledger-port';
import { RECORD_KINDS, type RecordKind } from '../../sync/records';
import { findAllocations, readAllocations } from './allocations';
import type { XeroApi } from './api';
import { editableAtomsOf } from './editable';
import { createFacts, type Memory } from './facts';
import { createFeeds } from './feeds';
import { type ReadContext, type ResourceKind, resourceOf } from './kinds';
import { BATCH_SIZE, IDS_PER_CALL, type PageSizes, WRITE_TIMEOUT_MS } from './limits';
import { lookUp } from './look-up';
import type { Known } from './mapped';
import { normalised } from './normalise';
import { objectionsTo } from './objections';
import { createPostings } from './postings';
import { createReader } from './reading';
import { createWriter } from './writing';

export type XeroLedgerDeps = {
  readonly api: XeroApi;
  readonly clock: Clock;
  readonly mapping: () => Mapping | undefined;
  readonly memory: Memory;
  /** How old its currencies may be; default half a day. */
  readonly factsYoungerThanMs?: number | undefined;
  readonly pageSizes: PageSizes;
  readonly publicUrl: string;
  readonly urlOf: (kind: RecordKind, id: ExternalId) => string | undefined;
};

const CAPABILITIES: LedgerCapabilities = {
  paymentUnit: 'allocation',
  hasPreconditions: false,
  canEditPayments: false,
  listsBeatReadsFrom: 5 * IDS_PER_CALL,
  versionsTellOrder: true,
  webhookKinds: ['contact', 'invoice', 'creditNote'],
  kinds: RECORD_KINDS,
  batchSize: () => BATCH_SIZE,
  hardTimeoutMs: WRITE_TIMEOUT_MS,
  linesBookTo: 'account',
};

export const createXeroLedger = (deps: XeroLedgerDeps): LedgerPort => {
  const { api, clock, memory, pageSizes } = deps;
  const known = (): Known => ({ mapping: deps.mapping(), chart: memory.chart, organisation: memory.organisation });
  const context = (): ReadContext => ({ known: known(), urlOf: deps.urlOf });
  const reader = createReader({ api, pageSizes, context });
  const write = createWriter({ api, reader, clock, context, publicUrl: deps.publicUrl });
  const feeds = createFeeds({ reader, clock, context });
  const facts = createFacts({ api, clock, memory, youngerThanMs: deps.factsYoungerThanMs });

  const read = async (kind: RecordKind, ids: readonly ExternalId[], purpose: 'sync' | 'resolve' | 'person') => {
    if (ids.length === 0) return new Map<ExternalId, Reading>();
    return kind === 'allocation'
      ? readAllocations(reader, context(), ids, { purpose })
      : reader.byId(resourceOf(kind as ResourceKind), ids, { purpose });
  };

  return {
    provider: 'xero',
    capabilities: CAPABILITIES,
    organisation: facts.organisation,
    chart: facts.chart,
    changes: <K extends RecordKind>(kind: K, since: Instant) =>
      feeds.changes(kind, since) as AsyncIterable<ChangePage<K>>,
    list: <K extends RecordKind>(kind: K, options?: { readonly from?: string }) =>
      feeds.list(kind, options?.from) as AsyncIterable<ChangePage<K>>,
    read: async <K extends RecordKind>(
      kind: K,
      ids: readonly ExternalId[],
      purpose: 'sync' | 'resolve' | 'person' = 'sync',
    ) => (await read(kind, ids, purpose)) as ReadonlyMap<ExternalId, Reading<K>>,
    findByNaturalKey: async (kind, keys, purpose = 'sync') => {
      if (keys.length === 0) return new Map();
      const found =
        kind === 'allocation'
          ? await findAllocations(reader, context(), keys, { purpose })
          : await lookUp(
              { api, context: context(), pageSize: pageSizes.others },
              resourceOf(kind as ResourceKind),
              keys,
              { purpose },
            );
      return found as ReadonlyMap<never, readonly never[]>;
    },
    write,
    normalise: (kind, projection) => normalised(known(), kind, projection),
    objections: (kind, projection) => objectionsTo(known(), kind, projection),
    calls: () => api.calls(),
    budget: () => api.budget(),
    postings: createPostings({ api, clock, pageSize: pageSizes.others }),
    editableAtoms: (kind, record) => editableAtomsOf(kind, record as ExternalRecord),
  };
};
