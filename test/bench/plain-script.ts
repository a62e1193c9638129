// What a user would do otherwise: a script on the raw SDKs of the vendors that enters customers, invoices and payments one call a record and
// waits where it is told to. It looks nothing up, remembers nothing and cannot be started twice. It sees the same rehearsal ledger with
// the same limits as we do.
import { createRequire } from 'node:module';
import { startQuickBooksSandbox } from '../../sandbox/quickbooks/start';
import { startXeroSandbox } from '../../sandbox/xero/start';
import { type SimulatedClock, simulatedClock } from '../../src/core/clock';
import type { Ledger } from './rehearsal';

export type Load = { readonly customers: number; readonly invoices: number };
export type Effort = { readonly calls: number; readonly minutes: number };
/** Each enters one record and gives back its id. */
type Entry = {
  customer(name: string): Promise<string>;
  invoice(customerId: string, number: string, price: number): Promise<string>;
  payment(customerId: string, invoiceId: string, amount: number): Promise<void>;
  calls(): number;
  close(): Promise<void>;
};

const CALL_MS = 150;
/** Both vendors say so, or mean so, when a minute's calls are used up. */
const WAIT_MS = 60_000;
const DATES = { issued: '2026-02-01', due: '2026-03-03', paid: '2026-02-20' };

export const plainScript = async (
  ledger: Ledger,
  start: Date,
  { customers, invoices }: Load,
  tell: (text: string) => void,
): Promise<Effort> => {
  const clock = simulatedClock(start);
  const entry = ledger === 'Xero' ? await withXero(clock) : await withQuickBooks(clock);
  try {
    const ids: string[] = [];
    for (let i = 0; i < customers; i++) ids.push(await entry.customer(`Customer ${i + 1}`));
    for (let i = 0; i < invoices; i++) {
      if (i % 50 === 0) tell(`${ledger}: a plain script, ${i} of ${invoices} invoices`);
      const customerId = ids[i % customers] as string;
      const price = 10.25 + (i % 500);
      await entry.payment(customerId, await entry.invoice(customerId, `S-${i + 1}`, price), price);
    }
    return { calls: entry.calls(), minutes: (clock.now().getTime() - start.getTime()) / 60_000 };
  } finally {
    await entry.close();
  }
};

/** Once more after each refusal for being too fast; anything else ends the script, as it would. */
const patiently = async <T>(clock: SimulatedClock, call: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const wait = toldToWait(error);
      if (wait === undefined) throw error;
      clock.advance(wait);
    }
  }
};

type Headers = { readonly [name: string]: unknown };
const toldToWait = (error: unknown): number | undefined => {
  const refused = (typeof error === 'string' ? JSON.parse(error) : error) as {
    readonly response?: { readonly statusCode?: number; readonly status?: number; readonly headers?: Headers };
  };
  const { response } = refused;
  if ((response?.statusCode ?? response?.status) !== 429) return undefined;
  const seconds = Number(response?.headers?.['retry-after'] ?? 0);
  return seconds > 0 ? seconds * 1_000 : WAIT_MS;
};

const withXero = async (clock: SimulatedClock): Promise<Entry> => {
  const sandbox = await startXeroSandbox({ now: clock.now, onRequest: () => clock.advance(CALL_MS) });
  const { XeroClient, Invoice, LineAmountTypes } = createRequire(__filename)('xero-node') as typeof import('xero-node');
  const xero = new XeroClient();
  xero.accountingApi.basePath = `${sandbox.url}/api.xro/2.0`;
  const api = xero.accountingApi;
  let tenantId = '';
  let signedInMs = Number.NEGATIVE_INFINITY;
  const send = <T>(call: () => Promise<{ readonly body: T }>): Promise<T> =>
    patiently(clock, async () => {
      // A token lives for half an hour.
      if (clock.now().getTime() - signedInMs > 25 * 60_000) {
        const { access_token, tenantId: own } = sandbox.connect();
        xero.setTokenSet({ access_token });
        tenantId = own;
        signedInMs = clock.now().getTime();
      }
      return (await call()).body;
    });
  return {
    customer: async (name) => {
      const made = await send(() => api.createContacts(tenantId, { contacts: [{ name }] }));
      return made.contacts?.[0]?.contactID ?? '';
    },
    invoice: async (contactID, invoiceNumber, unitAmount) => {
      const invoice = {
        type: Invoice.TypeEnum.ACCREC,
        contact: { contactID },
        invoiceNumber,
        date: DATES.issued,
        dueDate: DATES.due,
        lineAmountTypes: LineAmountTypes.NoTax,
        lineItems: [{ description: 'Work', quantity: 1, unitAmount, accountCode: '200' }],
        status: Invoice.StatusEnum.AUTHORISED,
      };
      const made = await send(() => api.createInvoices(tenantId, { invoices: [invoice] }));
      return made.invoices?.[0]?.invoiceID ?? '';
    },
    payment: async (_contactId, invoiceID, amount) => {
      const payment = { invoice: { invoiceID }, account: { code: '090' }, amount, date: DATES.paid };
      await send(() => api.createPayment(tenantId, payment));
    },
    calls: sandbox.apiCalls,
    close: sandbox.close,
  };
};

type Answered = { readonly Id: string };
type QuickBooksClient = { endpoint: string; token: string } & {
  readonly [Name in 'createCustomer' | 'createInvoice' | 'createPayment']: (
    body: object,
    callback: (error: unknown, made: Answered) => void,
  ) => void;
};

const withQuickBooks = async (clock: SimulatedClock): Promise<Entry> => {
  const sandbox = await startQuickBooksSandbox({
    now: clock.now,
    onRequest: () => clock.advance(CALL_MS),
    sendsWebhooksByItself: false,
  });
  const Library = createRequire(__filename)('node-quickbooks') as new (settings: object) => QuickBooksClient;
  const { realmId } = sandbox.connect();
  const client = new Library({ token: '', realmId, oauthversion: '2.0', minorversion: 75, tokenSecret: false });
  client.endpoint = `${sandbox.endpoints.api}/v3/company/`;
  let signedInMs = Number.NEGATIVE_INFINITY;
  const send = (name: 'createCustomer' | 'createInvoice' | 'createPayment', body: object): Promise<Answered> =>
    patiently(clock, () => {
      if (clock.now().getTime() - signedInMs > 50 * 60_000) {
        client.token = sandbox.connect().accessToken;
        signedInMs = clock.now().getTime();
      }
      return new Promise((resolve, reject) =>
        client[name](body, (error, made) => (error ? reject(error as Error) : resolve(made))),
      );
    });
  return {
    customer: async (DisplayName) => (await send('createCustomer', { DisplayName })).Id,
    invoice: async (customerId, DocNumber, price) => {
      const line = {
        DetailType: 'SalesItemLineDetail',
        Amount: price,
        Description: 'Work',
        SalesItemLineDetail: { ItemRef: { value: '1' }, Qty: 1, UnitPrice: price, TaxCodeRef: { value: 'NON' } },
      };
      const dates = { TxnDate: DATES.issued, DueDate: DATES.due };
      return (await send('createInvoice', { CustomerRef: { value: customerId }, DocNumber, ...dates, Line: [line] }))
        .Id;
    },
    payment: async (customerId, invoiceId, amount) => {
      const Line = [{ Amount: amount, LinkedTxn: [{ TxnId: invoiceId, TxnType: 'Invoice' }] }];
      await send('createPayment', {
        CustomerRef: { value: customerId },
        TotalAmt: amount,
        TxnDate: DATES.paid,
        Line,
      });
    },
    calls: sandbox.apiCalls,
    close: sandbox.close,
  };
};
