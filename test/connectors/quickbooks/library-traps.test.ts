// The traps of node-quickbooks, each by name: what its author leaves to us, seen from the wire.
import { afterEach, describe, expect, test } from '@jest/globals';
import { isOneOf } from '../../../src/connectors/quickbooks/query';
import { exchange, libraryClient } from '../../../src/connectors/quickbooks/wire';
import { apiOn, SECRET_TOKEN, startTap, type TapAnswer, type TappedRequest } from './wire-tap';

const SYNC = { purpose: 'sync' } as const;
const REALM = '9130350000000000001';

describe('node-quickbooks', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const tap of open.splice(0)) await tap.close();
  });
  const tapped = async (answer: (request: TappedRequest) => TapAnswer | 'silence' = () => ({})) => {
    const tap = await startTap(answer);
    open.push(tap);
    const log: string[] = [];
    return { ...tap, log, api: apiOn(tap.url, log) };
  };
  const clientOn = (url: string) => libraryClient({ apiUrl: url, realmId: REALM, accessToken: SECRET_TOKEN });

  test('deletes the requestId from the object it is given: a repeat still carries it, and the body is untouched', async () => {
    const { api, requests } = await tapped();
    const body = { DisplayName: 'A' };
    await api.write('create', 'Customer', body, 'key-1', SYNC);
    await api.write('create', 'Customer', body, 'key-1', SYNC);
    expect(requests.map(({ query }) => query.get('requestid'))).toEqual(['key-1', 'key-1']);
    expect(requests.map((request) => JSON.parse(request.body))).toEqual([{ DisplayName: 'A' }, { DisplayName: 'A' }]);
    expect(body).toEqual({ DisplayName: 'A' });
  });

  test('takes no requestid for a batch: it is put underneath', async () => {
    const { api, requests } = await tapped();
    await api.batch([{ bId: '1', verb: 'create', entity: 'Customer', body: { DisplayName: 'A' } }], 'key-2', SYNC);
    expect(requests[0]).toMatchObject({ method: 'POST', path: `/v3/company/${REALM}/batch` });
    expect(requests[0]?.query.get('requestid')).toBe('key-2');
  });

  test('gives no request id to a read, nor one that another call was given', async () => {
    const { api, requests } = await tapped();
    await Promise.all([
      api.write('create', 'Customer', { DisplayName: 'A' }, 'key-3', SYNC),
      api.record('Invoice', '7', SYNC),
    ]);
    const ids = new Map(requests.map(({ method, query }) => [method, query.get('requestid')]));
    expect(ids).toEqual(
      new Map([
        ['POST', 'key-3'],
        ['GET', null],
      ]),
    );
  });

  test('waits for ever by default: a call ends at its time-out, and what was sent is unknown', async () => {
    const { url, requests } = await tapped(() => 'silence');
    const call = exchange(clientOn(url), (client, callback) => client.getInvoice('7', callback), { timeoutMs: 2_000 });
    expect(await call).toEqual({ silence: 'lost' });
    expect(requests).toHaveLength(1);
  });

  test('tells a refused connection from a lost answer', async () => {
    const call = exchange(clientOn('http://127.0.0.1:1'), (client, callback) => client.getInvoice('7', callback), {
      timeoutMs: 1_000,
    });
    expect(await call).toEqual({ silence: 'unreached' });
  });

  test('rejects with errors that hold the bearer token: no answer, problem or log line does', async () => {
    const { api, log } = await tapped(() => ({
      status: 400,
      body: '{"Fault":{"Error":[{"Message":"no","code":"2010"}]}}',
    }));
    const answers = [
      await api.query('Customer', {}, SYNC),
      await api.record('Customer', '1', SYNC),
      await api.write('create', 'Customer', { DisplayName: 'A' }, 'key', SYNC),
      await api.batch([], 'key', SYNC),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ verdict: 'failed', effect: 'refused' });
    expect(JSON.stringify(answers) + log.join()).not.toContain(SECRET_TOKEN);
  });

  test('loses the headers of queries: the id of the call is in the problem and in the log', async () => {
    const { api, log } = await tapped(() => ({
      status: 400,
      body: '{"Fault":{"Error":[{"Message":"no","code":"4000"}]}}',
      headers: { intuit_tid: '1-tid' },
    }));
    expect(await api.query('Invoice', {}, SYNC)).toMatchObject({ problem: { requestId: '1-tid', code: '4000' } });
    expect(log.join()).toContain('1-tid');
  });

  test('stumbles over a query that answers with an error in a 200: the error is read', async () => {
    const { api } = await tapped(() => ({
      body: '{"Fault":{"Error":[{"Message":"no","code":"3001"}],"type":"SystemFault"}}',
    }));
    expect(await api.query('Invoice', {}, SYNC)).toMatchObject({
      effect: 'turnedAway',
      problem: { class: 'throttled' },
    });
  });

  test('escapes only apostrophes in values: a backslash cannot close the text early', async () => {
    const { api, requests } = await tapped();
    await api.query('Customer', { where: [isOneOf('DisplayName', ["x\\' or Id > '0"])], most: 10 }, SYNC);
    expect(requests[0]?.query.get('query')).toBe(
      "select * from customer where DisplayName = 'x\\\\\\' or Id > \\'0' maxresults 10",
    );
  });

  test('sends query texts as they are, whatever signs are in them', async () => {
    const { api, requests } = await tapped();
    for (const name of ['50% & more', 'a+b=c', '#1?', 'Zoë – Müller', '"q" <x>', '@@', 'count']) {
      await api.query('Customer', { where: [isOneOf('DisplayName', [name])] }, SYNC);
      expect(requests.at(-1)?.query.get('query')).toBe(`select * from customer where DisplayName = '${name}'`);
    }
  });

  test('asks for a hundred rows where no number is named: each query of ours names one', async () => {
    const { api, requests } = await tapped();
    await api.query('Invoice', { where: [], orderBy: 'Id', start: 1, most: 1_000 }, SYNC);
    expect(requests[0]?.query.get('query')).toMatch(/orderby Id startposition 1 maxresults 1000$/);
  });

  test('reads before it voids or deletes by a bare id: a void goes out at once, with its version', async () => {
    const { api, requests } = await tapped();
    await api.write('void', 'Invoice', { Id: '7', SyncToken: '3' }, 'key', SYNC);
    await api.write('void', 'Payment', { Id: '8', SyncToken: '1', sparse: true }, 'key', SYNC);
    expect(
      requests.map(({ method, path, query }) => [method, path, query.get('operation'), query.get('include')]),
    ).toEqual([
      ['POST', `/v3/company/${REALM}/invoice`, 'void', null],
      ['POST', `/v3/company/${REALM}/payment`, 'update', 'void'],
    ]);
    expect(requests.map(({ body }) => JSON.parse(body))).toEqual([
      { Id: '7', SyncToken: '3' },
      { Id: '8', SyncToken: '1', sparse: true },
    ]);
  });

  test('voids a payment inside a batch as an update with an option', async () => {
    const { api, requests } = await tapped();
    const body = { Id: '8', SyncToken: '1', sparse: true };
    await api.batch([{ bId: '1', verb: 'void', entity: 'Payment', body }], 'key', SYNC);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      BatchItemRequest: [{ bId: '1', operation: 'update', optionsData: 'void', Payment: body }],
    });
  });

  test('sends the instant of a change feed as text: UTC with a Z, since a plus sign would arrive as a space', async () => {
    const { api, requests } = await tapped();
    await api.changes(['Invoice', 'Payment'], '2026-11-20T08:00:00.000Z', SYNC);
    expect(requests[0]?.query.get('changedSince')).toBe('2026-11-20T08:00:00.000Z');
    expect(requests[0]?.query.get('entities')).toBe('Invoice,Payment');
  });

  test('asks for the version of the interface that is the floor, and for JSON', async () => {
    const { api, requests } = await tapped();
    await api.companyInfo(SYNC);
    expect(requests[0]?.path).toBe(`/v3/company/${REALM}/companyinfo/${REALM}`);
    expect(requests[0]?.query.get('minorversion')).toBe('75');
    expect(requests[0]?.headers).toMatchObject({ accept: 'application/json', authorization: `Bearer ${SECRET_TOKEN}` });
  });
});
