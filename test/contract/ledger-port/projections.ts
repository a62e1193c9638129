// The first promise: what was written is read back as `normalise(written)`, in the answer and by a fresh read, for every kind.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exponentOf } from '../../../src/core/money';
import type { AtomsOf, Projection, RecordKind } from '../../../src/sync/records';
import { done, newContact, newInvoice, paymentFor, readOne, writeOne } from './acting';
import {
  contactArbitrary,
  contactOf,
  create,
  creditNoteOf,
  documentArbitrary,
  invoiceOf,
  paymentOf,
  textArbitrary,
  unique,
} from './builders';
import type { LedgerHarness } from './harness';

const RUNS = { numRuns: 6 };

export const describeProjections = (current: () => LedgerHarness): void => {
  describe('reads back what was written, as it said it would', () => {
    /** Writes all in one call and compares each answer and each fresh read with the promise. */
    const holds = async <K extends RecordKind>(
      kind: K,
      projections: readonly Projection<AtomsOf[K]>[],
    ): Promise<void> => {
      const { port } = current();
      const requests = projections.map((projection) => create(kind, projection));
      for (const { projection } of requests) expect(port.objections(kind, projection)).toEqual([]);
      const outcomes = new Map((await port.write(requests)).map((outcome) => [outcome.ref, outcome]));
      const ids = requests.map(({ ref, projection, tag }) => {
        const record = done(outcomes.get(ref));
        expect(record.projection).toEqual(port.normalise(kind, projection));
        if (kind !== 'allocation') expect(record.tag).toBe(tag);
        return record.externalId;
      });
      expect(new Set(ids).size).toBe(ids.length);
      const readings = await port.read(kind, ids);
      requests.forEach(({ projection }, i) => {
        const reading = readings.get(ids[i] as string);
        expect(reading?.state === 'present' ? reading.record.projection : reading).toEqual(
          port.normalise(kind, projection),
        );
      });
    };

    test('contacts, whatever people type', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(contactArbitrary, { minLength: 1, maxLength: 6 }), async (wishes) => {
          await holds(
            'contact',
            wishes.map((wish) => contactOf({ ...wish, name: `${wish.name} ${unique('c')}` })),
          );
        }),
        RUNS,
      );
    });

    for (const kind of ['invoice', 'creditNote'] as const) {
      test(`${kind}s, whatever their lines`, async () => {
        const { facts } = current();
        const contactId = await newContact(current());
        const build = kind === 'invoice' ? invoiceOf : creditNoteOf;
        await fc.assert(
          fc.asyncProperty(fc.array(documentArbitrary(facts, kind), { minLength: 1, maxLength: 5 }), async (wishes) => {
            const projections = wishes.map(({ lines, taxMode, reference, named }) =>
              build(facts, {
                contactId,
                lines,
                taxMode,
                reference,
                accounts: lines.map((_, i) => (named && i === 0 ? facts.otherRevenue : null)),
              }),
            );
            await holds<'invoice' | 'creditNote'>(kind, projections);
          }),
          RUNS,
        );
      });
    }

    test('payments of a part and of the rest', async () => {
      const { facts } = current();
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 2_499 }), textArbitrary, async (part, reference) => {
          const invoice = await newInvoice(current(), { lines: [{ quantity: '1', unitPrice: '25' }] });
          const total = invoice.projection.atoms.moneyBlock.totalMinor;
          await holds('payment', [paymentFor(invoice, part, reference)]);
          await holds('payment', [paymentFor(invoice, total - part)]);
        }),
        { numRuns: 3 },
      );
      expect(facts.currencies.length).toBeGreaterThan(0);
    });

    test('credit notes allocated to invoices', async () => {
      const { port, facts } = current();
      if (!port.capabilities.kinds.includes('allocation')) {
        expect(port.capabilities.kinds).not.toContain('allocation');
        return;
      }
      const invoice = await newInvoice(current());
      const note = creditNoteOf(facts, {
        contactId: invoice.projection.atoms.contact.id,
        lines: [{ quantity: '1', unitPrice: '10' }],
      });
      const creditNote = done(await writeOne(current(), create('creditNote', note)));
      await holds('allocation', [
        {
          status: 'live',
          atoms: {
            allocation: {
              creditNote: { $ref: 'creditNote', id: creditNote.externalId },
              invoice: { $ref: 'invoice', id: invoice.externalId },
              amountMinor: 700,
              date: '2026-11-12',
            },
          },
        },
      ]);
      expect((await readOne(current(), 'creditNote', creditNote.externalId)).guards.allocatedMinor).toBe(700);
      expect((await readOne(current(), 'invoice', invoice.externalId)).guards.allocatedMinor).toBe(700);
    });

    test('drafts as drafts, or none where the ledger has no drafts', async () => {
      const { facts, port } = current();
      const contactId = await newContact(current());
      const draft = invoiceOf(facts, { contactId, status: 'draft' });
      const [objection] = port.objections('invoice', draft);
      if (objection?.code !== 'noDrafts') return holds('invoice', [draft]);
      expect(await writeOne(current(), create('invoice', draft))).toMatchObject({
        result: 'refused',
        problem: { code: 'noDrafts' },
      });
      expect(await current().hands.countInvoices(draft.atoms.number)).toBe(0);
    });

    test('documents and payments in every currency it has, by the decimals of each', async () => {
      const { facts, port } = current();
      for (const currency of facts.currencies) {
        const contactId = await newContact(current(), currency);
        const unitPrice = { 0: '1250', 2: '12.5', 3: '12.5' }[exponentOf(currency)];
        const taxRate = facts.taxRates.find(({ percent }) => percent === '0')?.key ?? facts.taxRates[0]?.key ?? '';
        const wish = { contactId, currency, lines: [{ quantity: '2', unitPrice, taxRate }] };
        await holds('invoice', [invoiceOf(facts, wish)]);
        const invoice = await newInvoice(current(), wish);
        const { totalMinor } = invoice.projection.atoms.moneyBlock;
        const payment = paymentOf({ contactId, invoiceId: invoice.externalId, amountMinor: totalMinor, currency });
        if (port.objections('payment', payment).length === 0) await holds('payment', [payment]);
      }
    });
  });

  test('normalising twice is normalising once', () => {
    const { port, facts } = current();
    fc.assert(
      fc.property(contactArbitrary, documentArbitrary(facts, 'invoice'), (wish, { lines, taxMode, reference }) => {
        const contact = port.normalise('contact', contactOf(wish));
        expect(port.normalise('contact', contact)).toEqual(contact);
        const projection = invoiceOf(facts, { contactId: facts.unknownId, lines, taxMode, reference });
        const invoice = port.normalise('invoice', projection);
        expect(port.normalise('invoice', invoice)).toEqual(invoice);
      }),
      { numRuns: 60 },
    );
  });

  describe('objects by name to what cannot be sent', () => {
    const classes = (problems: readonly { class: string }[]): string[] => problems.map((problem) => problem.class);

    test('a tax rate that the mapping does not know', () => {
      const { port, facts } = current();
      const projection = invoiceOf(facts, { contactId: facts.unknownId, lines: [{ taxRate: 'rate-nobody-mapped' }] });
      const problems = port.objections('invoice', projection);
      expect(classes(problems)).toContain('validation');
      expect(problems.map(({ message }) => message).join(' ')).toContain('rate-nobody-mapped');
    });

    test('a currency that the organisation does not have', () => {
      const { port, facts } = current();
      const projection = invoiceOf(facts, { contactId: facts.unknownId, currency: facts.disabledCurrency });
      expect(
        port
          .objections('invoice', projection)
          .map(({ message }) => message)
          .join(' '),
      ).toContain(facts.disabledCurrency);
    });

    test('a number that is too long', () => {
      const { port, facts } = current();
      const projection = invoiceOf(facts, { contactId: facts.unknownId, number: 'N'.repeat(300) });
      expect(classes(port.objections('invoice', projection))).toContain('validation');
    });

    test('an account that the chart does not have', () => {
      const { port, facts } = current();
      const projection = invoiceOf(facts, { contactId: facts.unknownId, accounts: ['no-such-account'] });
      expect(
        port
          .objections('invoice', projection)
          .map(({ message }) => message)
          .join(' '),
      ).toContain('no-such-account');
    });
  });
};
