// What a person does on the pages of Rehearsal Stripe, by plain form posts.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/start';

let sandbox: StripeSandbox;
let base: string;
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.parse('2026-11-02T09:00:00Z');
  sandbox = await startStripeSandbox({ now: () => new Date(nowMs), platform: { name: 'Hollis', feeKnownAfterMs: 0 } });
  base = `${sandbox.url}/accounts/${sandbox.account().id}`;
});
afterEach(() => sandbox.close());

const openSession = async (name = 'Invoice INV-1'): Promise<string> => {
  const answer = await fetch(`${sandbox.url}/v1/checkout/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.secretKey}` },
    body: new URLSearchParams({
      mode: 'payment',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '5000',
      'line_items[0][price_data][product_data][name]': name,
      'payment_intent_data[description]': name,
      success_url: 'http://localhost/done',
    }),
  });
  return ((await answer.json()) as { id: string }).id;
};
const page = async (address: string): Promise<string> => (await fetch(address)).text();
const press = (path: string) => fetch(`${base}/${path}`, { method: 'POST', redirect: 'manual' });

describe('the pages', () => {
  it('say how things will look while nothing has happened', async () => {
    expect(await page(base)).toContain('No payment yet');
    expect(await page(`${base}/payouts`)).toContain('No payout yet');
    expect(await page(`${base}/events`)).toContain('no webhook address is set');
    expect((await fetch(`${sandbox.url}/accounts/acct_none`)).status).toBe(404);
  });

  it('show a payment with its fee, escape its description, and refund it', async () => {
    sandbox.pay(await openSession('<b>INV-1</b>'));
    const before = await page(base);
    expect(before).toContain('1.75 USD');
    expect(before).toContain('&#60;b&#62;INV-1');
    const charge = sandbox.account().charges.newestFirst()[0]?.id;
    expect((await press(`charges/${charge}/refund`)).status).toBe(303);
    expect(await page(base)).toContain('refunded');
    const again = await press(`charges/${charge}/refund`);
    expect(again.status).toBe(400);
    expect(await again.text()).toContain('has already been refunded');
  });

  it('dispute a payment and win it', async () => {
    sandbox.pay(await openSession());
    const charge = sandbox.account().charges.newestFirst()[0]?.id;
    await press(`charges/${charge}/dispute`);
    expect(await page(base)).toContain('Win it');
    await press(`disputes/${sandbox.account().disputes.newestFirst()[0]?.id}/win`);
    expect(sandbox.events('charge.dispute.closed')).toHaveLength(1);
  });

  it('pay out, and let a payout fail after it arrived', async () => {
    sandbox.pay(await openSession());
    sandbox.tick();
    await press('pay-out/usd');
    const payout = sandbox.account().payouts.newestFirst()[0]?.id;
    await press(`payouts/${payout}/arrive`);
    await press(`payouts/${payout}/fail`);
    expect(sandbox.events().map((event) => event.type)).toEqual(
      expect.arrayContaining(['payout.created', 'payout.paid', 'payout.reconciliation_completed', 'payout.failed']),
    );
  });

  it('let a bank debit arrive', async () => {
    sandbox.pay(await openSession(), { bankAccount: '000123456789' });
    await press(`intents/${sandbox.account().intents.newestFirst()[0]?.id}/arrive`);
    expect(sandbox.account().sessions.newestFirst()[0]).toMatchObject({ payment_status: 'paid' });
  });

  it('take no card that is not a test card, and no payment after the day is over', async () => {
    const id = await openSession();
    const pay = (number: string) =>
      fetch(`${sandbox.url}/c/pay/${id}`, {
        method: 'POST',
        body: new URLSearchParams({ method: 'card', number }),
        redirect: 'manual',
      });
    const real = await pay('4000056655665556');
    expect(real.status).toBe(400);
    const words = await real.text();
    expect(words).toContain('not one of the test cards');
    expect(words).not.toContain('4000056655665556');
    nowMs += 86_400_000;
    const late = await pay('4242424242424242');
    expect(late.status).toBe(400);
    expect(await late.text()).toContain('has expired');
    expect((await fetch(`${sandbox.url}/c/pay/cs_test_none`)).status).toBe(404);
  });
});
