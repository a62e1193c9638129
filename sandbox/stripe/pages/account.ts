// What the owner of an account sees at Stripe, with buttons for what the world may do: refund, dispute, pay out, deliver again.
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { type Html, html, sendPage } from '../../shared/page';
import type { WebhookSender } from '../../shared/webhooks';
import { totalsByCurrency } from '../books/balance';
import { moneyText } from '../books/currencies';
import { closeDispute, openDispute } from '../books/disputes';
import type { Merchant } from '../books/merchant';
import { settleDebit } from '../books/payments';
import { arrivePayout, failPayout, payOutAll } from '../books/payouts';
import type { Charge, Payout, StripeEvent } from '../books/records';
import { createRefund } from '../books/refunds';
import { Refusal } from '../books/refusal';

type Parts = {
  readonly merchants: readonly Merchant[];
  readonly tick: () => void;
  readonly resend: (eventId: string) => void;
  readonly webhooks: WebhookSender<StripeEvent>;
};

const MOST_SHOWN = 200;

export const accountPages = ({ merchants, tick, resend, webhooks }: Parts): Router => {
  const merchantOf = (request: Request): Merchant | undefined =>
    merchants.find((merchant) => merchant.id === request.params.account);
  const show =
    (title: string, body: (merchant: Merchant) => Html): RequestHandler =>
    (request, response) => {
      tick();
      const merchant = merchantOf(request);
      if (merchant) return frame(response, merchant, title, body(merchant));
      sendPage(
        response,
        { system: 'stripe', title: 'No such account', body: html`<p><a href="/">All accounts</a></p>` },
        404,
      );
    };
  const press =
    (back: string, work: (merchant: Merchant, id: string) => void): RequestHandler =>
    (request, response) => {
      tick();
      const merchant = merchantOf(request);
      try {
        if (merchant) work(merchant, String(request.params.id));
        response.redirect(303, `/accounts/${request.params.account}${back}`);
      } catch (error) {
        if (!(error instanceof Refusal) || !merchant) throw error;
        frame(response, merchant, 'That is not possible', html`<p class="notice wrong">${error.message}</p>`, 400);
      }
    };
  return Router()
    .use('/accounts', express.urlencoded({ extended: false }))
    .get('/', (_request, response) => {
      if (merchants.length === 1) return response.redirect(303, `/accounts/${merchants[0]?.id}`);
      const links = merchants.map(
        (one) => html`<li><a href="/accounts/${one.id}">${one.name}</a> <code>${one.id}</code></li>`,
      );
      sendPage(response, { system: 'stripe', title: 'Accounts', body: html`<ul>${links}</ul>` });
    })
    .get('/accounts/:account', show('Payments', payments))
    .get('/accounts/:account/payouts', show('Payouts', payouts))
    .get(
      '/accounts/:account/events',
      show('Events', (merchant) => events(merchant, webhooks.url())),
    )
    .post(
      '/accounts/:account/charges/:id/refund',
      press('', (merchant, charge) => void createRefund(merchant, { charge })),
    )
    .post(
      '/accounts/:account/charges/:id/dispute',
      press('', (merchant, id) => void openDispute(merchant, id)),
    )
    .post(
      '/accounts/:account/intents/:id/arrive',
      press('', (merchant, id) => void settleDebit(merchant, id, true)),
    )
    .post(
      '/accounts/:account/intents/:id/return',
      press('', (merchant, id) => void settleDebit(merchant, id, false)),
    )
    .post(
      '/accounts/:account/disputes/:id/win',
      press('', (merchant, id) => void closeDispute(merchant, id, 'won')),
    )
    .post(
      '/accounts/:account/disputes/:id/lose',
      press('', (merchant, id) => void closeDispute(merchant, id, 'lost')),
    )
    .post(
      '/accounts/:account/pay-out/:id',
      press('/payouts', (merchant, currency) => void payOutAll(merchant, { currency, includePending: true })),
    )
    .post(
      '/accounts/:account/payouts/:id/arrive',
      press('/payouts', (merchant, id) => void arrivePayout(merchant, id)),
    )
    .post(
      '/accounts/:account/payouts/:id/fail',
      press('/payouts', (merchant, id) => void failPayout(merchant, id)),
    )
    .post(
      '/accounts/:account/events/:id/resend',
      press('/events', (_merchant, id) => resend(id)),
    );
};

const frame = (response: Response, merchant: Merchant, title: string, body: Html, status = 200): void => {
  const base = `/accounts/${merchant.id}`;
  const nav = [
    { href: base, label: 'Payments', current: title === 'Payments' },
    { href: `${base}/payouts`, label: 'Payouts', current: title === 'Payouts' },
    { href: `${base}/events`, label: 'Events', current: title === 'Events' },
  ];
  sendPage(response, { system: 'stripe', title: `${title} · ${merchant.name}`, nav, body }, status);
};

const button = (merchant: Merchant, path: string, label: string): Html =>
  html`<form method="post" action="/accounts/${merchant.id}/${path}"><button>${label}</button></form>`;

const time = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');

const balances = (merchant: Merchant): Html =>
  html`<div class="figures">${[...totalsByCurrency(merchant)].map(
    ([currency, { available, pending }]) =>
      html`<div>Available<strong>${moneyText(available, currency)}</strong></div><div>On its way<strong>${moneyText(pending, currency)}</strong></div>`,
  )}</div>`;

const payments = (merchant: Merchant): Html => {
  const rows = merchant.charges.newestFirst().slice(0, MOST_SHOWN);
  if (rows.length === 0)
    return html`${balances(merchant)}<p class="empty">No payment yet. Each attempt on a checkout page will stand here.</p>`;
  return html`${balances(merchant)}<h2>Attempts and payments</h2>
<div class="scroll"><table class="fold"><thead><tr><th>When (UTC)<th>For<th class="money">Amount<th class="money">Fee<th class="money">Net<th>State<th></thead>
<tbody>${rows.map((charge) => paymentRow(merchant, charge))}</tbody></table></div>`;
};

const paymentRow = (merchant: Merchant, charge: Charge): Html => {
  const row = merchant.balance.get(charge.balance_transaction ?? '');
  const description = typeof charge.description === 'string' ? charge.description : '';
  return html`<tr><td>${time(charge.created)}<td>${description}<br><code>${charge.id}</code>
<td class="money" data-label="Amount">${moneyText(charge.amount, charge.currency)}
<td class="money" data-label="Fee">${row ? moneyText(row.fee, row.currency) : charge.status !== 'failed' && 'not known yet'}
<td class="money" data-label="Net">${row && moneyText(row.net, row.currency)}
<td>${stateOf(charge)}<td>${pressable(merchant, charge)}</tr>`;
};

const stateOf = (charge: Charge): Html => {
  if (charge.disputed) return html`<span class="bad">disputed</span>`;
  if (charge.refunded) return html`<span class="muted">refunded</span>`;
  if (charge.status === 'failed') return html`<span class="bad">declined</span>`;
  return charge.status === 'pending' ? html`<span class="wait">under way</span>` : html`<span class="good">paid</span>`;
};

const pressable = (merchant: Merchant, charge: Charge): Html => {
  if (charge.status === 'pending') {
    const path = `intents/${charge.payment_intent}`;
    return html`${button(merchant, `${path}/arrive`, 'Let it arrive')}${button(merchant, `${path}/return`, 'Let it come back')}`;
  }
  const open = merchant.disputes
    .newestFirst()
    .find((one) => one.charge === charge.id && one.status === 'needs_response');
  if (open)
    return html`${button(merchant, `disputes/${open.id}/win`, 'Win it')}${button(merchant, `disputes/${open.id}/lose`, 'Lose it')}`;
  if (charge.status !== 'succeeded' || charge.refunded || charge.disputed) return html``;
  return html`${button(merchant, `charges/${charge.id}/refund`, 'Refund')}${button(merchant, `charges/${charge.id}/dispute`, 'Dispute')}`;
};

const payouts = (merchant: Merchant): Html => {
  const rows = merchant.payouts.newestFirst().slice(0, MOST_SHOWN);
  const currencies = [...totalsByCurrency(merchant).keys()];
  return html`${balances(merchant)}
<h2>Pay out</h2><div class="inline">${currencies.map((currency) => button(merchant, `pay-out/${currency}`, `Pay out all ${currency.toUpperCase()}`))}</div>
<h2>Payouts</h2>
${rows.length === 0 && html`<p class="empty">No payout yet.</p>`}
${rows.length > 0 && html`<div class="scroll"><table class="fold"><thead><tr><th>Made<th>Arrives<th>Id<th class="money">Amount<th>State<th></thead><tbody>${rows.map((row) => payoutRow(merchant, row))}</tbody></table></div>`}`;
};

const payoutRow = (merchant: Merchant, payout: Payout): Html =>
  html`<tr><td>${time(payout.created)}<td>${time(payout.arrival_date)}<td><code>${payout.id}</code>
<td class="money">${moneyText(payout.amount, payout.currency)}<td>${payout.status.replace('_', ' ')}
<td>${payout.status === 'in_transit' && button(merchant, `payouts/${payout.id}/arrive`, 'Let it arrive')}${payout.status !== 'failed' && payout.status !== 'canceled' && button(merchant, `payouts/${payout.id}/fail`, 'Let it fail')}</tr>`;

const events = (merchant: Merchant, url: string | undefined): Html => {
  const rows = merchant.events.newestFirst().slice(0, MOST_SHOWN);
  return html`<p class="muted">Delivered to ${url ?? 'nobody: no webhook address is set'}.</p>
${rows.length === 0 && html`<p class="empty">Nothing has happened yet.</p>`}
${
  rows.length > 0 &&
  html`<div class="scroll"><table class="fold"><thead><tr><th>When (UTC)<th>Type<th>About<th>Id<th></thead><tbody>${rows.map(
    (
      event,
    ) => html`<tr><td>${time(event.created)}<td>${event.type}<td><code>${event.data.object.id}</code><td><code>${event.id}</code>
<td>${button(merchant, `events/${event.id}/resend`, 'Send again')}</tr>`,
  )}</tbody></table></div>`
}`;
};
