// Opens the two books of a season: a small business, its bridge to one organisation at a time, two people, and a watcher at each port.
// The bridge is in order and at rest when the season begins.
import { createKillSwitch, type KillSwitch } from '../../support/kill-switch';
import type { MemoryLedger, MemoryLedgerOptions } from '../../support/memory-ledger';
import { contact, invoice, openSyncWorld, type SyncWorld } from '../../support/sync-world';
import type { Books } from './honesty';
import { createPeople, type People } from './people';
import type { Profile, Season } from './steps';
import { createWatch, type Watch } from './watch';

export type Stage = {
  readonly world: SyncWorld;
  readonly kill: KillSwitch;
  readonly people: People;
  readonly watch: Watch;
  /** Those that the bridge is connected to, or was last. */
  books(): Books;
  ledger(): MemoryLedger;
  readonly everyBooks: ReadonlyMap<string, Books>;
  /** Connects, approves where this is the first time, and leaves the other organisation. */
  connect(organisation: string): Promise<void>;
  lock(day: string | null): void;
  /** Webhooks told or lost so far, per organisation. */
  readonly told: Map<string, number>;
  /** Records that an approved undo may put back. */
  readonly undone: Set<string>;
  readonly settings: MemoryLedgerOptions['capabilities'];
  /** Most calls of one run, and what it was allowed. */
  readonly peak: { calls: number; allowed: number; runs: number };
};

const PROFILE: Readonly<Record<Profile, Omit<MemoryLedgerOptions, 'clock'>>> = {
  // A payment belongs to one invoice, cannot be edited, and nothing guards a write against a later hand (as Xero).
  perInvoice: {
    hasExternalRef: true,
    capabilities: { paymentUnit: 'allocation', hasPreconditions: false, canEditPayments: false },
  },
  // Whole payments, edited in place, every write conditional (as QuickBooks).
  wholePayment: {
    hasExternalRef: false,
    skewMs: -45_000,
    capabilities: {
      ...{ paymentUnit: 'payment', hasPreconditions: true, canEditPayments: true },
      webhookKinds: ['contact', 'invoice', 'creditNote', 'payment'],
      batchSize: () => 3,
    },
  },
  strict: { pageSize: 2, keyLifeMs: 1_000, capabilities: { hasPreconditions: true, batchSize: () => 1 } },
};

export const openStage = async ({ profile, lagMs }: Omit<Season, 'steps'>): Promise<Stage> => {
  const kill = createKillSwitch();
  const locks = new Map<string, string | null>();
  const everyBooks = new Map<string, Books>();
  let organisation = 'org-1';
  const lockedThrough = (): string | null => locks.get(organisation) ?? null;
  const holder: { world?: SyncWorld } = {};
  const opened = (): SyncWorld => holder.world as SyncWorld;
  const watch = createWatch(opened, lockedThrough);
  const world = await openSyncWorld({
    ...PROFILE[profile],
    lagMs,
    lookUpLags: lagMs > 0,
    wrapStore: kill.store,
    wrapBilling: (port) => kill.billing(watch.billing(port)),
    wrapLedger: (port, connection) => kill.ledger(watch.ledger(port, connection)),
  });
  holder.world = world;
  const ledger = (): MemoryLedger => world.ledgerOf(organisation);
  const lock = (day: string | null): void => {
    locks.set(organisation, day);
    ledger().setLockDate(day);
  };
  const connect = async (to: string): Promise<void> => {
    if (to !== organisation) await world.sync.connections.disconnect(world.ref(), ACTOR).catch(() => undefined);
    const isFirst = !everyBooks.has(to);
    const ref = await world.connect(to);
    organisation = to;
    if (isFirst) await approve(world);
    everyBooks.set(to, { organisation: to, ref });
  };
  const stage: Stage = {
    ...{ world, kill, watch, ledger, connect, everyBooks, lock },
    people: createPeople(
      world.billing,
      () => ({ organisation, ledger: ledger(), lockedThrough: lockedThrough() }),
      lock,
    ),
    books: () => everyBooks.get(organisation) as Books,
    told: new Map(),
    undone: new Set(),
    settings: PROFILE[profile].capabilities,
    peak: { calls: 0, allowed: 0, runs: 0 },
  };
  for (const name of ['Acme', 'Bolt', 'Cora']) {
    world.billing.user.create('invoice', invoice(`I-${name}`, world.billing.user.create('contact', contact(name))));
  }
  await connect('org-1');
  await world.settle();
  return stage;
};

const ACTOR = { id: 'usr_ada', name: 'Ada' };

/** Whatever is uncertain is decided too: what shares a number is the same, all else is not. */
const approve = async (world: SyncWorld): Promise<void> => {
  const ref = world.ref();
  await world.sync.mapping.save(ref, { choices: MAPPING, actor: ACTOR });
  while ((await world.sync.importStep(ref.connectionId)).more);
  await world.sync.matches.decideAllExact(ref, ACTOR);
  const open = await world.sync.matches.list(ref, { limit: 500 });
  for (const match of open.items.filter(({ state }) => state === 'suggested' || state === 'ambiguous')) {
    await world.sync.matches.decide(ref, { matchId: match.id, verdict: 'separate' }, ACTOR);
  }
  const plan = await world.sync.plans.build(ref);
  await world.sync.plans.approve(ref, plan.hash, ACTOR);
};

export const MAPPING = {
  revenue: '200',
  taxCodes: { standard: 'OUTPUT2' },
  paymentAccounts: { '*:GBP': 'acc-090' },
};
