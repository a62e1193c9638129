// The traps of xero-node, each by name: what its authors leave to us, seen from the wire.
import { afterEach, describe, expect, test } from '@jest/globals';
import { exchange } from '../../../src/connectors/xero/wire';
import { apiOn, SECRET_TOKEN, startTap, type TapAnswer, type TappedRequest } from './wire-tap';

const SYNC = { purpose: 'sync' } as const;
const ID = '22222222-2222-4222-8222-222222222222';

describe('xero-node', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const tap of open.splice(0)) await tap.close();
  });
  const tapped = async (answer: (request: TappedRequest) => TapAnswer | 'silence' = () => ({})) => {
    const tap = await startTap(answer);
    open.push(tap);
    return { ...tap, api: apiOn(tap.url) };
  };

  test('rejects with a string that may carry the bearer token: it ends in the adapter', async () => {
    const hosts = { apiUrl: 'http://127.0.0.1:1', identityUrl: 'http://127.0.0.1:1', timeoutMs: 1_000 };
    for (const rejected of [
      JSON.stringify({ response: { request: { headers: { Authorization: `Bearer ${SECRET_TOKEN}` } } } }),
      { response: { config: { headers: { Authorization: `Bearer ${SECRET_TOKEN}` } } } },
      new Error(`Bearer ${SECRET_TOKEN}`),
    ]) {
      const wire = await exchange(() => Promise.reject(rejected), hosts);
      expect(wire).toEqual({ silence: 'lost' });
    }
  });

  test('echoes the request in what it rejects with: no answer of the adapter holds the token', async () => {
    const { api } = await tapped(() => ({ status: 400, body: JSON.stringify({ Message: 'Bad', Elements: [] }) }));
    const answer = await api.contacts({}, SYNC);
    expect(answer).toMatchObject({ verdict: 'failed', effect: 'refused' });
    expect(JSON.stringify(answer)).not.toContain(SECRET_TOKEN);
  });

  test('rejects as status 0 a 200 whose body it cannot read, though the write happened: the answer is read all the same', async () => {
    const payment = { PaymentID: ID, Date: '', Amount: 5 };
    const { api } = await tapped(() => ({ body: JSON.stringify({ Payments: [payment] }) }));
    expect(await api.createPayments({ payments: [] }, 'key', SYNC)).toEqual({
      verdict: 'answered',
      json: { Payments: [payment] },
    });
  });

  test('drops fields it does not know and turns texts that look like dates into dates: the text stands as sent', async () => {
    const sent = { Invoices: [{ DateString: '2026-11-01T00:00:00', Reference: '/Date(0)/', NewField: 1 }] };
    const { api } = await tapped(() => ({ body: JSON.stringify(sent) }));
    expect(await api.invoices({}, SYNC)).toEqual({ verdict: 'answered', json: sent });
  });

  test('waits for ever by default: a call ends at its time-out and what was sent is unknown', async () => {
    const { url, requests } = await tapped(() => 'silence');
    const { XeroClient } = await import('xero-node');
    const client = new XeroClient();
    client.setTokenSet({ access_token: SECRET_TOKEN });
    client.accountingApi.basePath = url;
    const hosts = { apiUrl: url, identityUrl: url, timeoutMs: 2_000 };
    expect(await exchange(() => client.accountingApi.getOrganisations(ID), hosts)).toEqual({ silence: 'lost' });
    expect(requests).toHaveLength(1);
  });

  test('does not tell a refused connection from a lost answer: one that was never made proves that nothing ran', async () => {
    const { url, close } = await startTap(() => ({}));
    await close();
    const answer = await apiOn(url).createPayments({ payments: [] }, 'key', SYNC);
    expect(answer).toMatchObject({ verdict: 'failed', effect: 'turnedAway', problem: { class: 'transient' } });
  });

  test('sends If-Modified-Since with milliseconds and a Z: whole seconds go over the wire', async () => {
    const { api, requests } = await tapped();
    await api.payments({ modifiedSince: '2026-01-02T03:04:05' }, SYNC);
    expect(requests[0]?.headers['if-modified-since']).toBe('2026-01-02T03:04:05');
  });

  test('takes arguments by position, which move between versions: each lands where it belongs', async () => {
    const { api, requests } = await tapped();
    const list = { where: 'Type=="X"', order: 'UpdatedDateUTC ASC', page: 3, pageSize: 7 };
    await api.invoices({ ...list, ids: [ID] }, SYNC);
    await api.contacts({ ...list, ids: [ID] }, SYNC);
    await api.creditNotes(list, SYNC);
    await api.payments(list, SYNC);
    for (const { query, path } of requests) {
      expect(Object.fromEntries(query)).toMatchObject({
        where: 'Type=="X"',
        order: 'UpdatedDateUTC ASC',
        page: '3',
        pageSize: '7',
      });
      expect(query.get('unitdp')).toBe(/Invoices|CreditNotes/.test(path) ? '4' : null);
      expect(query.get('includeArchived')).toBe(path.endsWith('Contacts') ? 'true' : null);
      expect(query.get('IDs')).toBe(/Invoices|Contacts/.test(path) ? ID : null);
    }

    requests.length = 0;
    await api.createContacts({ contacts: [] }, 'k-contacts', SYNC);
    await api.createInvoices({ invoices: [] }, 'k-invoices', SYNC);
    await api.createCreditNotes({ creditNotes: [] }, 'k-notes', SYNC);
    await api.createPayments({ payments: [] }, 'k-payments', SYNC);
    await api.updateInvoices({ invoices: [] }, 'k-update', SYNC);
    await api.deletePayment(ID, 'k-delete', SYNC);
    expect(requests.map(({ method, path, headers }) => [method, path, headers['idempotency-key']])).toEqual([
      ['PUT', '/api.xro/2.0/Contacts', 'k-contacts'],
      ['PUT', '/api.xro/2.0/Invoices', 'k-invoices'],
      ['PUT', '/api.xro/2.0/CreditNotes', 'k-notes'],
      ['PUT', '/api.xro/2.0/Payments', 'k-payments'],
      ['POST', '/api.xro/2.0/Invoices', 'k-update'],
      ['POST', `/api.xro/2.0/Payments/${ID}`, 'k-delete'],
    ]);
    for (const { query } of requests.slice(0, 5)) expect(query.get('summarizeErrors')).toBe('false');
    expect(requests.map(({ query }) => query.get('unitdp'))).toEqual([null, '4', '4', null, '4', null]);
  });

  test('names the organisation and the token on every call, and asks for JSON', async () => {
    const { api, requests } = await tapped();
    await api.organisation(SYNC);
    expect(requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${SECRET_TOKEN}`,
      'xero-tenant-id': '11111111-1111-4111-8111-111111111111',
      accept: 'application/json',
    });
  });

  test('follows redirects with the token in hand: we do not', async () => {
    const thief = await startTap(() => ({}));
    open.push(thief);
    const { api } = await tapped(() => ({ status: 302, headers: { location: `${thief.url}/stolen` } }));
    expect(await api.organisation(SYNC)).toMatchObject({ verdict: 'failed' });
    expect(thief.requests).toEqual([]);
  });

  test('leaves the HTTP client of everybody else as it was', async () => {
    const { api } = await tapped();
    await api.organisation(SYNC);
    const other = await startTap(() => ({ body: '{"mine":true}' }));
    open.push(other);
    const { default: axios } = await import('axios');
    expect((await axios.get(`${other.url}/x`)).data).toEqual({ mine: true });
  });
});
