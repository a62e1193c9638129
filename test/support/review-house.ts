// The whole house with one connection that waits for review, over the ledger in memory: what the first connect shows and asks. The pages
// use the same sync as the test's hands.
import { randomUUID } from 'node:crypto';
import { createBillingPort } from '../../src/connectors/billing/create-billing-port';
import { idSource } from '../../src/core/ids';
import { createLogger } from '../../src/core/logger';
import { createSync } from '../../src/sync/create-sync';
import type { ConnectionRef, Sync } from '../../src/sync/service';
import { createMemoryLedger, type MemoryLedger } from './memory-ledger';
import { openWebHouse, type Tenant, type WebClient, type WebHouse, type WebHouseOptions } from './web';

export const ADA = { id: 'usr_ada', name: 'Ada' };

export type ReviewHouse = {
  readonly web: WebHouse;
  readonly tenant: Tenant;
  readonly owner: WebClient;
  readonly ledger: MemoryLedger;
  readonly sync: Sync;
  readonly ref: ConnectionRef;
  /** Address of the connection. */
  readonly base: string;
  /** Reads the ledger to the end and looks for records that are the same. */
  importAll(): Promise<void>;
  saveMapping(): Promise<void>;
};

export type ReviewOptions = WebHouseOptions & {
  /** Before anything is read: what stands in the books. */
  readonly books: (house: Pick<ReviewHouse, 'web' | 'tenant' | 'ledger'>) => Promise<void>;
  /** Connected and not read yet. */
  readonly isUnread?: true;
};

export const openReviewHouse = async ({ books, isUnread, ...options }: ReviewOptions): Promise<ReviewHouse> => {
  const web = await openWebHouse(options);
  const clock = options.clock ?? web.clock;
  const tenant = await web.business('Hollis & Reed');
  const owner = await tenant.as('owner');
  const { billing, backing } = web.house;
  const ids = idSource(clock.now);
  const ledger = createMemoryLedger({ clock });
  await books({ web, tenant, ledger });
  const sync = createSync({
    store: backing.store,
    clock,
    ids,
    uuid: randomUUID,
    logger: createLogger({ level: 'silent', now: clock.now, write: () => undefined }),
    openLedger: () => ledger.port,
    openBilling: (of, paymentUnit) =>
      createBillingPort({ billing, store: backing.store, ids, tenantId: of, paymentUnit }),
    nudge: async () => undefined,
  });
  Object.assign(web.house.sync, sync);
  const { tenantId } = tenant;
  const { id } = await sync.connections.begin({
    ...{ tenantId, provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor: ADA },
  });
  const ref = { tenantId, connectionId: id };
  const house: ReviewHouse = {
    ...{ web, tenant, owner, ledger, sync, ref, base: `/connections/${id}` },
    importAll: async () => {
      while ((await sync.importStep(id)).more);
    },
    saveMapping: async () => {
      await sync.mapping.save(ref, {
        choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
        actor: ADA,
      });
    },
  };
  if (isUnread) return house;
  await house.saveMapping();
  await house.importAll();
  return house;
};
