// One business whose books are bridged to a ledger in memory, on a real store. Builders say only what the test is about.
import { randomUUID } from 'node:crypto';
import { type SimulatedClock, simulatedClock } from '../../src/core/clock';
import { idSource } from '../../src/core/ids';
import { createLogger } from '../../src/core/logger';
import type { Store } from '../../src/store/port';
import { syncCollections } from '../../src/sync/collections';
import { createSync } from '../../src/sync/create-sync';
import type { BillingPort } from '../../src/sync/ports/billing-port';
import type { LedgerPort } from '../../src/sync/ports/ledger-port';
import type {
  AllocationAtoms,
  ContactAtoms,
  CreditNoteAtoms,
  InvoiceAtoms,
  MoneyBlock,
  PaymentAtoms,
  RefundAtoms,
} from '../../src/sync/records';
import type { ConnectionRef, OpenableConnection, RunView, Sync, SyncDependencies } from '../../src/sync/service';
import { createMemoryBilling, type MemoryBilling } from './memory-billing';
import { createMemoryLedger, type MemoryLedger, type MemoryLedgerOptions } from './memory-ledger';
import { openTestStore } from './store';

export const ACTOR = { id: 'usr_ada', name: 'Ada' };
export const TENANT = 'ten_test';
export const START = new Date('2026-03-02T09:00:00.000Z');

export type SyncWorld = {
  readonly sync: Sync;
  readonly ledger: MemoryLedger;
  /** The books of an organisation; `ledger` is those of org-1. */
  ledgerOf(organisationId: string): MemoryLedger;
  readonly billing: MemoryBilling;
  readonly clock: SimulatedClock;
  readonly store: Store;
  readonly dependencies: SyncDependencies;
  readonly ref: () => ConnectionRef;
  readonly nudges: string[];
  connect(organisationId?: string): Promise<ConnectionRef>;
  /** Connect, import, match, accept what is exact, plan, approve. Writes nothing. */
  approve(options?: { readonly cutOverDate?: string }): Promise<ConnectionRef>;
  run(options?: { readonly skipPoll?: boolean }): Promise<RunView>;
  /** Runs until nothing is left that time alone can bring to rest. */
  settle(): Promise<RunView>;
  close(): Promise<void>;
};

export type WorldOptions = Partial<MemoryLedgerOptions> & {
  readonly wrapLedger?: (port: LedgerPort, connection: OpenableConnection) => LedgerPort;
  readonly wrapBilling?: (port: BillingPort) => BillingPort;
  readonly wrapStore?: (store: Store) => Store;
};

export const openSyncWorld = async (options: WorldOptions = {}): Promise<SyncWorld> => {
  const { store, close } = await openTestStore(syncCollections);
  const clock = simulatedClock(START);
  const ledger = createMemoryLedger({ clock, ...options });
  const ledgers = new Map([['org-1', ledger]]);
  const ledgerOf = (organisationId: string): MemoryLedger => {
    const known = ledgers.get(organisationId);
    if (known) return known;
    const organisation = { id: organisationId, name: `Memory ${organisationId}` };
    const opened = createMemoryLedger({ clock, ...options, organisation });
    ledgers.set(organisationId, opened);
    return opened;
  };
  const billing = createMemoryBilling(clock);
  const nudges: string[] = [];
  let ref: ConnectionRef | undefined;
  const dependencies: SyncDependencies = {
    store: options.wrapStore?.(store) ?? store,
    clock,
    ids: idSource(clock.now),
    uuid: randomUUID,
    logger: createLogger({ level: 'silent', now: clock.now, write: () => undefined }),
    openLedger: (connection) => {
      const { port } = ledgerOf(connection.organisationId);
      return options.wrapLedger?.(port, connection) ?? port;
    },
    openBilling: () => options.wrapBilling?.(billing.port) ?? billing.port,
    nudge: async (_connectionId, reason) => void nudges.push(reason),
  };
  const sync = createSync(dependencies);
  const world: SyncWorld = {
    sync,
    ledger,
    ledgerOf,
    billing,
    clock,
    store,
    dependencies,
    nudges,
    ref: () => {
      if (ref === undefined) throw new Error('not connected yet');
      return ref;
    },
    connect: async (organisationId = 'org-1') => {
      const connection = await sync.connections.begin({
        tenantId: TENANT,
        provider: 'memory',
        organisationId,
        grantId: 'grant',
        actor: ACTOR,
      });
      ref = { tenantId: TENANT, connectionId: connection.id };
      return ref;
    },
    approve: async ({ cutOverDate } = {}) => {
      const own = ref ?? (await world.connect());
      await sync.mapping.save(own, {
        choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
        actor: ACTOR,
        ...(cutOverDate === undefined ? {} : { cutOverDate }),
      });
      while ((await sync.importStep(own.connectionId)).more);
      await sync.matches.decideAllExact(own, ACTOR);
      const plan = await sync.plans.build(own);
      await sync.plans.approve(own, plan.hash, ACTOR);
      return own;
    },
    // As the job does: why it was asked for is why it runs.
    run: (runOptions = {}) =>
      sync.runOnce(world.ref().connectionId, { reason: nudges.at(-1) ?? 'test', ...runOptions }),
    settle: async () => {
      let last = await world.run();
      for (let i = 0; i < 12 && last.left > 0; i++) {
        clock.advance(3 * 60_000);
        last = await world.run();
      }
      return last;
    },
    close,
  };
  return world;
};

// ---- records ------------------------------------------------------------------------------------------------------------------

export const contact = (name: string, change: Partial<ContactAtoms> = {}): ContactAtoms => ({
  name,
  email: `${name.toLowerCase().replace(/[^a-z]/g, '')}@example.com`,
  phone: null,
  address: null,
  taxNumber: null,
  externalRef: null,
  currency: null,
  ...change,
});

export const moneyBlock = (netMinor: number, change: Partial<MoneyBlock> = {}): MoneyBlock => ({
  currency: 'GBP',
  taxMode: 'taxExclusive',
  lines: [
    {
      description: 'Work',
      quantity: '1',
      unitPrice: (netMinor / 100).toFixed(2).replace(/\.?0+$/, ''),
      discountPercent: '0',
      taxRate: 'standard',
      netMinor,
    },
  ],
  netMinor,
  taxMinor: Math.round(netMinor / 5),
  totalMinor: netMinor + Math.round(netMinor / 5),
  ...change,
});

export const invoice = (
  number: string,
  contactId: string,
  netMinor = 10_000,
  change: Partial<InvoiceAtoms> = {},
): InvoiceAtoms => ({
  number,
  contact: { $ref: 'contact', id: contactId },
  moneyBlock: moneyBlock(netMinor),
  dates: { issueDate: '2026-03-01', dueDate: '2026-03-31' },
  reference: null,
  accounts: [null],
  ...change,
});

export const creditNote = (number: string, contactId: string, netMinor = 1_000): CreditNoteAtoms => ({
  number,
  contact: { $ref: 'contact', id: contactId },
  moneyBlock: moneyBlock(netMinor),
  dates: { issueDate: '2026-03-01' },
  reference: null,
  accounts: [null],
});

export const payment = (
  contactId: string,
  invoiceId: string,
  amountMinor: number,
  change: Partial<PaymentAtoms['payment']> = {},
): PaymentAtoms => ({
  payment: {
    contact: { $ref: 'contact', id: contactId },
    currency: 'GBP',
    amountMinor,
    date: '2026-03-02',
    account: null,
    method: 'bankTransfer',
    reference: null,
    allocations: [{ invoice: { $ref: 'invoice', id: invoiceId }, amountMinor }],
    ...change,
  },
});

export const allocation = (creditNoteId: string, invoiceId: string, amountMinor: number): AllocationAtoms => ({
  allocation: {
    creditNote: { $ref: 'creditNote', id: creditNoteId },
    invoice: { $ref: 'invoice', id: invoiceId },
    amountMinor,
    date: '2026-03-02',
  },
});

export const refund = (
  creditNoteId: string,
  amountMinor: number,
  change: Partial<RefundAtoms['refund']> = {},
): RefundAtoms => ({
  refund: {
    creditNote: { $ref: 'creditNote', id: creditNoteId },
    currency: 'GBP',
    amountMinor,
    date: '2026-03-02',
    account: null,
    method: 'bankTransfer',
    reference: null,
    ...change,
  },
});
