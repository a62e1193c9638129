import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createBilling } from '../../src/billing/engine';
import { DuplicateKeyError, type Store } from '../../src/store/port';
import { allocationTo, type BillingWorld, invoiceInput, LEDGER, OWNER, openBillingWorld } from '../support/billing';

let world: BillingWorld;
beforeEach(async () => {
  world = await openBillingWorld();
});
afterEach(() => world.close());

describe('a command with a key', () => {
  test('is done once, also when repeats come at the same time', async () => {
    const customer = await world.customer();
    const repeat = () => world.billing.invoices.createIssued(world.as(OWNER, 'key-1'), invoiceInput(customer));
    const answers = [...(await Promise.all([repeat(), repeat(), repeat()])), await repeat()];
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await world.billing.invoices.list(world.tenantId)).items).toHaveLength(1);
    expect(await world.billing.effectOf(world.tenantId, 'key-1')).toEqual({
      subjectKind: 'invoice',
      subjectId: answers[0]?.id,
    });
  });

  test('answers a repeat with what it did, even after the document has moved on', async () => {
    const customer = await world.customer();
    const invoice = await world.billing.invoices.createIssued(world.as(OWNER, 'key-1'), invoiceInput(customer));
    await world.billing.invoices.void(world.as(), invoice.id);
    expect(await world.billing.invoices.createIssued(world.as(OWNER, 'key-1'), invoiceInput(customer))).toEqual(
      invoice,
    );
  });

  test('is refused with other content', async () => {
    const customer = await world.customer();
    await world.billing.invoices.createIssued(world.as(OWNER, 'key-1'), invoiceInput(customer));
    await expect(
      world.billing.invoices.createIssued(world.as(OWNER, 'key-1'), invoiceInput(customer, '101')),
    ).rejects.toMatchObject({ code: 'BB_IDEMPOTENCY_REUSED' });
    await expect(world.billing.customers.archive(world.as(OWNER, 'key-1'), customer.id)).rejects.toMatchObject({
      code: 'BB_IDEMPOTENCY_REUSED',
    });
  });

  test('leaves no effect behind when it is refused', async () => {
    const customer = await world.customer();
    const negative = invoiceInput(customer, '-1');
    await expect(world.billing.invoices.createIssued(world.as(OWNER, 'key-1'), negative)).rejects.toMatchObject({
      code: 'BB_BILLING_REFUSED',
    });
    expect(await world.billing.effectOf(world.tenantId, 'key-1')).toBeUndefined();
    expect((await world.billing.invoices.list(world.tenantId)).items).toEqual([]);
    expect((await world.billing.changes.pending(world.tenantId, 100)).map(({ subjectKind }) => subjectKind)).toEqual([
      'customer',
    ]);
  });

  test('may remove a draft twice', async () => {
    const draft = await world.billing.invoices.create(world.as(), invoiceInput(await world.customer()));
    await world.billing.invoices.remove(world.as(OWNER, 'gone'), draft.id);
    await world.billing.invoices.remove(world.as(OWNER, 'gone'), draft.id);
    await expect(world.billing.invoices.remove(world.as(), draft.id)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
  });

  test('keeps keys of different businesses apart', async () => {
    const other = await world.billing.businesses.create(
      { actor: OWNER },
      { name: 'Other', country: 'US', timeZone: 'America/New_York', baseCurrency: 'USD' },
    );
    const one = await world.billing.customers.create(world.as(OWNER, 'same'), { name: 'One' });
    const two = await world.billing.customers.create(
      { tenantId: other.id, actor: OWNER, key: 'same' },
      { name: 'Two' },
    );
    expect(one.id).not.toBe(two.id);
  });

  test('looks again where another process stored the same key first', async () => {
    const { store, clock, ids } = world;
    let races = 0;
    const racing: Store = {
      ...store,
      transaction: (work) => {
        races += 1;
        // What a database says to the slower of two processes.
        if (races === 1) return Promise.reject(new DuplicateKeyError('commandEffects', 'id'));
        return store.transaction(work);
      },
    };
    const winner = await world.billing.customers.create(world.as(OWNER, 'raced'), { name: 'Ada' });
    const loser = createBilling({ store: racing, clock, ids });
    expect(await loser.customers.create(world.as(OWNER, 'raced'), { name: 'Ada' })).toEqual(winner);
    expect(races).toBe(2);
  });

  test('needs a key that can be stored', async () => {
    await expect(world.billing.customers.create(world.as(OWNER, 'with blank'), { name: 'x' })).rejects.toMatchObject({
      code: 'BB_INPUT_INVALID',
    });
  });
});

describe('activity', () => {
  test('says who, when, what, before and after', async () => {
    const customer = await world.customer({ phone: '1' });
    world.clock.advance(60_000);
    await world.billing.customers.update(world.as(LEDGER), customer.id, { phone: '2' });
    const { items } = await world.billing.activity.of(world.tenantId, customer.id);
    expect(items.map(({ action }) => action)).toEqual(['customer.updated', 'customer.created']);
    expect(items[0]).toMatchObject({
      at: '2026-03-02T09:01:00.000Z',
      actor: LEDGER,
      subjectName: 'Ada Lovelace Ltd',
      subjectRevision: 2,
      before: { phone: '1' },
      after: { phone: '2' },
    });
    expect(items[1]).toMatchObject({ before: {}, after: { name: 'Ada Lovelace Ltd', phone: '1', state: 'active' } });
  });

  test('follows an invoice from draft to paid and back', async () => {
    const customer = await world.customer();
    const invoice = await world.invoice(customer);
    const payment = await world.payment(customer, 10000, { allocations: [allocationTo(invoice)] });
    await world.billing.payments.reverse(world.as(), payment.id);
    const { items } = await world.billing.activity.of(world.tenantId, invoice.id);
    expect(items.map(({ action }) => action)).toEqual([
      'invoice.unallocated',
      'invoice.allocated',
      'invoice.issued',
      'invoice.created',
    ]);
    expect(items[1]).toMatchObject({
      subjectName: 'INV-0001',
      before: { state: 'open', openMinor: 10000 },
      after: { state: 'paid', openMinor: 0 },
    });
    expect((await world.billing.activity.all(world.tenantId, { limit: 3 })).items).toHaveLength(3);
  });
});

describe('the outbox', () => {
  test('holds each changed record once until it is acknowledged', async () => {
    const customer = await world.customer();
    await world.billing.customers.update(world.as(), customer.id, { phone: '2' });
    const pending = await world.billing.changes.pending(world.tenantId, 10);
    expect(pending).toMatchObject([{ subjectKind: 'customer', subjectId: customer.id }]);
    await world.billing.changes.acknowledge(
      world.tenantId,
      pending.map(({ sequence }) => sequence),
    );
    expect(await world.billing.changes.pending(world.tenantId, 10)).toEqual([]);
    // Again, and unknown ones: nothing happens.
    await world.billing.changes.acknowledge(world.tenantId, [...pending.map(({ sequence }) => sequence), 'nonsense']);
  });

  test('keeps a change that came after the reader looked, even when another reader was faster', async () => {
    const customer = await world.customer();
    const sequences = (await world.billing.changes.pending(world.tenantId, 10)).map(({ sequence }) => sequence);
    await world.billing.changes.acknowledge(world.tenantId, sequences);
    await world.billing.customers.update(world.as(), customer.id, { phone: '2' });
    await world.billing.changes.acknowledge(world.tenantId, sequences);
    expect(await world.billing.changes.pending(world.tenantId, 10)).toHaveLength(1);
  });
});
