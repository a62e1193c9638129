// Reminders from the invoice to the mail in somebody's inbox: real store, real mail server, a clock that is set.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Invoice } from '../../../src/billing/documents';
import { reminderClaims } from '../../../src/billing/dunning/documents';
import type { MailOutbox } from '../../../src/billing/mail/outbox';
import { allocationTo } from '../../support/billing';
import { type DunningWorld, openDunningWorld } from './world';

const OLIVE = { kind: 'user', id: 'usr_owner', name: 'Olive Owner' } as const;
const THURSDAY = '2026-03-12T10:00:00Z';

let world: DunningWorld;
beforeEach(async () => {
  world = await openDunningWorld();
});
afterEach(() => world.close());

const nothing = (): never => {
  throw new Error('nothing arrived');
};
const subjects = (): readonly string[] => world.server.taken.map(({ parsed }) => parsed.subject ?? '');
const run = () => world.dunning.runDue(world.tenantId);
const pay = (invoice: Invoice, amountMinor = invoice.openMinor) =>
  world.billing.payments.record(world.as(), {
    customerId: invoice.customerId,
    amountMinor,
    currency: 'GBP',
    date: '2026-03-12',
    method: 'bankTransfer',
    allocations: [allocationTo(invoice, amountMinor)],
  });
/** Seven days late on Thursday, 12 March 2026. */
const lateInvoice = async (amount = '1395'): Promise<Invoice> =>
  world.invoice(await world.reader(), amount, { dueDate: '2026-03-05' });

describe('a round of reminders', () => {
  it('sends the reminder of an overdue invoice once, with pay link and PDF', async () => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    expect(await run()).toEqual({ written: 1, sent: 1, held: [] });
    expect(await run()).toEqual({ written: 0, sent: 0, held: [] });

    expect(subjects()).toEqual([`Invoice ${invoice.number} is 7 days late`]);
    const { parsed, to } = world.server.taken[0] ?? nothing();
    expect(to).toEqual(['tom@brightwell.example']);
    expect(parsed.text?.split('\n')[0]).toBe('£1,395.00 was due on 5 Mar 2026.');
    expect(parsed.text).toContain(`https://bridge.example/pay/${invoice.id}`);
    expect(parsed.html).toContain('Pay £1,395.00');
    expect(parsed.from?.value).toEqual([{ name: 'Analytical Engines', address: 'billing@bridge.example' }]);
    expect(parsed.replyTo?.value).toEqual([{ name: 'Analytical Engines', address: 'books@engines.example' }]);
    expect(parsed.attachments.map(({ filename }) => filename)).toEqual([`${invoice.id}.pdf`]);
    expect(world.freshnessAsked).toEqual([[invoice.id]]);
  });

  it('answers the earlier mail of the same invoice, so that a reader finds them together', async () => {
    await lateInvoice();
    world.at(THURSDAY);
    await run();
    world.at('2026-03-19T10:00:00Z');
    await run();
    const [first, second] = world.server.taken.map(({ parsed }) => parsed);
    expect(second?.inReplyTo).toBe(first?.messageId);
    expect(second?.references).toBe(first?.messageId);
  });

  it.each([
    ['before nine', '2026-03-12T08:59:00Z'],
    ['in the evening', '2026-03-12T17:00:00Z'],
    ['on a Saturday', '2026-03-14T10:00:00Z'],
    ['on Good Friday', '2026-04-03T10:00:00Z'],
  ])('sends nothing %s', async (_when, instant) => {
    await lateInvoice();
    world.at(instant);
    expect(await run()).toEqual({ written: 0, sent: 0, held: [] });
  });

  it('counts the hours and the days where the customer is', async () => {
    const customer = await world.reader({ timeZone: 'America/New_York' });
    await world.invoice(customer, '50', { dueDate: '2026-03-12' });
    world.at('2026-03-12T12:30:00Z'); // half past eight there
    expect((await run()).sent).toBe(0);
    world.at('2026-03-12T13:41:00Z');
    expect((await run()).sent).toBe(1);
    expect(subjects()[0]).toContain('is due today');
  });

  it('writes one mail about everything a customer owes', async () => {
    const customer = await world.reader();
    await world.invoice(customer, '100', { dueDate: '2026-03-05' });
    await world.invoice(customer, '200', { dueDate: '2026-03-09' });
    await world.invoice(customer, '300', { dueDate: '2026-03-15' });
    world.at(THURSDAY);
    await run();
    expect(subjects()).toEqual(['2 invoices are overdue, £300.00']);
    expect(world.server.taken[0]?.parsed.text).toContain(
      '£300.00 in 2 invoices is overdue, the oldest since 5 Mar 2026.',
    );
    expect(world.server.taken[0]?.parsed.text).toMatch(/Also coming due\n {2}INV-0003 {3}£300.00/);
  });

  it('sends no burst on the first day of reminders', async () => {
    const customer = await world.reader();
    for (const dueDate of ['2025-11-01', '2026-01-05', '2026-02-20', '2026-02-25']) {
      await world.invoice(customer, '100', { issueDate: '2025-10-01', dueDate });
    }
    world.at(THURSDAY);
    expect((await run()).sent).toBe(1);
    expect(subjects()).toEqual(['2 invoices are overdue, £200.00: please pay by 19 Mar 2026']);
    world.at('2026-03-13T10:00:00Z');
    expect((await run()).sent).toBe(0);
  });

  it('writes but does not send in rehearsal, and sends the same steps once it is real', async () => {
    await lateInvoice();
    await world.setMode('rehearsal');
    world.at(THURSDAY);
    expect(await run()).toMatchObject({ written: 1, sent: 0 });
    expect(await run()).toMatchObject({ written: 0, sent: 0 });
    expect((await world.outbox.list(world.tenantId)).items.map(({ state }) => state)).toEqual(['rehearsal']);
    await world.setMode('on');
    expect(await run()).toMatchObject({ written: 1, sent: 1 });
  });

  it('does nothing when it is off', async () => {
    await lateInvoice();
    await world.setMode('off');
    world.at(THURSDAY);
    expect(await run()).toEqual({ written: 0, sent: 0, held: [] });
    expect((await world.outbox.list(world.tenantId)).items).toEqual([]);
  });
});

describe('in doubt', () => {
  it('holds back where the ledger cannot be read, says so, and sends once it can', async () => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    const blind = world.worker({
      freshness: async (_tenantId, ids) =>
        new Map(ids.map((id) => [id, { state: 'held', reason: 'Xero does not answer.' }])),
    });
    const held = [{ customerId: invoice.customerId, reason: 'Xero does not answer.' }];
    expect(await blind.dunning.runDue(world.tenantId)).toEqual({ written: 0, sent: 0, held });
    expect(await world.dunning.lastRound(world.tenantId)).toMatchObject({ held });
    expect((await run()).sent).toBe(1);
    expect((await world.dunning.lastRound(world.tenantId))?.held).toEqual([]);
  });

  it.each([
    ['breaks', async () => Promise.reject(new Error('boom'))],
    ['does not mention the invoice', async () => new Map()],
  ])('holds back where re-reading %s', async (_what, freshness) => {
    await lateInvoice();
    world.at(THURSDAY);
    const round = await world.worker({ freshness }).dunning.runDue(world.tenantId);
    expect(round).toMatchObject({ written: 0, sent: 0, held: [{}] });
  });

  it('sends nothing where re-reading the ledger brings the payment', async () => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    const reading = world.worker({
      freshness: async (_tenantId, ids) => {
        await pay(invoice);
        return new Map(ids.map((id) => [id, { state: 'fresh' }]));
      },
    });
    expect(await reading.dunning.runDue(world.tenantId)).toEqual({ written: 0, sent: 0, held: [] });
    expect(world.server.taken).toEqual([]);
  });

  it('sends nothing where the payment comes while the letter is made', async () => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    const pdfOf = async () => {
      await pay(invoice);
      return { name: 'a.pdf', body: Buffer.from('x') };
    };
    expect(await world.worker({ pdfOf }).dunning.runDue(world.tenantId)).toEqual({ written: 0, sent: 0, held: [] });
    expect((await world.outbox.list(world.tenantId)).items).toEqual([]);
  });

  it('keeps one customer’s trouble from the others', async () => {
    const bad = await lateInvoice();
    await world.invoice(await world.reader({ email: 'b@x.example' }), '70', { dueDate: '2026-03-05' });
    world.at(THURSDAY);
    const pdfOf = async (_tenantId: string, id: string) => {
      if (id === bad.id) throw new Error('cannot be drawn');
      return { name: 'a.pdf', body: Buffer.from('x') };
    };
    const round = await world.worker({ pdfOf }).dunning.runDue(world.tenantId);
    expect(round).toMatchObject({ sent: 1, held: [{ customerId: bad.customerId }] });
  });
});

/** A worker that is gone after writing, before its mail leaves. */
const stoppingBeforeSending = () => {
  let rounds = 0;
  const outbox: MailOutbox = {
    ...world.outbox,
    sendWaiting: async (tenantId, lastLook) => {
      rounds += 1;
      if (rounds > 1) throw new Error('killed');
      return world.outbox.sendWaiting(tenantId, lastLook);
    },
  };
  return world.worker({ outbox }).dunning;
};

describe('a reminder that was written and has not left', () => {
  it('leaves in the next round, after one more look at the ledger', async () => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    await expect(stoppingBeforeSending().runDue(world.tenantId)).rejects.toThrow('killed');
    world.at('2026-03-12T10:10:00Z');
    expect(await run()).toEqual({ written: 0, sent: 1, held: [] });
    expect(world.freshnessAsked).toEqual([[invoice.id], [invoice.id]]);
  });

  it('is dropped when the invoice was paid meanwhile', async () => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    await expect(stoppingBeforeSending().runDue(world.tenantId)).rejects.toThrow('killed');
    await pay(invoice);
    expect(await run()).toEqual({ written: 0, sent: 0, held: [] });
    expect((await world.outbox.list(world.tenantId)).items).toMatchObject([
      { state: 'dropped', reason: 'An invoice was paid or changed before it left.' },
    ]);
  });

  it('is written anew with the right amount after a part payment', async () => {
    const invoice = await lateInvoice('100');
    world.at(THURSDAY);
    await expect(stoppingBeforeSending().runDue(world.tenantId)).rejects.toThrow('killed');
    await pay(invoice, 4_000);
    expect(await run()).toEqual({ written: 1, sent: 1, held: [] });
    expect(world.server.taken).toHaveLength(1);
    expect(world.server.taken[0]?.parsed.text).toContain('£60.00 was due');
  });

  it.each([
    ['reminders are switched off', () => world.setMode('off')],
    ['the day is over', async () => world.at('2026-03-12T18:00:00Z')],
    [
      'the customer is paused',
      async (customerId: string) => {
        const chasing = { mode: 'paused', pausedUntil: null, reason: null } as const;
        await world.billing.customers.setChasing(world.as(), customerId, chasing);
      },
    ],
  ])('is dropped when %s, and gives its steps back', async (_what, happen) => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    await expect(stoppingBeforeSending().runDue(world.tenantId)).rejects.toThrow('killed');
    await happen(invoice.customerId);
    expect((await run()).sent).toBe(0);
    expect((await world.outbox.list(world.tenantId)).items).toMatchObject([{ state: 'dropped' }]);
    expect(await world.store.forTenant(world.tenantId).count(reminderClaims, {})).toBe(0);
  });
});

describe('two workers', () => {
  it('at the same moment send one mail', async () => {
    await lateInvoice();
    world.at(THURSDAY);
    const other = world.worker();
    const rounds = await Promise.all([run(), other.dunning.runDue(world.tenantId), run()]);
    expect(world.server.taken).toHaveLength(1);
    expect(rounds.reduce((sum, { written }) => sum + written, 0)).toBe(1);
  });
});

describe('by hand', () => {
  it('sends an invoice now, whatever the hour and the mode, and says so', async () => {
    const invoice = await world.invoice(await world.reader(), '50');
    await world.setMode('off');
    world.at('2026-03-14T22:00:00Z');
    const said = await world.dunning.sendInvoice(world.tenantId, invoice.id, OLIVE);
    expect(said).toBe(`${invoice.number} was sent to tom@brightwell.example.`);
    expect(subjects()).toEqual([`Invoice ${invoice.number} from Analytical Engines`]);
    expect((await world.outbox.list(world.tenantId)).items).toMatchObject([{ sentBy: 'Olive Owner', kind: 'invoice' }]);
  });

  it('takes a second press within a minute for the same, and a later one for a wish', async () => {
    const invoice = await world.invoice(await world.reader(), '50');
    const send = () => world.dunning.sendInvoice(world.tenantId, invoice.id, OLIVE);
    await Promise.allSettled([send(), send()]);
    expect(await send()).toContain('It was not sent a second time.');
    expect(world.server.taken).toHaveLength(1);
    world.clock.advance(61_000);
    await send();
    expect(world.server.taken).toHaveLength(2);
  });

  it('is the invoice-day step: the policy does not send it again', async () => {
    const invoice = await world.invoice(await world.reader(), '50', { issueDate: '2026-03-12', dueDate: '2026-04-11' });
    world.at('2026-03-12T08:00:00Z');
    await world.dunning.sendInvoice(world.tenantId, invoice.id, OLIVE);
    world.at('2026-03-13T10:00:00Z');
    expect(await run()).toEqual({ written: 0, sent: 0, held: [] });
  });

  it('refuses what cannot be sent, with what to do', async () => {
    const draft = await world.billing.invoices.create(world.as(), {
      customerId: (await world.reader()).id,
      lines: [{ description: 'Work', quantity: '1', unitPrice: '5', taxRate: 'none' }],
    });
    await expect(world.dunning.sendInvoice(world.tenantId, draft.id, OLIVE)).rejects.toThrow('A draft is not sent.');
    const silent = await world.invoice(await world.customer(), '50');
    await expect(world.dunning.sendInvoice(world.tenantId, silent.id, OLIVE)).rejects.toThrow(
      'Ada Lovelace Ltd has no mail address.',
    );
  });
});

describe('the receipt of a payment', () => {
  it('is sent once, however often it is asked for', async () => {
    const invoice = await world.invoice(await world.reader(), '50');
    const payment = await pay(invoice);
    const send = () => world.dunning.sendReceipt(world.tenantId, payment.id);
    await Promise.all([send(), send()]);
    await send();
    expect(subjects()).toEqual([`Receipt: £50.00 for invoice ${invoice.number}`]);
    expect(world.server.taken[0]?.parsed.text).toContain('It is paid in full.');
    expect(world.server.taken[0]?.parsed.headers.has('list-unsubscribe')).toBe(false);
  });

  it('says what is still open, and where the money waits as credit', async () => {
    const customer = await world.reader();
    const invoice = await world.invoice(customer, '50');
    await world.dunning.sendReceipt(world.tenantId, (await pay(invoice, 2_000)).id);
    await world.dunning.sendReceipt(world.tenantId, (await world.payment(customer, 700)).id);
    expect(world.server.taken[0]?.parsed.text).toContain('£30.00 is still open.');
    expect(world.server.taken[1]?.parsed.text).toContain('We keep it as your credit.');
  });

  it('is not sent for money that went back, or to nobody', async () => {
    const payment = await world.payment(await world.customer(), 700);
    await world.dunning.sendReceipt(world.tenantId, payment.id);
    const back = await world.payment(await world.reader(), 700);
    await world.billing.payments.reverse(world.as(), back.id);
    await world.dunning.sendReceipt(world.tenantId, back.id);
    expect(world.server.taken).toEqual([]);
  });
});

describe('the link at the foot', () => {
  it('ends reminders, not invoices, and only when it is pressed', async () => {
    const invoice = await lateInvoice();
    world.at(THURSDAY);
    await run();
    const url = world.server.taken[0]?.parsed.text?.match(/https:\/\/bridge\.example\/u\/\S+/)?.[0] ?? '';
    const token = url.split('/').at(-1) ?? '';
    expect(await world.dunning.lookAtOptOut(token)).toEqual({
      business: 'Analytical Engines',
      customer: 'Ada Lovelace Ltd',
    });
    world.at('2026-03-19T10:00:00Z');
    expect((await run()).sent).toBe(1);

    await world.dunning.optOut(token);
    await world.dunning.optOut(token);
    world.at('2026-04-07T10:00:00Z');
    expect((await run()).sent).toBe(0);
    await world.dunning.sendInvoice(world.tenantId, invoice.id, OLIVE);
    expect(world.server.taken).toHaveLength(3);
    expect(await world.dunning.lookAtOptOut('made-up')).toBeUndefined();
  });

  it('stands in the headers that mail programs press by themselves', async () => {
    await lateInvoice();
    world.at(THURSDAY);
    await run();
    const { raw } = world.server.taken[0] ?? nothing();
    expect(raw.replace(/\r\n\s+/g, ' ')).toMatch(/^List-Unsubscribe: <https:\/\/bridge\.example\/u\/[\w-]+>\r?$/m);
    expect(raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
  });
});
