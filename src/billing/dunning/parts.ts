// What reminders are built from, and what they answer. Types only.

import type { ReminderPolicy } from '../../../config/reminder-policies';
import type { CalendarDate } from '../../core/calendar-date';
import type { Clock } from '../../core/clock';
import type { IdSource } from '../../core/ids';
import type { Logger } from '../../core/logger';
import type { Store } from '../../store/port';
import type { Actor, Customer, Invoice } from '../documents';
import type { LetterRenderer } from '../mail/letter';
import type { MailOutbox } from '../mail/outbox';
import type { Billing } from '../service';
import type { StepKey } from './steps';

export type Freshness = { readonly state: 'fresh' } | { readonly state: 'held'; readonly reason: string };

export type DunningParts = {
  readonly store: Store;
  readonly billing: Billing;
  readonly outbox: MailOutbox;
  readonly letters: LetterRenderer;
  /** Re-reads these invoices in the ledger and asks the gateway whether somebody is paying; an invoice not in the answer is held. */
  readonly freshness: (tenantId: string, invoiceIds: readonly string[]) => Promise<ReadonlyMap<string, Freshness>>;
  readonly payLinkOf: (tenantId: string, invoiceId: string) => Promise<string | null>;
  readonly pdfOf: (tenantId: string, invoiceId: string) => Promise<{ readonly name: string; readonly body: Buffer }>;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** Address of this installation, for the link that ends reminders. */
  readonly publicUrl: string;
  readonly policy?: ReminderPolicy;
};

export type Round = {
  /** Letters written in this round (in rehearsal: to be looked at). */
  readonly written: number;
  /** Of these and of earlier ones: taken by the mail server now. */
  readonly sent: number;
  readonly held: readonly { readonly customerId: string; readonly reason: string }[];
};

export type ForecastMark =
  | {
      readonly kind: 'mail';
      readonly date: CalendarDate;
      readonly tone: StepKey;
      readonly invoices: readonly Invoice[];
    }
  /** Chasing of this invoice ends: a person decides from here. */
  | { readonly kind: 'end'; readonly date: CalendarDate; readonly invoices: readonly Invoice[] };

export type ForecastRow = {
  readonly customer: Customer;
  readonly marks: readonly ForecastMark[];
  /** Why this customer gets nothing though something is due; null where nothing stands in the way. */
  readonly obstacle: string | null;
};

export type Forecast = {
  readonly from: CalendarDate;
  readonly days: readonly { readonly date: CalendarDate; readonly isOff: boolean }[];
  /** Those with a mark or an obstacle, largest debts first. */
  readonly rows: readonly ForecastRow[];
  /** Customers with smaller debts who were not looked at. */
  readonly more: number;
};

export type Dunning = {
  /** Writes and sends what is due now. Running it twice, or twice at once, sends nothing twice. */
  runDue(tenantId: string): Promise<Round>;
  /** What every customer would get if nobody paid and nothing changed. Changes nothing. */
  preview(tenantId: string, days: number): Promise<Forecast>;
  lastRound(tenantId: string): Promise<{ readonly at: string; readonly held: Round['held'] } | undefined>;
  /** Sends the invoice now because a person pressed the button; the sentence says what happened. Refuses in words. */
  sendInvoice(tenantId: string, invoiceId: string, actor: Actor): Promise<string>;
  /** Once per payment, whatever happens. Sends nothing where the customer has no address. */
  sendReceipt(tenantId: string, paymentId: string): Promise<void>;
  /** Whose reminders the link of a mail would end; undefined: no such link. Changes nothing. */
  lookAtOptOut(token: string): Promise<{ readonly business: string; readonly customer: string } | undefined>;
  optOut(token: string): Promise<{ readonly business: string; readonly customer: string } | undefined>;
};
