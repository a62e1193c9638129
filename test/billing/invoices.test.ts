import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { allocationTo, type BillingWorld, invoiceInput, LEDGER, openBillingWorld } from '../support/billing';

let world: BillingWorld;
beforeEach(async () => {
  world = await openBillingWorld();
});
afterEach(() => world.close());

const refusal = (reason: string | RegExp) =>
  expect.objectContaining({ code: 'BB_BILLING_REFUSED', message: expect.stringMatching(reason) });

describe('a draft', () => {
  test('has totals, the terms of the business and no number', async () => {
    const customer = await world.customer();
    const draft = await world.billing.invoices.create(world.as(), {
      customerId: customer.id,
      lines: [
        { description: 'Work', quantity: '2.5', unitPrice: '40', taxRate: 'standard' },
        { description: 'Books', unitPrice: '10', taxRate: 'reduced', discountPercent: '10' },
      ],
    });
    expect(draft).toMatchObject({
      status: 'draft',
      state: 'draft',
      number: null,
      netMinor: 10900,
      taxMinor: 2045,
      totalMinor: 12945,
      openMinor: 0,
      issueDate: '2026-03-02',
      dueDate: '2026-04-01',
      currency: 'GBP',
      revision: 1,
    });
    expect(draft.taxRows).toEqual([
      { taxRate: 'standard', percent: '20', netMinor: 10000, taxMinor: 2000 },
      { taxRate: 'reduced', percent: '5', netMinor: 900, taxMinor: 45 },
    ]);
  });

  test('may be changed in every way, and removed', async () => {
    const [one, other] = [await world.customer(), await world.customer({ name: 'Other' })];
    const draft = await world.billing.invoices.create(world.as(), invoiceInput(one));
    const changed = await world.billing.invoices.update(world.as(), draft.id, {
      customerId: other.id,
      currency: 'EUR',
      lines: [{ description: 'Less', unitPrice: '1', taxRate: 'standard' }],
      dueDate: '2026-03-03',
    });
    expect(changed).toMatchObject({
      customerId: other.id,
      currency: 'EUR',
      totalMinor: 120,
      dueDate: '2026-03-03',
      revision: 2,
    });
    await world.billing.invoices.remove(world.as(), draft.id);
    await expect(world.billing.invoices.get(world.tenantId, draft.id)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
  });

  test('cannot be voided: there is nothing to void', async () => {
    const draft = await world.billing.invoices.create(world.as(), invoiceInput(await world.customer()));
    await expect(world.billing.invoices.void(world.as(), draft.id)).rejects.toEqual(refusal(/never issued/));
  });

  test('names the field that is wrong and what to enter', async () => {
    const customer = await world.customer();
    const create = (more: object) => world.billing.invoices.create(world.as(), { ...invoiceInput(customer), ...more });
    const wrong = (field: string, sentence: RegExp) =>
      expect.objectContaining({ code: 'BB_INPUT_INVALID', fields: { [field]: expect.stringMatching(sentence) } });
    await expect(create({ lines: [] })).rejects.toEqual(wrong('lines', /at least one line/));
    await expect(create({ issueDate: '2026-02-30' })).rejects.toEqual(wrong('issueDate', /2026-03-31/));
    await expect(create({ dueDate: '2026-03-01' })).rejects.toEqual(wrong('dueDate', /on or after/));
    await expect(create({ currency: 'pounds' })).rejects.toEqual(wrong('currency', /three letters/));
    await expect(create({ lines: [{ description: 'x', unitPrice: '1,50', taxRate: 'none' }] })).rejects.toEqual(
      wrong('lines.0.unitPrice', /19\.99/),
    );
    await expect(create({ lines: [{ description: 'x', unitPrice: '1' }] })).rejects.toEqual(
      wrong('lines.0.taxRate', /choose a tax rate \(standard, reduced, none\)/),
    );
    await expect(create({ lines: [{ description: 'x', unitPrice: '1', taxRate: 'luxury' }] })).rejects.toEqual(
      wrong('lines.0.taxRate', /no tax rate "luxury"/),
    );
  });

  test('is not made for an archived customer', async () => {
    const customer = await world.customer();
    await world.billing.customers.archive(world.as(), customer.id);
    await expect(world.billing.invoices.create(world.as(), invoiceInput(customer))).rejects.toEqual(
      refusal(/is archived/),
    );
  });
});

describe('issuing', () => {
  test('gives the next number, opens the claim and freezes whom it is billed to', async () => {
    const customer = await world.customer({ address: { lines: ['1 Mill Lane'], city: 'London', country: 'gb' } });
    const first = await world.invoice(customer);
    const second = await world.invoice(customer);
    expect([first.number, second.number]).toEqual(['INV-0001', 'INV-0002']);
    expect(first).toMatchObject({ status: 'issued', state: 'open', openMinor: 10000, allocatedMinor: 0, isOpen: true });
    await world.billing.customers.update(world.as(), customer.id, { name: 'Renamed' });
    const kept = await world.billing.invoices.get(world.tenantId, first.id);
    expect(kept.billTo).toMatchObject({ name: 'Ada Lovelace Ltd', address: { city: 'London', country: 'GB' } });
  });

  test('leaves no gap and no repeat when many are issued at once, and none behind a failure', async () => {
    const customer = await world.customer();
    const many = Array.from({ length: 20 }, () => world.invoice(customer));
    const failing = world.billing.invoices.createIssued(world.as(), invoiceInput(customer, '-5'));
    await expect(failing).rejects.toEqual(refusal(/below zero/));
    const numbers = (await Promise.all(many)).map(({ number }) => number).sort();
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => `INV-${String(i + 1).padStart(4, '0')}`));
    expect((await world.invoice(customer)).number).toBe('INV-0021');
  });

  test('keeps a voided number taken', async () => {
    const customer = await world.customer();
    const first = await world.invoice(customer);
    const voided = await world.billing.invoices.void(world.as(), first.id, { reason: 'typed twice' });
    expect(voided).toMatchObject({
      status: 'void',
      state: 'void',
      number: 'INV-0001',
      openMinor: 0,
      isOpen: false,
      voidReason: 'typed twice',
    });
    expect((await world.invoice(customer)).number).toBe('INV-0002');
  });

  test('begins a new series with a new prefix', async () => {
    const customer = await world.customer();
    await world.invoice(customer);
    const { numbering } = world.business;
    await world.billing.businesses.update(world.as(), {
      numbering: { ...numbering, invoice: { prefix: '2026/', digits: 3 } },
    });
    expect((await world.invoice(customer)).number).toBe('2026/001');
  });

  test('rounds a draft as the business rounds by then, and never an issued invoice again', async () => {
    const customer = await world.customer();
    const line = { description: 'x', unitPrice: '0.50', taxRate: 'reduced' };
    const draft = await world.billing.invoices.create(world.as(), { customerId: customer.id, lines: [line, line] });
    expect(draft).toMatchObject({ taxMinor: 6, taxRounding: 'perLine' });
    await world.billing.businesses.update(world.as(), { taxRounding: 'perRate' });
    const issued = await world.billing.invoices.issue(world.as(), draft.id);
    expect(issued).toMatchObject({ taxMinor: 5, totalMinor: 105, openMinor: 105, taxRounding: 'perRate' });
    await world.billing.businesses.update(world.as(), { taxRounding: 'perLine' });
    const changes = { lines: [line, line, line] };
    expect(await world.billing.invoices.update(world.as(), draft.id, changes)).toMatchObject({
      taxMinor: 8,
      taxRounding: 'perRate',
    });
  });

  test('treats an invoice over nothing as paid', async () => {
    const invoice = await world.invoice(await world.customer(), '0');
    expect(invoice).toMatchObject({ state: 'paid', isOpen: false, settledDate: '2026-03-02' });
  });

  test.each([
    ['JPY', '1500', 1500],
    ['GBP', '1500', 150000],
    ['KWD', '1500.005', 1500005],
  ])('bills in %s', async (currency, amount, totalMinor) => {
    expect(await world.invoice(await world.customer(), amount, { currency })).toMatchObject({ currency, totalMinor });
  });
});

describe('an issued invoice', () => {
  test('may be corrected while nothing is allocated, but for customer and currency', async () => {
    const customer = await world.customer();
    const invoice = await world.invoice(customer);
    const lines = [{ description: 'Work', unitPrice: '90', taxRate: 'none' }];
    expect(await world.billing.invoices.update(world.as(), invoice.id, { lines })).toMatchObject({
      totalMinor: 9000,
      openMinor: 9000,
    });
    await expect(world.billing.invoices.update(world.as(), invoice.id, { currency: 'EUR' })).rejects.toEqual(
      refusal(/Customer and currency/),
    );
  });

  test('keeps its amounts once money is allocated, and still takes a later due date', async () => {
    const customer = await world.customer();
    const invoice = await world.invoice(customer);
    await world.payment(customer, 4000, { allocations: [allocationTo(invoice, 4000)] });
    const update = (changes: object) => world.billing.invoices.update(world.as(), invoice.id, changes);
    await expect(update({ lines: [{ description: 'Work', unitPrice: '40', taxRate: 'none' }] })).rejects.toEqual(
      refusal(/Money is allocated/),
    );
    await expect(update({ issueDate: '2026-03-01' })).rejects.toEqual(refusal(/Money is allocated/));
    expect(await update({ dueDate: '2026-05-01', reference: 'PO 7' })).toMatchObject({
      dueDate: '2026-05-01',
      reference: 'PO 7',
      state: 'part',
    });
  });

  test('takes the same values again without becoming another revision', async () => {
    const customer = await world.customer();
    const invoice = await world.invoice(customer);
    const same = await world.billing.invoices.update(world.as(), invoice.id, {
      ...invoiceInput(customer),
      dueDate: invoice.dueDate,
    });
    expect(same.revision).toBe(invoice.revision);
  });

  test('is voided only while nothing is allocated, and says what to do instead', async () => {
    const customer = await world.customer();
    const invoice = await world.invoice(customer);
    await world.payment(customer, 1, { allocations: [allocationTo(invoice, 1)] });
    await expect(world.billing.invoices.void(world.as(), invoice.id)).rejects.toMatchObject({
      code: 'BB_BILLING_REFUSED',
      fix: expect.stringMatching(/credit note/),
    });
    await expect(world.billing.invoices.remove(world.as(), invoice.id)).rejects.toEqual(refusal(/cannot be removed/));
  });

  test('is refused to who saw an older revision', async () => {
    const invoice = await world.invoice(await world.customer());
    await world.billing.invoices.update(world.as(), invoice.id, { reference: 'first' }, invoice.revision);
    await expect(
      world.billing.invoices.update(world.as(), invoice.id, { reference: 'second' }, invoice.revision),
    ).rejects.toMatchObject({ code: 'BB_STORE_STALE' });
    await expect(world.billing.invoices.void(world.as(), invoice.id, {}, invoice.revision)).rejects.toMatchObject({
      code: 'BB_STORE_STALE',
    });
  });

  test('is not there for another business', async () => {
    const invoice = await world.invoice(await world.customer());
    await expect(world.billing.invoices.get('ten_other', invoice.id)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
    await expect(
      world.billing.invoices.void({ ...world.as(), tenantId: 'ten_other' }, invoice.id),
    ).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
  });
});

describe('an invoice of the ledger', () => {
  const ledgerInput = (customerId: string, more: object = {}) => ({
    customerId,
    number: 'X-17',
    status: 'issued' as const,
    issueDate: '2026-02-01',
    dueDate: '2026-02-15',
    lines: [{ description: 'Typed there', quantity: '1', unitPrice: '100', taxRate: 'standard', netMinor: 10000 }],
    netMinor: 10000,
    taxMinor: 2000,
    totalMinor: 12000,
    ...more,
  });

  test('keeps its number and its amounts', async () => {
    const customer = await world.customer();
    const invoice = await world.billing.invoices.createFromLedger(world.as(LEDGER), ledgerInput(customer.id), {
      id: 'inv_preset',
    });
    expect(invoice).toMatchObject({
      id: 'inv_preset',
      origin: 'ledger',
      number: 'X-17',
      state: 'open',
      totalMinor: 12000,
      statedTaxMinor: null,
    });
  });

  test('moves our series on where it has one of its numbers', async () => {
    const customer = await world.customer();
    await world.billing.invoices.createFromLedger(world.as(LEDGER), ledgerInput(customer.id, { number: 'INV-0041' }));
    expect((await world.invoice(customer)).number).toBe('INV-0042');
  });

  test('leaves out a number that it has in another spelling', async () => {
    const customer = await world.customer();
    await world.billing.invoices.createFromLedger(world.as(LEDGER), ledgerInput(customer.id, { number: 'inv-0001' }));
    expect((await world.invoice(customer)).number).toBe('INV-0002');
  });

  test('carries a tax that our rates do not give, as stated', async () => {
    const customer = await world.customer();
    const automated = ledgerInput(customer.id, {
      lines: [{ description: 'US', quantity: '1', unitPrice: '100', taxRate: 'ledger:TAX', netMinor: 10000 }],
      taxMinor: 813,
      totalMinor: 10813,
    });
    expect(await world.billing.invoices.createFromLedger(world.as(LEDGER), automated)).toMatchObject({
      taxMinor: 813,
      statedTaxMinor: 813,
      totalMinor: 10813,
      lines: [{ taxRate: 'ledger:TAX', taxPercent: null }],
    });
  });

  test.each([
    [
      'a line that is not quantity × price',
      { lines: [{ description: '', quantity: '3', unitPrice: '33.33', taxRate: 'none', netMinor: 10000 }] },
      /Line 1 says £100.00, but .* £99.99/,
    ],
    ['a net that is not its lines', { netMinor: 9999 }, /come to £100.00 net/],
    ['a total that is not net and tax', { totalMinor: 12001 }, /£120.00 in all/],
    ['tax on a document without tax', { taxMode: 'noTax' }, /marked as without tax/],
  ])('is refused for %s', async (_, more, reason) => {
    const customer = await world.customer();
    await expect(
      world.billing.invoices.createFromLedger(world.as(LEDGER), ledgerInput(customer.id, more)),
    ).rejects.toEqual(refusal(reason));
  });

  test('is refused where its number is here already', async () => {
    const customer = await world.customer();
    await world.invoice(customer);
    await expect(
      world.billing.invoices.createFromLedger(world.as(LEDGER), ledgerInput(customer.id, { number: 'inv-0001' })),
    ).rejects.toEqual(refusal(/already an invoice inv-0001/));
  });

  test('changes with the ledger, but not the number that we gave', async () => {
    const customer = await world.customer();
    const ours = await world.invoice(customer);
    const { billing } = world;
    const lines = [{ description: 'Work', quantity: '1', unitPrice: '80', taxRate: 'none', netMinor: 8000 }];
    const changes = { lines, netMinor: 8000, taxMinor: 0, totalMinor: 8000 };
    expect(await billing.invoices.updateFromLedger(world.as(LEDGER), ours.id, changes)).toMatchObject({
      totalMinor: 8000,
      openMinor: 8000,
    });
    await expect(billing.invoices.updateFromLedger(world.as(LEDGER), ours.id, { number: 'X-1' })).rejects.toEqual(
      refusal(/number from here/),
    );
  });

  test('may be moved to another customer by the ledger, who is then billed', async () => {
    const ours = await world.invoice(await world.customer());
    const other = await world.customer({ name: 'Other' });
    const moved = await world.billing.invoices.updateFromLedger(world.as(LEDGER), ours.id, { customerId: other.id });
    expect(moved).toMatchObject({ customerId: other.id, billTo: { name: 'Other' }, totalMinor: ours.totalMinor });
  });

  test('may get another account per line even when it is paid', async () => {
    const customer = await world.customer();
    const ours = await world.invoice(customer);
    await world.payment(customer, 10000, { allocations: [allocationTo(ours)] });
    const changed = await world.billing.invoices.updateFromLedger(world.as(LEDGER), ours.id, { accounts: ['200'] });
    expect(changed).toMatchObject({ state: 'paid', lines: [{ account: '200', netMinor: 10000 }] });
  });
});

describe('lists', () => {
  test('filter, sort and page by declared indexes', async () => {
    const [one, other] = [await world.customer(), await world.customer({ name: 'Other' })];
    const draft = await world.billing.invoices.create(world.as(), invoiceInput(one));
    const late = await world.invoice(one, '10', { issueDate: '2026-01-01', dueDate: '2026-02-01' });
    const due = await world.invoice(other, '20', { dueDate: '2026-03-02' });
    const paid = await world.invoice(one, '30');
    const gone = await world.invoice(one, '40');
    await world.payment(one, 3000, { allocations: [allocationTo(paid)] });
    await world.billing.invoices.void(world.as(), gone.id);

    const ids = async (query: Parameters<typeof world.billing.invoices.list>[1]) =>
      (await world.billing.invoices.list(world.tenantId, query)).items.map(({ id }) => id);
    expect(await ids({ filter: 'draft' })).toEqual([draft.id]);
    expect(await ids({ filter: 'open' })).toEqual([late.id, due.id]);
    expect(await ids({ filter: 'overdue' })).toEqual([late.id]);
    expect(await ids({ filter: 'overdue', customerId: other.id })).toEqual([]);
    expect(await ids({ filter: 'paid', customerId: one.id })).toEqual([paid.id]);
    expect(await ids({ filter: 'void' })).toEqual([gone.id]);
    expect(await ids({ search: 'inv-000' })).toEqual([gone, paid, due, late].map(({ id }) => id));
    expect(await ids({ search: 'inv-0002' })).toEqual([due.id]);
    expect(await ids({ to: '2026-01-31' })).toEqual([late.id]);
    expect(await ids({ sort: 'number', direction: 'ascending' })).toEqual([late, due, paid, gone].map(({ id }) => id));
    expect((await ids({ sort: 'due', direction: 'ascending' }))[0]).toBe(late.id);

    expect(await ids({ limit: Number.NaN })).toHaveLength(5);
    expect(await ids({ limit: -3 })).toHaveLength(1);
    const first = await world.billing.invoices.list(world.tenantId, { limit: 2 });
    const second = await world.billing.invoices.list(world.tenantId, { limit: 2, after: first.next as string });
    const third = await world.billing.invoices.list(world.tenantId, { limit: 2, after: second.next as string });
    expect([...first.items, ...second.items, ...third.items]).toHaveLength(5);
    expect(third.next).toBeUndefined();

    expect(await world.billing.invoices.counts(world.tenantId)).toEqual({
      draft: 1,
      open: 2,
      part: 0,
      paid: 1,
      void: 1,
      overdue: 1,
    });
  });
});
