// The life of documents through /api/v1: what a program of the business does from the first customer to the last cent.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { z } from 'zod';
import type {
  ActivityShape,
  AllocationShape,
  BalanceShape,
  CreditNoteShape,
  CustomerShape,
  InvoiceShape,
  PaymentShape,
} from '../../../src/web/api/shapes/billing';
import { type ApiTenant, type ApiWorld, openApiWorld } from '../../support/api';

type Customer = z.output<typeof CustomerShape>;
type Invoice = z.output<typeof InvoiceShape>;
type CreditNote = z.output<typeof CreditNoteShape>;
type Payment = z.output<typeof PaymentShape>;
type List<T> = { readonly items: readonly T[]; readonly next: string | null };

let world: ApiWorld;
let tenant: ApiTenant;
beforeAll(async () => {
  world = await openApiWorld();
  tenant = await world.tenant();
});
afterAll(() => world.close());

const customer = async (name = 'Harbour Books'): Promise<Customer> =>
  (await tenant.api.call<Customer>('POST /customers', { body: { name } })).body;
const line = (unitPrice: string) => ({ description: 'Work', quantity: '1', unitPrice, taxRate: 'standard' });
const issued = async (owner: Customer, unitPrice = '100.00'): Promise<Invoice> =>
  (
    await tenant.api.call<Invoice>('POST /invoices', {
      body: { customerId: owner.id, lines: [line(unitPrice)], issue: true },
    })
  ).body;

test('creates a customer, says where it is, and changes it', async () => {
  const made = await tenant.api.call<Customer>('POST /customers', {
    body: { name: 'Ada Lovelace Ltd', email: 'ada@example.com', address: { lines: ['1 Quay'], country: 'gb' } },
  });
  expect(made.status).toBe(201);
  expect(made.headers.get('location')).toBe(`/api/v1/customers/${made.body.id}`);
  expect(made.headers.get('etag')).toBe('"1"');
  expect(made.body).toMatchObject({
    name: 'Ada Lovelace Ltd',
    state: 'active',
    updatedBy: { kind: 'apiKey', name: 'Till' },
  });
  expect(made.body).not.toHaveProperty('tenantId');
  expect(made.body).not.toHaveProperty('nameKey');

  const changed = await tenant.api.call<Customer>(`PATCH /customers/${made.body.id}`, {
    body: { phone: '+44 20 7946 0000' },
    headers: { 'if-match': '"1"' },
  });
  expect(changed.body).toMatchObject({ phone: '+44 20 7946 0000', email: 'ada@example.com', revision: 2 });
  const archived = await tenant.api.call<Customer>(`POST /customers/${made.body.id}/archive`);
  expect(archived.body.state).toBe('archived');
  const paused = await tenant.api.call<Customer>(`PUT /customers/${made.body.id}/chasing`, {
    body: { mode: 'paused', pausedUntil: '2026-12-31' },
  });
  expect(paused.body.chasing).toEqual({ mode: 'paused', pausedUntil: '2026-12-31', reason: null });
});

test('drafts, issues and voids an invoice, with its amounts as decimal strings', async () => {
  const owner = await customer();
  const draft = await tenant.api.call<Invoice>('POST /invoices', {
    body: { customerId: owner.id, issueDate: '2026-03-02', lines: [line('33.333'), line('0.05')] },
  });
  expect(draft.body).toMatchObject({
    status: 'draft',
    number: null,
    net: '33.38',
    tax: '6.68',
    total: '40.06',
    open: '0.00',
  });
  const issue = await tenant.api.call<Invoice>(`POST /invoices/${draft.body.id}/issue`, {
    headers: { 'if-match': '"1"' },
  });
  expect(issue.body).toMatchObject({ status: 'issued', state: 'open', open: '40.06' });
  expect(issue.body.number).toMatch(/^INV-\d+$/);
  const gone = await tenant.api.call<Invoice>(`POST /invoices/${draft.body.id}/void`, { body: { reason: 'Twice' } });
  expect(gone.body).toMatchObject({ status: 'void', voidReason: 'Twice', open: '0.00' });
});

test('deletes a draft, and refuses to delete an issued invoice', async () => {
  const owner = await customer();
  const draft = await tenant.api.call<Invoice>('POST /invoices', {
    body: { customerId: owner.id, lines: [line('1')] },
  });
  expect((await tenant.api.call(`DELETE /invoices/${draft.body.id}`)).status).toBe(204);
  expect((await tenant.api.call(`GET /invoices/${draft.body.id}`)).status).toBe(404);
  const refused = await tenant.api.call(`DELETE /invoices/${(await issued(owner)).id}`);
  expect(refused).toMatchObject({ status: 409, body: { code: 'BB_BILLING_REFUSED' } });
});

test('keeps yen without decimals and dinars with three', async () => {
  const owner = await customer();
  const make = async (currency: string, unitPrice: string): Promise<Invoice> =>
    (
      await tenant.api.call<Invoice>('POST /invoices', {
        body: { customerId: owner.id, currency, lines: [{ ...line(unitPrice), taxRate: 'none' }], issue: true },
      })
    ).body;
  expect((await make('JPY', '1500')).total).toBe('1500');
  expect((await make('KWD', '1.234')).total).toBe('1.234');
});

test('books a payment over two invoices, moves an allocation, and reverses it', async () => {
  const owner = await customer();
  const [first, second] = [await issued(owner), await issued(owner, '50.00')];
  const paid = await tenant.api.call<Payment>('POST /payments', {
    body: {
      customerId: owner.id,
      amount: '200.00',
      currency: 'GBP',
      date: '2026-03-02',
      method: 'bankTransfer',
      allocations: [{ invoiceId: first.id, amount: '120.00' }],
    },
  });
  expect(paid.body).toMatchObject({ amount: '200.00', allocated: '120.00', open: '80.00', fee: null });
  const spread = await tenant.api.call<Payment>(`POST /payments/${paid.body.id}/allocations`, {
    body: { allocations: [{ invoiceId: second.id, amount: '60' }] },
    headers: { 'if-match': paid.headers.get('etag') ?? '' },
  });
  expect(spread.body).toMatchObject({ allocated: '180.00', open: '20.00' });
  const settling = await tenant.api.call<List<z.output<typeof AllocationShape>>>(
    `GET /invoices/${second.id}/allocations`,
  );
  expect(settling.body.items).toMatchObject([{ sourceId: paid.body.id, amount: '60.00', currency: 'GBP' }]);

  const balance = await tenant.api.call<List<z.output<typeof BalanceShape>>>(`GET /customers/${owner.id}/balance`);
  expect(balance.body.items).toEqual([{ currency: 'GBP', open: '0.00', overdue: '0.00', credit: '20.00' }]);

  const allocationId = spread.body.allocations.find(({ invoiceId }) => invoiceId === second.id)?.id;
  const back = await tenant.api.call<Payment>(`DELETE /payments/${paid.body.id}/allocations/${allocationId}`);
  expect(back.body).toMatchObject({ allocated: '120.00', open: '80.00' });
  const reversed = await tenant.api.call<Payment>(`POST /payments/${paid.body.id}/reverse`, {
    body: { reason: 'Bounced' },
  });
  expect(reversed.body).toMatchObject({ state: 'reversed', reverseReason: 'Bounced', open: '0.00' });
  expect((await tenant.api.call<Invoice>(`GET /invoices/${first.id}`)).body).toMatchObject({
    state: 'open',
    open: '120.00',
  });
});

test('names the allocation whose amount does not fit the currency, and books nothing', async () => {
  const owner = await customer();
  const invoice = await issued(owner);
  const refused = await tenant.api.call('POST /payments', {
    body: {
      customerId: owner.id,
      amount: '10.00',
      currency: 'GBP',
      date: '2026-03-02',
      method: 'cash',
      allocations: [
        { invoiceId: invoice.id, amount: '1.00' },
        { invoiceId: invoice.id, amount: '1.005' },
      ],
    },
  });
  expect(refused.status).toBe(400);
  expect(Object.keys(refused.body.fields ?? {})).toEqual(['allocations.1.amount']);
  expect((await tenant.api.call<List<Payment>>(`GET /payments?customerId=${owner.id}`)).body.items).toEqual([]);
});

test('takes an allocation back only by the document that made it', async () => {
  const owner = await customer();
  const invoice = await issued(owner);
  const pay = (): Promise<{ body: Payment }> =>
    tenant.api.call<Payment>('POST /payments', {
      body: {
        ...{ customerId: owner.id, amount: '10', currency: 'GBP', date: '2026-03-02', method: 'cash' },
        allocations: [{ invoiceId: invoice.id, amount: '10' }],
      },
    });
  const [mine, other] = [(await pay()).body, (await pay()).body];
  const refused = await tenant.api.call(`DELETE /payments/${other.id}/allocations/${mine.allocations[0]?.id}`);
  expect(refused).toMatchObject({ status: 404, body: { code: 'BB_NOT_FOUND' } });
});

test('credits an invoice and takes the credit back', async () => {
  const owner = await customer();
  const invoice = await issued(owner);
  const note = await tenant.api.call<CreditNote>('POST /credit-notes', {
    body: { customerId: owner.id, lines: [line('25.00')], issue: true },
  });
  expect(note.body).toMatchObject({ status: 'issued', total: '30.00', open: '30.00' });
  const used = await tenant.api.call<CreditNote>(`POST /credit-notes/${note.body.id}/allocations`, {
    body: { allocations: [{ invoiceId: invoice.id, amount: '30.00' }] },
  });
  expect(used.body).toMatchObject({ state: 'used', open: '0.00' });
  const rows = await tenant.api.call<List<z.output<typeof AllocationShape>>>(
    `GET /credit-notes/${note.body.id}/allocations`,
  );
  expect(rows.body.items).toMatchObject([{ invoiceId: invoice.id, amount: '30.00' }]);
  const refused = await tenant.api.call(`POST /credit-notes/${note.body.id}/void`);
  expect(refused.status).toBe(409);
  const free = await tenant.api.call<CreditNote>(
    `DELETE /credit-notes/${note.body.id}/allocations/${rows.body.items[0]?.id}`,
  );
  expect(free.body).toMatchObject({ state: 'open', open: '30.00' });
});

test('walks through a list page by page, each document once', async () => {
  const owner = await customer();
  const made = new Set<string>();
  for (let i = 0; i < 7; i++) made.add((await issued(owner)).id);
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
    const page = await tenant.api.call<List<Invoice>>(`GET /invoices?customerId=${owner.id}&limit=3${after}`);
    expect(page.body.items.length).toBeLessThanOrEqual(3);
    seen.push(...page.body.items.map(({ id }) => id));
    next = page.body.next;
  }
  expect(seen).toHaveLength(7);
  expect(new Set(seen)).toEqual(made);
});

test('tells who changed what', async () => {
  const owner = await customer('Before Ltd');
  await tenant.api.call(`PATCH /customers/${owner.id}`, { body: { name: 'After Ltd' } });
  const history = await tenant.api.call<List<z.output<typeof ActivityShape>>>(`GET /activity?subjectId=${owner.id}`);
  expect(history.body.items[0]).toMatchObject({
    actor: { kind: 'apiKey', name: 'Till' },
    before: { name: 'Before Ltd' },
    after: { name: 'After Ltd' },
  });
});

test('gives the PDF and sends the mail', async () => {
  const invoice = await issued(await customer());
  const pdf = await tenant.api.call<string>(`GET /invoices/${invoice.id}/pdf`);
  expect(pdf.headers.get('content-type')).toBe('application/pdf');
  expect(pdf.body).toMatch(/^%PDF/);
  const sent = await tenant.api.call<{ said: string }>(`POST /invoices/${invoice.id}/send`);
  expect(sent.body.said).toBe('Sent to accounts@example.com.');
});
