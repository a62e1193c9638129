// A plain caller of the rehearsal server, so that these tests see the wire and not our connector. The clock moves only by hand.
import { startXeroSandbox, type XeroSandbox, type XeroSandboxOptions } from '../../../sandbox/xero/start';

// biome-ignore lint/suspicious/noExplicitAny: answers are walked freely by assertions; a wrong step fails the test.
export type Body = any;
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Body; readonly text: string };
export type Rehearsal = {
  readonly sandbox: XeroSandbox;
  readonly tenantId: string;
  readonly clock: { advance(milliseconds: number): void; now(): Date };
  api(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  ids: { account(code: string): Promise<string> };
};

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const rehearse = async (options: XeroSandboxOptions = {}): Promise<Rehearsal> => {
  let at = Date.parse('2026-11-20T09:00:00.250Z');
  const clock = {
    advance: (milliseconds: number) => {
      at += milliseconds;
    },
    now: () => new Date(at),
  };
  const sandbox = await startXeroSandbox({ now: clock.now, ...options });
  const { access_token, tenantId } = sandbox.connect();
  const api: Rehearsal['api'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${sandbox.url}/api.xro/2.0${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${access_token}`,
        'xero-tenant-id': tenantId,
        Accept: 'application/json',
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return answerOf(response);
  };
  const account = async (code: string): Promise<string> =>
    (await api('GET', `/Accounts?where=${encodeURIComponent(`Code=="${code}"`)}`)).body.Accounts[0].AccountID;
  return { sandbox, tenantId, clock, api, ids: { account } };
};

export const answerOf = async (response: Response): Promise<Answer> => {
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  };
};

export const aContact = async ({ api }: Rehearsal, name = 'Ada Ltd'): Promise<string> =>
  (await api('PUT', '/Contacts', { Contacts: [{ Name: name }] })).body.Contacts[0].ContactID;

export const anInvoice = (
  contactId: string,
  fields: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  Type: 'ACCREC',
  Contact: { ContactID: contactId },
  Status: 'AUTHORISED',
  Date: '2026-11-01',
  DueDate: '2026-11-15',
  LineItems: [aLine()],
  ...fields,
});

export const aLine = (fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  Description: 'Plan',
  Quantity: 1,
  UnitAmount: 100,
  AccountCode: '200',
  TaxType: 'NONE',
  ...fields,
});

export const created = async (
  { api }: Rehearsal,
  plural: 'Invoices' | 'CreditNotes',
  document: Readonly<Record<string, unknown>>,
): Promise<Body> => {
  const { status, body, text } = await api('PUT', `/${plural}?unitdp=4`, { [plural]: [document] });
  if (status !== 200) throw new Error(`The rehearsal refused the ${plural}: ${text}`);
  return body[plural][0];
};

export const messagesOf = (answer: Answer): string[] =>
  (answer.body?.Elements ?? Object.values<Body>(answer.body ?? {}).find(Array.isArray) ?? []).flatMap((element: Body) =>
    (element.ValidationErrors ?? []).map((error: Body) => error.Message),
  );
