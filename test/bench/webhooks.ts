// Whether webhooks are answered quickly while many come at once: signed events of a connected organisation, 200 a second, sent from a
// thread of their own.
import { createHmac, randomUUID } from 'node:crypto';
import type { Bench } from './figure';
import { atMost, under } from './figure';
import { openRehearsal } from './rehearsal';
import { SECRET } from './rehearsed-ledgers';

const RATE = 200;
const SECONDS = 10;
/** The first answers of a process compile what they run; a house that is open has done that. */
const WARM_UP_SECONDS = 2;
const LIMIT_MS = 100;
/** Different invoices, so that each answer has something to store. */
const BODIES = 400;

type Shot = { readonly method: 'POST'; readonly path: string; readonly headers: object; readonly body: string };
type Cannon = (options: {
  readonly url: string;
  readonly connections: number;
  readonly overallRate: number;
  readonly duration: number;
  readonly workers: number;
  readonly ignoreCoordinatedOmission: boolean;
  readonly requests: readonly Shot[];
}) => Promise<{
  readonly latency: { readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly '2xx': number;
}>;

export const webhooks: Bench = {
  name: 'webhooks',
  run: async (tell) => {
    const rehearsal = await openRehearsal({ ledger: 'Xero', start: new Date('2026-03-04T14:00:00.000Z') });
    try {
      await rehearsal.connect();
      const [connection] = await rehearsal.house.sync.connections.list(rehearsal.tenantId);
      tell(`webhooks: ${RATE} a second for ${SECONDS} s`);
      const cannon = require('autocannon') as Cannon;
      const fire = (seconds: number) =>
        cannon({
          url: rehearsal.url.replace('localhost', '127.0.0.1'),
          connections: 20,
          overallRate: RATE,
          duration: seconds,
          workers: 1,
          // Each of the connections asks every 100 ms, so answers within the limit hold nobody up. The correction that is switched off takes
          // the interval to be 1 ms (it divides 1 by the rate) and counts one slow answer a hundredfold.
          ignoreCoordinatedOmission: true,
          requests: Array.from({ length: BODIES }, () => shotAt(connection?.organisation.id ?? '')),
        });
      await fire(WARM_UP_SECONDS);
      const result = await fire(SECONDS);
      const failed = result.non2xx + result.errors + Math.max(0, RATE * SECONDS * 0.9 - result['2xx']);
      return [
        under({ what: `webhooks: answer at ${RATE} a second, p99`, value: result.latency.p99, unit: 'ms' }, LIMIT_MS),
        atMost({ what: `webhooks: ${result['2xx']} answered, refused or missing`, value: failed, unit: 'answers' }, 0),
      ];
    } finally {
      await rehearsal.close();
    }
  },
};

const shotAt = (organisationId: string): Shot => {
  const resourceId = randomUUID();
  const body = JSON.stringify({
    events: [
      {
        resourceUrl: `https://api.xero.com/api.xro/2.0/Invoices/${resourceId}`,
        resourceId,
        tenantId: organisationId,
        tenantType: 'ORGANISATION',
        eventCategory: 'INVOICE',
        eventType: 'UPDATE',
        eventDateUtc: '2026-03-04T14:00:00.000',
      },
    ],
    firstEventSequence: 1,
    lastEventSequence: 1,
    entropy: 'REHEARSAL',
  });
  const signature = createHmac('sha256', SECRET).update(body).digest('base64');
  const headers = { 'content-type': 'application/json', 'x-xero-signature': signature };
  return { method: 'POST', path: '/webhooks/xero', headers, body };
};
