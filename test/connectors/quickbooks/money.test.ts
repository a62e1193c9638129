// Payments, credits and tax in QuickBooks: what one record there is to us, and totals equal to the cent.
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CompanyOptions } from '../../../sandbox/quickbooks/books/company';
import type { LedgerPort } from '../../../src/sync/ports/ledger-port';
import type { MoneyBlock } from '../../../src/sync/records';
import { change, paymentFor } from '../../contract/ledger-port/acting';
import { create, creditNoteOf, documentArbitrary, invoiceOf } from '../../contract/ledger-port/builders';
import {
  allocationOf,
  gathered,
  newContact,
  newCreditNote,
  newInvoice,
  present,
  readOne,
  UK_FACTS,
  US_FACTS,
  writeDone,
  writeOne,
} from './acting';
import { type Rehearsal, rehearse, UNITED_KINGDOM, UNITED_STATES } from './rehearsal';

let rehearsal: Rehearsal;
afterEach(() => rehearsal.close());
const set = async (...options: Parameters<typeof rehearse>): Promise<Rehearsal> => {
  rehearsal = await rehearse(...options);
  return rehearsal;
};

describe('a payment of QuickBooks', () => {
  const twoInvoices = async (port: LedgerPort) => {
    const contactId = await newContact(port);
    return [await newInvoice(port, { contactId }), await newInvoice(port, { contactId })] as const;
  };
  const overBoth = async (port: LedgerPort, amounts: readonly [number, number], amountMinor: number) => {
    const [one, two] = await twoInvoices(port);
    const { payment } = paymentFor(one, amounts[0]).atoms;
    const invoice = (id: string) => ({ $ref: 'invoice' as const, id });
    const allocations = [
      { invoice: invoice(two.externalId), amountMinor: amounts[1] },
      { invoice: invoice(one.externalId), amountMinor: amounts[0] },
    ];
    const request = create('payment', { status: 'live', atoms: { payment: { ...payment, amountMinor, allocations } } });
    return { request, one, two };
  };

  test('is one record over several invoices, and what is not allocated stays the customer’s', async () => {
    const { port } = await set();
    const { request, one } = await overBoth(port, [1_000, 500], 2_000);
    const record = await writeDone(port, request);
    expect(record.projection).toEqual(port.normalise('payment', request.projection));
    expect(record.guards).toEqual({ allocatedMinor: 1_500, openMinor: 500, reconciled: false });
    expect((await readOne(port, 'invoice', one.externalId)).guards.allocatedMinor).toBe(1_000);
  });

  test('is changed in place: amount, day, invoices', async () => {
    const { port } = await set();
    const { request, one, two } = await overBoth(port, [1_000, 500], 2_000);
    const record = await writeDone(port, request);
    const { payment } = record.projection.atoms;
    const allocations = payment.allocations.slice(0, 1).map(({ invoice }) => ({ invoice, amountMinor: 700 }));
    const target = { ...payment, amountMinor: 900, date: '2026-11-12', reference: 'ch_2', allocations };
    expect(port.editableAtoms('payment', record)).toContain('payment');
    const changed = await writeDone(port, change('payment', record, 'update', { payment: target }));
    expect(changed.externalId).toBe(record.externalId);
    expect(changed.projection.atoms.payment).toEqual(target);
    const paid = await Promise.all([one, two].map(({ externalId }) => readOne(port, 'invoice', externalId)));
    expect(paid.map(({ guards }) => guards.allocatedMinor).sort()).toEqual([0, 700]);
  });

  test('tells its method by QuickBooks’ list, and by the account where the list has no such method', async () => {
    const { port } = await set();
    const invoice = await newInvoice(port);
    const methods = ['card', 'cash', 'cheque', 'bankTransfer', 'stripe', 'other'] as const;
    for (const method of methods) {
      const { payment } = paymentFor(invoice, 100).atoms;
      const request = create('payment', { status: 'live', atoms: { payment: { ...payment, method } } });
      const record = await writeDone(port, request);
      expect(record.projection).toEqual(port.normalise('payment', request.projection));
      expect(record.projection.atoms.payment.method).toBe(method === 'other' ? 'bankTransfer' : method);
    }
  });

  test('keeps 21 characters of its reference, and the tag elsewhere', async () => {
    const { port } = await set();
    const invoice = await newInvoice(port);
    const request = create('payment', paymentFor(invoice, 100, 'a reference of more than 21 characters'));
    const record = await writeDone(port, request);
    expect(record.projection.atoms.payment.reference).toBe('a reference of more t');
    expect(record.tag).toBe(request.tag);
  });

  test('in a bank deposit is frozen, and the refusal says what to undo', async () => {
    const { port, books } = await set();
    const payment = await writeDone(port, create('payment', paymentFor(await newInvoice(port), 100)));
    books.depositPayment(payment.externalId);
    const frozen = await readOne(port, 'payment', payment.externalId);
    expect(await writeOne(port, change('payment', frozen, 'void'))).toMatchObject({
      result: 'refused',
      problem: { class: 'validation', message: expect.stringMatching(/deposit/) },
    });
  });

  test('is objected to where no account was chosen, or one that takes none', async () => {
    const { port, mapping, openPort } = await set();
    const payment = paymentFor(await newInvoice(port), 100);
    const choose = (paymentAccounts: Record<string, string>) => openPort(() => ({ ...mapping, paymentAccounts }));
    expect(choose({}).objections('payment', payment)).toMatchObject([{ code: 'paymentAccountUnmapped' }]);
    expect(choose({ '*:GBP': '40' }).objections('payment', payment)).toMatchObject([{ code: 'paymentAccountRefuses' }]);
    expect(choose({ '*:GBP': '4711' }).objections('payment', payment)).toMatchObject([
      { code: 'paymentAccountMissing' },
    ]);
  });
});

describe('a credit put to an invoice', () => {
  test('is a payment of nothing in QuickBooks, and no payment to us', async () => {
    const { port, books } = await set();
    const invoice = await newInvoice(port);
    const contactId = invoice.projection.atoms.contact.id;
    const note = await newCreditNote(port, { contactId });
    const request = allocationOf(note.externalId, invoice.externalId, 700);
    const record = await writeDone(port, request);
    expect(record.tag).toBe(request.tag);
    expect(books.ledger.tables.Payment.get(record.externalId)).toMatchObject({
      TotalAmt: 0,
      Line: [{ Amount: 7 }, { Amount: 7 }],
    });
    expect((await gathered(port.list('payment'))).size).toBe(0);
    expect(present((await gathered(port.list('allocation'))).get(record.externalId)).projection).toEqual(
      request.projection,
    );
    expect((await port.read('payment', [record.externalId])).get(record.externalId)?.state).toBe('absent');
    const key = { by: 'tag', tag: request.tag } as const;
    expect((await port.findByNaturalKey('allocation', [key])).get(key)).toHaveLength(1);

    const voided = await writeDone(port, change('allocation', record, 'void'));
    expect(voided.projection.status).toBe('void');
    expect((await readOne(port, 'creditNote', note.externalId)).guards.allocatedMinor).toBe(0);
    expect((await readOne(port, 'allocation', record.externalId)).projection.status).toBe('void');
  });

  test('that QuickBooks made by itself is shown as its own, and can be taken back', async () => {
    const { port, books } = await set({ company: { ...UNITED_KINGDOM, autoApplyCredit: true } });
    expect((await port.organisation()).notices.join()).toMatch(/by itself/);
    const contactId = await newContact(port);
    const note = await newCreditNote(port, { contactId, lines: [{ quantity: '1', unitPrice: '5' }] });
    const invoice = await newInvoice(port, { contactId });
    const [found, ...more] = [...(await gathered(port.list('allocation'))).values()];
    expect(more).toEqual([]);
    const record = present(found);
    expect(record.tag).toBeUndefined();
    expect(record.projection.atoms.allocation).toMatchObject({
      creditNote: { id: note.externalId },
      invoice: { id: invoice.externalId },
      amountMinor: 600,
    });
    books.setPreferences({ autoApplyCredit: false });
    expect((await writeDone(port, change('allocation', record, 'void'))).projection.status).toBe('void');
    expect((await readOne(port, 'invoice', invoice.externalId)).guards.allocatedMinor).toBe(0);
  });

  test('together with money is both: the money a payment, the credit an allocation, and neither is ours to change', async () => {
    const { port, books } = await set();
    const invoice = await newInvoice(port);
    const customerId = invoice.projection.atoms.contact.id;
    const note = await newCreditNote(port, { contactId: customerId, lines: [{ quantity: '1', unitPrice: '5' }] });
    const id = (await writeDone(port, create('payment', paymentFor(invoice, 2_000)))).externalId;
    const link = (TxnId: string, TxnType: string, Amount: number) => ({ Amount, LinkedTxn: [{ TxnId, TxnType }] });
    books.editPayment(id, { Line: [link(invoice.externalId, 'Invoice', 26), link(note.externalId, 'CreditMemo', 6)] });
    const payment = await readOne(port, 'payment', id);
    expect(payment.projection.atoms.payment).toMatchObject({
      amountMinor: 2_000,
      allocations: [{ amountMinor: 2_000 }],
    });
    expect(port.editableAtoms('payment', payment)).toEqual([]);
    const part = `${id}/${note.externalId}/${invoice.externalId}`;
    const allocation = await readOne(port, 'allocation', part);
    expect(allocation.projection.atoms.allocation.amountMinor).toBe(600);
    expect([payment.tag === undefined, allocation.tag]).toEqual([false, undefined]);
    expect(await writeOne(port, change('allocation', allocation, 'void'))).toMatchObject({
      result: 'refused',
      problem: { code: 'partOfPayment' },
    });
  });
});

describe('tax outside the United States', () => {
  test('is rounded once per rate over the document, where other engines round each line', async () => {
    const { port } = await set();
    const contactId = await newContact(port);
    const lines = [1, 2].map(() => ({ quantity: '1', unitPrice: '0.50', taxRate: 'reduced' }));
    const projection = invoiceOf(UK_FACTS, { contactId, lines });
    expect(projection.atoms.moneyBlock.taxMinor).toBe(6); // 2.5 rounded up, twice
    expect(port.normalise('invoice', projection).atoms.moneyBlock.taxMinor).toBe(5);
    const record = await writeDone(port, create('invoice', projection));
    expect(record.projection.atoms.moneyBlock).toMatchObject({ taxMinor: 5, totalMinor: 105 });
  });

  test('of a code made of two rates is rounded for each of them', async () => {
    const company: CompanyOptions = {
      country: 'CA',
      homeCurrency: 'CAD',
      taxCodes: [
        {
          name: 'GST/PST',
          rates: [
            { name: 'GST', percent: '5' },
            { name: 'PST', percent: '7' },
          ],
        },
        { name: 'GST', rates: [{ name: 'GST only', percent: '5' }] },
      ],
    };
    const { port, books, openPort, mapping } = await set({ company });
    const code = (name: string): string =>
      [...books.ledger.tables.TaxCode.rows()].find(({ record }) => record.Name === name)?.record.Id ?? '';
    const both = openPort(() => ({ ...mapping, taxCodes: { both: code('GST/PST'), gst: code('GST') } }));
    const chart = await both.chart();
    expect(chart.taxCodes.map(({ name, percent }) => [name, percent])).toEqual([
      ['GST/PST', '12'],
      ['GST', '5'],
    ]);
    const facts = { ...UK_FACTS, currencies: ['CAD'], taxRates: [{ key: 'both', percent: '12' }] };
    const contactId = await newContact(port);
    for (const unitPrice of ['0.50', '10.10', '33.33']) {
      const projection = invoiceOf(facts, { contactId, lines: [{ quantity: '1', unitPrice, taxRate: 'both' }] });
      const record = await writeDone(both, create('invoice', projection));
      expect(record.projection).toEqual(both.normalise('invoice', projection));
    }
  });

  test('included in prices: the gross of each line stands, and so does the total', async () => {
    const { port } = await set();
    const contactId = await newContact(port);
    const lines = [
      { quantity: '3', unitPrice: '3.33', taxRate: 'standard' },
      { quantity: '1', unitPrice: '0.01', taxRate: 'standard' },
    ];
    const projection = invoiceOf(UK_FACTS, { contactId, lines, taxMode: 'taxInclusive' });
    const { moneyBlock } = (await writeDone(port, create('invoice', projection))).projection.atoms;
    expect(moneyBlock.lines.map(({ netMinor }) => netMinor)).toEqual([999, 1]);
    expect(moneyBlock).toMatchObject({ taxMode: 'taxInclusive', totalMinor: 1_000, taxMinor: 167, netMinor: 833 });
  });

  test('a discount on a line becomes a lower price of the same amount', async () => {
    const { port } = await set();
    const contactId = await newContact(port);
    const lines = [{ quantity: '3', unitPrice: '9.99', discountPercent: '12.5', taxRate: 'zero' }];
    const projection = invoiceOf(UK_FACTS, { contactId, lines });
    const { moneyBlock } = (await writeDone(port, create('invoice', projection))).projection.atoms;
    expect(moneyBlock.lines).toMatchObject([{ discountPercent: '0', unitPrice: '8.74125', netMinor: 2_622 }]);
    expect(moneyBlock.totalMinor).toBe(projection.atoms.moneyBlock.totalMinor);
  });

  test('a price that seven decimals cannot tell to the cent is objected to', async () => {
    const { port } = await set();
    await port.organisation();
    await port.chart();
    const lines = [{ quantity: '999999', unitPrice: '0.00000004', taxRate: 'zero' }];
    expect(port.objections('invoice', invoiceOf(UK_FACTS, { contactId: '1', lines }))).toMatchObject([
      { code: 'priceTooFine' },
    ]);
  });
});

describe('tax in the United States', () => {
  const american = () => set({ company: UNITED_STATES });
  const withTax = (taxMinor: number): MoneyBlock => {
    const { moneyBlock } = invoiceOf(US_FACTS, { contactId: '1' }).atoms;
    return { ...moneyBlock, taxMinor, totalMinor: moneyBlock.netMinor + taxMinor };
  };

  test('is the one we state, whatever QuickBooks’ own engine would compute, and stays through other changes', async () => {
    const { port, books } = await american();
    const contactId = await newContact(port);
    for (const taxMinor of [0, 1, 199, 207]) {
      const projection = invoiceOf(US_FACTS, { contactId });
      const request = create('invoice', {
        ...projection,
        atoms: { ...projection.atoms, moneyBlock: withTax(taxMinor) },
      });
      const invoice = await writeDone(port, request);
      expect(invoice.projection.atoms.moneyBlock).toEqual(withTax(taxMinor));
      const changed = await writeDone(port, change('invoice', invoice, 'update', { reference: 'PO 5' }));
      expect(changed.projection.atoms.moneyBlock).toEqual(withTax(taxMinor));
      expect(books.ledger.tables.Invoice.get(invoice.externalId)?.totals.tax).toBe(taxMinor / 100);
    }
  });

  test('of a credit note too', async () => {
    const { port } = await american();
    const projection = creditNoteOf(US_FACTS, { contactId: await newContact(port) });
    const request = create('creditNote', { ...projection, atoms: { ...projection.atoms, moneyBlock: withTax(123) } });
    expect((await writeDone(port, request)).projection.atoms.moneyBlock).toEqual(withTax(123));
  });

  test('whatever the lines, the total is ours to the cent', async () => {
    const { port } = await american();
    const contactId = await newContact(port);
    await fc.assert(
      fc.asyncProperty(
        documentArbitrary({ ...US_FACTS, taxModes: ['taxExclusive', 'noTax'] }, 'invoice'),
        async (wish) => {
          const projection = invoiceOf(US_FACTS, { contactId, lines: wish.lines, taxMode: wish.taxMode });
          expect(port.objections('invoice', projection)).toEqual([]);
          const { moneyBlock } = (await writeDone(port, create('invoice', projection))).projection.atoms;
          expect(moneyBlock.totalMinor).toBe(projection.atoms.moneyBlock.totalMinor);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('a line of words alone is an untaxed one, and normalises to itself', async () => {
    const { port, books } = await american();
    const customerId = await newContact(port);
    const id = books.enterInvoice({ customerId, lines: [{ description: 'Bread', unitPrice: '10', taxCode: 'TAX' }] });
    const standing = books.ledger.tables.Invoice.get(id)?.Line ?? [];
    books.editInvoice(id, { Line: [...standing, { DetailType: 'DescriptionOnly', Description: 'With thanks' }] });
    const { projection } = await readOne(port, 'invoice', id);
    expect(projection.atoms.moneyBlock.lines.map(({ taxRate }) => taxRate)).toEqual(['standard', 'zero']);
    expect(port.normalise('invoice', projection)).toEqual(projection);
    expect(port.objections('invoice', projection)).toEqual([]);
  });

  test('on lines of which none is taxable would be dropped: it is objected to by name', async () => {
    const { port } = await american();
    await port.organisation();
    const projection = invoiceOf(US_FACTS, { contactId: '1', lines: [{ taxRate: 'zero' }] });
    const { moneyBlock } = projection.atoms;
    const taxed = { ...moneyBlock, taxMinor: 10, totalMinor: moneyBlock.totalMinor + 10 };
    expect(
      port.objections('invoice', { ...projection, atoms: { ...projection.atoms, moneyBlock: taxed } }),
    ).toMatchObject([{ code: 'taxNotTaken' }]);
  });

  test('cannot be included in prices: it is objected to by name', async () => {
    const { port } = await american();
    await port.organisation();
    const projection = invoiceOf(US_FACTS, { contactId: '1', taxMode: 'taxInclusive' });
    expect(port.objections('invoice', projection)).toMatchObject([{ code: 'taxInclusive', class: 'unsupported' }]);
  });

  test('switched off in QuickBooks: a taxed invoice is objected to, an untaxed one goes', async () => {
    const { port } = await set({ company: { ...UNITED_STATES, taxScheme: 'off' } });
    const contactId = await newContact(port);
    expect((await port.organisation()).taxScheme).toBe('none');
    const taxed = invoiceOf(US_FACTS, { contactId });
    expect(port.objections('invoice', taxed)).toMatchObject([{ code: 'salesTaxOff' }]);
    const untaxed = invoiceOf(US_FACTS, { contactId, taxMode: 'noTax' });
    const record = await writeDone(port, create('invoice', untaxed));
    expect(record.projection).toEqual(port.normalise('invoice', untaxed));
    expect(record.projection.atoms.moneyBlock.totalMinor).toBe(untaxed.atoms.moneyBlock.totalMinor);
  });
});

describe('currencies', () => {
  test('with multicurrency off everything is in one, and another is objected to by name', async () => {
    const { port } = await set({ company: UNITED_STATES });
    const { currencies, notices } = await port.organisation();
    expect(currencies).toEqual(['USD']);
    expect(notices.join()).toMatch(/Multicurrency is off/);
    const projection = invoiceOf(US_FACTS, { contactId: '1', currency: 'EUR' });
    expect(port.objections('invoice', projection)).toMatchObject([
      { code: 'currencyOff', message: expect.stringMatching(/multicurrency is off/) },
    ]);
  });

  test('a customer has one for good, told where it was not chosen', async () => {
    const { port } = await set();
    const plain = await readOne(port, 'contact', await newContact(port));
    const euro = await readOne(port, 'contact', await newContact(port, { currency: 'EUR' }));
    expect([plain, euro].map(({ projection }) => projection.atoms.currency)).toEqual(['GBP', 'EUR']);
    expect(port.editableAtoms('contact', euro)).not.toContain('currency');
  });
});
