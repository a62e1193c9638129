// The operator's door over the wire.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { controlRoutes } from '../../../sandbox/shared/control';
import { createFaultSwitch, type FaultSwitch } from '../../../sandbox/shared/faults';
import { type Listening, listen } from '../../../sandbox/shared/listen';
import { styleRoutes } from '../../../sandbox/shared/page';
import { createRequestLog, noteRequests } from '../../../sandbox/shared/request-log';

let faults: FaultSwitch;
let listening: Listening;
let webhookUrl: string | undefined;

beforeEach(async () => {
  faults = createFaultSwitch();
  webhookUrl = 'http://127.0.0.1:1/before';
  const requests = createRequestLog();
  const setWebhookUrl = (url: string | undefined): void => {
    webhookUrl = url;
  };
  const app = express()
    .use(noteRequests(requests))
    .use('/_sandbox', styleRoutes(), controlRoutes({ faults, faultNames: { slow: 'Waits.' }, requests, setWebhookUrl }))
    .use((_request, response) => void response.end('ok'));
  listening = await listen(app);
});
afterEach(() => listening.close());

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`http://127.0.0.1:${listening.port}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, text: await answer.text() };
};

describe('/_sandbox', () => {
  it('sets, lists and clears faults', async () => {
    const set = await ask('POST', '/_sandbox/faults', { name: 'slow', times: 2, parameters: { ms: 5 } });
    expect(JSON.parse(set.text)).toEqual({ on: [{ name: 'slow', times: 2, parameters: { ms: 5 } }] });
    const listed = JSON.parse((await ask('GET', '/_sandbox/faults')).text);
    expect(listed.known).toEqual({ slow: 'Waits.' });
    await ask('DELETE', '/_sandbox/faults/slow');
    expect(faults.list()).toEqual([]);
  });

  it.each([
    [{ name: 'nonsense' }],
    [{ name: 'toString' }],
    [{ name: 'slow', times: 0 }],
    [{ name: 'slow', x: 1 }],
    [[]],
  ])('refuses the fault %j with a sentence', async (body) => {
    const refused = await ask('POST', '/_sandbox/faults', body);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text).problem).toEqual(expect.any(String));
    expect(faults.list()).toEqual([]);
  });

  it('changes the webhook address, and takes it away', async () => {
    expect((await ask('POST', '/_sandbox/webhook', { url: 'nowhere' })).status).toBe(400);
    await ask('POST', '/_sandbox/webhook', { url: 'http://127.0.0.1:2/after' });
    expect(webhookUrl).toBe('http://127.0.0.1:2/after');
    await ask('POST', '/_sandbox/webhook', { url: null });
    expect(webhookUrl).toBeUndefined();
  });

  it('counts requests by path without their ids, and not its own', async () => {
    await ask('GET', '/v1/refunds/re_3Nx');
    await ask('GET', '/v1/refunds/re_4Ab?expand=x');
    await ask('POST', '/v1/refunds');
    const { total, requests } = JSON.parse((await ask('GET', '/_sandbox/requests')).text);
    expect(total).toBe(3);
    expect(requests).toContainEqual({ method: 'GET', path: '/v1/refunds/:id', count: 2 });
    expect(JSON.parse((await ask('DELETE', '/_sandbox/requests')).text).total).toBe(0);
  });

  it('serves the style sheet', async () => {
    expect((await ask('GET', '/_sandbox/style.css')).text).toContain('.rehearsal');
  });
});
