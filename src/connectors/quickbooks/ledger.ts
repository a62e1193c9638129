// One QuickBooks company behind LedgerPort: puts reading, looking up and writing together, and remembers what the pure half of the port
// judges by. No call is made before the first method.
import type { Clock, Instant } from '../../core/clock';
import type { Logger } from '../../core/logger';
import {
  type ChangePage,
  type ExternalId,
  type ExternalRecord,
  type LedgerCapabilities,
  type LedgerPort,
  LedgerUnavailable,
  type Mapping,
  type Organisation,
} from '../../sync/ports/ledger-port';
import { type AtomsOf, type Projection, RECORD_KINDS, type RecordKind } from '../../sync/records';
import { batchItemsOf, recordOf, rowsOf } from './answers';
import type { ApiAnswer, QuickBooksApi } from './api';
import { createChangeFeed } from './changes';
import { normaliseContact } from './contact-projection';
import { countOfKind } from './counts';
import { normaliseCreditNote, normaliseInvoice } from './document-projection';
import { editableAtomsOf } from './editable';
import { ENTITY, notUnderstood, type ReadContext } from './kinds';
import { BATCH_SIZE, CHANGE_WINDOW_MS, WRITE_TIMEOUT_MS } from './limits';
import { lookUp } from './look-up';
import { isAutomated, type Known, type Lists } from './mapped';
import type { Memory } from './memory';
import { objectionsTo } from './objections';
import { type CompanyFacts, factsFrom, hasMulticurrency, listsFrom } from './organisation';
import { normaliseAllocation, normalisePayment } from './payment-projection';
import { createPostings } from './postings';
import { type Entity, quoted, statement, WITH_INACTIVE } from './query';
import { createReader, queriedRows } from './reading';
import { createWriter } from './writing';

export type QuickBooksLedgerDeps = {
  readonly api: QuickBooksApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly realmId: string;
  readonly mapping: () => Mapping | undefined;
  readonly memory: Memory;
  readonly pageSize: number;
  readonly isDemo: boolean;
  readonly urlOf: (kind: RecordKind, id: ExternalId) => string | undefined;
};

type ListOptions = { readonly from?: string; readonly counted?: true };
/** Refunds of credit memos have no form here that can be relied on: see kinds.ts. */
const KEPT_KINDS: readonly RecordKind[] = RECORD_KINDS.filter((kind) => kind !== 'refund');

/** Runs that write read the company and its lists anew; runs that only look do it once in this time. */
const FACTS_LIFE_MS = 3_600_000;

const CAPABILITIES: LedgerCapabilities = {
  paymentUnit: 'payment',
  hasPreconditions: true,
  canEditPayments: true,
  webhookKinds: KEPT_KINDS,
  oneLookShowsAll: true,
  kinds: KEPT_KINDS,
  batchSize: () => BATCH_SIZE,
  hardTimeoutMs: WRITE_TIMEOUT_MS,
  linesBookTo: 'item',
  changeWindowMs: CHANGE_WINDOW_MS,
};

export const createQuickBooksLedger = (deps: QuickBooksLedgerDeps): LedgerPort => {
  const { api, clock, memory, pageSize } = deps;
  const known = (): Known => ({
    mapping: deps.mapping(),
    organisation: memory.organisation,
    isMulticurrency: memory.isMulticurrency ?? false,
    lists: memory.lists,
  });
  const context = (): ReadContext => ({ known: known(), urlOf: deps.urlOf });
  const reader = createReader({ api, pageSize, context, seen: memory.seen });
  const changes = createChangeFeed({ api, reader, clock });

  const organisation = async (): Promise<Organisation> => {
    const facts = await readFacts(deps);
    memory.organisation = facts.organisation;
    memory.isMulticurrency = facts.isMulticurrency;
    return facts.organisation;
  };
  const lists = async (): Promise<Lists> => {
    if (memory.organisation === undefined) await organisation();
    memory.lists = await readLists(deps, isAutomated(known()));
    memory.factsAtMs = clock.now().getTime();
    return memory.lists;
  };
  const prepareFacts = async (): Promise<void> => {
    const isOld = clock.now().getTime() - (memory.factsAtMs ?? 0) > FACTS_LIFE_MS;
    if (isOld || memory.organisation === undefined) await organisation();
    if (isOld || memory.lists === undefined) await lists();
  };
  /** How a row reads depends on the company: its tax, its currencies, its payment methods. */
  async function* prepared(pages: () => AsyncIterable<ChangePage>): AsyncIterable<ChangePage> {
    await prepareFacts();
    yield* pages();
  }

  async function* list(kind: RecordKind, { from, counted }: ListOptions): AsyncIterable<ChangePage> {
    let total = counted && from === undefined ? await countOfKind({ api, clock, memory }, kind) : undefined;
    const where = from === undefined || kind === 'contact' ? [] : [`TxnDate >= ${quoted(from)}`];
    for await (const { fresh, isLast, startedAt } of reader.walked(ENTITY[kind], { where })) {
      const readings = fresh.flatMap((row) => reader.listedReadings(kind, row));
      const next = isLast && startedAt !== undefined ? { next: startedAt } : {};
      yield { readings, ...next, ...(total === undefined ? {} : { total }) };
      total = undefined;
    }
  }

  return {
    provider: 'quickbooks',
    capabilities: CAPABILITIES,
    organisation,
    chart: async () => (await lists()).chart,
    changes: <K extends RecordKind>(kind: K, since: Instant) =>
      prepared(() => changes(kind, since)) as AsyncIterable<ChangePage<K>>,
    list: <K extends RecordKind>(kind: K, options: ListOptions = {}) =>
      prepared(() => list(kind, options)) as AsyncIterable<ChangePage<K>>,
    read: async (kind, ids, purpose = 'sync') => {
      if (ids.length === 0) return new Map();
      await prepareFacts();
      return reader.byId(kind, ids, purpose);
    },
    findByNaturalKey: async (kind, keys, purpose = 'sync') => {
      if (keys.length === 0) return new Map();
      await prepareFacts();
      return lookUp({ reader, context, clock }, kind, keys, purpose);
    },
    write: createWriter({ api, reader, clock, context, seen: memory.seen, logger: deps.logger, prepareFacts }),
    normalise: (kind, projection) => normalised(known(), kind, projection),
    objections: (kind, projection) => objectionsTo(known(), kind, projection),
    calls: () => api.calls(),
    budget: () => api.budget(),
    postings: createPostings({ api, clock, known, prepareFacts }),
    editableAtoms: (kind, record) => editableAtomsOf(kind, record as ExternalRecord),
  };
};

// ---- the company and its lists ----

const readFacts = async ({ api, realmId, isDemo }: QuickBooksLedgerDeps): Promise<CompanyFacts> => {
  const options = { purpose: 'sync' } as const;
  const company = single(await api.companyInfo(options), 'CompanyInfo');
  const preferences = single(await api.preferences(options), 'Preferences');
  const hasCurrencies = readable('its preferences', () => hasMulticurrency(preferences));
  const currencies = hasCurrencies
    ? queriedRows(await api.query('CompanyCurrency', { most: 1_000 }, options), 'CompanyCurrency')
    : [];
  return readable('its company', () => factsFrom({ realmId, company, preferences, currencies, isDemo }));
};

const single = (answer: ApiAnswer, entity: string): unknown => {
  if (answer.verdict === 'failed') throw new LedgerUnavailable(answer.problem);
  return recordOf(answer.json, entity);
};

/** Rows of one page, and of all queries of one batch together. */
const MOST = 1_000;

/** All lists in one call; where they are too long for it, each page by page. */
const readLists = async (deps: QuickBooksLedgerDeps, isUS: boolean): Promise<Lists> => {
  const entities: readonly Entity[] = ['Account', 'Item', 'PaymentMethod', ...(isUS ? [] : TAX_LISTS)];
  const rows = (await listsAtOnce(deps, entities)) ?? (await listsPaged(deps, entities));
  const of = (entity: Entity): readonly unknown[] => rows.get(entity) ?? [];
  return readable('its lists', () =>
    listsFrom({
      accounts: of('Account'),
      items: of('Item'),
      taxCodes: of('TaxCode'),
      taxRates: of('TaxRate'),
      methods: of('PaymentMethod'),
      isAutomated: isUS,
    }),
  );
};
const TAX_LISTS = ['TaxCode', 'TaxRate'] as const;

type Rows = ReadonlyMap<Entity, readonly unknown[]>;

const listsAtOnce = async ({ api }: QuickBooksLedgerDeps, entities: readonly Entity[]): Promise<Rows | undefined> => {
  const statements = entities.map((entity) => statement(entity, { where: [WITH_INACTIVE], most: MOST }));
  const answer = await api.queries(statements, { purpose: 'sync' });
  if (answer.verdict === 'failed') throw new LedgerUnavailable(answer.problem);
  const items = batchItemsOf(answer.json);
  const rows = new Map<Entity, readonly unknown[]>();
  let count = 0;
  for (const [i, entity] of entities.entries()) {
    const found = rowsOf(items?.get(String(i + 1)), entity);
    if (found === undefined) return undefined;
    rows.set(entity, found);
    count += found.length;
  }
  return count < MOST ? rows : undefined;
};

const listsPaged = async ({ api }: QuickBooksLedgerDeps, entities: readonly Entity[]): Promise<Rows> => {
  const rows = new Map<Entity, readonly unknown[]>();
  for (const entity of entities) {
    const all: unknown[] = [];
    for (let start = 1, isLast = false; !isLast; start += MOST) {
      const selection = { where: [WITH_INACTIVE], orderBy: 'Id', start, most: MOST };
      const page = queriedRows(await api.query(entity, selection, { purpose: 'sync' }), entity);
      all.push(...page);
      isLast = page.length < MOST;
    }
    rows.set(entity, all);
  }
  return rows;
};

/** The company and its lists are read whole or not at all. */
const readable = <T>(what: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    throw new LedgerUnavailable(notUnderstood(`QuickBooks sent ${what} in a form that is not understood (${name}).`));
  }
};

const normalised = <K extends RecordKind>(
  known: Known,
  kind: K,
  projection: Projection<AtomsOf[K]>,
): Projection<AtomsOf[K]> => {
  const given = projection as Projection<never>;
  const make = (): Projection => {
    switch (kind as RecordKind) {
      case 'contact':
        return normaliseContact(known, given);
      case 'invoice':
        return normaliseInvoice(known, given);
      case 'creditNote':
        return normaliseCreditNote(known, given);
      case 'payment':
        return normalisePayment(known, given);
      case 'allocation':
        return normaliseAllocation(given);
      case 'refund':
        return given;
    }
  };
  return make() as Projection<AtomsOf[K]>;
};
