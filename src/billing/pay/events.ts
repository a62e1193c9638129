// The gateway's events: stored once, then worked off. An event is only a reason to read the gateway again; nothing in it is believed.
import { DuplicateKeyError, StaleRevisionError } from '../../store/port';
import type { Booking } from './booking';
import { gatewayEvents, type StoredEvent } from './documents';
import type { GatewayEvent } from './gateway-port';
import type { PayParts } from './parts';

export type Events = {
  /** False where it was known. */
  note(event: GatewayEvent, raw: string): Promise<boolean>;
  /** Throws where the gateway could not be read: the job tries again. */
  workOff(eventId: string): Promise<void>;
  /** Works off what a lost job would have. One that fails does not hold up the others. */
  sweep(): Promise<void>;
};

type Parts = Pick<PayParts, 'store' | 'gateway' | 'clock' | 'logger'> & { readonly booking: Booking };

/** A fresh event is left to its job. */
const JOB_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 6 * 60 * 60_000;
const PER_SWEEP = 200;
/** Failures of this number in a row mean that the gateway is away: the next round goes on. */
const MOST_FAILURES = 5;

export const createEvents = ({ store, gateway, clock, logger, booking }: Parts): Events => {
  const inMs = (ms: number): string => new Date(clock.now().getTime() + ms).toISOString();

  const change = async (event: StoredEvent, next: Partial<StoredEvent>): Promise<void> => {
    try {
      await store.system.update(gatewayEvents, { ...event, ...next });
    } catch (error) {
      // Another worker had it too. Doing it twice costs nothing, so whoever wrote first may be right.
      if (!(error instanceof StaleRevisionError)) throw error;
    }
  };

  const settle = async (event: StoredEvent): Promise<void> => {
    if (event.subjectKind === 'other') return change(event, { state: 'kept' });
    const found = await gateway.checkoutOf({ kind: event.subjectKind, id: event.subjectId });
    if (found.result !== 'done') throw new Error(`the gateway could not be read for ${event.type}: ${found.reason}`);
    const reference = found.value?.reference;
    if (found.value !== undefined && reference) {
      await booking.take(reference.tenantId, reference.checkoutId, found.value);
    }
    await change(event, { state: 'done', raw: '' });
  };

  return {
    note: async ({ id, type, subject }, raw) => {
      const received = { raw, receivedAt: inMs(0), tries: 0, notBefore: inMs(JOB_MS) };
      try {
        await store.system.insert(gatewayEvents, {
          id,
          type,
          subjectKind: subject.kind,
          subjectId: subject.id,
          state: 'waiting',
          ...received,
        });
        return true;
      } catch (error) {
        if (error instanceof DuplicateKeyError) return false;
        throw error;
      }
    },
    workOff: async (eventId) => {
      const event = await store.system.get(gatewayEvents, eventId);
      if (event?.state === 'waiting') await settle(event);
    },
    sweep: async () => {
      if (!gateway.isConfigured) return;
      const due = await store.system.find(gatewayEvents, {
        where: { state: 'waiting', notBefore: { lte: inMs(0) } },
        order: { index: 'state' },
        limit: PER_SWEEP,
      });
      let failures = 0;
      for (const event of due.items) {
        if (failures === MOST_FAILURES) return;
        try {
          await settle(event);
          failures = 0;
        } catch (error) {
          failures += 1;
          logger.error('an event of the gateway is still waiting', { eventId: event.id, type: event.type, error });
          const waitMs = Math.min(LONGEST_WAIT_MS, JOB_MS * 2 ** Math.min(event.tries, 10));
          await change(event, { tries: event.tries + 1, notBefore: inMs(waitMs) });
        }
      }
    },
  };
};
