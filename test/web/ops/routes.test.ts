// What machines ask of a running BillBridge: alive, ready, and its figures, for those with the token.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiWorld, createApiClient, METRICS_TOKEN, openApiWorld } from '../../support/api';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world.close());

const scrape = async (token: string | undefined, url = world.url): Promise<{ status: number; text: string }> => {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/metrics`, { headers });
  return { status: answer.status, text: await answer.text() };
};

test('is alive', async () => {
  const answer = await fetch(`${world.url}/healthz`);
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
});

describe('readiness', () => {
  const ready = async (url: string) => {
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as object };
  };

  test('is there where store, queue and migrations are', async () => {
    expect(await ready(world.url)).toEqual({
      status: 200,
      body: { status: 'ready', checks: { store: 'ok', queue: 'ok', migrations: 'ok' } },
    });
  });

  test('is denied while a migration is pending', async () => {
    const behind = await openApiWorld({
      ops: { migrations: [{ number: 1, name: 'later', up: async () => undefined }] },
    });
    expect(await ready(behind.url)).toMatchObject({
      status: 503,
      body: { checks: { store: 'ok', migrations: 'failing' } },
    });
    await behind.close();
  });

  test('is denied where a system fails; its words go to the log, not to the caller', async () => {
    const failure = new Error('redis://user:hunter22@cache refused');
    const queue = { ping: () => Promise.reject(failure) } as never;
    const broken = await openApiWorld({ ops: { queue } });
    const answer = await ready(broken.url);
    expect(answer).toMatchObject({ status: 503, body: { status: 'not ready', checks: { queue: 'failing' } } });
    expect(JSON.stringify(answer)).not.toContain('hunter22');
    expect(broken.logs.some((line) => line.includes('not ready'))).toBe(true);
    await broken.close();
  });
});

describe('metrics', () => {
  test('are for those with the token only', async () => {
    for (const wrong of [undefined, '', 'wrong', `${METRICS_TOKEN}x`, METRICS_TOKEN.slice(1)]) {
      const answer = await scrape(wrong);
      expect([wrong, answer.status]).toEqual([wrong, 401]);
      expect(answer.text).not.toContain('bb_');
    }
    expect((await scrape(METRICS_TOKEN)).status).toBe(200);
  });

  test('are not there where no token is set', async () => {
    const silent = await openApiWorld({ ops: { metricsToken: undefined } });
    expect((await scrape('undefined', silent.url)).status).toBe(404);
    await silent.close();
  });

  test('count answers by route, without ids', async () => {
    await createApiClient(world.url, undefined).call('GET /customers/cus_very_private');
    const { text } = await scrape(METRICS_TOKEN);
    expect(text).toMatch(
      /bb_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/customers\/:id",status="401"\} 1/,
    );
    expect(text).not.toContain('cus_very_private');
    expect(text).toMatch(/bb_jobs\{state="waiting"\} 0/);
  });

  test('tell how far each connection is behind', async () => {
    const { tenantId } = await world.tenant();
    const actor = { id: 'usr_ada', name: 'Ada' };
    const request = { tenantId, provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor } as const;
    const { id } = await world.sync.connections.begin(request);
    const choices = { revenue: '200', taxCodes: {}, paymentAccounts: {} };
    const ref = { tenantId, connectionId: id };
    await world.sync.mapping.save(ref, { choices, actor });
    while ((await world.sync.importStep(id)).more);
    await world.sync.plans.approve(ref, (await world.sync.plans.build(ref)).hash, actor);
    await world.sync.runOnce(id, { reason: 'test' });
    await world.billing.customers.create({ tenantId, actor: { kind: 'user', ...actor } }, { name: 'Waiting Ltd' });
    await world.sync.noteLocal(tenantId);
    world.clock.advance(90_000);
    const { text } = await scrape(METRICS_TOKEN);
    expect(text).toContain(`bb_sync_backlog{connection="${id}"} 1`);
    expect(text).toContain(`bb_sync_lag_seconds{connection="${id}"} 90`);
    expect(text).toContain('bb_sync_connections{state="active"} 1');
    expect(text).not.toContain('Waiting Ltd');
  });
});
