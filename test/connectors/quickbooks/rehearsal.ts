// The QuickBooks connector on a rehearsal QuickBooks: one company, connected, with its lists, a mapping and a clock that moves with each request.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Books } from '../../../sandbox/quickbooks/books/books';
import type { CompanyOptions } from '../../../sandbox/quickbooks/books/company';
import type { Exchange } from '../../../sandbox/quickbooks/http/exchange-log';
import { type QuickBooksSandbox, startQuickBooksSandbox } from '../../../sandbox/quickbooks/start';
import { createGrantVault, type GrantVault, grantCollections } from '../../../src/connectors/oauth/grant-vault';
import type { LedgerProvider } from '../../../src/connectors/provider-port';
import { createQuickBooksProvider } from '../../../src/connectors/quickbooks/provider';
import type { QuickBooksSettings } from '../../../src/connectors/quickbooks/settings';
import { createInProcessBudget } from '../../../src/connectors/rate-budget/in-process';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';
import { idSource } from '../../../src/core/ids';
import { createKeyring } from '../../../src/core/keyring';
import { createLogger } from '../../../src/core/logger';
import type { Store } from '../../../src/store/port';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store';
import type { LedgerPort, Mapping } from '../../../src/sync/ports/ledger-port';

export const TENANT = 'ten_1';
export const REDIRECT = 'http://localhost:3000/connect/quickbooks/callback';
export const START = new Date('2026-11-20T09:00:00.000Z');

export const UNITED_KINGDOM: CompanyOptions = {
  name: 'Harbour Lane Studio Ltd',
  country: 'GB',
  exchangeRates: { EUR: '0.86', JPY: '0.0052' },
};
export const UNITED_STATES: CompanyOptions = { name: 'Harbour Lane Inc' };

export type Rehearsal = {
  readonly sandbox: QuickBooksSandbox;
  readonly books: Books;
  readonly provider: LedgerProvider;
  readonly port: LedgerPort;
  readonly mapping: Mapping;
  readonly vault: GrantVault;
  readonly store: Store;
  readonly clock: SimulatedClock;
  readonly realmId: string;
  readonly grantId: string;
  /** Everything that was logged. */
  readonly log: string[];
  /** Exchanges with the accounting API so far. */
  readonly exchanges: Exchange[];
  /** Calls that were answered or not, "METHOD path". */
  calls(): number;
  openPort(mapping: () => Mapping | undefined): LedgerPort;
  close(): Promise<void>;
};

export const rehearse = async (
  options: {
    readonly company?: CompanyOptions;
    readonly settings?: Partial<QuickBooksSettings>;
    readonly mapping?: Partial<Mapping>;
    readonly perCallMs?: number;
  } = {},
): Promise<Rehearsal> => {
  const clock = simulatedClock(START);
  const exchanges: Exchange[] = [];
  let calls = 0;
  const sandbox = await startQuickBooksSandbox({
    companies: [options.company ?? UNITED_KINGDOM],
    now: () => clock.now(),
    onRequest: ({ path: target }) => {
      clock.advance(options.perCallMs ?? 200);
      if (target.startsWith('/v3/')) calls++;
    },
    onExchange: (exchange) => void (exchange.path.startsWith('/v3/') && exchanges.push(exchange)),
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'quickbooks-'));
  const store = await openSqliteStore({ folder, collections: [...grantCollections], durability: 'process' });
  const log: string[] = [];
  const logger = createLogger({ level: 'debug', now: () => clock.now(), write: (line) => log.push(line) });
  const vault = createGrantVault({
    store,
    keyring: createKeyring([{ id: 'k1', key: randomBytes(32) }]),
    clock,
    ids: idSource(() => clock.now()),
    logger,
  });
  const provider = createQuickBooksProvider({
    settings: { ...settingsFor(sandbox), ...options.settings },
    vault,
    budget: createInProcessBudget({ clock }),
    clock,
    logger,
  });
  const consent = sandbox.connect();
  const { realmId } = consent;
  const grantId = await vault.save({
    tenantId: TENANT,
    provider: 'quickbooks',
    subject: `realm:${realmId}`,
    scopes: [],
    tokens: {
      accessToken: consent.accessToken,
      accessExpiresInMs: consent.expiresInSeconds * 1_000,
      refreshToken: consent.refreshToken,
    },
  });
  const books = sandbox.books();
  const mapping = { ...mappingOf(books), ...options.mapping };
  const openPort = (choices: () => Mapping | undefined): LedgerPort =>
    provider.open({ tenantId: TENANT, connectionId: 'con_1', organisationId: realmId, grantId, mapping: choices });

  return {
    sandbox,
    books,
    provider,
    port: openPort(() => mapping),
    mapping,
    vault,
    store,
    clock,
    realmId,
    grantId,
    log,
    exchanges,
    calls: () => calls,
    openPort,
    close: async () => {
      await sandbox.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const settingsFor = (sandbox: QuickBooksSandbox): QuickBooksSettings => ({
  clientId: sandbox.clientId,
  clientSecret: sandbox.clientSecret,
  webhookToken: sandbox.webhookToken,
  apiUrl: sandbox.endpoints.api,
  authorizeUrl: sandbox.endpoints.authorize,
  oauthUrl: sandbox.endpoints.token,
  revokeUrl: sandbox.endpoints.revoke,
  userinfoUrl: sandbox.endpoints.userinfo,
});

/** As a person would choose it from the rehearsal's lists. */
const mappingOf = (books: Books): Mapping => {
  const { company, tables } = books.ledger;
  const codeNamed = (name: string): string =>
    [...tables.TaxCode.rows()].find(({ record }) => record.Name === name)?.record.Id ?? '';
  const taxCodes =
    company.taxScheme === 'automated'
      ? { standard: 'TAX', zero: 'NON' }
      : { standard: codeNamed('20.0% S'), reduced: codeNamed('5.0% R'), zero: codeNamed('0.0% Z') };
  return {
    version: 1,
    revenue: '1',
    taxCodes,
    paymentAccounts: Object.fromEntries(
      ['GBP', 'USD', 'EUR', 'JPY'].flatMap((currency) => [
        [`*:${currency}`, '35'],
        [`stripe:${currency}`, '37'],
      ]),
    ),
  };
};
