// One Xero organisation behind LedgerPort: puts reading, looking up and writing together, and remembers what the pure half of the port
// judges by. No call is made before the first method.
import type { Clock, Instant } from '../../core/clock';
import {
  type ChangePage,
  type ExternalId,
  type ExternalRecord,
  type LedgerCapabilities,
  type LedgerChart,
  type LedgerPort,
  LedgerUnavailable,
  type Mapping,
  type Organisation,
  type Reading,
} from '../../sync/ports/ledger-port';
import { type AtomsOf, type Projection, RECORD_KINDS, type RecordKind } from '../../sync/records';
import { allocationsIn, findAllocations, readAllocations } from './allocations';
import { CurrencyAnswer } from './answers';
import type { XeroApi } from './api';
import { normaliseContact } from './contact-projection';
import { normaliseCreditNote, normaliseInvoice } from './document-projection';
import { editableAtomsOf } from './editable';
import { CREDIT_NOTES, type ReadContext, type ResourceKind, resourceOf } from './kinds';
import { BATCH_SIZE, type PageSizes, WRITE_TIMEOUT_MS } from './limits';
import { lookUp } from './look-up';
import type { Known } from './mapped';
import { normaliseAllocation, normalisePayment } from './money-projection';
import { objectionsTo } from './objections';
import { chartFrom, organisationFrom } from './organisation';
import type { WalkedPage } from './paging';
import { answered, createReader } from './reading';
import { createWriter } from './writing';

/** What was read last of an organisation; outlives a port, since ports are opened anew for every run. */
export type Memory = {
  organisation?: Organisation;
  chart?: LedgerChart;
  chartReadAt?: number;
  currencies?: { readonly codes: readonly string[]; readonly readAt: number };
};

export type XeroLedgerDeps = {
  readonly api: XeroApi;
  readonly clock: Clock;
  readonly mapping: () => Mapping | undefined;
  readonly memory: Memory;
  readonly pageSizes: PageSizes;
  readonly publicUrl: string;
  readonly urlOf: (kind: RecordKind, id: ExternalId) => string | undefined;
};

const CAPABILITIES: LedgerCapabilities = {
  paymentUnit: 'allocation',
  hasPreconditions: false,
  canEditPayments: false,
  webhookKinds: ['contact', 'invoice', 'creditNote'],
  kinds: RECORD_KINDS,
  batchSize: () => BATCH_SIZE,
  hardTimeoutMs: WRITE_TIMEOUT_MS,
  linesBookTo: 'account',
};

const CURRENCIES_LIFE_MS = 5 * 60_000;
/** Of the chart behind guards and predictions; who looks at the mapping reads it anew. */
const CHART_LIFE_MS = 12 * 3_600_000;
/** How long a walk over credit notes may serve for their allocations too. */
const SHARED_WALK_LIFE_MS = 60_000;
type SharedWalk = {
  readonly since: Instant;
  readonly readAt: number;
  readonly pages: readonly WalkedPage[];
  readonly for: RecordKind;
};

export const createXeroLedger = (deps: XeroLedgerDeps): LedgerPort => {
  const { api, clock, memory, pageSizes } = deps;
  const known = (): Known => ({ mapping: deps.mapping(), chart: memory.chart, organisation: memory.organisation });
  const context = (): ReadContext => ({ known: known(), urlOf: deps.urlOf });
  const reader = createReader({ api, pageSizes, context });
  const write = createWriter({ api, reader, clock, context, publicUrl: deps.publicUrl });
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

  const chart = async (): Promise<LedgerChart> => {
    const fresh = await readChart(api);
    memory.chart = fresh;
    memory.chartReadAt = clock.now().getTime();
    return fresh;
  };

  const read = async (kind: RecordKind, ids: readonly ExternalId[], purpose: 'sync' | 'resolve' | 'person') => {
    if (ids.length === 0) return new Map<ExternalId, Reading>();
    return kind === 'allocation'
      ? readAllocations(reader, context(), ids, { purpose })
      : reader.byId(resourceOf(kind as ResourceKind), ids, { purpose });
  };

  return {
    provider: 'xero',
    capabilities: CAPABILITIES,
    // Called before the first write of a run: from here on objections and predictions need the chart too.
    organisation: async () => {
      const organisation = await readOrganisation(deps);
      memory.organisation = organisation;
      if (clock.now().getTime() - (memory.chartReadAt ?? 0) > CHART_LIFE_MS) await chart();
      return organisation;
    },
    chart,
    changes: <K extends RecordKind>(kind: K, since: Instant) => changes(kind, since) as AsyncIterable<ChangePage<K>>,
    list: <K extends RecordKind>(kind: K, options?: { readonly from?: string }) =>
      list(kind, options?.from) as AsyncIterable<ChangePage<K>>,
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
    editableAtoms: (kind, record) => editableAtomsOf(kind, record as ExternalRecord),
  };
};

const readOrganisation = async ({ api, clock, memory }: XeroLedgerDeps): Promise<Organisation> => {
  const options = { purpose: 'sync' } as const;
  const [element] = answered(await api.organisation(options), 'Organisations');
  const now = clock.now().getTime();
  if (memory.currencies === undefined || now - memory.currencies.readAt > CURRENCIES_LIFE_MS) {
    const codes = answered(await api.currencies(options), 'Currencies').map((one) => CurrencyAnswer.parse(one).Code);
    memory.currencies = { codes, readAt: now };
  }
  const { codes } = memory.currencies;
  return readable('its organisation', () => organisationFrom(element, codes));
};

const readChart = async (api: XeroApi): Promise<LedgerChart> => {
  const options = { purpose: 'sync' } as const;
  const accounts = answered(await api.accounts(options), 'Accounts');
  const taxRates = answered(await api.taxRates(options), 'TaxRates');
  const items = answered(await api.items(options), 'Items');
  return readable('its chart of accounts', () => chartFrom(accounts, taxRates, items));
};

/** The organisation and the chart are read whole or not at all. */
const readable = <T>(what: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    throw new LedgerUnavailable({
      class: 'bug',
      code: 'notUnderstood',
      message: `Xero sent ${what} in a form that is not understood (${error instanceof Error ? error.name : 'unknown'}).`,
    });
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
        return normaliseContact(given);
      case 'invoice':
        return normaliseInvoice(known, given);
      case 'creditNote':
        return normaliseCreditNote(known, given);
      case 'payment':
        return normalisePayment(known, given);
      case 'allocation':
        return normaliseAllocation(given);
    }
  };
  return make() as Projection<AtomsOf[K]>;
};
