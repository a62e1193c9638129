// Reminders from the invoice to the mail in somebody's inbox: real store, real mail server, a clock that is set.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DunningWorld, openDunningWorld } from './world';

describe('a round of reminders', () => {
  let world: DunningWorld;
  beforeEach(async () => {
    world = await openDunningWorld();
  });
  afterEach(() => world.close());

  it('sends the reminder of an overdue invoice once, with pay link and PDF', async () => {
    const customer = await world.reader();
    const invoice = await world.invoice(customer, '1395', { dueDate: '2026-03-05' });
    world.at('2026-03-12T10:00:00Z');
    expect(await world.dunning.runDue(world.tenantId)).toEqual({ written: 1, sent: 1, held: [] });
    expect(await world.dunning.runDue(world.tenantId)).toEqual({ written: 0, sent: 0, held: [] });

    expect(world.server.taken).toHaveLength(1);
    const [{ parsed, to } = { parsed: undefined, to: [] }] = world.server.taken;
    expect(to).toEqual(['tom@brightwell.example']);
    expect(parsed?.subject).toBe(`Invoice ${invoice.number} is 7 days late`);
    expect(parsed?.text).toContain('£1,395.00 was due on 5 Mar 2026.');
    expect(parsed?.text).toContain(`https://bridge.example/pay/${invoice.id}`);
    expect(parsed?.html).toContain('Pay £1,395.00');
    expect(parsed?.from?.value).toEqual([{ name: 'Analytical Engines', address: 'billing@bridge.example' }]);
    expect(parsed?.replyTo?.value).toEqual([{ name: 'Analytical Engines', address: 'books@engines.example' }]);
    expect(parsed?.attachments.map(({ filename }) => filename)).toEqual([`${invoice.id}.pdf`]);
  });

  it('sends the receipt of a payment once', async () => {
    const customer = await world.reader();
    const invoice = await world.invoice(customer, '50');
    const payment = await world.payment(customer, 5000, {
      allocations: [{ invoiceId: invoice.id, amountMinor: 5000 }],
    });
    await world.dunning.sendReceipt(world.tenantId, payment.id);
    await world.dunning.sendReceipt(world.tenantId, payment.id);
    expect(world.server.taken.map(({ parsed }) => parsed.subject)).toEqual([
      `Receipt: £50.00 for invoice ${invoice.number}`,
    ]);
    expect(world.server.taken[0]?.parsed.text).toContain('It is paid in full.');
  });

  it('sends an invoice by hand and says so', async () => {
    const customer = await world.reader();
    const invoice = await world.invoice(customer, '50');
    const actor = { kind: 'user', id: 'u', name: 'Olive' } as const;
    expect(await world.dunning.sendInvoice(world.tenantId, invoice.id, actor)).toBe(
      `${invoice.number} was sent to tom@brightwell.example.`,
    );
    expect(await world.dunning.sendInvoice(world.tenantId, invoice.id, actor)).toContain(
      'It was not sent a second time.',
    );
    expect(world.server.taken).toHaveLength(1);
  });
});
