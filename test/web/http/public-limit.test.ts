// How often a link may be used: the rule on a clock of its own, then over the real app, where the answer is a plain page with the time to wait.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { simulatedClock } from '../../../src/core/clock';
import { BridgeError } from '../../../src/core/errors';
import { createPublicLimit, networkOf, PER_ADDRESS, PER_LINK } from '../../../src/web/http/public-limit';
import { openWebHouse, type WebHouse } from '../../support/web';

const page = { name: 'GET /plan/:token', access: 'public' };
const drawing = { name: 'GET /plan/:token/pdf', access: 'public' };
const caller = (token: string, address = '192.0.2.1') => ({ params: { token }, address });

/** Calls that pass until one is refused, and the seconds that one is told. */
const passing = (take: () => void): { readonly count: number; readonly seconds: unknown } => {
  for (let count = 0; count < 10_000; count++) {
    try {
      take();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      return { count, seconds: error.details.seconds };
    }
  }
  return { count: Number.POSITIVE_INFINITY, seconds: null };
};

describe('how often a link may be used', () => {
  const clock = simulatedClock(new Date('2026-03-02T09:00:00Z'));

  it('is counted by link, whoever asks, and gained back with time', () => {
    const limit = createPublicLimit(clock);
    let n = 0;
    const fromEverywhere = () => limit.check(page, caller('a', `198.51.100.${n++ % 250}`));
    expect(passing(fromEverywhere)).toEqual({ count: PER_LINK.burst, seconds: 1 / PER_LINK.perSecond });
    expect(() => limit.check(page, caller('b'))).not.toThrow();
    clock.advance(60_000);
    expect(passing(fromEverywhere).count).toBe(60 * PER_LINK.perSecond);
  });

  it('is counted by address, whatever link is tried', () => {
    const limit = createPublicLimit(clock);
    let n = 0;
    expect(passing(() => limit.check(page, caller(`guess-${n++}`))).count).toBe(PER_ADDRESS.burst);
    expect(() => limit.check(page, caller('a', '192.0.2.2'))).not.toThrow();
  });

  it('counts a drawing as several, and pages that need no link not at all', () => {
    const limit = createPublicLimit(clock);
    expect(passing(() => limit.check(drawing, caller('a'))).count).toBe(PER_LINK.burst / 5);
    const home = { name: 'GET /', access: 'signedIn' };
    const invited = { name: 'GET /customers/:token', access: 'read' };
    expect(passing(() => limit.check(home, caller(''))).count).toBe(Number.POSITIVE_INFINITY);
    expect(passing(() => limit.check(invited, caller('a'))).count).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('takes %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('over the real app', () => {
  let web: WebHouse;
  beforeAll(async () => {
    web = await openWebHouse();
  });
  afterAll(() => web.close());

  it.each([
    ['a plan', 'plan'],
    ['an invoice to pay', 'pay'],
    ['the end of reminders', 'u'],
  ])('too many looks at %s get a plain page, 429 and the seconds to wait', async (_what, room) => {
    web.clock.advance(600_000);
    const stranger = web.stranger();
    const token = 'A'.repeat(43);
    const statuses = new Set<number>();
    for (let i = 0; i < PER_LINK.burst; i++) statuses.add((await stranger.get(`/${room}/${token}`)).status);
    expect([...statuses]).toEqual([404]);
    const refused = await stranger.get(`/${room}/${token}`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.text).toContain('A little slower, please');
    expect(refused.html).not.toContain(token);
    expect((await stranger.get(`/${room}/${'B'.repeat(43)}`)).status).toBe(404);
    web.clock.advance(2_000);
    expect((await stranger.get(`/${room}/${token}`)).status).toBe(404);
  });

  it('signed-in pages are not counted', async () => {
    const owner = await (await web.business()).as('owner');
    for (let i = 0; i < 5; i++) expect((await owner.get('/account')).status).toBe(200);
  });
});
