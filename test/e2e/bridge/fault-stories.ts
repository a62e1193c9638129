// Every fault that either rehearsal ledger can play, switched on while new records are pushed and while a bookkeeper's edits are pulled.
// Whatever happened on the wire, in the end both books are equal, nothing stands twice, nothing is lost.
import { afterAll, expect, it } from '@jest/globals';
import { FAULTS as QUICKBOOKS_FAULTS } from '../../../sandbox/quickbooks/faults';
import { FAULTS as XERO_FAULTS } from '../../../sandbox/xero/faults';
import { type FaultRow, faultsInTable, writeTable } from './fault-table';
import { DATES, expectLevel, type LedgerName, openWorld, TODAY, type World } from './world';

type Play = {
  /** How many calls meet it, of each match; absent: all until it is switched off. */
  readonly times?: number;
  readonly parameters?: Readonly<Record<string, string | number>>;
  /** Calls that meet it during the push; default: the writes. */
  readonly onPush?: readonly string[];
  /** Calls that meet it during the pull; default: the first ones. */
  readonly onPull?: readonly string[];
  /** The access token has run out by then. */
  readonly needsNewToken?: boolean;
};

const WRITES: Readonly<Record<LedgerName, readonly string[]>> = {
  xero: ['PUT /api.xro', 'POST /api.xro'],
  quickbooks: ['POST /v3/'],
};
const ALL = [''];
const TOKEN = { times: 1, onPush: ['/token'], onPull: ['/token'], needsNewToken: true };
const LISTS: Play = { onPush: ALL, onPull: ALL };

const XERO_PLAYS: Readonly<Partial<Record<keyof typeof XERO_FAULTS, Play>>> = {
  'hang-before': { times: 1 },
  'hang-after': { times: 1 },
  slow: { times: 3, parameters: { ms: 30 } },
  'rate-limit-minute': { times: 2, parameters: { retryAfter: 20 } },
  'rate-limit-day': { times: 1, parameters: { retryAfter: 3_600 } },
  'rate-limit-app': { times: 2, parameters: { retryAfter: 20 } },
  'element-error': { times: 1, parameters: { index: 0, message: 'A validation exception occurred' } },
  'empty-list': LISTS,
  'partial-page': LISTS,
  'read-lag': { ...LISTS, parameters: { seconds: 20 } },
};
const QUICKBOOKS_PLAYS: Partial<Record<keyof typeof QUICKBOOKS_FAULTS, Play>> = {
  'hang-before': { times: 1 },
  'hang-after': { times: 1 },
  slow: { times: 3, parameters: { ms: 30 } },
  'rate-limit-month': { times: 1 },
  'clock-skew': { ...LISTS, parameters: { seconds: 240 } },
  'empty-list': LISTS,
  'short-page': LISTS,
  'read-lag': { ...LISTS, parameters: { seconds: 20 } },
  'old-tokens': LISTS,
  'lists-without-lines': LISTS,
  'cdc-truncated': { ...LISTS, parameters: { rows: 1 } },
  'token-answer-lost': TOKEN,
  'token-unavailable': TOKEN,
  'rotate-always': TOKEN,
  'grant-refused': TOKEN,
};

const worlds = new Map<LedgerName, World>();
const spoiled = new Set<LedgerName>();
const worldOf = async (ledger: LedgerName): Promise<World> => {
  const known = worlds.get(ledger);
  if (known !== undefined && !spoiled.has(ledger)) return known;
  await known?.close();
  const opened = await openWorld(ledger);
  worlds.set(ledger, opened);
  spoiled.delete(ledger);
  return opened;
};
afterAll(async () => {
  for (const world of worlds.values()) await world.close();
});

const switchOn = (world: World, name: string, { times, parameters }: Play, matches: readonly string[]): void => {
  for (const match of matches) {
    world.faults.set({
      name,
      ...(match === '' ? {} : { match }),
      ...(times === undefined ? {} : { times }),
      ...(parameters === undefined ? {} : { parameters }),
    });
  }
};

/** The fault has passed; says how often a person had to consent.  where the ledger had locked us out, the owner consents again. */
const heal = async (world: World): Promise<number> => {
  world.faults.clear();
  const { state } = await world.house.sync.connections.get(world.ref);
  const isLockedOut = state === 'paused';
  if (isLockedOut) await world.connect();
  await world.flushWebhooks();
  await world.settle();
  return isLockedOut ? 1 : 0;
};

let turn = 0;

export const faultStories = (ledger: LedgerName): void => {
  const all: Readonly<Record<string, string>> = ledger === 'xero' ? XERO_FAULTS : QUICKBOOKS_FAULTS;
  const plays: Readonly<Record<string, Play>> = ledger === 'xero' ? XERO_PLAYS : QUICKBOOKS_PLAYS;
  const rows: FaultRow[] = [];
  afterAll(() => writeTable(ledger, rows));
  it('has every fault in docs/faults.md', () => expect(faultsInTable(ledger)).toEqual(['none', ...Object.keys(all)]));
  it.each([['none', 'Nothing goes wrong.'], ...Object.entries(all)])(
    'converges after %s: %s',
    async (name, what) => {
      turn += 1;
      const world = await worldOf(ledger);
      spoiled.add(ledger);
      const play: Play = plays[name] ?? (LASTING.test(name) ? LISTS : { times: 2 });
      const { house, desk, clock, tenantId } = world;
      // A new day: each story voids an invoice, and many voids within one day are a reason to stop.
      clock.advance(25 * 3_600_000);
      await world.settle();

      // New here: a customer, two invoices, one payment over both.
      const [mine, theirs] = [`Push ${turn} ${ledger}`, `Pull ${turn} ${ledger}`];
      const customer = await world.customer(mine);
      const first = await world.invoice(customer, `${100 + turn}`);
      const second = await world.invoice(customer, `${200 + turn}.37`);
      await world.pay(customer, 5_000, [
        [first, 3_000],
        [second, 2_000],
      ]);
      if (play.needsNewToken) clock.advance(61 * 60_000);
      const atPush = world.calls();
      if (name !== 'none') switchOn(world, name, play, play.onPush ?? WRITES[ledger]);
      await world.settle();
      const consents = await heal(world);
      const retried = await retryBlocked(world);
      const pushCalls = world.calls() - atPush;
      for (const { number, totalMinor, openMinor } of [first, second]) {
        expect(world.thereNumbered(number ?? '')).toMatchObject({ totalMinor, isVoid: false });
        expect(world.thereNumbered(number ?? '').openMinor).toBe(openMinor - (number === first.number ? 3_000 : 2_000));
      }

      // New there: a phone, a customer with an invoice, a payment, a void.
      clock.advance(16 * 60_000);
      if (play.needsNewToken) clock.advance(61 * 60_000);
      const atPull = world.calls();
      if (name !== 'none') switchOn(world, name, play, play.onPull ?? ALL);
      desk.changePhone(world.thereNamed(mine).id, `020 ${7_000 + turn}`);
      const newcomer = desk.enterCustomer(theirs, { email: `pull${turn}@rehearsal.example` });
      desk.enterInvoice(newcomer, `T-${ledger}-${turn}`, '41.10', DATES);
      desk.enterInvoice(newcomer, `V-${ledger}-${turn}`, '7', DATES);
      desk.pay(world.thereNumbered(second.number ?? ''), '12.50', TODAY);
      await world.flushWebhooks();
      await world.settle();
      desk.voidInvoice(world.thereNumbered(`V-${ledger}-${turn}`).id);
      await world.flushWebhooks();
      await world.settle();
      const consentsAgain = await heal(world);
      const retriedAgain = await retryBlocked(world);
      const pullCalls = world.calls() - atPull;
      await world.night();

      expect(await house.billing.customers.get(tenantId, customer.id)).toMatchObject({ phone: `020 ${7_000 + turn}` });
      const owner = await world.hereNamed(theirs);
      expect(await world.hereNumbered(`T-${ledger}-${turn}`)).toMatchObject({
        customerId: owner.id,
        totalMinor: world.thereNumbered(`T-${ledger}-${turn}`).totalMinor,
      });
      expect((await house.billing.invoices.byNumber(tenantId, `V-${ledger}-${turn}`))?.openMinor ?? 0).toBe(0);
      expect(await house.billing.invoices.get(tenantId, second.id)).toMatchObject({ allocatedMinor: 3_250 });
      await expectLevel(world);
      spoiled.delete(ledger);
      const byHand = { consents: consents + consentsAgain, retried: retried + retriedAgain };
      rows.push({ name, what, pushCalls, pullCalls, ...byHand });
    },
    30_000,
  );
};

/** Faults of lists and webhooks last until they are switched off. */
const LASTING = /^(same-page|webhook-|quiet-update|discount-lost|rate-reset|silent-lock|paid-edit-refused)/;

/** What the ledger refused in so many words waits for a person, who retries it once the cause is gone. */
const retryBlocked = async (world: World): Promise<number> => {
  const actor = { id: 'usr_owner', name: 'Olive Owner' };
  const blocked = (await world.problems()).filter(({ state }) => state === 'blocked');
  for (const { id } of blocked) await world.house.sync.problems.retry(world.ref, id, actor);
  if (blocked.length > 0) await world.settle();
  return blocked.length;
};
