// Deliveries gathered into parcels, tried again on a schedule, and given up at its end.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFaultSwitch } from '../../../sandbox/shared/faults';
import { type Listening, listen } from '../../../sandbox/shared/listen';
import { createWebhookSender, type WebhookSender } from '../../../sandbox/shared/webhooks';

let endpoint: Listening;
let received: string[];
let answerWith: number;
let nowMs: number;
let sender: WebhookSender<number>;
const faults = createFaultSwitch();

const open = (mostPerDelivery: number): WebhookSender<number> =>
  createWebhookSender<number>({
    url: `http://127.0.0.1:${endpoint.port}/`,
    now: () => new Date(nowMs),
    faults,
    mostPerDelivery,
    retryAfterMs: [1000, 5000],
    gatherMs: 60_000, // the tests flush by hand
    build: (events, { missigned }) => ({ body: `${missigned ? '!' : ''}${events.join()}`, headers: {} }),
  });

beforeEach(async () => {
  nowMs = 0;
  received = [];
  answerWith = 200;
  faults.clear();
  endpoint = await listen((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push(body);
      response.writeHead(answerWith).end();
    });
  });
  sender = open(2);
});
afterEach(async () => {
  await sender.close();
  await endpoint.close();
});
const addAll = (...events: readonly number[]): void => {
  for (const event of events) sender.add(event);
};

describe('the webhook sender', () => {
  it('puts as many events into a delivery as the system allows', async () => {
    addAll(1, 2, 3);
    await sender.flush();
    expect(received).toEqual(['1,2', '3']);
    expect(sender.pending()).toBe(0);
  });

  it('tries again when it is time, and gives up after the last wait', async () => {
    answerWith = 503;
    addAll(1);
    await sender.flush();
    await sender.flush();
    expect(received).toHaveLength(1);
    nowMs += 1000;
    await sender.flush();
    nowMs += 5000;
    await sender.flush();
    expect(received).toHaveLength(3);
    expect(sender.pending()).toBe(0);
    expect(sender.attempts().map(({ status }) => status)).toEqual([503, 503, 503]);
  });

  it('does not wait for what is not due, unless told so', async () => {
    faults.set({ name: 'webhookLate', times: 1, parameters: { seconds: 3600 } });
    addAll(1);
    await sender.flush();
    expect(received).toEqual([]);
    await sender.flush({ early: true });
    expect(received).toEqual(['1']);
  });

  it('loses, doubles, turns round and missigns when a fault asks for it', async () => {
    faults.set({ name: 'webhookLost', times: 1 });
    faults.set({ name: 'webhookReordered', times: 1 });
    addAll(1, 2, 3, 4, 5);
    await sender.flush();
    expect(received).toEqual(['3,4', '1,2']);
    faults.set({ name: 'webhookDuplicated', times: 1 });
    faults.set({ name: 'webhookMissigned', times: 1 });
    addAll(6);
    await sender.flush();
    expect(received.slice(2)).toEqual(['!6', '!6']);
  });

  it('keeps nothing for an address that is not there', async () => {
    sender.setUrl(undefined);
    addAll(1);
    expect(sender.pending()).toBe(0);
    sender.setUrl('http://127.0.0.1:1/');
    addAll(2);
    await sender.flush();
    expect(sender.attempts().at(-1)?.status).toBe(0);
    expect(sender.pending()).toBe(1);
  });
});
