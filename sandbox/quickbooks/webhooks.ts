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

export class Webhooks {
  #url: string | undefined;
  #format: WebhookFormat;
  #waiting: WebhookEvent[] = [];
  #late: WebhookEvent[] = [];
  #failures = 0;
  #tryAgainMs = 0;
  #delivered = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: WebhookOptions) {
    this.#format = options.format ?? 'cloudEvents';
  }

  setUrl(url: string | undefined): void {
    this.#url = url;
    this.#failures = 0;
    if (this.#waiting.length > 0) this.#schedule(GATHER_MS);
  }

  setFormat(format: WebhookFormat): void {
    this.#format = format;
  }

  add(realmId: string, change: Change): void {
    if (this.#url === undefined || WITHOUT_WEBHOOK.has(change.entity)) return;
    this.#waiting.push({ realmId, change });
    this.#schedule(GATHER_MS);
  }

  /** Sends what is due now, and returns when it was answered. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#running.then(() => this.#deliverDue());
    return this.#running;
  }

  state(): WebhookState {
    if (this.#url === undefined) return 'off';
    return this.#failures === 0 ? 'ok' : 'retrying';
  }

  pending(): number {
    return this.#waiting.length + this.#late.length;
  }

  delivered(): number {
    return this.#delivered;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#url = undefined;
    this.#waiting = [];
    this.#late = [];
    await this.#running;
  }

  #schedule(afterMs: number): void {
    if (this.#timer !== undefined || this.#url === undefined || this.options.isAutomatic === false) return;
    this.#timer = setTimeout(() => void this.flush(), afterMs);
    this.#timer.unref();
  }

  async #deliverDue(): Promise<void> {
    const isHeldBack = this.#failures > 0 && this.#nowMs() < this.#tryAgainMs;
    if (this.#url === undefined || isHeldBack) return;
    if (this.#waiting.length > 0 && this.#take('webhook-late')) {
      this.#late.push(...this.#waiting.splice(0, MOST_PER_DELIVERY));
      return;
    }
    while (this.#waiting.length > 0) {
      const events = this.#waiting.slice(0, MOST_PER_DELIVERY);
      if (!(await this.#deliver(events))) return this.#noteFailure();
      this.#waiting.splice(0, events.length);
      this.#delivered += events.length;
      this.#failures = 0;
    }
    this.#waiting = this.#late.splice(0);
    if (this.#waiting.length > 0) this.#schedule(GATHER_MS);
  }

  #noteFailure(): void {
    const delayMs = RETRY_AFTER_MS[this.#failures] ?? LAST_RETRY_MS;
    this.#tryAgainMs = this.#nowMs() + delayMs;
    this.#failures += 1;
    this.#schedule(delayMs);
  }

  async #deliver(events: readonly WebhookEvent[]): Promise<boolean> {
    if (this.#take('webhook-lost')) return true;
    const ordered = this.#take('webhook-reordered') ? [...events].reverse() : events;
    const body = webhookBody(this.#format, ordered, this.#take('webhook-void-verb') ? 'void' : 'voided');
    const token = this.#take('webhook-missigned') ? `${this.options.token}x` : this.options.token;
    if (this.#take('webhook-duplicate')) await this.#post(body, token);
    return this.#post(body, token);
  }

  async #post(body: string, token: string): Promise<boolean> {
    if (this.#url === undefined) return false;
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        headers: {
          'Content-Type': this.#format === 'cloudEvents' ? 'application/cloudevents+json' : 'application/json',
          'intuit-signature': signWebhook(body, token),
          'intuit-created-time': this.options.now().toISOString(),
        },
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false; // refused, reset or too slow: to Intuit all the same
    }
  }

  #take(name: FaultName): Fault | undefined {
    return this.options.takeFault(name, `POST ${this.#url ?? ''}`);
  }

  #nowMs(): number {
    return this.options.now().getTime();
  }
}
