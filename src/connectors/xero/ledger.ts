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
  NaturalKey,
  Reading,
} from '../../sync/ports/ledger-port';
import { RECORD_KINDS, type RecordKind } from '../../sync/records';
import { createAdvanceFeed, emptyAdvanceMemory } from './advance-feed';
import { splitAdvanceId } from './advance-projection';
import { type AdvanceReader, createAdvanceReader } from './advances';
import { findAllocations, readAllocations } from './allocations';
import type { CallOptions, XeroApi } from './api';
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
import { createReader, type Reader } from './reading';
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

const isCreditKey = (key: NaturalKey): key is Extract<NaturalKey, { by: 'tag' }> =>
  key.by === 'tag' && key.credit !== undefined;

/** Plain payments many at a time; overpayments and prepayments, of which there are few, one by one. */
const readPayments = async (
  reader: Reader,
  advances: AdvanceReader,
  ids: readonly ExternalId[],
  options: CallOptions,
): Promise<ReadonlyMap<ExternalId, Reading>> => {
  const isAdvance = (id: ExternalId): boolean => splitAdvanceId(id) !== undefined;
  const plain = ids.filter((id) => !isAdvance(id));
  return new Map([
    ...(plain.length === 0 ? [] : await reader.byId(resourceOf('payment'), plain, options)),
    ...(await advances.read(ids.filter(isAdvance), options)),
  ]);
};

export const createXeroLedger = (deps: XeroLedgerDeps): LedgerPort => {
  const { api, clock, memory, pageSizes } = deps;
  const known = (): Known => ({ mapping: deps.mapping(), chart: memory.chart, organisation: memory.organisation });
  memory.advances ??= emptyAdvanceMemory(clock.now());
  const context = (): ReadContext => ({ known: known(), urlOf: deps.urlOf, noteInvoice: advanceFeed.noteInvoice });
  const reader = createReader({ api, pageSizes, context });
  const rows = memory.advances.rows;
  const advances = createAdvanceReader({ api, clock, pageSize: pageSizes.others, context, rows });
  const advanceFeed = createAdvanceFeed({ reader: advances, clock, memory: memory.advances });
  const write = createWriter({ api, reader, advances, clock, context, publicUrl: deps.publicUrl });
  const feeds = createFeeds({ reader, clock, context, advances: advanceFeed });
  const facts = createFacts({ api, clock, memory, youngerThanMs: deps.factsYoungerThanMs });

  const read = async (kind: RecordKind, ids: readonly ExternalId[], purpose: 'sync' | 'resolve' | 'person') => {
    if (ids.length === 0) return new Map<ExternalId, Reading>();
    if (kind === 'payment') return readPayments(reader, advances, ids, { purpose });
    return kind === 'allocation'
      ? readAllocations(reader, context(), ids, { purpose })
      : reader.byId(resourceOf(kind as ResourceKind), ids, { purpose });
  };

  const find = async (kind: RecordKind, keys: readonly NaturalKey[], purpose: 'sync' | 'resolve') => {
    const plain = keys.filter((key) => !isCreditKey(key));
    const found = new Map<NaturalKey, readonly never[]>();
    for (const key of keys) if (isCreditKey(key)) found.set(key, (await advances.find(key, { purpose })) as never[]);
    if (plain.length === 0) return found;
    const resources = { api, context: context(), pageSize: pageSizes.others };
    const others =
      kind === 'allocation'
        ? await findAllocations(reader, context(), plain, { purpose })
        : await lookUp(resources, resourceOf(kind as ResourceKind), plain, { purpose });
    for (const [key, records] of others) found.set(key, records as never[]);
    return found;
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
    findByNaturalKey: async <K extends RecordKind>(
      kind: K,
      keys: readonly NaturalKey[],
      purpose: 'sync' | 'resolve' = 'sync',
    ) => (await find(kind, keys, purpose)) as ReadonlyMap<NaturalKey, readonly ExternalRecord<K>[]>,
    write,
    normalise: (kind, projection) => normalised(known(), kind, projection),
    objections: (kind, projection) => objectionsTo(known(), kind, projection),
    calls: () => api.calls(),
    budget: () => api.budget(),
    postings: createPostings({ api, clock, pageSize: pageSizes.others }),
    editableAtoms: (kind, record) => editableAtomsOf(kind, record as ExternalRecord),
  };
};
