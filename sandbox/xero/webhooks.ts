// Webhooks as Xero sends them: one address per app, thin events in batches, signed over the raw bytes, tried again every fifteen
// minutes for a day and then switched off; what happened meanwhile is kept for 31 days and replayed in order.
// It is one queue that stops as a whole and may be disabled, unlike the parcels of shared/webhooks that are tried one by one.
import { createHmac, randomBytes } from 'node:crypto';
import type { Fault } from '../shared/types';
import type { Change } from './books/books';
import type { FaultName } from './faults';

export type WebhookOptions = {
  readonly key: string;
  readonly now: () => Date;
  readonly takeFault: (name: FaultName, requestLine: string) => Fault | undefined;
};

type XeroEvent = {
  readonly resourceUrl: string;
  readonly resourceId: string;
  readonly tenantId: string;
  readonly tenantType: 'ORGANISATION';
  readonly eventCategory: Change['category'];
  readonly eventType: Change['type'];
  readonly eventDateUtc: string;
  readonly data?: Change['data'];
};
type Waiting = { readonly sequence: number; readonly event: XeroEvent; readonly at: number };

export type WebhookState = 'off' | 'ok' | 'retrying' | 'disabled';
export type IntentAnswer = { readonly signed: 'right' | 'wrong'; readonly status: number; readonly isCorrect: boolean };

const RETRY_EVERY_MS = 15 * 60_000;
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const KEEP_MS = 31 * 24 * 3_600_000;
const ANSWER_WITHIN_MS = 5000;
const MOST_PER_BATCH = 100;
const GATHER_MS = 40;
const PATHS = {
  CONTACT: 'Contacts',
  INVOICE: 'Invoices',
  CREDITNOTE: 'CreditNotes',
  OVERPAYMENT: 'Overpayments',
  PREPAYMENT: 'Prepayments',
} as const;

export class Webhooks {
  #url: string | undefined;
  #waiting: Waiting[] = [];
  #sequence = 0;
  #failingSince: number | undefined;
  #tryAgainAt = 0;
  #isDisabled = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #held: Waiting[] = [];
  #delivered = 0;

  constructor(private readonly options: WebhookOptions) {}

  /** A new address is healthy until it proves otherwise; Xero would first ask for the intent to receive. */
  setUrl(url: string | undefined): void {
    this.#url = url;
    this.#isDisabled = false;
    this.#failingSince = undefined;
    if (url !== undefined && this.#waiting.length > 0) this.#schedule();
  }

  state(): WebhookState {
    if (this.#url === undefined) return 'off';
    if (this.#isDisabled) return 'disabled';
    return this.#failingSince === undefined ? 'ok' : 'retrying';
  }

  pending(): number {
    return this.#waiting.length + this.#held.length;
  }

  delivered(): number {
    return this.#delivered;
  }

  add(tenantId: string, apiUrl: string, changes: readonly Change[]): void {
    for (const change of changes) {
      this.#sequence += 1;
      const event: XeroEvent = {
        resourceUrl: `${apiUrl}/api.xro/2.0/${PATHS[change.category]}/${change.id}`,
        resourceId: change.id,
        tenantId,
        tenantType: 'ORGANISATION',
        eventCategory: change.category,
        eventType: change.type,
        eventDateUtc: new Date(change.at).toISOString().slice(0, -1),
        ...(change.data === undefined ? {} : { data: change.data }),
      };
      this.#waiting.push({ sequence: this.#sequence, event, at: change.at });
    }
    if (this.#url !== undefined) this.#schedule();
  }

  /** Sends what is due now and returns when it was answered. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#running.then(() => this.#deliverDue());
    return this.#running;
  }

  /** As on creation, change of address and re-enabling: several empty posts, some signed wrongly on purpose. */
  async intentToReceive(): Promise<IntentAnswer[]> {
    const answers: IntentAnswer[] = [];
    for (const signed of ['right', 'wrong', 'right', 'wrong'] as const) {
      const body = bodyOf([], 0, 0);
      const status = await this.#post(
        body,
        signed === 'right' ? sign(body, this.options.key) : sign(body, `${this.options.key}x`),
      );
      answers.push({ signed, status, isCorrect: status === (signed === 'right' ? 200 : 401) });
    }
    if (answers.every((answer) => answer.isCorrect)) {
      this.#isDisabled = false;
      this.#failingSince = undefined;
    } else this.#isDisabled = true;
    return answers;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#url = undefined;
    await this.#running;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush(), GATHER_MS);
    this.#timer.unref();
  }

  async #deliverDue(): Promise<void> {
    const now = this.options.now().getTime();
    this.#waiting = this.#waiting.filter((waiting) => now - waiting.at <= KEEP_MS);
    if (this.#url === undefined || this.#isDisabled) return;
    if (this.#failingSince !== undefined && now < this.#tryAgainAt) return;
    if (this.#waiting.length > 0 && this.#take('webhook-late')) {
      this.#held.push(...this.#waiting.splice(0, MOST_PER_BATCH));
      return;
    }
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MOST_PER_BATCH);
      if (!(await this.#deliver(batch))) {
        this.#noteFailure();
        return;
      }
      this.#waiting.splice(0, batch.length);
      this.#delivered += batch.length;
      this.#failingSince = undefined;
    }
    this.#waiting.push(...this.#held.splice(0));
    if (this.#waiting.length > 0) this.#schedule();
  }

  #noteFailure(): void {
    const now = this.options.now().getTime();
    this.#failingSince ??= now;
    this.#tryAgainAt = now + RETRY_EVERY_MS;
    if (now - this.#failingSince >= GIVE_UP_AFTER_MS) this.#isDisabled = true;
  }

  async #deliver(batch: readonly Waiting[]): Promise<boolean> {
    if (this.#take('webhook-lost')) return true;
    const ordered = this.#take('webhook-reordered') ? [...batch].reverse() : batch;
    const events = ordered.map((waiting) => waiting.event);
    const body = bodyOf(events, batch[0]?.sequence ?? 0, batch.at(-1)?.sequence ?? 0);
    const isMissigned = this.#take('webhook-missigned') !== undefined;
    const signature = sign(body, isMissigned ? `${this.options.key}x` : this.options.key);
    if (this.#take('webhook-duplicate')) await this.#post(body, signature);
    const isTaken = async (): Promise<boolean> => (await this.#post(body, signature)) === 200;
    return (await isTaken()) || (await isTaken()); // one retry at once, the next after a quarter of an hour
  }

  /** The status answered; 0 where none came in time. */
  async #post(body: string, signature: string): Promise<number> {
    if (this.#url === undefined) return 0;
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json; charset=utf-8', 'x-xero-signature': signature },
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await answer.text();
      const isClean = text === '' && answer.headers.get('set-cookie') === null;
      return answer.status === 200 && !isClean ? 0 : answer.status;
    } catch {
      return 0; // refused, reset or too slow: to Xero all the same
    }
  }

  #take(name: FaultName): Fault | undefined {
    return this.options.takeFault(name, `POST ${this.#url ?? ''}`);
  }
}

export const sign = (body: string, key: string): string =>
  createHmac('sha256', key).update(body, 'utf8').digest('base64');

/** Real bodies have a space after some colons and not after others, so whoever re-serialises gets another signature. */
const bodyOf = (events: readonly XeroEvent[], first: number, last: number): string =>
  `{"events":${JSON.stringify(events)},"firstEventSequence": ${first},"lastEventSequence": ${last}, "entropy": "${entropy()}"}`;

const entropy = (): string => [...randomBytes(20)].map((byte) => String.fromCharCode(65 + (byte % 26))).join('');
