// The hosted page that a session's url leads to: amount, seller, a card or a bank debit, and back to the seller's site.
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { type Html, html, sendPage } from '../../shared/page';
import { answerForBank, type PayResult, paySession } from '../books/checkout';
import { moneyText } from '../books/currencies';
import type { Merchant } from '../books/merchant';
import type { Session } from '../books/records';
import { Refusal } from '../books/refusal';
import { linesOf } from '../books/sessions';
import { debitOf, TEST_BANK_ACCOUNTS, TEST_CARDS } from '../books/test-methods';

type Parts = { readonly merchants: readonly Merchant[]; readonly tick: () => void };
type Found = { readonly merchant: Merchant; readonly session: Session };

export const checkoutPages = ({ merchants, tick }: Parts): Router => {
  const find = (request: Request): Found | undefined => {
    tick();
    const id = String(request.params.id);
    const merchant = merchants.find((one) => one.sessions.get(id) !== undefined);
    const session = merchant?.sessions.get(id);
    return merchant && session && { merchant, session };
  };
  const withSession =
    (work: (found: Found, request: Request, response: Response) => void): RequestHandler =>
    (request, response) => {
      const found = find(request);
      if (!found) return closed(response, 'There is no such checkout.', 404);
      try {
        work(found, request, response);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        show(response, find(request) ?? found, error.message, 400);
      }
    };
  const after = (response: Response, merchant: Merchant, result: PayResult): void => {
    const found = { merchant, session: result.session };
    if ('redirectTo' in result) response.redirect(303, result.redirectTo);
    else if (result.state === 'asksTheBank') askForBank(response, found);
    else show(response, found, result.message, 402);
  };

  return Router()
    .use('/c/pay', express.urlencoded({ extended: false }))
    .get(
      '/c/pay/:id',
      withSession((found, _request, response) => {
        const intent = found.merchant.intents.get(found.session.payment_intent ?? '');
        if (found.session.status === 'open' && intent?.status === 'requires_action') return askForBank(response, found);
        show(response, found);
      }),
    )
    .post(
      '/c/pay/:id',
      withSession(({ merchant, session }, request, response) => {
        const field = (name: string): string | undefined => textOf(request, name);
        const isDebit = field('method') === 'debit';
        const email = field('email');
        const name = field('name');
        const means = isDebit ? { bankAccount: field('account') ?? '' } : { card: field('number') ?? '' };
        after(
          response,
          merchant,
          paySession(merchant, session.id, { ...means, ...(email && { email }), ...(name && { name }) }),
        );
      }),
    )
    .post(
      '/c/pay/:id/bank',
      withSession(({ merchant, session }, request, response) => {
        after(response, merchant, answerForBank(merchant, session.id, textOf(request, 'answer') === 'agree'));
      }),
    );
};

const show = (response: Response, found: Found, problem?: string, status = 200): void => {
  const { merchant, session } = found;
  if (session.status === 'open') {
    showOpen(response, merchant, session, problem, status);
    return;
  }
  const expired = 'This checkout has expired. Go back to the seller for a new one.';
  closed(response, session.status === 'expired' ? expired : 'This checkout is done: it was paid.', status);
};

const showOpen = (
  response: Response,
  merchant: Merchant,
  session: Session,
  problem: string | undefined,
  status: number,
): void => {
  const body = html`
<p class="due">${moneyText(session.amount_total, session.currency)}</p>
<ul>${linesOf(merchant, session.id).map((line) => html`<li>${line.description}</li>`)}</ul>
${problem !== undefined && html`<p class="notice wrong" role="alert">${problem}</p>`}
<h2>Pay by card</h2>
<form method="post" action="/c/pay/${session.id}">
<input type="hidden" name="method" value="card">
${emailField(session)}
<label>Card number <input name="number" inputmode="numeric" autocomplete="off" value="4242 4242 4242 4242" required></label>
<label>Expires <input name="expiry" autocomplete="off" value="12 / 34"></label>
<label>Security code <input name="cvc" inputmode="numeric" autocomplete="off" value="123"></label>
<label>Name on card <input name="name" autocomplete="off" value="Robin Payer"></label>
<button class="main">Pay ${moneyText(session.amount_total, session.currency)}</button>
</form>
<details><summary>Test cards</summary><ul>${TEST_CARDS.map(({ number, says }) => html`<li><code>${number}</code> ${says}</li>`)}</ul></details>
${debitForm(session)}
${session.cancel_url !== null && html`<p><a href="${session.cancel_url}">Back to ${merchant.name}</a></p>`}`;
  sendPage(response, { system: 'stripe', title: `Pay ${merchant.name}`, body, shape: 'pay' }, status);
};

const emailField = (session: Session): Html =>
  html`<label>E-mail <input name="email" type="email" autocomplete="off" value="${session.customer_email ?? 'payer@example.com'}" required></label>`;

const debitForm = (session: Session): Html | undefined => {
  const debit = debitOf(session.currency);
  return (
    debit &&
    html`<h2>${debit.label}</h2>
<form method="post" action="/c/pay/${session.id}">
<input type="hidden" name="method" value="debit">
${emailField(session)}
<label>Account <select name="account">${TEST_BANK_ACCOUNTS.map(({ number, says }) => html`<option value="${number}">${number}: ${says}</option>`)}</select></label>
<button>Pay from the bank account</button>
</form>`
  );
};

const askForBank = (response: Response, { session }: Found): void => {
  const body = html`
<p>${moneyText(session.amount_total, session.currency)}. Your bank wants to know whether it is you who pays.</p>
<form method="post" action="/c/pay/${session.id}/bank"><input type="hidden" name="answer" value="agree"><button class="main">It is me</button></form>
<form method="post" action="/c/pay/${session.id}/bank"><input type="hidden" name="answer" value="refuse"><button>It is not me</button></form>`;
  sendPage(response, { system: 'stripe', title: 'Confirm with your bank', body, shape: 'pay' });
};

const closed = (response: Response, sentence: string, status = 200): void =>
  sendPage(response, { system: 'stripe', title: 'Checkout', body: html`<p>${sentence}</p>`, shape: 'pay' }, status);

const textOf = (request: Request, name: string): string | undefined => {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(body, name)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
};
