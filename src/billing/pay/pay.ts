// Money in by link. The order of things is what keeps it honest: the intent is stored before the gateway is asked (opening); what a
// gateway tells is only a reason to read it back (events, rereading); a charge is booked once, whatever came first or twice, and money
// that no invoice needs any more becomes the customer's credit (booking).
import { createBooking } from './booking';
import { createCheckouts } from './checkouts';
import { createEvents } from './events';
import type { GatewayEvent } from './gateway-port';
import { createLinks } from './links';
import { createBegin } from './opening';
import type { PayParts } from './parts';
import { createRereading } from './rereading';
import { createSweep } from './sweep';
import { createLook, type PayView } from './view';

export type { PayParts, PayView };

export type Freshness =
  | { readonly state: 'clear' }
  | { readonly state: 'beingPaid' }
  | { readonly state: 'unreadable'; readonly reason: string };

export type Pay = {
  linkOf(tenantId: string, invoiceId: string): Promise<string>;
  /** The address stops working, and so does a page of the gateway that was opened from it. */
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
  /** Re-reads what is open or not settled at the gateway, and works off events whose job was lost. */
  sweep(tenantId: string): Promise<void>;
  /** Before a reminder: is somebody paying this very invoice? */
  freshness(tenantId: string, invoiceId: string): Promise<Freshness>;
};

export const createPay = (parts: PayParts): Pay => {
  const links = createLinks(parts);
  const checkouts = createCheckouts(parts);
  const booking = createBooking({ ...parts, checkouts });
  const rereading = createRereading({ ...parts, checkouts, booking });
  const look = createLook({ ...parts, links, checkouts });
  const events = createEvents({ ...parts, booking });
  const sweep = createSweep({ ...parts, checkouts, rereading });

  return {
    linkOf: async (tenantId, invoiceId) => `${parts.publicUrl}/pay/${await links.tokenOf(tenantId, invoiceId)}`,
    revoke: async (tenantId, invoiceId) => {
      await links.revoke(tenantId, invoiceId);
      const live = await checkouts.live(tenantId, invoiceId);
      if (live !== undefined && live.state !== 'processing') await rereading.end(live);
    },
    look,
    begin: createBegin({ ...parts, checkouts, rereading, look }),
    returned: async (token) => {
      const found = await links.find(token);
      const live = found && (await checkouts.live(found.tenantId, found.link.invoiceId));
      if (live !== undefined) await rereading.reread(live);
      return look(token);
    },
    noteEvent: events.note,
    workOffEvent: events.workOff,
    sweep: async (tenantId) => {
      await sweep(tenantId);
      await events.sweep();
    },
    freshness: async (tenantId, invoiceId) => {
      const live = await checkouts.live(tenantId, invoiceId);
      if (live === undefined) return { state: 'clear' };
      if ((await rereading.reread(live)) === 'unreadable')
        return { state: 'unreadable', reason: 'The payment gateway could not be read.' };
      const now = await checkouts.live(tenantId, invoiceId);
      return now?.state === 'processing' ? { state: 'beingPaid' } : { state: 'clear' };
    },
  };
};
