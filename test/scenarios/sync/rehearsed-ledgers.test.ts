// The whole bridge with nothing made up: the real billing engine, the real connectors, and rehearsal ledgers that speak HTTP.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createBillingPort } from '../../../src/connectors/billing/create-billing-port';
import { createLogger } from '../../../src/core/logger';
import { syncCollections } from '../../../src/sync/collections';
import { createSync } from '../../../src/sync/create-sync';
import type { LedgerPort, Mapping } from '../../../src/sync/ports/ledger-port';
import type { ConnectionRef, RunView, Sync } from '../../../src/sync/service';
import { rehearse as rehearseQuickBooks, UNITED_KINGDOM, UNITED_STATES } from '../../connectors/quickbooks/rehearsal';
import { rehearse as rehearseXero } from '../../connectors/xero/rehearsal';
import { type BillingWorld, openBillingWorld } from '../../support/billing';
import { openTestStore } from '../../support/store';
import { ACTOR } from '../../support/sync-world';

/** What the bookkeeper does in the ledger's own pages. */
type Hands = {
  customer(name: string, email: string): string;
  invoice(customerId: string, number: string, price: string): string;
  pay(customerId: string, invoiceId: string, amount: string): void;
  phone(customerId: string, phone: string): void;
  voidInvoice(id: string): void;
  /** Ids by what people see. */
  customerNamed(name: string): string;
  invoiceNumbered(number: string): string;
};
type Rehearsed = {
  readonly provider: 'xero' | 'quickbooks';
  readonly organisationId: string;
  readonly mapping: Mapping;
  readonly clock: BillingWorld['clock'];
  readonly hands: Hands;
  readonly currency: string;
  readonly country: string;
  readonly standardPercent: string;
  calls(): number;
  openPort(mapping: () => Mapping | undefined): LedgerPort;
  close(): Promise<void>;
};

const DATES = { date: '2026-11-02', dueDate: '2026-12-02' };

const onXero = async (): Promise<Rehearsed> => {
  const rehearsal = await rehearseXero();
  const books = rehearsal.sandbox.books();
  return {
    ...rehearsal,
    provider: 'xero',
    currency: 'GBP',
    country: 'GB',
    standardPercent: '20',
    hands: {
      customer: (name, email) => books.enterCustomer({ name, email }).contactId,
      invoice: (contactId, number, unitAmount) =>
        books.enterInvoice({
          contactId,
          number,
          ...DATES,
          lines: [{ description: 'Bread', unitAmount, taxType: 'OUTPUT2' }],
        }).id,
      pay: (_customerId, documentId, amount) => void books.recordPayment({ documentId, amount, date: '2026-11-10' }),
      phone: (id, phone) => void books.changePhone(id, phone),
      voidInvoice: (id) => void books.voidInvoice(id),
      customerNamed: (name) => books.state.contacts.all().find((contact) => contact.name === name)?.contactId ?? '',
      invoiceNumbered: (number) => books.state.documents.all().find((document) => document.number === number)?.id ?? '',
    },
  };
};

const onQuickBooks = (company: typeof UNITED_STATES) => async (): Promise<Rehearsed> => {
  const rehearsal = await rehearseQuickBooks({ company });
  const { books, mapping } = rehearsal;
  const { tables } = books.ledger;
  const isAmerican = company === UNITED_STATES;
  return {
    ...rehearsal,
    provider: 'quickbooks',
    organisationId: rehearsal.realmId,
    currency: isAmerican ? 'USD' : 'GBP',
    country: isAmerican ? 'US' : 'GB',
    standardPercent: isAmerican ? '8.25' : '20',
    hands: {
      customer: (displayName, email) => books.enterCustomer({ displayName, email }),
      invoice: (customerId, number, unitPrice) =>
        books.enterInvoice({
          customerId,
          number,
          ...DATES,
          lines: [{ description: 'Bread', unitPrice, taxCode: mapping.taxCodes.standard ?? '' }],
        }),
      pay: (customerId, invoiceId, amount) =>
        void books.recordPayment({ customerId, amount, date: '2026-11-10', invoices: [{ invoiceId, amount }] }),
      phone: (id, phone) => books.changePhone(id, phone),
      voidInvoice: (id) => books.voidInvoice(id),
      customerNamed: (name) =>
        [...tables.Customer.rows()].find(({ record }) => record.DisplayName === name)?.record.Id ?? '',
      invoiceNumbered: (number) =>
        [...tables.Invoice.rows()].find(({ record }) => record.DocNumber === number)?.record.Id ?? '',
    },
  };
};

const connect = async (sync: Sync, tenantId: string, rehearsed: Rehearsed): Promise<ConnectionRef> => {
  const { provider, organisationId, mapping } = rehearsed;
  const connection = await sync.connections.begin({
    tenantId,
    provider,
    organisationId,
    grantId: 'grant',
    actor: ACTOR,
  });
  const ref = { tenantId, connectionId: connection.id };
  const { version: _version, ...choices } = mapping;
  await sync.mapping.save(ref, { choices, actor: ACTOR });
  while ((await sync.importStep(ref.connectionId)).more);
  await sync.matches.decideAllExact(ref, ACTOR);
  const plan = await sync.plans.build(ref);
  await sync.plans.approve(ref, plan.hash, ACTOR);
  return ref;
};

const expectLevel = async (sync: Sync, ref: ConnectionRef): Promise<void> => {
  expect((await sync.problems.list(ref)).items.map(({ message }) => message)).toEqual([]);
  const standing = await sync.standing(ref);
  expect(standing).toMatchObject({ duplicates: 0, unequalAtRest: 0 });
  for (const line of standing.lines) {
    expect(line).toMatchObject({ differenceMinor: 0, unexplainedMinor: 0 });
    expect(line.local).toEqual(line.external);
  }
};

const written = ({ counts: { local, external } }: RunView): number =>
  [local, external].reduce((sum, side) => sum + side.created + side.updated + side.voided, 0);

describe.each([
  ['Xero', onXero],
  ['QuickBooks in Britain', onQuickBooks(UNITED_KINGDOM)],
  ['QuickBooks in America', onQuickBooks(UNITED_STATES)],
] as const)('on %s', (_name, open) => {
  it('a business and its books come level, stay quiet, and follow what both sides do', async () => {
    const rehearsed = await open();
    const { clock, hands, currency, country, standardPercent } = rehearsed;
    const world = await openBillingWorld(
      { country, baseCurrency: currency, taxRates: [{ key: 'standard', name: 'Standard', percent: standardPercent }] },
      (collections) => openTestStore([...collections, ...syncCollections]),
    );
    const { billing, store, ids, tenantId } = world;
    const sync = createSync({
      store,
      clock,
      ids,
      uuid: randomUUID,
      logger: createLogger({ level: 'silent', now: () => clock.now(), write: () => undefined }),
      openLedger: ({ mapping }) => rehearsed.openPort(mapping),
      openBilling: (tenant, paymentUnit) => createBillingPort({ billing, store, ids, tenantId: tenant, paymentUnit }),
      nudge: async () => undefined,
    });
    try {
      const ada = await world.customer({ email: 'ada@example.com' });
      const lines = [{ description: 'Work', quantity: '3', unitPrice: '12.35', taxRate: 'standard' }];
      const first = await world.invoice(ada, '0', { lines, currency });
      const second = await world.invoice(ada, '0', {
        lines: [{ ...lines[0], unitPrice: '99' }] as typeof lines,
        currency,
      });
      await world.payment(ada, 3_000, {
        currency,
        allocations: [
          { invoiceId: first.id, amountMinor: 1_000 },
          { invoiceId: second.id, amountMinor: 2_000 },
        ],
      });
      const brien = hands.customer("O'Brien & Sons", 'ob@example.com');
      hands.pay(brien, hands.invoice(brien, 'X-1', '70'), '20');

      const ref = await connect(sync, tenantId, rehearsed);
      const run = () => sync.runOnce(ref.connectionId, { reason: 'test' });
      expect(await run()).toMatchObject({ state: 'done', left: 0 });
      await expectLevel(sync, ref);

      clock.advance(20 * 60_000);
      expect(written(await run())).toBe(0);
      clock.advance(20 * 60_000);
      const before = rehearsed.calls();
      expect(written(await run())).toBe(0);
      expect(rehearsed.calls() - before).toBeLessThanOrEqual(6);

      const third = await world.invoice(ada, '0', { lines, currency });
      const zed = hands.customer('Zed', 'zed@example.com');
      hands.invoice(zed, 'X-2', '10');
      hands.phone(hands.customerNamed('Ada Lovelace Ltd'), '020 7946 0000');
      hands.pay(hands.customerNamed('Ada Lovelace Ltd'), hands.invoiceNumbered(second.number ?? ''), '50');
      await run();
      await expectLevel(sync, ref);
      expect(await billing.customers.get(tenantId, ada.id)).toMatchObject({ phone: '020 7946 0000' });

      clock.advance(60_000);
      hands.voidInvoice(hands.invoiceNumbered(third.number ?? ''));
      await run();
      await expectLevel(sync, ref);
      expect(await billing.invoices.get(tenantId, third.id)).toMatchObject({ status: 'void' });
    } finally {
      await rehearsed.close();
      await world.close();
    }
  }, 60_000);
});
