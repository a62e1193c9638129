// The whole house with its pages, and beside it a worker over the same store whose ledger is the one in memory: conflicts are made by hands
// on both sides, seen and answered in the pages, and carried by the worker.
import { randomUUID } from 'node:crypto';
import { createBillingPort } from '../../src/connectors/billing/create-billing-port';
import { idSource } from '../../src/core/ids';
import { createLogger } from '../../src/core/logger';
import { createSync } from '../../src/sync/create-sync';
import type { ContactAtoms } from '../../src/sync/records';
import type { ConnectionRef, Sync } from '../../src/sync/service';
import { createMemoryLedger, type MemoryLedger } from './memory-ledger';
import { openWebHouse, type Tenant, type WebHouse, type WebHouseOptions } from './web';

const ACTOR = { id: 'usr_ada', name: 'Ada' };

export type Desk = {
  readonly web: WebHouse;
  readonly tenant: Tenant;
  readonly ledger: MemoryLedger;
  readonly sync: Sync;
  readonly ref: ConnectionRef;
  /** Address of the connection. */
  readonly base: string;
  /** A customer on both sides, at rest. */
  customer(name: string): Promise<DeskPair>;
  /** Several, sent by one run. */
  customers(names: readonly string[]): Promise<readonly DeskPair[]>;
  /** Billing's side is changed by Bea, the ledger's by somebody nobody knows. */
  change(pair: DeskPair, here: Partial<ContactAtoms>, there: Partial<ContactAtoms>): Promise<void>;
  here(pair: DeskPair): Promise<{ readonly name: string; readonly email: string | null }>;
  there(pair: DeskPair): ContactAtoms;
  /** The run that wrote this record last. */
  wrote(name: string): Promise<string>;
  /** What the job would do. */
  work(): Promise<void>;
  close(): Promise<void>;
};
export type DeskPair = { readonly here: string; readonly there: string };

export const openDesk = async (options: WebHouseOptions = {}): Promise<Desk> => {
  const web = await openWebHouse(options);
  const clock = options.clock ?? web.clock;
  const tenant = await web.business('Hollis & Reed');
  const { tenantId } = tenant;
  const { billing, backing } = web.house;
  const { store } = backing;
  const ids = idSource(clock.now);
  const ledger = createMemoryLedger({ clock });
  const sync = createSync({
    store,
    clock,
    ids,
    uuid: randomUUID,
    logger: createLogger({ level: 'silent', now: clock.now, write: () => undefined }),
    openLedger: () => ledger.port,
    openBilling: (of, paymentUnit) => createBillingPort({ billing, store, ids, tenantId: of, paymentUnit }),
    nudge: async () => undefined,
  });
  // What a page asks the ledger itself: the one in memory, as the worker does.
  Object.assign(web.house.sync, { undo: sync.undo });
  const { id } = await sync.connections.begin({
    ...{ tenantId, provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor: ACTOR },
  });
  const ref = { tenantId, connectionId: id };
  await sync.mapping.save(ref, {
    choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
    actor: ACTOR,
  });
  while ((await sync.importStep(id)).more);
  const plan = await sync.plans.build(ref);
  await sync.plans.approve(ref, plan.hash, ACTOR);

  const bea = { tenantId, actor: { kind: 'user', id: 'usr_bea', name: 'Bea' } as const };
  const work = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) if ((await sync.runOnce(id, { reason: 'test' })).left === 0) return;
  };
  const customers = async (names: readonly string[]): Promise<readonly DeskPair[]> => {
    const made: string[] = [];
    for (const name of names) made.push((await billing.customers.create(bea, { name })).id);
    await work();
    return made.map((here, i) => {
      const twin = ledger
        .live('contact')
        .find(({ projection }) => (projection.atoms as unknown as ContactAtoms).externalRef === here);
      if (twin === undefined) throw new Error(`${names[i]} did not cross`);
      return { here, there: twin.externalId };
    });
  };
  const there = (pair: DeskPair): ContactAtoms =>
    ledger.get('contact', pair.there)?.projection.atoms as unknown as ContactAtoms;
  return {
    web,
    tenant,
    ledger,
    sync,
    ref,
    base: `/connections/${id}`,
    customer: async (name) => (await customers([name]))[0] as DeskPair,
    customers,
    change: async (pair, changed, changedThere) => {
      const { name, email, phone } = changed;
      await billing.customers.update(bea, pair.here, {
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
        ...(phone === undefined ? {} : { phone }),
      });
      ledger.hands.edit('contact', pair.there, changedThere);
    },
    here: async (pair) => billing.customers.get(tenantId, pair.here),
    there,
    wrote: async (name) => {
      for (const run of (await sync.runs.list(ref)).items) {
        if ((await sync.runs.rows(ref, run.id)).items.some((row) => row.name === name)) return run.id;
      }
      throw new Error(`no run wrote ${name}`);
    },
    work,
    close: () => web.close(),
  };
};
