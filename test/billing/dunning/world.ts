// Reminders on a real store with a real mail server, templates and clockwork; only ledger, gateway and PDF are told what to answer.

import type { Business } from '../../../src/billing/documents';
import { createDunning } from '../../../src/billing/dunning/create-dunning';
import { dunningCollections } from '../../../src/billing/dunning/documents';
import type { Dunning, DunningParts } from '../../../src/billing/dunning/parts';
import type { BusinessInput, CustomerInput } from '../../../src/billing/inputs';
import { mailCollections } from '../../../src/billing/mail/documents';
import { createMailOutbox, type MailOutbox } from '../../../src/billing/mail/outbox';
import { createMailer } from '../../../src/connectors/mail/create-mailer';
import { createLetterRenderer } from '../../../src/connectors/mail/render';
import { createLogger, type Logger } from '../../../src/core/logger';
import type { Collection } from '../../../src/store/port';
import { type BillingWorld, OWNER, openBillingWorld } from '../../support/billing';
import { type MailServer, startMailServer } from '../../support/mail-server';
import { openTestStore } from '../../support/store';
import { templatesFolder } from '../../support/templates';

export type DunningWorld = BillingWorld & {
  readonly server: MailServer;
  readonly dunning: Dunning;
  readonly outbox: MailOutbox;
  readonly freshnessAsked: (readonly string[])[];
  /** Another worker over the same store. */
  worker(more?: Partial<DunningParts>): { readonly dunning: Dunning; readonly outbox: MailOutbox };
  setMode(mode: Business['reminders']['mode']): Promise<void>;
  at(instant: string): void;
  reader(more?: Partial<CustomerInput>): ReturnType<BillingWorld['customer']>;
};

export const quiet: Logger = createLogger({ level: 'silent', now: () => new Date(0), write: () => undefined });

export const openDunningWorld = async (
  business: Partial<BusinessInput> = {},
  more: Partial<DunningParts> = {},
): Promise<DunningWorld> => {
  const ours = [...mailCollections, ...dunningCollections] as unknown as readonly Collection[];
  const input: Partial<BusinessInput> = { email: 'books@engines.example', reminders: { mode: 'on' }, ...business };
  const world = await openBillingWorld(input, (collections) => openTestStore([...collections, ...ours]));
  const server = await startMailServer();
  const freshnessAsked: (readonly string[])[] = [];
  const worker: DunningWorld['worker'] = (extra = {}) => {
    const { store, billing, clock, ids } = world;
    const mail = createMailer({ smtpUrl: server.url, from: 'BillBridge <billing@bridge.example>', logger: quiet });
    const outbox = createMailOutbox({ store, mail, clock, ids, logger: quiet });
    const dunning = createDunning({
      store,
      billing,
      outbox,
      clock,
      ids,
      logger: quiet,
      letters: createLetterRenderer(templatesFolder),
      publicUrl: 'https://bridge.example',
      payLinkOf: async (_tenantId, invoiceId) => `https://bridge.example/pay/${invoiceId}`,
      pdfOf: async (_tenantId, invoiceId) => ({ name: `${invoiceId}.pdf`, body: Buffer.from(`%PDF-${invoiceId}`) }),
      freshness: async (_tenantId, ids) => {
        freshnessAsked.push(ids);
        return new Map(ids.map((id) => [id, { state: 'fresh' }]));
      },
      ...more,
      ...extra,
    });
    return { dunning, outbox };
  };
  return {
    ...world,
    ...worker(),
    server,
    freshnessAsked,
    worker,
    setMode: async (mode) => {
      await world.billing.businesses.update({ tenantId: world.tenantId, actor: OWNER }, { reminders: { mode } });
    },
    at: (instant) => world.clock.set(new Date(instant)),
    reader: (input = {}) => world.customer({ email: 'tom@brightwell.example', ...input }),
    close: async () => {
      await server.close();
      await world.close();
    },
  };
};
