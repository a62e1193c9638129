// Leads a customer to the gateway's page for what the invoice still needs. The intent is stored before the gateway is asked, and an
// address leaves the house only once it is stored: a session whose answer was lost can be paid by nobody.
import type { Clock } from '../../core/clock';
import { BridgeError, refused } from '../../core/errors';
import { DuplicateKeyError } from '../../store/port';
import type { Invoice } from '../documents';
import { type Checkouts, fitsInvoice } from './checkouts';
import type { Checkout } from './documents';
import type { PayParts } from './parts';
import type { Rereading } from './rereading';
import type { Look, PayView } from './view';

type Parts = Pick<PayParts, 'gateway' | 'clock' | 'logger' | 'publicUrl'> & {
  readonly checkouts: Checkouts;
  readonly rereading: Rereading;
  readonly look: Look;
};

/** Where the browser goes to pay. Refuses in words. */
export type Begin = (token: string) => Promise<string>;

/** A session that is about to end is not given out again. */
const REUSE_UNTIL_MS = 10 * 60_000;
/** How long an unanswered request may still be repeated under its key; a gateway that remembers a failure repeats it for a day. */
const UNANSWERED_MS = 45_000;
const ATTEMPTS = 4;

export const createBegin = (parts: Parts): Begin => {
  const { checkouts, look, publicUrl } = parts;

  return async (token) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const view = payable(await look(token));
      const live = await checkouts.live(view.tenantId, view.invoice.id);
      const checkout = live === undefined ? await intendFirst(parts, view) : await usable(parts, live, view.invoice);
      if (checkout === undefined) continue; // the balance may have changed by what was found: look again
      const opened = await ask(parts, checkout, `${publicUrl}/pay/${token}`);
      if (opened.state === 'open' && opened.url !== null) return opened.url;
      if (opened.state === 'intended') throw laterPlease();
      if (opened.state === 'failed' && live === undefined)
        throw refused('The payment page could not be opened.', 'Ask the seller how to pay; nothing was charged.');
    }
    throw laterPlease();
  };
};

const payable = (view: PayView | undefined): PayView => {
  if (view === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'pay link', id: 'this address' });
  if (view.state === 'inProgress') throw inProgress();
  if (view.state === 'paid' || view.state === 'void')
    throw refused(`Invoice ${view.invoice.number} is ${view.state}.`, 'Nothing has to be paid.');
  if (view.obstacle !== null) throw refused(view.obstacle, 'Ask the seller how to pay.');
  return view;
};

/** Undefined: a second tab was faster, use what it opens. */
const intendFirst = async ({ checkouts }: Parts, view: PayView): Promise<Checkout | undefined> => {
  try {
    return await checkouts.intend(view);
  } catch (error) {
    if (error instanceof DuplicateKeyError) return undefined;
    throw error;
  }
};

/** A live checkout that still fits is used again; one that does not is ended first, so that two amounts are never payable at once. */
const usable = async (parts: Parts, live: Checkout, invoice: Invoice): Promise<Checkout | undefined> => {
  const { checkouts, rereading, clock } = parts;
  if ((await rereading.reread(live)) === 'unreadable') throw laterPlease();
  const now = await checkouts.get(live.tenantId, live.id);
  if (now === undefined || !now.isLive) return undefined;
  if (now.state === 'processing') throw inProgress();
  const isTimely = now.state === 'intended' ? !isUnanswered(now, clock) : leftMs(now, clock) > REUSE_UNTIL_MS;
  if (isTimely && fitsInvoice(now, invoice)) return now;
  if ((await rereading.end(now)) === 'unreadable') throw laterPlease();
  return undefined;
};

/** Sends a stored intent; under the same key again where the first answer was lost. */
const ask = async ({ gateway, checkouts, logger }: Parts, checkout: Checkout, page: string): Promise<Checkout> => {
  if (checkout.state !== 'intended') return checkout;
  const { id: checkoutId, tenantId, key, amountMinor, currency, title, seller, customerEmail, expiresAt } = checkout;
  // The addresses carry the token, so they are not stored.
  const addresses = { successUrl: `${page}/done`, cancelUrl: page };
  const order = { key, tenantId, checkoutId, amountMinor, currency, title, seller, customerEmail, expiresAt };
  const answer = await gateway.openCheckout({ ...order, ...addresses });
  switch (answer.result) {
    case 'done':
      return checkouts.advance(checkout, 'open', answer.value);
    case 'refused':
      logger.warn('checkout refused', { checkoutId, reason: answer.reason });
      return checkouts.advance(checkout, 'failed');
    case 'unknown':
      return checkout;
  }
};

export const isUnanswered = ({ state, createdAt }: Checkout, clock: Clock): boolean =>
  state === 'intended' && clock.now().getTime() - Date.parse(createdAt) > UNANSWERED_MS;

const leftMs = ({ expiresAt }: Checkout, clock: Clock): number => Date.parse(expiresAt) - clock.now().getTime();

const inProgress = (): BridgeError =>
  refused('A payment for this invoice is in progress.', 'It can take some days; nothing more has to be done.');
const laterPlease = (): BridgeError =>
  refused('The payment page cannot be opened at this moment.', 'Try again in a minute; nothing was charged.');
