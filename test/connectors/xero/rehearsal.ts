// The Xero connector on a rehearsal Xero: one organisation, connected, with a chart, a mapping and a clock that moves with each request.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startXeroSandbox, type XeroSandbox, type XeroSandboxOptions } from '../../../sandbox/xero/start';
import { createGrantVault, type GrantVault, grantCollections } from '../../../src/connectors/oauth/grant-vault';
import type { LedgerProvider } from '../../../src/connectors/provider-port';
import { createInProcessBudget } from '../../../src/connectors/rate-budget/in-process';
import { createXeroProvider } from '../../../src/connectors/xero/provider';
import type { XeroSettings } from '../../../src/connectors/xero/settings';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';
import { idSource } from '../../../src/core/ids';
import { createKeyring } from '../../../src/core/keyring';
import { createLogger } from '../../../src/core/logger';
import type { Store } from '../../../src/store/port';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store';
import type { LedgerPort, Mapping } from '../../../src/sync/ports/ledger-port';

export const TENANT = 'ten_1';
export const START = new Date('2026-11-20T09:00:00.000Z');

export type Rehearsal = {
  readonly sandbox: XeroSandbox;
  readonly provider: LedgerProvider;
  readonly port: LedgerPort;
  readonly mapping: Mapping;
  readonly vault: GrantVault;
  readonly store: Store;
  readonly clock: SimulatedClock;
  readonly organisationId: string;
  readonly grantId: string;
  /** Everything that was logged. */
  readonly log: string[];
  /** Requests to the Accounting API so far, as "METHOD path". */
  readonly requests: string[];
  calls(): number;
  openPort(mapping: () => Mapping | undefined): LedgerPort;
  close(): Promise<void>;
};

export const rehearse = async (
  options: {
    readonly sandbox?: XeroSandboxOptions;
    readonly settings?: Partial<XeroSettings>;
    readonly perCallMs?: number;
  } = {},
): Promise<Rehearsal> => {
  const clock = simulatedClock(START);
  const requests: string[] = [];
  const sandbox = await startXeroSandbox({
    organisations: [{ name: 'Harbour Lane Studio Ltd', currencies: { EUR: '1.17', JPY: '190', KWD: '0.39' } }],
    now: () => clock.now(),
    onRequest: ({ method, path: target }) => {
      clock.advance(options.perCallMs ?? 400);
      if (target.startsWith('/api.xro/')) requests.push(`${method} ${target}`);
    },
    ...options.sandbox,
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'xero-'));
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
  const provider = createXeroProvider({
    settings: {
      clientId: sandbox.clientId,
      clientSecret: sandbox.clientSecret,
      webhookKey: sandbox.webhookKey,
      apiUrl: sandbox.url,
      identityUrl: sandbox.url,
      loginUrl: sandbox.url,
      ...options.settings,
    },
    vault,
    budget: createInProcessBudget({ clock }),
    clock,
    logger,
  });
  const consent = sandbox.connect();
  const grantId = await vault.save({
    tenantId: TENANT,
    provider: 'xero',
    scopes: [],
    tokens: {
      accessToken: consent.access_token,
      accessExpiresInMs: consent.expires_in * 1_000,
      refreshToken: consent.refresh_token ?? '',
    },
  });
  const organisationId = consent.tenantId;
  const mapping = mappingOf(sandbox);
  const openPort = (choices: () => Mapping | undefined): LedgerPort =>
    provider.open({ tenantId: TENANT, connectionId: 'con_1', organisationId, grantId, mapping: choices });

  return {
    sandbox,
    provider,
    port: openPort(() => mapping),
    mapping,
    vault,
    store,
    clock,
    organisationId,
    grantId,
    log,
    requests,
    calls: () => requests.length,
    openPort,
    close: async () => {
      await sandbox.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** As a person would choose it from the rehearsal's chart. */
const mappingOf = (sandbox: XeroSandbox): Mapping => {
  const { accounts } = sandbox.books().state;
  const clearing = accounts.all().filter(({ name }) => name.startsWith('Stripe clearing'));
  const bank = accounts.where('code', '090')[0];
  return {
    version: 1,
    revenue: '200',
    taxCodes: { standard: 'OUTPUT2', reduced: 'RROUTPUT', zero: 'ZERORATEDOUTPUT', none: 'NONE' },
    paymentAccounts: {
      ...Object.fromEntries(clearing.map(({ currency, accountId }) => [`*:${currency}`, accountId])),
      ...Object.fromEntries(clearing.map(({ currency, accountId }) => [`stripe:${currency}`, accountId])),
      '*:GBP': bank?.accountId ?? '',
    },
  };
};
