import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PAYMENT_METHODS as BILLING_METHODS, type Customer, TAX_MODES } from '../../../src/billing/documents';
import { createBillingPort } from '../../../src/connectors/billing/create-billing-port';
import type { BillingPort, LocalRecord, LocalWrite } from '../../../src/sync/ports/billing-port';
import type { InvoiceAtoms, RecordKind } from '../../../src/sync/records';
import { PAYMENT_METHODS as BRIDGE_METHODS } from '../../../src/sync/records';
import {
  allocationTo,
  type BillingWorld,
  GATEWAY,
  invoiceInput,
  openBillingWorld,
  paymentInput,
} from '../../support/billing';

let world: BillingWorld;
let perAllocation: BillingPort;
let perPayment: BillingPort;
let customer: Customer;

beforeEach(async () => {
  world = await openBillingWorld();
  const { billing, store, ids, tenantId } = world;
  perAllocation = createBillingPort({ billing, store, ids, tenantId, paymentUnit: 'allocation' });
  perPayment = createBillingPort({ billing, store, ids, tenantId, paymentUnit: 'payment' });
  customer = await world.customer({
    email: 'ada@example.com',
    taxNumber: 'GB1',
    address: { lines: ['1 Mill Lane'], city: 'London' },
  });
});
afterEach(() => world.close());

const ref = ($ref: RecordKind, id: string) => ({ $ref, id });

const present = async <K extends RecordKind>(port: BillingPort, kind: K, id: string): Promise<LocalRecord<K>> => {
  const reading = (await port.read(kind, [id])).get(id);
  if (reading?.state !== 'present') throw new Error(`${kind} ${id} is absent`);
  return reading.record;
};

const listed = async <K extends RecordKind>(port: BillingPort, kind: K, from?: string): Promise<LocalRecord<K>[]> => {
  const records: LocalRecord<K>[] = [];
  for await (const page of port.list(kind, from === undefined ? {} : { from })) records.push(...page);
  return records;
};

const invoiceAtoms = (more: Partial<InvoiceAtoms> = {}): InvoiceAtoms => ({
  number: 'X-1',
  contact: ref('contact', customer.id),
  moneyBlock: {
    currency: 'GBP',
    taxMode: 'taxExclusive',
    lines: [
      {
        description: 'Typed there',
        quantity: '2',
        unitPrice: '50',
        discountPercent: '0',
        taxRate: 'standard',
        netMinor: 10000,
      },
    ],
    netMinor: 10000,
    taxMinor: 2000,
    totalMinor: 12000,
  },
  dates: { issueDate: '2026-02-01', dueDate: '2026-02-20' },
  reference: 'PO 1',
  accounts: ['200'],
  ...more,
});

let keys = 0;
const write = <K extends RecordKind>(
  fields: Omit<LocalWrite<K>, 'key' | 'source' | 'atoms'> & Partial<LocalWrite<K>>,
): LocalWrite<K> => ({ key: `intent-${++keys}`, source: 'Xero', atoms: [], ...fields }) as LocalWrite<K>;

const createInvoice = (more: Partial<InvoiceAtoms> = {}, localId = perAllocation.newId('invoice')) =>
  write<'invoice'>({
    kind: 'invoice',
    op: 'create',
    localId,
    projection: { status: 'live', atoms: invoiceAtoms(more) },
  });

const cash = (invoiceId: string, amountMinor: number, allocatedMinor = amountMinor) => ({
  status: 'live' as const,
  atoms: {
    payment: {
      contact: ref('contact', customer.id),
      currency: 'GBP',
      amountMinor,
      date: '2026-03-01',
      account: null,
      method: 'bankTransfer' as const,
      reference: null,
      allocations: [{ invoice: ref('invoice', invoiceId), amountMinor: allocatedMinor }],
    },
  },
});

test('billing and the bridge speak of the same methods and tax modes', () => {
  expect(BILLING_METHODS).toEqual(BRIDGE_METHODS);
  const modes: readonly InvoiceAtoms['moneyBlock']['taxMode'][] = TAX_MODES;
  expect(modes).toHaveLength(3);
});

describe('projections', () => {
  test('of a contact', async () => {
    expect(await present(perAllocation, 'contact', customer.id)).toEqual({
      kind: 'contact',
      localId: customer.id,
      revision: 1,
      guards: { allocatedMinor: 0, openMinor: 0, reconciled: false },
      changedAt: '2026-03-02T09:00:00.000Z',
      changedBy: 'Olive Owner',
      projection: {
        status: 'live',
        atoms: {
          name: 'Ada Lovelace Ltd',
          email: 'ada@example.com',
          phone: null,
          address: { lines: ['1 Mill Lane'], city: 'London', region: null, postalCode: null, country: null },
          taxNumber: 'GB1',
          externalRef: customer.id,
          currency: null,
        },
      },
    });
  });

  test('of an invoice: draft, live with guards, void', async () => {
    const draft = await world.billing.invoices.create(world.as(), invoiceInput(customer));
    expect((await present(perAllocation, 'invoice', draft.id)).projection).toMatchObject({
      status: 'draft',
      atoms: { number: '' },
    });
    const invoice = await world.invoice(customer);
    await world.payment(customer, 4000, { allocations: [allocationTo(invoice, 4000)] });
    expect(await present(perAllocation, 'invoice', invoice.id)).toMatchObject({
      revision: 3,
      guards: { allocatedMinor: 4000, openMinor: 6000 },
      projection: {
        status: 'live',
        atoms: {
          number: 'INV-0001',
          contact: ref('contact', customer.id),
          dates: { issueDate: '2026-03-02', dueDate: '2026-04-01' },
          moneyBlock: { currency: 'GBP', taxMode: 'taxExclusive', netMinor: 10000, taxMinor: 0, totalMinor: 10000 },
          accounts: [null],
        },
      },
    });
    const gone = await world.invoice(customer);
    await world.billing.invoices.void(world.as(), gone.id);
    expect((await present(perAllocation, 'invoice', gone.id)).projection.status).toBe('void');
  });

  test('of a payment: one per straight allocation and one per credit for one ledger, one in all for the other', async () => {
    const [first, second] = [await world.invoice(customer), await world.invoice(customer)];
    const payment = await world.payment(customer, 25000, {
      allocations: [allocationTo(first), allocationTo(second, 5000)],
    });
    const parts = await listed(perAllocation, 'payment');
    expect(parts.map(({ localId }) => localId).sort()).toEqual(
      [...payment.allocations.map(({ id }) => id), payment.id].sort(),
    );
    expect(parts.map(({ projection }) => projection.atoms.payment.amountMinor).sort()).toEqual([10000, 10000, 5000]);
    const rest = await present(perAllocation, 'payment', payment.id);
    expect(rest.projection.atoms.payment).toMatchObject({ isCredit: true, amountMinor: 10000, allocations: [] });
    const [whole, ...none] = await listed(perPayment, 'payment');
    expect(none).toEqual([]);
    expect(whole).toMatchObject({
      localId: payment.id,
      guards: { allocatedMinor: 15000, openMinor: 10000 },
      projection: { atoms: { payment: { amountMinor: 25000 } } },
    });
    expect(whole?.projection.atoms.payment.allocations).toHaveLength(2);
    // The other ledger's ids do not exist here.
    const [part] = payment.allocations;
    expect((await perPayment.read('payment', [part?.id ?? ''])).get(part?.id ?? '')).toEqual({ state: 'absent' });
    await world.billing.payments.reverse(world.as(), payment.id);
    expect((await present(perPayment, 'payment', payment.id)).projection).toMatchObject({
      status: 'void',
      atoms: whole?.projection.atoms,
    });
    for (const part of parts) {
      expect((await present(perAllocation, 'payment', part.localId)).projection).toEqual({
        ...part.projection,
        status: 'void',
      });
    }
  });

  test('of a payment that settles one invoice twice sum up per invoice', async () => {
    const invoice = await world.invoice(customer);
    const payment = await world.payment(customer, 9000, { allocations: [allocationTo(invoice, 5000)] });
    await world.billing.payments.allocate(world.as(), payment.id, { allocations: [allocationTo(invoice, 2000)] });
    const [whole] = await listed(perPayment, 'payment');
    expect(whole?.projection.atoms.payment.allocations).toEqual([
      { invoice: ref('invoice', invoice.id), amountMinor: 7000 },
    ]);
    expect(await listed(perAllocation, 'payment')).toHaveLength(2);
  });

  test('lists begin at the date asked for', async () => {
    await world.invoice(customer, '1', { issueDate: '2025-12-31', dueDate: '2026-01-31' });
    const recent = await world.invoice(customer, '1', { issueDate: '2026-01-01' });
    expect((await listed(perAllocation, 'invoice', '2026-01-01')).map(({ localId }) => localId)).toEqual([recent.id]);
    expect(await listed(perAllocation, 'invoice')).toHaveLength(2);
    expect(await listed(perAllocation, 'contact')).toHaveLength(1);
  });

  test('each field is told with whoever gave it its value, and when', async () => {
    const bea = { kind: 'user', id: 'usr_bea', name: 'Bea' } as const;
    await world.billing.customers.update({ tenantId: world.tenantId, actor: bea }, customer.id, { phone: '+44 1' });
    const edits = await perAllocation.lastEdits('contact', customer.id);
    expect([edits.get('phone')?.by, edits.get('email')?.by]).toEqual(['Bea', customer.updatedBy.name]);
    expect(edits.get('phone')?.at).toBe(world.clock.now().toISOString());
    expect((await perAllocation.lastEdits('contact', 'cus_nobody')).size).toBe(0);
  });

  test('candidates are found by name, e-mail and number', async () => {
    const invoice = await world.invoice(customer);
    const found = async (kind: RecordKind, key: object) =>
      (await perAllocation.findCandidates(kind, key)).map(({ localId }) => localId);
    expect(await found('contact', { name: 'ADA lovelace ltd' })).toEqual([customer.id]);
    expect(await found('contact', { email: 'ADA@example.com' })).toEqual([customer.id]);
    expect(await found('invoice', { number: 'inv-0001' })).toEqual([invoice.id]);
    expect(await found('creditNote', { number: 'inv-0001' })).toEqual([]);
    expect(await found('payment', { number: 'x' })).toEqual([]);
  });
});

describe('writes of the ledger', () => {
  test('create, change, archive and unarchive a contact', async () => {
    const localId = perAllocation.newId('contact');
    const atoms = {
      name: ' Bob ',
      email: 'bob@x.org;two@x.org',
      phone: '',
      address: { lines: [''], city: null, region: null, postalCode: null, country: 'United Kingdom' },
      taxNumber: null,
      externalRef: null,
      currency: 'EUR',
    };
    const created = await perAllocation.write(
      write<'contact'>({ kind: 'contact', op: 'create', localId, projection: { status: 'live', atoms } }),
    );
    expect(created).toMatchObject({
      result: 'done',
      record: {
        localId,
        revision: 1,
        changedBy: 'Xero',
        projection: {
          atoms: {
            name: 'Bob',
            email: 'bob@x.org;two@x.org',
            phone: null,
            address: null,
            currency: 'EUR',
            externalRef: localId,
          },
        },
      },
    });
    const changed = await perAllocation.write(
      write<'contact'>({
        kind: 'contact',
        op: 'update',
        localId,
        atoms: ['phone'],
        expectedRevision: 1,
        projection: { status: 'live', atoms: { ...atoms, name: 'Not named', phone: '5' } },
      }),
    );
    expect(changed).toMatchObject({
      result: 'done',
      record: { revision: 2, projection: { atoms: { name: 'Bob', phone: '5' } } },
    });
    const simple = (op: 'archive' | 'unarchive') =>
      perAllocation.write(write<'contact'>({ kind: 'contact', op, localId, projection: { status: 'live', atoms } }));
    expect(await simple('archive')).toMatchObject({ result: 'done', record: { projection: { status: 'archived' } } });
    expect(await simple('unarchive')).toMatchObject({ result: 'done', record: { projection: { status: 'live' } } });
  });

  test('create an invoice exactly as the ledger has it', async () => {
    const intent = createInvoice();
    const outcome = await perAllocation.write(intent);
    expect(outcome).toMatchObject({
      result: 'done',
      record: { localId: intent.localId, projection: intent.projection },
    });
    expect(await present(perAllocation, 'invoice', intent.localId)).toEqual(
      outcome.result === 'done' && outcome.record,
    );
  });

  test('happen once per key, and the key says what it did', async () => {
    const intent = createInvoice();
    const first = await perAllocation.write(intent);
    await world.billing.invoices.update(world.as(), intent.localId, { reference: 'edited since' });
    // The repeat answers what the write did then, not what stands there now: the bridge's base must not swallow the later edit.
    expect(await perAllocation.write(intent)).toEqual(first);
    expect(await perAllocation.effectOf(intent.key)).toEqual({ kind: 'invoice', localId: intent.localId });
    expect(await perAllocation.effectOf('never-seen')).toBeUndefined();
  });

  test('change only the atoms that are named', async () => {
    const { localId } = createInvoiceDone(await perAllocation.write(createInvoice()));
    const update = (atoms: string[], more: Partial<InvoiceAtoms>) =>
      perAllocation.write(
        write<'invoice'>({
          kind: 'invoice',
          op: 'update',
          localId,
          atoms,
          projection: { status: 'live', atoms: invoiceAtoms(more) },
        }),
      );
    const other = {
      number: 'X-2',
      reference: 'PO 2',
      accounts: ['260'],
      dates: { issueDate: '2026-02-02', dueDate: '2026-03-01' },
    };
    expect(await update(['reference'], other)).toMatchObject({
      record: { projection: { atoms: invoiceAtoms({ reference: 'PO 2' }) } },
    });
    const later = { ...other, reference: 'PO 3' };
    expect(await update(['accounts', 'dates'], later)).toMatchObject({
      record: { projection: { atoms: invoiceAtoms({ ...other, number: 'X-1' }) } },
    });
    const moneyBlock = {
      ...invoiceAtoms().moneyBlock,
      lines: [
        ...invoiceAtoms().moneyBlock.lines,
        { description: 'More', quantity: '1', unitPrice: '1', discountPercent: '0', taxRate: 'none', netMinor: 100 },
      ],
      netMinor: 10100,
      totalMinor: 12100,
    };
    expect(
      await update(['moneyBlock', 'accounts', 'number'], { ...other, moneyBlock, accounts: ['260', '261'] }),
    ).toMatchObject({
      record: {
        projection: { atoms: { number: 'X-2', moneyBlock, accounts: ['260', '261'] } },
        guards: { openMinor: 12100 },
      },
    });
  });

  const createInvoiceDone = (outcome: Awaited<ReturnType<BillingPort['write']>>) => {
    if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.record;
  };

  test('are stale on an older revision and refused with reason and remedy', async () => {
    const { localId } = createInvoiceDone(await perAllocation.write(createInvoice()));
    const voiding = (expectedRevision: number) =>
      perAllocation.write(
        write<'invoice'>({
          kind: 'invoice',
          op: 'void',
          localId,
          expectedRevision,
          projection: { status: 'void', atoms: invoiceAtoms() },
        }),
      );
    await world.payment(customer, 1, { allocations: [{ invoiceId: localId, amountMinor: 1 }] });
    expect(await voiding(1)).toEqual({ result: 'stale' });
    expect(await voiding(2)).toMatchObject({
      result: 'refused',
      reason: expect.stringMatching(/Money is allocated to the invoice X-1/),
      remedy: expect.any(String),
    });
    const wrong = { ...invoiceAtoms().moneyBlock, totalMinor: 11999 };
    expect(await perAllocation.write(createInvoice({ number: 'X-9', moneyBlock: wrong }))).toMatchObject({
      result: 'refused',
      reason: expect.stringMatching(/do not add up/),
    });
    expect(
      await perAllocation.write(createInvoice({ number: 'X-8', contact: ref('contact', 'cus_none') })),
    ).toMatchObject({ result: 'refused', reason: 'There is no customer with the id cus_none.' });
  });

  test('bring in a draft and issue it when the ledger does', async () => {
    const intent = createInvoice();
    const draft = { ...intent, projection: { ...intent.projection, status: 'draft' as const } };
    expect(await perAllocation.write(draft)).toMatchObject({
      record: { projection: { status: 'draft', atoms: { number: 'X-1' } } },
    });
    const issue = write<'invoice'>({
      kind: 'invoice',
      op: 'update',
      localId: intent.localId,
      atoms: [],
      projection: intent.projection,
    });
    expect(await perAllocation.write(issue)).toMatchObject({
      record: { projection: intent.projection, guards: { openMinor: 12000 } },
    });
    const other = createInvoice({ number: 'X-2' });
    await perAllocation.write({ ...other, projection: { ...other.projection, status: 'draft' } });
    const deleted = write<'invoice'>({
      kind: 'invoice',
      op: 'void',
      localId: other.localId,
      projection: other.projection,
    });
    expect(await perAllocation.write(deleted)).toMatchObject({ record: { projection: { status: 'void' } } });
  });

  test('record a payment as one allocation, and end it', async () => {
    const invoice = await world.invoice(customer);
    const localId = perAllocation.newId('payment');
    const create = write<'payment'>({ kind: 'payment', op: 'create', localId, projection: cash(invoice.id, 4000) });
    const created = await perAllocation.write(create);
    expect(created).toMatchObject({ result: 'done', record: { localId, revision: 1, projection: create.projection } });
    expect(await present(perAllocation, 'payment', localId)).toEqual(created.result === 'done' && created.record);
    expect(await perAllocation.effectOf(create.key)).toEqual({ kind: 'payment', localId });
    expect(await perAllocation.write(create)).toEqual(created);

    const end = write<'payment'>({
      kind: 'payment',
      op: 'void',
      localId,
      expectedRevision: 1,
      projection: create.projection,
    });
    const ended = await perAllocation.write(end);
    expect(ended).toMatchObject({ result: 'done', record: { revision: 2, projection: { status: 'void' } } });
    expect(await perAllocation.write(end)).toEqual(ended);
    expect((await world.billing.payments.list(world.tenantId)).items).toMatchObject([{ state: 'reversed' }]);
    expect(await world.billing.invoices.get(world.tenantId, invoice.id)).toMatchObject({ state: 'open' });
  });

  test('refuse a payment that settles no invoice, or more than is open', async () => {
    const invoice = await world.invoice(customer);
    const create = (projection: ReturnType<typeof cash>) =>
      perAllocation.write(
        write<'payment'>({ kind: 'payment', op: 'create', localId: perAllocation.newId('payment'), projection }),
      );
    const none = cash(invoice.id, 1);
    expect(await create({ ...none, atoms: { payment: { ...none.atoms.payment, allocations: [] } } })).toMatchObject({
      result: 'refused',
    });
    expect(await create(cash(invoice.id, 2, 1))).toMatchObject({
      result: 'refused',
      reason: expect.stringMatching(/exactly one invoice/),
    });
    const second = await world.invoice(customer);
    const two = [invoice, second].map(({ id }) => ({ invoice: ref('invoice', id), amountMinor: 1 }));
    expect(
      await create({ ...none, atoms: { payment: { ...none.atoms.payment, amountMinor: 2, allocations: two } } }),
    ).toMatchObject({ result: 'refused' });
    expect(await create(cash(invoice.id, 10001))).toMatchObject({
      result: 'refused',
      reason: expect.stringMatching(/£100.00 open/),
    });
  });

  test('record, change and reverse a whole payment', async () => {
    const [first, second] = [await world.invoice(customer), await world.invoice(customer)];
    const localId = perPayment.newId('payment');
    const projection = cash(first.id, 12000, 10000);
    expect(
      await perPayment.write(write<'payment'>({ kind: 'payment', op: 'create', localId, projection })),
    ).toMatchObject({ record: { localId, projection } });
    const moved = cash(second.id, 13000, 9000);
    const update = write<'payment'>({
      kind: 'payment',
      op: 'update',
      localId,
      atoms: ['payment'],
      expectedRevision: 1,
      projection: moved,
    });
    const changed = await perPayment.write(update);
    expect(changed).toMatchObject({ result: 'done', record: { projection: moved, guards: { openMinor: 4000 } } });
    expect(await perPayment.write(update)).toEqual(changed);
    expect(
      await perPayment.write(write<'payment'>({ kind: 'payment', op: 'void', localId, projection: moved })),
    ).toMatchObject({ record: { projection: { status: 'void' } } });
  });

  test('create a credit note, allocate it and take the allocation back', async () => {
    const invoice = await world.invoice(customer);
    const { dates, ...rest } = invoiceAtoms({ number: 'CR-1' });
    const creditNote = write<'creditNote'>({
      kind: 'creditNote',
      op: 'create',
      localId: perAllocation.newId('creditNote'),
      projection: { status: 'live', atoms: { ...rest, dates: { issueDate: dates.issueDate } } },
    });
    expect(await perAllocation.write(creditNote)).toMatchObject({ record: { projection: creditNote.projection } });
    const localId = perAllocation.newId('allocation');
    const projection = {
      status: 'live' as const,
      atoms: {
        allocation: {
          creditNote: ref('creditNote', creditNote.localId),
          invoice: ref('invoice', invoice.id),
          amountMinor: 500,
          date: '2026-02-03',
        },
      },
    };
    const create = write<'allocation'>({ kind: 'allocation', op: 'create', localId, projection });
    const created = await perAllocation.write(create);
    expect(created).toMatchObject({ result: 'done', record: { localId, projection } });
    expect(await present(perAllocation, 'allocation', localId)).toEqual(created.result === 'done' && created.record);
    expect(await perAllocation.effectOf(create.key)).toEqual({ kind: 'allocation', localId });
    expect((await listed(perAllocation, 'allocation')).map((record) => record.localId)).toEqual([localId]);
    expect(
      await perAllocation.write(
        write<'allocation'>({ kind: 'allocation', op: 'void', localId, expectedRevision: 1, projection }),
      ),
    ).toMatchObject({ record: { revision: 2, projection: { status: 'void' } } });
    expect(await world.billing.invoices.get(world.tenantId, invoice.id)).toMatchObject({ openMinor: 10000 });
  });
});

describe('changes', () => {
  const drain = async (port: BillingPort) => {
    const changes = await port.pendingChanges(100);
    await port.acknowledge(changes.map(({ sequence }) => sequence));
    return changes.map(({ kind, localId }) => `${kind} ${localId}`).sort();
  };

  test('name the records of the ledger at hand, and all that moved with them', async () => {
    const invoice = await world.invoice(customer);
    await drain(perAllocation);
    const payment = await world.payment(customer, 4000, { allocations: [allocationTo(invoice, 4000)] });
    const [allocation] = payment.allocations;
    expect(await drain(perAllocation)).toEqual([`invoice ${invoice.id}`, `payment ${allocation?.id}`]);
    expect(await drain(perAllocation)).toEqual([]);
    await world.billing.payments.reverse(world.as(), payment.id);
    expect(await drain(perPayment)).toEqual([`invoice ${invoice.id}`, `payment ${payment.id}`]);
  });

  test('are not held up by what is no record here', async () => {
    await drain(perAllocation);
    const invoice = await world.invoice(customer);
    await drain(perAllocation);
    // Paid to the last penny: what is a record then is the allocation, not the payment.
    for (let i = 0; i < 3; i++) await world.payment(customer, 100, { allocations: [allocationTo(invoice, 100)] });
    await perAllocation.acknowledge((await perAllocation.pendingChanges(100)).map(({ sequence }) => sequence));
    const last = await world.customer({ name: 'Last' });
    expect(await perAllocation.pendingChanges(2)).toMatchObject([{ kind: 'contact', localId: last.id }]);
  });

  test('tell of a credit wherever its payment changes', async () => {
    const invoice = await world.invoice(customer);
    const payment = await world.payment(customer, 5000, { allocations: [allocationTo(invoice, 4000)] });
    const [straight] = payment.allocations;
    await drain(perAllocation);
    await world.billing.payments.unallocate(world.as(), straight?.id ?? '');
    expect(await drain(perAllocation)).toEqual(
      [
        `invoice ${invoice.id}`,
        `payment ${payment.id}`,
        `payment ${straight?.id}`,
        `payment ${straight?.id}-credit`,
      ].sort(),
    );
    const back = await present(perAllocation, 'payment', `${straight?.id}-credit`);
    expect(back).toMatchObject({ cameFrom: straight?.id, guards: { openMinor: 4000 } });
    await world.billing.payments.allocate(world.as(), payment.id, { allocations: [allocationTo(invoice, 3000)] });
    const both = await Promise.all(
      [payment.id, back.localId].map(async (id) => (await present(perAllocation, 'payment', id)).guards.openMinor),
    );
    expect(both).toEqual([0, 2000]);
  });
});

test('what billing would cut counts as the cut value, and cutting twice is cutting once', () => {
  const long = {
    status: 'live' as const,
    atoms: {
      name: ` ${'n'.repeat(300)}`,
      email: ' ',
      phone: null,
      address: { lines: [' a ', ''], city: 'x', region: null, postalCode: null, country: 'gb' },
      taxNumber: null,
      externalRef: null,
      currency: null,
    },
  };
  const cut = perAllocation.normalise('contact', long);
  expect(cut.atoms).toMatchObject({ name: 'n'.repeat(255), email: null, address: { lines: ['a'], country: 'GB' } });
  expect(perAllocation.normalise('contact', cut)).toEqual(cut);
  const invoice = perAllocation.normalise('invoice', {
    status: 'live',
    atoms: invoiceAtoms({ reference: '', number: ' X ' }),
  });
  expect(invoice.atoms).toMatchObject({ reference: null, number: 'X' });
  const lines = invoiceAtoms().moneyBlock.lines.map((line) => ({ ...line, quantity: '2.000', unitPrice: '050.0' }));
  const block = { ...invoiceAtoms().moneyBlock, lines };
  expect(
    perAllocation.normalise('invoice', { status: 'live', atoms: invoiceAtoms({ moneyBlock: block }) }).atoms.moneyBlock,
  ).toEqual(invoiceAtoms().moneyBlock);
});

test('ledger payments of a gateway charge are told apart: the charge stays as credit when the ledger removes it', async () => {
  const invoice = await world.invoice(customer);
  const charge = await world.billing.payments.record(
    world.as(GATEWAY),
    paymentInput(customer, 10000, { method: 'stripe', chargeId: 'ch_1', allocations: [allocationTo(invoice)] }),
  );
  const localId = charge.allocations[0]?.id ?? '';
  const end = write<'payment'>({ kind: 'payment', op: 'void', localId, projection: cash(invoice.id, 10000) });
  expect(await perAllocation.write(end)).toMatchObject({ record: { projection: { status: 'void' } } });
  expect(await world.billing.payments.get(world.tenantId, charge.id)).toMatchObject({
    state: 'recorded',
    openMinor: 10000,
  });
});

describe('a credit of the ledger', () => {
  const credit = (amountMinor: number, allocations: { invoice: ReturnType<typeof ref>; amountMinor: number }[] = []) =>
    ({
      status: 'live',
      atoms: {
        payment: {
          contact: ref('contact', customer.id),
          currency: 'GBP',
          amountMinor,
          date: '2026-03-02',
          account: null,
          method: 'bankTransfer',
          reference: null,
          isCredit: true,
          allocations,
        },
      },
    }) as const;
  const write = (op: 'create' | 'update' | 'void', key: string, localId: string, projection: object) =>
    perAllocation.write<'payment'>({
      kind: 'payment',
      op,
      key,
      localId,
      projection: projection as never,
      atoms: ['payment'],
      source: 'Xero',
    });

  test('is one payment whose allocations come and go, and ends with it', async () => {
    const [first, second] = [await world.invoice(customer), await world.invoice(customer)];
    const localId = perAllocation.newId('payment', credit(1));
    expect(localId).toMatch(/^pay_/);
    const made = await write(
      'create',
      'k1',
      localId,
      credit(6000, [{ invoice: ref('invoice', first.id), amountMinor: 2000 }]),
    );
    expect(made).toMatchObject({
      result: 'done',
      record: { localId, guards: { allocatedMinor: 2000, openMinor: 4000 } },
    });
    const moved = await write(
      'update',
      'k2',
      localId,
      credit(6000, [
        { invoice: ref('invoice', first.id), amountMinor: 1000 },
        { invoice: ref('invoice', second.id), amountMinor: 5000 },
      ]),
    );
    expect(moved).toMatchObject({ result: 'done', record: { guards: { allocatedMinor: 6000, openMinor: 0 } } });
    expect(await perAllocation.effectOf('k2')).toEqual({ kind: 'payment', localId });
    expect(await listed(perAllocation, 'payment')).toHaveLength(1);
    const voided = await write('void', 'k3', localId, credit(6000));
    expect(voided).toMatchObject({ result: 'done', record: { projection: { status: 'void' } } });
    expect(await world.billing.invoices.get(world.tenantId, second.id)).toMatchObject({ openMinor: second.totalMinor });
  });

  test('that is the rest of a payment recorded here may be voided alone; the payment goes on', async () => {
    const invoice = await world.invoice(customer);
    const payment = await world.payment(customer, 5000, { allocations: [allocationTo(invoice, 4000)] });
    const voided = await write('void', 'k1', payment.id, credit(1000));
    expect(voided).toMatchObject({ result: 'done', record: { projection: { status: 'void' } } });
    expect((await perAllocation.read('payment', [payment.id])).get(payment.id)).toEqual({ state: 'absent' });
    expect(await world.billing.payments.get(world.tenantId, payment.id)).toMatchObject({ openMinor: 1000 });
  });
});
