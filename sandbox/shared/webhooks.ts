// Delivers a system's events to the app: gathered for a moment, posted, tried again on the system's schedule. It does not know
// what an event is; the system says how a delivery is written and signed. Time is the sandbox's: what is not due yet waits.
import { type FaultSwitch, faultNumber } from './faults';
import type { Fault } from './types';

/** To be spread into a system's own list of faults. */
export const WEBHOOK_FAULTS = {
  webhookLost: 'A delivery never arrives.',
  webhookDuplicated: 'A delivery arrives twice.',
  webhookLate: 'A delivery waits `seconds` (60) of the sandbox clock.',
  webhookReordered: 'What waits to be delivered goes out last first.',
  webhookMissigned: 'A delivery carries a wrong signature.',
} as const;

export type WebhookDelivery = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

export type WebhookSenderOptions<E> = {
  readonly url?: string;
  readonly now: () => Date;
  readonly faults: FaultSwitch;
  /** What is posted for these events; `missigned` asks for a signature that must not be accepted. */
  readonly build: (events: readonly E[], how: { readonly missigned: boolean }) => WebhookDelivery;
  readonly mostPerDelivery: number;
  /** Waits between tries. After the last one a delivery is given up. */
  readonly retryAfterMs: readonly number[];
  readonly answerWithinMs?: number;
  /** How long events gather before they go out by themselves. */
  readonly gatherMs?: number;
};

export type WebhookAttempt = { readonly at: string; readonly url: string; readonly status: number };

export type WebhookSender<E> = {
  url(): string | undefined;
  setUrl(url: string | undefined): void;
  /** An event that nobody has an address for is not kept. */
  add(event: E): void;
  /** Returns when everything due was delivered or put off; `early` counts what is not due yet as due. */
  flush(how?: { readonly early?: boolean }): Promise<void>;
  pending(): number;
  /** The latest attempts; status 0 where no answer came. */
  attempts(): readonly WebhookAttempt[];
  close(): Promise<void>;
};

type Parcel<E> = {
  readonly events: readonly E[];
  readonly dueMs: number;
  readonly tries: number;
  readonly wasLate: boolean;
};

const MOST_ATTEMPTS_KEPT = 500;

export const createWebhookSender = <E>(options: WebhookSenderOptions<E>): WebhookSender<E> => {
  let url = options.url;
  let parcels: readonly Parcel<E>[] = [];
  let attempts: readonly WebhookAttempt[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const nowMs = (): number => options.now().getTime();
  const take = (name: keyof typeof WEBHOOK_FAULTS): Fault | undefined => options.faults.take(name, `POST ${url ?? ''}`);
  const putBack = (parcel: Parcel<E>): void => {
    parcels = [...parcels, parcel];
  };

  const post = async (target: string, events: readonly E[], missigned: boolean): Promise<boolean> => {
    const status = await postOnce(target, options.build(events, { missigned }), options.answerWithinMs ?? 10_000);
    attempts = [...attempts.slice(1 - MOST_ATTEMPTS_KEPT), { at: options.now().toISOString(), url: target, status }];
    return status >= 200 && status < 300;
  };
  const send = async (parcel: Parcel<E>, target: string): Promise<void> => {
    const late = parcel.wasLate ? undefined : take('webhookLate');
    if (late) return putBack({ ...parcel, wasLate: true, dueMs: nowMs() + faultNumber(late, 'seconds', 60) * 1000 });
    if (take('webhookLost')) return;
    const missigned = take('webhookMissigned') !== undefined;
    if (take('webhookDuplicated')) await post(target, parcel.events, missigned);
    if (await post(target, parcel.events, missigned)) return;
    const wait = options.retryAfterMs[parcel.tries];
    if (wait !== undefined) putBack({ ...parcel, tries: parcel.tries + 1, dueMs: nowMs() + wait });
  };
  const sendDue = async (early: boolean): Promise<void> => {
    let due = takeDue(early);
    while (url !== undefined && due.length > 0) {
      for (const parcel of due) await send(parcel, url);
      due = takeDue(false);
    }
    for (const parcel of due) putBack(parcel);
    schedule();
  };
  const takeDue = (early: boolean): readonly Parcel<E>[] => {
    const isDue = (parcel: Parcel<E>): boolean => early || parcel.dueMs <= nowMs();
    const due = gathered(parcels.filter(isDue), options.mostPerDelivery);
    parcels = parcels.filter((parcel) => !isDue(parcel));
    return due.length > 1 && take('webhookReordered') ? [...due].reverse() : due;
  };
  const flush = (early: boolean): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(() => sendDue(early));
    return running;
  };
  const schedule = (): void => {
    if (timer !== undefined || url === undefined || parcels.length === 0) return;
    const nextMs = Math.min(...parcels.map((parcel) => parcel.dueMs)) - nowMs();
    timer = setTimeout(() => void flush(false), Math.min(Math.max(nextMs, options.gatherMs ?? 20), 60_000));
    timer.unref();
  };

  return {
    url: () => url,
    setUrl: (value) => {
      url = value;
      schedule();
    },
    add: (event) => {
      if (url === undefined) return;
      putBack({ events: [event], dueMs: nowMs(), tries: 0, wasLate: false });
      schedule();
    },
    flush: ({ early = false } = {}) => flush(early),
    pending: () => parcels.length,
    attempts: () => attempts,
    close: async () => {
      url = undefined;
      parcels = [];
      clearTimeout(timer);
      await running;
    },
  };
};

/** Events that were never put off go out together; what is tried again keeps its company. */
const gathered = <E>(parcels: readonly Parcel<E>[], most: number): readonly Parcel<E>[] => {
  const isFresh = (parcel: Parcel<E>): boolean => parcel.tries === 0 && !parcel.wasLate;
  const together: Parcel<E>[] = [];
  for (const parcel of parcels) {
    const last = together.at(-1);
    const fits = last && isFresh(last) && isFresh(parcel) && last.events.length + parcel.events.length <= most;
    if (fits) together[together.length - 1] = { ...last, events: [...last.events, ...parcel.events] };
    else together.push(parcel);
  }
  return together;
};

const postOnce = async (url: string, delivery: WebhookDelivery, withinMs: number): Promise<number> => {
  try {
    const { body, headers } = delivery;
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(withinMs),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0; // refused, reset or too slow: all the same to the sender, which tries again
  }
};
