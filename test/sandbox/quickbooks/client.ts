// A plain client for tests of the rehearsal: fetch, JSON in, JSON out, every exchange held to the schema where it is at hand.
import { expect } from '@jest/globals';
import type { Exchange } from '../../../sandbox/quickbooks/http/exchange-log';
import {
  type QuickBooksSandbox,
  type QuickBooksSandboxOptions,
  startQuickBooksSandbox,
} from '../../../sandbox/quickbooks/start';
import { checkQuickBooksAnswer, checkQuickBooksRequest, hasQuickBooksSchema } from '../../support/quickbooks-schema';

/** Answers are whatever the wire says; tests assert on them. */
export type Wire = ReturnType<JSON['parse']>;
export type Called = { readonly status: number; readonly body: Wire; readonly headers: Headers };

export type TestBench = {
  readonly sandbox: QuickBooksSandbox;
  readonly realmId: string;
  readonly clock: { advance(ms: number): void; now(): Date };
  call(method: string, path: string, body?: unknown, token?: string): Promise<Called>;
  post(path: string, body: unknown): Promise<Called>;
  get(path: string): Promise<Called>;
  query(statement: string): Promise<Called>;
  /** Answers and requests that the schema does not allow; requests only of calls that were accepted. */
  readonly schemaProblems: string[];
  close(): Promise<void>;
};

const START = new Date('2026-03-12T18:00:00.250Z');

export const openBench = async (options: QuickBooksSandboxOptions = {}): Promise<TestBench> => {
  let nowMs = START.getTime();
  const clock = {
    advance: (ms: number): void => {
      nowMs += ms;
    },
    now: () => new Date(nowMs),
  };
  const schemaProblems: string[] = [];
  const onExchange = (exchange: Exchange): void => {
    if (!hasQuickBooksSchema || exchange.status === 0) return;
    const { method, path, status, requestBody, responseBody } = exchange;
    schemaProblems.push(...checkQuickBooksAnswer(method, path, status, responseBody));
    if (status === 200) schemaProblems.push(...checkQuickBooksRequest(method, path, requestBody));
  };
  const sandbox = await startQuickBooksSandbox({ now: clock.now, onExchange, ...options });
  const { realmId, accessToken } = sandbox.connect();
  sandbox.limits.setEnforced(false);

  const call = async (method: string, path: string, body?: unknown, token = accessToken): Promise<Called> => {
    const isText = typeof body === 'string';
    const response = await fetch(`${sandbox.url}/v3/company/${realmId}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': isText ? 'application/text' : 'application/json' }),
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      body: isJson && text !== '' ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  return {
    sandbox,
    realmId,
    clock,
    call,
    post: (path, body) => call('POST', path, body),
    get: (path) => call('GET', path),
    query: (statement) => call('GET', `/query?query=${encodeURIComponent(statement)}&minorversion=75`),
    schemaProblems,
    close: async () => {
      await sandbox.close();
      expect(schemaProblems).toEqual([]);
    },
  };
};

/** A line of the first item. */
export const line = (
  amount: number,
  fields: Record<string, unknown> = {},
  detail: Record<string, unknown> = {},
): Wire => ({
  DetailType: 'SalesItemLineDetail',
  Amount: amount,
  SalesItemLineDetail: { ItemRef: { value: '1' }, TaxCodeRef: { value: 'NON' }, ...detail },
  ...fields,
});

export const newCustomer = async (
  bench: TestBench,
  DisplayName: string,
  fields: Record<string, unknown> = {},
): Promise<string> => (await bench.post('/customer', { DisplayName, ...fields })).body.Customer.Id;

export const newInvoice = async (
  bench: TestBench,
  customerId: string,
  amount: number,
  fields: Record<string, unknown> = {},
): Promise<Wire> =>
  (await bench.post('/invoice', { CustomerRef: { value: customerId }, Line: [line(amount)], ...fields })).body.Invoice;

export const newPayment = async (
  bench: TestBench,
  customerId: string,
  total: number,
  invoices: Readonly<Record<string, number>> = {},
): Promise<Wire> =>
  (
    await bench.post('/payment', {
      CustomerRef: { value: customerId },
      TotalAmt: total,
      Line: Object.entries(invoices).map(([TxnId, Amount]) => ({ Amount, LinkedTxn: [{ TxnId, TxnType: 'Invoice' }] })),
    })
  ).body.Payment;

export const codeOf = (called: Called): string | undefined => called.body.Fault?.Error[0]?.code;
