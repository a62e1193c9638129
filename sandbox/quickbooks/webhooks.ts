// Webhooks as Intuit sends them: one address per app for all connected companies, thin events, signed over the raw bytes. An
// answer other than 200 within 3 seconds is tried again on the documented schedule, and later events wait until then: that is why
// the sender that the other systems share, which tries each delivery alone, is not used here.
import { createHmac } from 'node:crypto';
import type { Fault } from '../shared/types';
import type { Change } from './books/table';
import type { FaultName } from './faults';
import { type WebhookEvent, type WebhookFormat, webhookBody } from './webhook-payloads';

export type WebhookOptions = {
  readonly token: string;
  readonly now: () => Date;
  readonly takeFault: (name: FaultName, requestLine: string) => Fault | undefined;
  readonly format?: WebhookFormat;
  /** False: nothing is sent before `flush`, so that a test decides when. Default true. */
  readonly isAutomatic?: boolean;
};

export type WebhookState = 'off' | 'ok' | 'retrying';

export type Webhooks = {
  setUrl(url: string | undefined): void;
  setFormat(format: WebhookFormat): void;
  add(realmId: string, change: Change): void;
  /** Sends what is due now, and returns when it was answered. */
  flush(): Promise<void>;
  state(): WebhookState;
  pending(): number;
  delivered(): number;
  close(): Promise<void>;
};

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const RETRY_AFTER_MS = [
  10 * SECOND_MS,
  20 * SECOND_MS,
  30 * SECOND_MS,
  5 * MINUTE_MS,
  20 * MINUTE_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
];
const LAST_RETRY_MS = 6 * HOUR_MS;
const ANSWER_WITHIN_MS = 3000;
const MOST_PER_DELIVERY = 100;
const GATHER_MS = 40;
const WITHOUT_WEBHOOK = new Set(['TaxCode', 'TaxRate']);

export const signWebhook = (body: string, token: string): string =>
  createHmac('sha256', token).update(body, 'utf8').digest('base64');

export const createWebhooks = (options: WebhookOptions): Webhooks => {
  let url: string | undefined;
  let format: WebhookFormat = options.format ?? 'cloudEvents';
  let waiting: WebhookEvent[] = [];
  let late: WebhookEvent[] = [];
  let failures = 0;
  let tryAgainMs = 0;
  let delivered = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const nowMs = (): number => options.now().getTime();
  const take = (name: FaultName): Fault | undefined => options.takeFault(name, `POST ${url ?? ''}`);

  const schedule = (afterMs = GATHER_MS): void => {
    if (timer !== undefined || url === undefined || options.isAutomatic === false) return;
    timer = setTimeout(() => void flush(), afterMs);
    timer.unref();
  };
  const post = async (body: string, signature: string): Promise<boolean> => {
    if (url === undefined) return false;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'Content-Type': format === 'cloudEvents' ? 'application/cloudevents+json' : 'application/json',
          'intuit-signature': signature,
          'intuit-created-time': options.now().toISOString(),
        },
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false; // refused, reset or too slow: to Intuit all the same
    }
  };
  const deliver = async (events: readonly WebhookEvent[]): Promise<boolean> => {
    if (take('webhook-lost')) return true;
    const ordered = take('webhook-reordered') ? [...events].reverse() : events;
    const body = webhookBody(format, ordered, take('webhook-void-verb') ? 'void' : 'voided');
    const token = take('webhook-missigned') ? `${options.token}x` : options.token;
    if (take('webhook-duplicate')) await post(body, signWebhook(body, token));
    return post(body, signWebhook(body, token));
  };
  const deliverDue = async (): Promise<void> => {
    if (url === undefined || (failures > 0 && nowMs() < tryAgainMs)) return;
    if (waiting.length > 0 && take('webhook-late')) {
      late.push(...waiting.splice(0, MOST_PER_DELIVERY));
      return;
    }
    while (waiting.length > 0) {
      const events = waiting.slice(0, MOST_PER_DELIVERY);
      if (!(await deliver(events))) {
        const delayMs = RETRY_AFTER_MS[failures] ?? LAST_RETRY_MS;
        tryAgainMs = nowMs() + delayMs;
        failures += 1;
        schedule(delayMs);
        return;
      }
      waiting.splice(0, events.length);
      delivered += events.length;
      failures = 0;
    }
    waiting = late.splice(0);
    if (waiting.length > 0) schedule();
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(deliverDue);
    return running;
  };

  return {
    setUrl: (value) => {
      url = value;
      failures = 0;
      if (waiting.length > 0) schedule();
    },
    setFormat: (value) => {
      format = value;
    },
    add: (realmId, change) => {
      if (url === undefined || WITHOUT_WEBHOOK.has(change.entity)) return;
      waiting.push({ realmId, change });
      schedule();
    },
    flush,
    state: () => (url === undefined ? 'off' : failures === 0 ? 'ok' : 'retrying'),
    pending: () => waiting.length + late.length,
    delivered: () => delivered,
    close: async () => {
      clearTimeout(timer);
      url = undefined;
      waiting = [];
      late = [];
      await running;
    },
  };
};
