// Money in by link. The order of things is what keeps it honest: the intent is stored before the gateway is asked; what a gateway tells is
// only a reason to read it back; a charge is booked once, whatever came first or twice; money that no invoice needs any more becomes the
// customer's credit.
import { dateIn } from '../../core/calendar-date';
import type { Clock } from '../../core/clock';
import { BridgeError, refused } from '../../core/errors';
import type { IdSource } from '../../core/ids';
import type { Keyring } from '../../core/keyring';
import type { Logger } from '../../core/logger';
import { DuplicateKeyError, findAll, StaleRevisionError, type Store } from '../../store/port';
import type { Business, Customer, Invoice } from '../documents';
import type { Billing } from '../service';
import { type Checkout, checkouts, gatewayEvents, type StoredEvent } from './documents';
import type { Charge, CheckoutReading, GatewayEvent, GatewayPort } from './gateway-port';
import { createLinks } from './links';

export type PayView = {
  readonly tenantId: string;
  readonly business: Business;
  readonly customer: Customer;
  readonly invoice: Invoice;
  readonly state: 'open' | 'part' | 'inProgress' | 'paid' | 'void';
  /** Why no payment by link is offered, in words for the customer; null where it is. */
  readonly obstacle: string | null;
};

export type Freshness =
  | { readonly state: 'clear' }
  | { readonly state: 'beingPaid' }
  | { readonly state: 'unreadable'; readonly reason: string };

export type Pay = {
  linkOf(tenantId: string, invoiceId: string): Promise<string>;
  revoke(tenantId: string, invoiceId: string): Promise<void>;
  /** What the customer's page shows. Changes nothing. Undefined: no such link. */
  look(token: string): Promise<PayView | undefined>;
  /** Where the browser goes to pay the open balance. Refuses in words. */
  begin(token: string): Promise<string>;
  /** Reads the session of a returning customer, books what was paid, and says how it stands. */
  returned(token: string): Promise<PayView | undefined>;
  /** Stores an event once; false where it was known. */
  noteEvent(event: GatewayEvent, raw: string): Promise<boolean>;
  workOffEvent(eventId: string): Promise<void>;
  /** Re-reads what is open at the gateway, and works off events whose job was lost. */
  sweep(tenantId: string): Promise<void>;
  /** Before a reminder: is somebody paying this very invoice? */
  freshness(tenantId: string, invoiceId: string): Promise<Freshness>;
};

export type PayParts = {
  readonly store: Store;
  readonly billing: Billing;
  readonly gateway: GatewayPort;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly publicUrl: string;
  /** After a charge was booked for the first time: the receipt, the nudge to the bridge. */
  readonly afterBooking: (tenantId: string, paymentId: string) => Promise<void>;
};

/** Stripe's sessions live 30 minutes to 24 hours. */
const SESSION_MS = 12 * 60 * 60_000;
const REUSE_UNTIL_MS = 10 * 60_000;
const ACTOR = { kind: 'gateway', id: 'stripe', name: 'Stripe' } as const;

export const createPay = (parts: PayParts): Pay => {
  const { store, billing, gateway, clock, ids, logger, publicUrl } = parts;
  const links = createLinks(parts);
  const at = (): string => clock.now().toISOString();

  const liveCheckout = async (tenantId: string, invoiceId: string): Promise<Checkout | undefined> =>
    (await store.forTenant(tenantId).find(checkouts, { where: { invoiceId, isLive: true }, limit: 1 })).items.at(0);

  const setState = async (checkout: Checkout, change: Partial<Checkout>): Promise<Checkout> => {
    const state = change.state ?? checkout.state;
    const isLive = state === 'intended' || state === 'open' || state === 'processing';
    return store.forTenant(checkout.tenantId).update(checkouts, { ...checkout, ...change, state, isLive });
  };

  // ---- booking ------------------------------------------------------------------------------------------------------------

  const book = async (checkout: Checkout, charge: Charge): Promise<void> => {
    const business = await billing.businesses.get(checkout.tenantId);
    const known = await billing.payments.byCharge(checkout.tenantId, charge.id);
    const context = { tenantId: checkout.tenantId, actor: ACTOR };
    const payment =
      known ??
      (await billing.payments.record(context, {
        customerId: checkout.customerId,
        amountMinor: charge.amountMinor,
        currency: charge.currency,
        date: dateIn(business.timeZone, new Date(charge.paidAt)),
        method: 'stripe',
        reference: checkout.title,
        chargeId: charge.id,
        allocations: [{ invoiceId: checkout.invoiceId, amountMinor: charge.amountMinor }],
        fit: 'upToOpen',
        feeMinor: charge.feeMinor,
      }));
    if (charge.feeMinor !== null && payment.feeMinor !== charge.feeMinor) {
      await billing.payments.noteCharge(context, payment.id, { feeMinor: charge.feeMinor });
    }
    if (checkout.state !== 'paid') await setState(checkout, { state: 'paid', paymentId: payment.id });
    // Each of these is done once by its own key, so that a repeat after a crash in between costs nothing.
    await parts.afterBooking(checkout.tenantId, payment.id);
  };

  /** Brings a checkout to what the gateway says it is. */
  const apply = async (checkout: Checkout, reading: CheckoutReading): Promise<void> => {
    if (reading.state === 'paid') {
      if (reading.charge !== null) await book(checkout, reading.charge);
      return;
    }
    if (checkout.state === 'paid' || reading.state === checkout.state) return; // never backwards
    await setState(checkout, { state: reading.state });
  };

  const applyAgain = async (tenantId: string, checkoutId: string, reading: CheckoutReading): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      const checkout = await store.forTenant(tenantId).get(checkouts, checkoutId);
      if (checkout === undefined) return;
      try {
        return await apply(checkout, reading);
      } catch (error) {
        if (!(error instanceof StaleRevisionError) || attempt === 4) throw error; // another webhook was faster: look again
      }
    }
  };

  const refreshCheckout = async (checkout: Checkout): Promise<'read' | 'unreadable'> => {
    if (checkout.sessionId === null) {
      const opened = await askGateway(checkout);
      return opened.state === 'intended' ? 'unreadable' : 'read';
    }
    const reading = await gateway.readCheckout(checkout.sessionId);
    if (reading.result !== 'done') return 'unreadable';
    await applyAgain(checkout.tenantId, checkout.id, reading.value);
    return 'read';
  };

  // ---- opening ------------------------------------------------------------------------------------------------------------

  /** Sends the stored intent; the same key again where the first answer was lost. */
  const askGateway = async (checkout: Checkout): Promise<Checkout> => {
    const { id: checkoutId, tenantId, key, amountMinor, currency, title, seller, customerEmail, expiresAt } = checkout;
    // The addresses carry the token, so they are not stored; the same link gives the same ones at every try.
    const page = `${publicUrl}/pay/${await links.tokenOf(tenantId, checkout.invoiceId)}`;
    const answer = await gateway.openCheckout({
      key,
      tenantId,
      checkoutId,
      amountMinor,
      currency,
      title,
      seller,
      customerEmail,
      successUrl: `${page}/done`,
      cancelUrl: page,
      expiresAt,
    });
    switch (answer.result) {
      case 'done':
        return setState(checkout, {
          state: 'open',
          sessionId: answer.value.sessionId,
          url: answer.value.url,
          expiresAt: answer.value.expiresAt,
        });
      case 'refused':
        logger.warn('checkout refused', { checkoutId, reason: answer.reason });
        return setState(checkout, { state: 'failed' });
      case 'unknown':
        return checkout;
    }
  };

  const intend = (view: PayView): Promise<Checkout> => {
    const { tenantId, invoice, business, customer } = view;
    const id = ids('chk');
    return store.forTenant(tenantId).insert(checkouts, {
      id,
      invoiceId: invoice.id,
      customerId: invoice.customerId,
      amountMinor: invoice.openMinor,
      currency: invoice.currency,
      state: 'intended',
      isLive: true,
      key: `${tenantId}:checkout:${id}`,
      title: `Invoice ${invoice.number}`,
      seller: business.name,
      customerEmail: customer.email,
      sessionId: null,
      url: null,
      expiresAt: new Date(clock.now().getTime() + SESSION_MS).toISOString(),
      paymentId: null,
      createdAt: at(),
    });
  };

  /** A live session that still fits is used again; one that does not is ended first, so that two amounts are never payable at once. */
  const reuseOrEnd = async (checkout: Checkout, invoice: Invoice): Promise<Checkout | undefined> => {
    if ((await refreshCheckout(checkout)) === 'unreadable') throw laterPlease();
    const now = await store.forTenant(checkout.tenantId).get(checkouts, checkout.id);
    if (now === undefined || !now.isLive) return undefined;
    if (now.state === 'processing') throw inProgress();
    const fits =
      now.amountMinor === invoice.openMinor &&
      now.currency === invoice.currency &&
      Date.parse(now.expiresAt) - clock.now().getTime() > REUSE_UNTIL_MS;
    if (fits) return now;
    if (now.sessionId === null) throw laterPlease();
    const ended = await gateway.expireCheckout(now.sessionId);
    if (ended.result !== 'done') throw laterPlease();
    if (ended.value === 'expired') await setState(now, { state: 'expired' });
    else await refreshCheckout(now);
    return undefined;
  };

  const begin = async (token: string): Promise<string> => {
    for (let attempt = 0; attempt < 4; attempt++) {
      const view = await look(token);
      if (view === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'pay link', id: 'this address' });
      if (view.state === 'inProgress') throw inProgress();
      if (view.state === 'paid' || view.state === 'void')
        throw refused(`Invoice ${view.invoice.number} is ${view.state}.`, 'Nothing has to be paid.');
      if (view.obstacle !== null) throw refused(view.obstacle, 'Ask the seller how to pay.');
      const live = await liveCheckout(view.tenantId, view.invoice.id);
      const usable = live === undefined ? undefined : await reuseOrEnd(live, view.invoice);
      if (live !== undefined && usable === undefined) continue; // the balance may have changed by what was found: look again
      try {
        const checkout = usable ?? (await askGateway(await intend(view)));
        if (checkout.url !== null) return checkout.url;
        if (checkout.state === 'failed')
          throw refused('The payment page could not be opened.', 'Ask the seller how to pay; nothing was charged.');
        throw laterPlease();
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error; // a second tab was faster: use what it opened
      }
    }
    throw laterPlease();
  };

  // ---- looking ------------------------------------------------------------------------------------------------------------

  const look = async (token: string): Promise<PayView | undefined> => {
    const found = await links.find(token);
    if (found === undefined) return undefined;
    const { tenantId, link } = found;
    const invoice = await billing.invoices.get(tenantId, link.invoiceId);
    const [business, customer, live] = await Promise.all([
      billing.businesses.get(tenantId),
      billing.customers.get(tenantId, invoice.customerId),
      liveCheckout(tenantId, invoice.id),
    ]);
    const state =
      invoice.status === 'void'
        ? 'void'
        : invoice.status !== 'issued' || !invoice.isOpen
          ? 'paid'
          : live?.state === 'processing'
            ? 'inProgress'
            : invoice.state === 'part'
              ? 'part'
              : 'open';
    if (invoice.status === 'draft') return undefined; // a draft is nobody's business yet
    const obstacle = !gateway.isConfigured
      ? `${business.name} does not take payments by link yet.`
      : (gateway.objection(invoice.openMinor, invoice.currency) ?? null);
    return { tenantId, business, customer, invoice, state, obstacle };
  };

  const reread = async (tenantId: string, invoiceId: string): Promise<void> => {
    const live = await liveCheckout(tenantId, invoiceId);
    if (live !== undefined) await refreshCheckout(live);
  };

  // ---- events -------------------------------------------------------------------------------------------------------------

  const settle = async (event: StoredEvent): Promise<void> => {
    if (event.subjectKind === 'other') {
      await store.system.update(gatewayEvents, { ...event, state: 'kept' });
      return;
    }
    const found = await gateway.checkoutOf({ kind: event.subjectKind, id: event.subjectId });
    if (found.result === 'unknown') throw new Error(`the gateway could not be read for ${event.type}`); // the queue tries again
    const reading = found.result === 'done' ? found.value : undefined;
    const reference = reading?.reference;
    if (reading !== undefined && reference !== undefined && reference !== null) {
      await applyAgain(reference.tenantId, reference.checkoutId, reading);
    }
    await store.system.update(gatewayEvents, { ...event, state: 'done' });
  };

  const workOffEvent = async (eventId: string): Promise<void> => {
    const event = await store.system.get(gatewayEvents, eventId);
    if (event?.state === 'waiting') await settle(event);
  };

  return {
    linkOf: async (tenantId, invoiceId) => `${publicUrl}/pay/${await links.tokenOf(tenantId, invoiceId)}`,
    revoke: links.revoke,
    look,
    begin,
    returned: async (token) => {
      const found = await links.find(token);
      if (found !== undefined) await reread(found.tenantId, found.link.invoiceId);
      return look(token);
    },
    noteEvent: async (event, raw) => {
      try {
        await store.system.insert(gatewayEvents, {
          id: event.id,
          type: event.type,
          subjectKind: event.subject.kind,
          subjectId: event.subject.id,
          state: 'waiting',
          raw,
          receivedAt: at(),
        });
        return true;
      } catch (error) {
        if (error instanceof DuplicateKeyError) return false;
        throw error;
      }
    },
    workOffEvent,
    sweep: async (tenantId) => {
      for await (const checkout of findAll(store.forTenant(tenantId), checkouts, {
        where: { isLive: true },
        order: { index: 'live' },
      })) {
        await refreshCheckout(checkout);
      }
      const waiting = await store.system.find(gatewayEvents, {
        where: { state: 'waiting' },
        order: { index: 'state' },
        limit: 200,
      });
      for (const event of waiting.items) await workOffEvent(event.id);
    },
    freshness: async (tenantId, invoiceId) => {
      const live = await liveCheckout(tenantId, invoiceId);
      if (live === undefined) return { state: 'clear' };
      if ((await refreshCheckout(live)) === 'unreadable')
        return { state: 'unreadable', reason: 'The payment gateway could not be read.' };
      const now = await liveCheckout(tenantId, invoiceId);
      return now?.state === 'processing' ? { state: 'beingPaid' } : { state: 'clear' };
    },
  };
};

const inProgress = (): BridgeError =>
  refused('A payment for this invoice is in progress.', 'It can take some days; nothing more has to be done.');
const laterPlease = (): BridgeError =>
  refused('The payment page cannot be opened at this moment.', 'Try again in a minute; nothing was charged.');
