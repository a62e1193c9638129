// What pay links are built from. Types only.
import type { Clock } from '../../core/clock';
import type { IdSource } from '../../core/ids';
import type { Keyring } from '../../core/keyring';
import type { Logger } from '../../core/logger';
import type { Store } from '../../store/port';
import type { Billing } from '../service';
import type { GatewayPort } from './gateway-port';

export type PayParts = {
  readonly store: Store;
  readonly billing: Billing;
  readonly gateway: GatewayPort;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly publicUrl: string;
  /**
   * After a charge was booked: the receipt, the nudge to the bridge. Called until it has succeeded once, so after a crash, or with two
   * events at one moment, more than once: whatever must happen once is keyed by the payment's id.
   */
  readonly afterBooking: (tenantId: string, paymentId: string) => Promise<void>;
};
