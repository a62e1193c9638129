// The organisation and its chart, read from Xero and remembered: the pure half of the port judges by them.
import type { Clock } from '../../core/clock';
import { type LedgerChart, LedgerUnavailable, type Organisation } from '../../sync/ports/ledger-port';
import type { AdvanceMemory } from './advance-feed';
import { CurrencyAnswer } from './answers';
import type { XeroApi } from './api';
import { chartFrom, organisationFrom } from './organisation';
import { answered } from './reading';

/** What was read last of an organisation; outlives a port, since ports are opened anew for every run. */
export type Memory = {
  organisation?: Organisation;
  chart?: LedgerChart;
  chartReadAt?: number;
  advances?: AdvanceMemory;
  currencies?: { readonly codes: readonly string[]; readonly readAt: number };
};

/** Of currencies and of the chart behind guards and predictions; who looks at the mapping, or has just acted and waits, reads them anew. */
const LIFE_MS = 12 * 3_600_000;

type FactsDeps = {
  readonly api: XeroApi;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly youngerThanMs: number | undefined;
};

export const createFacts = (deps: FactsDeps) => {
  const { api, clock, memory } = deps;
  const readAnew = async (): Promise<LedgerChart> => {
    const fresh = await readChart(api);
    memory.chart = fresh;
    memory.chartReadAt = clock.now().getTime();
    return fresh;
  };
  /** Read a moment ago for the settings' sake: whoever asks for it next has not had it yet. */
  let unasked: LedgerChart | undefined;
  return {
    chart: async (): Promise<LedgerChart> => {
      const known = unasked;
      unasked = undefined;
      return known ?? readAnew();
    },
    // Called before the first write of a run: from here on objections and predictions need the chart too.
    organisation: async (): Promise<Organisation> => {
      const organisation = await readOrganisation(deps);
      memory.organisation = organisation;
      if (clock.now().getTime() - (memory.chartReadAt ?? 0) > LIFE_MS) unasked = await readAnew();
      return organisation;
    },
  };
};

const readOrganisation = async ({ api, clock, memory, youngerThanMs = LIFE_MS }: FactsDeps): Promise<Organisation> => {
  const options = { purpose: 'sync' } as const;
  const [element] = answered(await api.organisation(options), 'Organisations');
  const now = clock.now().getTime();
  if (memory.currencies === undefined || now - memory.currencies.readAt >= youngerThanMs) {
    const listed = answered(await api.currencies(options), 'Currencies');
    const codes = readable('its currencies', () => listed.map((one) => CurrencyAnswer.parse(one).Code));
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
