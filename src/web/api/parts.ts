// What the API is lent by the other rooms.
import type { Actor } from '../../billing/documents';
import type { Billing } from '../../billing/service';
import type { Clock } from '../../core/clock';
import type { Store } from '../../store/port';
import type { Payouts } from '../../sync/postings/service';
import type { Sync } from '../../sync/service';
import type { RateLimit } from '../http/rate-limit';

export type ApiParts = {
  readonly billing: Billing;
  readonly sync: Sync;
  readonly payouts: Payouts;
  /** For the answers of requests with an Idempotency-Key (`apiCollections`). */
  readonly store: Store;
  readonly clock: Clock;
  readonly wishes: {
    syncSoon(connectionId: string, reason: string): Promise<void>;
    certificateSoon(connectionId: string): Promise<void>;
  };
  readonly pdf: (tenantId: string, invoiceId: string) => Promise<{ readonly name: string; readonly body: Buffer }>;
  /** Sends the invoice by mail; the sentence says what happened. */
  readonly sendInvoice: (tenantId: string, invoiceId: string, actor: Actor) => Promise<string>;
  readonly publicUrl: string;
  readonly rateLimit?: RateLimit;
};
