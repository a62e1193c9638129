// The whole bridge over the wire: the composed house, one business with a small book, one rehearsal ledger behind real HTTP, connected
// through the consent page, reviewed and approved. Its clock is simulated, so waiting costs nothing; runs are driven by hand.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@jest/globals';
import { createBrowser } from '../../../demo/browser';
import { type QuickBooksSandbox, startQuickBooksSandbox } from '../../../sandbox/quickbooks/start';
import type { FaultSwitch } from '../../../sandbox/shared/faults';
import { startXeroSandbox, type XeroSandbox } from '../../../sandbox/xero/start';
import type { Actor, Customer, Invoice, Payment } from '../../../src/billing/documents';
import type { CustomerInput, InvoiceInput, PaymentInput } from '../../../src/billing/inputs';
import type { CommandContext } from '../../../src/billing/service';
import type { House } from '../../../src/compose';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';
import type { MappingChoices, ProblemView, RunView, Standing } from '../../../src/sync/service';
import { ratesToMap } from '../../../src/web/rates-to-map';
import { freePort, openWebHouse, type Tenant, type WebClient } from '../../support/web';
import { type WireWitness, watchWire } from '../../support/wire-witness';
import { type Desk, quickBooksDesk, type SeenCustomer, type SeenDocument, xeroDesk } from './desk';

export type LedgerName = 'xero' | 'quickbooks';
export const LEDGERS = [
  ['Xero', 'xero'],
  ['QuickBooks', 'quickbooks'],
] as const;
export const TODAY = '2026-03-02';
export const DATES = { date: '2026-03-02', dueDate: '2026-04-01' };
const START = new Date('2026-03-02T10:00:00.000Z');
const OWNER: Actor = { kind: 'user', id: 'usr_owner', name: 'Olive Owner' };

export type World = {
  readonly ledger: LedgerName;
  readonly house: House;
  readonly clock: SimulatedClock;
  readonly desk: Desk;
  readonly faults: FaultSwitch;
  readonly xero: XeroSandbox;
  readonly quickbooks: QuickBooksSandbox;
  readonly tenantId: string;
  readonly currency: string;
  readonly ref: { readonly tenantId: string; readonly connectionId: string };
  as(): CommandContext;
  customer(name: string, more?: Partial<CustomerInput>): Promise<Customer>;
  invoice(customer: Customer, price?: string, more?: Partial<InvoiceInput>): Promise<Invoice>;
  pay(
    customer: Customer,
    amountMinor: number,
    invoices: readonly (readonly [Invoice, number])[],
    more?: Partial<PaymentInput>,
  ): Promise<Payment>;
  hereNamed(name: string): Promise<Customer>;
  hereNumbered(number: string): Promise<Invoice>;
  thereNamed(name: string): SeenCustomer;
  thereNumbered(number: string): SeenDocument;
  run(options?: { readonly skipPoll?: boolean }): Promise<RunView>;
  /** Runs, with the clock moved on as each run asks, until nothing is left that time can bring to rest. */
  settle(): Promise<RunView>;
  /** As every night: both sides are listed and compared; then to rest. */
  night(): Promise<void>;
  problems(): Promise<readonly ProblemView[]>;
  standing(): Promise<Standing>;
  readonly url: string;
  /** The owner in front of the web pages. */
  owner(): Promise<WebClient>;
  /** Through the ledger's consent page; to an organisation by name, or to the first. */
  connect(organisation?: string): Promise<void>;
  /** Import, mapping as suggested, exact matches, plan, approval. */
  review(): Promise<void>;
  flushWebhooks(): Promise<void>;
  /** Changes of the ledger's books, or requests for them. */
  writes(): number;
  calls(): number;
  readonly logs: readonly string[];
  /** Does something in the ledger as soon as that call from now on reaches it. */
  meanwhile(call: number, act: () => void): void;
  /** A run whose process dies at that call to the ledger, and a new process on what it left; false where the run made fewer calls. */
  dieAtCall(call: number): Promise<boolean>;
  close(): Promise<void>;
};

export type WorldOptions = {
  readonly currencies?: Readonly<Record<string, string>>;
  readonly organisations?: readonly string[];
  readonly quickbooks?: Partial<Parameters<typeof startQuickBooksSandbox>[0]>;
  readonly isEmpty?: boolean;
  /** Leaves it at the moment after the consent: nothing is read, nothing approved. */
  readonly isUnreviewed?: boolean;
  /** Default: where each ledger is at home, GB for Xero and US for QuickBooks. */
  readonly country?: 'GB' | 'US';
  /** Further settings of the house, such as those of a rehearsal Stripe on the same clock. */
  readonly environment?: (clock: SimulatedClock) => Promise<Readonly<Record<string, string>>>;
};

export const openWorld = async (ledger: LedgerName, options: WorldOptions = {}): Promise<World> => {
  const clock = simulatedClock(START);
  const port = await freePort();
  let onCall: (() => void) | undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'bb-bridge-'));
  const wire = watchWire(ledger);
  const sandboxes = await startLedger(ledger, clock, port, options, wire, () => onCall?.());
  const { xero, quickbooks } = sandboxes;
  const further = (await options.environment?.(clock)) ?? {};
  const environment = { ...environmentOf(sandboxes), ...further, DATA_DIR: folder };
  const openHouse = () => openWebHouse({ clock, port, environment });
  let web = await openHouse();
  const server = ledger === 'xero' ? xero : quickbooks;
  const tenant = await web.business('Harbour Lane');
  const { tenantId } = tenant;
  const as = (): CommandContext => ({ tenantId, actor: OWNER });
  const isBritish = (options.country ?? (ledger === 'xero' ? 'GB' : 'US')) === 'GB';
  const currency = isBritish ? 'GBP' : 'USD';
  const { taxRates: tenantRates } = await web.house.billing.businesses.get(tenantId);
  await web.house.billing.businesses.update(as(), {
    baseCurrency: currency,
    country: isBritish ? 'GB' : 'US',
    timeZone: isBritish ? 'Europe/London' : 'America/Los_Angeles',
    ...(isBritish ? {} : { taxRates: [...tenantRates, { key: 'sales', name: 'Sales tax', percent: '8.25' }] }),
  });
  let desk = ledger === 'xero' ? xeroDesk(xero) : quickBooksDesk(quickbooks);
  let connectionId = '';
  const ref = () => ({ tenantId, connectionId });
  const writes = writeCounter(ledger, sandboxes);

  const world: World = {
    ledger,
    get house() {
      return web.house;
    },
    clock,
    xero,
    quickbooks,
    tenantId,
    currency,
    as,
    get logs() {
      return web.logs;
    },
    get desk() {
      return desk;
    },
    get ref() {
      return ref();
    },
    faults: server.faults,
    get url() {
      return web.url;
    },
    customer: (name, more = {}) =>
      web.house.billing.customers.create(as(), {
        name,
        email: mailOf(name),
        ...(isBritish ? {} : { address: CALIFORNIA }),
        ...more,
      }),
    invoice: (customer, price = '100', more = {}) =>
      web.house.billing.invoices.createIssued(as(), {
        customerId: customer.id,
        issueDate: TODAY,
        dueDate: DATES.dueDate,
        lines: [{ ...lineOf(ledger, price), taxRate: isBritish ? 'standard' : 'sales' }],
        ...more,
      }),
    pay: (customer, amountMinor, invoices, more = {}) =>
      web.house.billing.payments.record(as(), {
        customerId: customer.id,
        amountMinor,
        currency,
        date: TODAY,
        method: 'bankTransfer',
        allocations: invoices.map(([{ id }, minor]) => ({ invoiceId: id, amountMinor: minor })),
        ...more,
      }),
    hereNamed: async (name) => {
      const found = (await web.house.billing.customers.list(tenantId, { limit: 200, state: 'all' })).items.filter(
        (one) => one.name === name,
      );
      expect(found.map((one) => one.name)).toEqual([name]);
      return found[0] as Customer;
    },
    hereNumbered: async (number) => {
      const found = await web.house.billing.invoices.byNumber(tenantId, number);
      if (found === undefined) throw new Error(`${number} is not here`);
      return found;
    },
    thereNamed: (name) =>
      only(
        desk.customers().filter((one) => one.name === name),
        name,
      ),
    thereNumbered: (number) =>
      only(
        desk.invoices().filter((one) => one.number === number),
        number,
      ),
    run: (runOptions = {}) => web.house.sync.runOnce(connectionId, { reason: 'test', ...runOptions }),
    settle: async () => {
      let last = await world.run();
      for (let i = 0; i < 30 && last.left > 0; i++) {
        const due = Date.parse(last.notBefore ?? '') || 0;
        clock.set(new Date(Math.max(due, clock.now().getTime()) + 1_000));
        last = await world.run();
      }
      return last;
    },
    night: async () => {
      clock.advance(16 * 60_000);
      await web.house.sync.fullCompare(connectionId);
      await world.settle();
    },
    problems: async () => (await web.house.sync.problems.list(ref(), { limit: 200 })).items,
    standing: () => web.house.sync.standing(ref()),
    owner: () => tenant.as('owner'),
    connect: async (organisation) => {
      connectionId = await connectThrough(web.url, tenant, ledger, organisation);
      const opened = await web.house.sync.connections.get(ref());
      desk =
        ledger === 'xero' ? xeroDesk(xero, opened.organisation.id) : quickBooksDesk(quickbooks, opened.organisation.id);
    },
    review: () => review(web.house, world),
    flushWebhooks: () => server.flushWebhooks(),
    writes: () => writes(),
    calls: () => server.apiCalls(),
    meanwhile: (call, act) => {
      let calls = 0;
      onCall = () => {
        calls += 1;
        if (calls === call) act();
      };
    },
    dieAtCall: async (call) => {
      let calls = 0;
      const { store } = web.house.backing;
      let death: Promise<void> | undefined;
      onCall = () => {
        calls += 1;
        if (calls === call) death = store.close();
      };
      // Whatever this process still wanted to do comes to nothing: its store is gone.
      await world.run().catch(() => undefined);
      onCall = undefined;
      await death;
      if (death === undefined) return false;
      await web.close().catch(() => undefined);
      web = await openHouse();
      return true;
    },
    close: async () => {
      await web.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
      wire.expectValid();
    },
  };
  if (!options.isEmpty) await fill(world);
  await world.connect();
  if (options.isUnreviewed) return world;
  await world.review();
  await world.settle();
  return world;
};

/** Three customers and five invoices here, two and three there, of which one customer and one invoice are the same. */
const fill = async (world: World): Promise<void> => {
  const { desk } = world;
  const [ada, bea, cal] = [
    await world.customer('Ada Works'),
    await world.customer('Bea Mills'),
    await world.customer('Cal Ltd'),
  ];
  const first = await world.invoice(ada, '100');
  await world.invoice(ada, '19.99');
  const third = await world.invoice(bea, '250.50');
  await world.invoice(bea, '75');
  await world.invoice(cal, '3333.33');
  await world.pay(ada, 1_000, [[first, 1_000]]);
  const beaThere = desk.enterCustomer('Bea Mills', { email: mailOf('Bea Mills') });
  const dot = desk.enterCustomer('Dot Boats', { email: mailOf('Dot Boats') });
  const eve = desk.enterCustomer('Eve Inn', { email: mailOf('Eve Inn') });
  desk.enterInvoice(beaThere, third.number ?? '', '250.50', DATES);
  desk.enterInvoice(dot, 'L-1', '60', DATES);
  desk.enterInvoice(eve, 'L-2', '12.34', DATES);
  desk.pay(world.thereNumbered('L-1'), '20', TODAY);
};

const review = async ({ sync, billing }: House, { ref, tenantId, currency, ledger }: World): Promise<void> => {
  const actor = { id: OWNER.id, name: OWNER.name };
  const business = await billing.businesses.get(tenantId);
  const taxRates = ratesToMap(business, (await sync.connections.get(ref)).organisation);
  const currencies = [currency, 'EUR', 'JPY', 'KWD'];
  const { suggestions } = await sync.mapping.suggest(ref, { taxRates, currencies });
  const valuesOf = (found: Readonly<Record<string, { readonly value: string }>>) =>
    Object.fromEntries(Object.entries(found).map(([key, { value }]) => [key, value]));
  const paymentAccounts = valuesOf(suggestions.paymentAccounts);
  const choices: MappingChoices = {
    revenue: suggestions.revenue?.value ?? '',
    taxCodes: valuesOf(suggestions.taxCodes),
    paymentAccounts: { ...forAnyMethod(paymentAccounts), ...paymentAccounts },
  };
  expect(Object.keys(choices.taxCodes)).toContain(currency === 'GBP' ? 'standard' : 'sales');
  expect({ ledger, revenue: choices.revenue }).not.toEqual({ ledger, revenue: '' });
  await sync.mapping.save(ref, { choices, actor });
  while ((await sync.importStep(ref.connectionId)).more);
  await sync.matches.decideAllExact(ref, actor);
  for (const match of (await sync.matches.list(ref, { limit: 200 })).items) {
    if (match.state !== 'decided') await sync.matches.decide(ref, { matchId: match.id, verdict: 'link' }, actor);
  }
  const plan = await sync.plans.build(ref);
  await sync.plans.approve(ref, plan.hash, actor);
};

// ---- what must hold ---------------------------------------------------------------------------------------------------------------

/** Both books equal to the cent, nothing twice on either side, and a further run writes nothing. */
export const expectLevel = async (world: World): Promise<void> => {
  expect((await world.problems()).map(({ state, code, message, raw }) => ({ state, code, message, raw }))).toEqual([]);
  for (const line of (await expectExplained(world)).lines) {
    expect(line).toMatchObject({ differenceMinor: 0, unexplainedMinor: 0 });
    expect({ kind: line.kind, ...line.local }).toEqual({ kind: line.kind, ...line.external });
  }
};

/** Where a currency has a clearing account and no bank account, the person lets all of its payments go there. */
const forAnyMethod = (accounts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(accounts).map(([key, account]) => [key.replace(/^\w+:/, '*:'), account]));

/** Open questions may stand; everything else as in `expectLevel`. */
export const expectExplained = async (world: World): Promise<Standing> => {
  const standing = await world.standing();
  expect(standing).toMatchObject({ duplicates: 0, unequalAtRest: 0 });
  for (const line of standing.lines) expect(line).toMatchObject({ unexplainedMinor: 0 });
  expect(world.desk.twice()).toEqual([]);
  expect(await twiceHere(world)).toEqual([]);
  const [writes, stamp] = [world.writes(), await lastActivity(world)];
  world.clock.advance(16 * 60_000);
  const { counts } = await world.settle();
  expect({ writes: world.writes() - writes, activity: await lastActivity(world) }).toEqual({
    writes: 0,
    activity: stamp,
  });
  expect(counts).toMatchObject({
    local: { created: 0, updated: 0, voided: 0 },
    external: { created: 0, updated: 0, voided: 0 },
  });
  return standing;
};

const lastActivity = async ({ house, tenantId }: World): Promise<string | undefined> =>
  (await house.billing.activity.all(tenantId, { limit: 1 })).items[0]?.id;

const twiceHere = async ({ house: { billing }, tenantId }: World): Promise<readonly string[]> => {
  const customers = (await billing.customers.list(tenantId, { limit: 200 })).items.map(
    ({ name }) => `customer ${name}`,
  );
  const payments = (await billing.payments.list(tenantId, { limit: 200, state: 'recorded' })).items.map(
    ({ customerId, amountMinor, date, reference }) => `payment ${customerId} ${amountMinor} ${date} ${reference ?? ''}`,
  );
  const all = [...customers, ...payments];
  return all.filter((key, index) => all.indexOf(key) !== index);
};

// ---- parts ------------------------------------------------------------------------------------------------------------------------

export const rateOf = (ledger: LedgerName): string => (ledger === 'xero' ? 'standard' : 'sales');
export const lineOf = (ledger: LedgerName, unitPrice: string) => ({
  description: 'Work',
  quantity: '1',
  unitPrice,
  taxRate: rateOf(ledger),
});
export const mailOf = (name: string): string =>
  `${name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 40)}@rehearsal.example`;
export const CALIFORNIA = {
  lines: ['9 Rehearsal Street'],
  city: 'San Francisco',
  region: 'CA',
  postalCode: '94110',
  country: 'US',
};

const only = <T>(found: readonly T[], name: string): T => {
  const [one] = found;
  if (one === undefined || found.length > 1)
    throw new Error(`${found.length} records are called ${name} in the ledger`);
  return one;
};

type Sandboxes = { readonly ledger: LedgerName; readonly xero: XeroSandbox; readonly quickbooks: QuickBooksSandbox };

/** What changed in the books of QuickBooks, whose batches of questions are sent by POST as well; requests that write in Xero. */
const writeCounter = (ledger: LedgerName, { xero, quickbooks }: Sandboxes): (() => number) => {
  if (ledger === 'xero') {
    return () => xero.requests().filter(({ method, path }) => method !== 'GET' && path.startsWith('/api.xro/')).length;
  }
  let changes = 0;
  for (const { realmId } of quickbooks.companies()) quickbooks.books(realmId).onChange(() => changes++);
  return () => changes;
};

const startLedger = async (
  ledger: LedgerName,
  clock: SimulatedClock,
  port: number,
  options: WorldOptions,
  { onExchange }: WireWitness,
  onCall: () => void,
): Promise<Sandboxes> => {
  const common = {
    now: () => clock.now(),
    onExchange,
    // What a call takes on the wire.
    onRequest: () => {
      clock.advance(150);
      onCall();
    },
    webhookUrl: `http://127.0.0.1:${port}/webhooks/${ledger}`,
  };
  const names = options.organisations ?? ['Harbour Lane Ltd'];
  // Only the ledger of this world is started; the other field is never read.
  const none = undefined as never;
  if (ledger === 'xero') {
    const currencies = options.currencies ?? { EUR: '1.17', JPY: '190', KWD: '0.39' };
    const xero = await startXeroSandbox({
      ...common,
      webhookKey: 'xero-webhook-key',
      clientSecret: 'xero-secret-123',
      organisations: names.map((name) => ({ name, currencies })),
    });
    return { ledger, xero, quickbooks: none };
  }
  const quickbooks = await startQuickBooksSandbox({
    ...common,
    webhookToken: 'quickbooks-token',
    clientSecret: 'qbo-secret-123',
    sendsWebhooksByItself: false,
    companies: names.map((name) =>
      options.country === 'GB'
        ? { name, customTxnNumbers: true, country: 'GB' }
        : { name, customTxnNumbers: true, state: 'CA' },
    ),
    ...options.quickbooks,
  });
  return { ledger, xero: none, quickbooks };
};

const environmentOf = ({ ledger, xero, quickbooks }: Sandboxes): Record<string, string> => {
  if (ledger === 'xero') {
    const { url, clientId } = xero;
    return {
      XERO_CLIENT_ID: clientId,
      XERO_CLIENT_SECRET: xero.clientSecret,
      XERO_WEBHOOK_KEY: xero.webhookKey,
      XERO_API_URL: url,
      XERO_IDENTITY_URL: url,
      XERO_LOGIN_URL: url,
    };
  }
  const { endpoints, clientId } = quickbooks;
  return {
    QBO_CLIENT_ID: clientId,
    QBO_CLIENT_SECRET: quickbooks.clientSecret,
    QBO_WEBHOOK_TOKEN: quickbooks.webhookToken,
    QBO_API_URL: endpoints.api,
    QBO_OAUTH_URL: endpoints.token,
    QBO_AUTHORIZE_URL: endpoints.authorize,
    QBO_REVOKE_URL: endpoints.revoke,
    QBO_USERINFO_URL: endpoints.userinfo,
  };
};

const connectThrough = async (
  appUrl: string,
  tenant: Tenant,
  ledger: LedgerName,
  organisation?: string,
): Promise<string> => {
  const owner = await tenant.as('owner');
  const out = await owner.post(`/connect/${ledger}`);
  const consent = await createBrowser().open(out.location ?? '');
  const [form] = consent.forms;
  if (form === undefined) throw new Error(`no consent form at ${consent.url}: ${out.text.slice(0, 200)}`);
  const fields = new URLSearchParams([...form.fields] as [string, string][]);
  if (organisation !== undefined) chooseOrganisation(fields, consent.html, organisation);
  const [allow] = form.buttons;
  if (allow !== undefined && allow.name !== '') fields.set(allow.name, allow.value);
  const answer = await fetch(new URL(form.action, consent.url), { method: 'POST', body: fields, redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? '', appUrl);
  const landed = await owner.get(`${back.pathname}${back.search}`);
  const id = /\/connections\/(con_\w+)$/.exec(landed.location ?? '')?.[1];
  if (id === undefined) throw new Error(`the way back from consent: ${landed.status} ${landed.text.slice(0, 400)}`);
  return id;
};

/** The radio button or option that carries this name. */
const chooseOrganisation = (fields: URLSearchParams, html: string, name: string): void => {
  const [, field, value] = new RegExp(`name="(\\w+)" value="([^"]+)"[^>]*>\\s*${name}`).exec(html) ?? [];
  const option = new RegExp(`<option value="([^"]+)"[^>]*>\\s*${name}`).exec(html)?.[1];
  const select = /<select[^>]*name="(\w+)"/.exec(html)?.[1];
  if (field !== undefined && value !== undefined) fields.set(field, value);
  else if (option !== undefined && select !== undefined) fields.set(select, option);
  else throw new Error(`the consent page does not offer ${name}`);
};
