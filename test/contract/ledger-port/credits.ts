// Money that pays no invoice yet: made once, found again when the answer was lost, put to invoices and taken off them again, and taken back
// as a whole. Where a payment belongs to one invoice it is a record of its own kind in the ledger and says so; elsewhere it is any payment.
import { describe, expect, test } from '@jest/globals';
import type { ExternalId, ExternalRecord, WriteOutcome } from '../../../src/sync/ports/ledger-port';
import type { PaymentAtoms, Projection } from '../../../src/sync/records';
import { change, done, newContact, newInvoice, readOne, writeOne } from './acting';
import { create, PAID_ON } from './builders';
import type { LedgerHarness } from './harness';

type Payment = ExternalRecord<'payment'>;
type Invoice = ExternalRecord<'invoice'>;
type Shares = readonly (readonly [Invoice, number])[];

const totalOf = ({ projection }: Invoice): number => projection.atoms.moneyBlock.totalMinor;

export const describeCredits = (current: () => LedgerHarness): void => {
  const creditOf = (contactId: ExternalId, amountMinor: number): Projection<PaymentAtoms> => {
    const { port, facts } = current();
    return {
      status: 'live',
      atoms: {
        payment: {
          contact: { $ref: 'contact', id: contactId },
          currency: facts.currencies[0] ?? 'XXX',
          amountMinor,
          date: PAID_ON,
          account: null,
          method: 'bankTransfer',
          reference: null,
          ...(port.capabilities.paymentUnit === 'allocation' ? { isCredit: true } : {}),
          allocations: [],
        },
      },
    };
  };
  const newCredit = async (amountMinor: number) => {
    const contactId = await newContact(current());
    const credit = done(await writeOne(current(), create('payment', creditOf(contactId, amountMinor))));
    return { contactId, credit };
  };
  const openOf = async ({ externalId }: Invoice): Promise<number> =>
    (await readOne(current(), 'invoice', externalId)).guards.openMinor;
  /** As the bridge does: on what was read last, all that it pays is said anew. */
  const apply = async (credit: Payment, shares: Shares): Promise<WriteOutcome<'payment'>> => {
    const now = await readOne(current(), 'payment', credit.externalId);
    const allocations = shares
      .map(([{ externalId }, amountMinor]) => ({ invoice: { $ref: 'invoice' as const, id: externalId }, amountMinor }))
      .sort((a, b) => (a.invoice.id < b.invoice.id ? -1 : 1));
    return writeOne(
      current(),
      change('payment', now, 'update', { payment: { ...now.projection.atoms.payment, allocations } }),
    );
  };

  describe('money that pays no invoice yet', () => {
    test('is read as it was normalised, and all of it is left', async () => {
      const { port } = current();
      const contactId = await newContact(current());
      const wanted = creditOf(contactId, 5_000);
      expect(port.objections('payment', wanted)).toEqual([]);
      const request = create('payment', wanted);
      const made = done(await writeOne(current(), request));
      const reread = await readOne(current(), 'payment', made.externalId);
      expect(reread.projection.atoms.payment).toMatchObject({ amountMinor: 5_000, date: PAID_ON, allocations: [] });
      expect(reread.projection.atoms.payment.isCredit).toBe(wanted.atoms.payment.isCredit);
      expect(port.normalise('payment', reread.projection)).toEqual(reread.projection);
      expect(made.projection).toEqual(reread.projection);
      expect(reread.guards).toMatchObject({ allocatedMinor: 0, openMinor: 5_000 });
      expect(reread.tag).toBe(request.tag);
      const listed: ExternalId[] = [];
      for await (const { readings } of port.list('payment'))
        listed.push(...readings.map(({ externalId }) => externalId));
      expect(listed.filter((id) => id === made.externalId)).toHaveLength(1);
    });

    test('is put to invoices, moved to others and taken off, and each owes what is left', async () => {
      const { contactId, credit } = await newCredit(2_500);
      const [first, second] = [
        await newInvoice(current(), { contactId }),
        await newInvoice(current(), { contactId }),
      ] as const;
      expect(current().port.editableAtoms('payment', credit)).toContain('payment');
      const used = done(await apply(credit, [[first, 2_000]]));
      expect(used.guards).toMatchObject({ allocatedMinor: 2_000, openMinor: 500 });
      expect(await openOf(first)).toBe(totalOf(first) - 2_000);
      const moved = done(
        await apply(credit, [
          [first, 500],
          [second, 2_000],
        ]),
      );
      expect(moved.guards).toMatchObject({ allocatedMinor: 2_500, openMinor: 0 });
      expect(moved.projection).toEqual((await readOne(current(), 'payment', credit.externalId)).projection);
      expect([await openOf(first), await openOf(second)]).toEqual([totalOf(first) - 500, totalOf(second) - 2_000]);
      const free = done(await apply(credit, []));
      expect(free.guards.openMinor).toBe(2_500);
      expect([await openOf(first), await openOf(second)]).toEqual([totalOf(first), totalOf(second)]);
    });

    test('pays no invoice more than it owes', async () => {
      const { contactId, credit } = await newCredit(90_000);
      const invoice = await newInvoice(current(), { contactId });
      expect(await apply(credit, [[invoice, totalOf(invoice) + 1]])).toMatchObject({ result: 'refused' });
      expect(await openOf(invoice)).toBe(totalOf(invoice));
      expect((await readOne(current(), 'payment', credit.externalId)).guards.openMinor).toBe(90_000);
    });

    test('that is taken back gives the invoice its debt again', async () => {
      const { contactId, credit } = await newCredit(1_000);
      const invoice = await newInvoice(current(), { contactId });
      const used = done(await apply(credit, [[invoice, 1_000]]));
      const gone = done(await writeOne(current(), change('payment', used, 'void')));
      expect(gone.projection.status).toBe('void');
      expect((await readOne(current(), 'payment', credit.externalId)).projection.status).toBe('void');
      expect(await openOf(invoice)).toBe(totalOf(invoice));
    });

    test('is found by its mark when the answer to it was lost, and sent again under its key makes no second', async () => {
      const { port } = current();
      const contactId = await newContact(current());
      const request = create('payment', creditOf(contactId, 700));
      await current().fault('commitThenDrop', 'write');
      expect(await writeOne(current(), request)).toMatchObject({ result: 'unknown' });
      await current().healFaults();
      const key = { by: 'tag', tag: request.tag, credit: { contactId, amountMinor: 700, date: PAID_ON } } as const;
      const found = (await port.findByNaturalKey('payment', [key], 'resolve')).get(key) ?? [];
      expect(found).toMatchObject([{ tag: request.tag, projection: { status: 'live' } }]);
      await writeOne(current(), request);
      expect((await port.findByNaturalKey('payment', [key], 'resolve')).get(key)).toHaveLength(1);
    });

    test('that is gone is not put to an invoice', async () => {
      const { contactId, credit } = await newCredit(700);
      const invoice = await newInvoice(current(), { contactId });
      const gone = done(await writeOne(current(), change('payment', credit, 'void')));
      expect(current().port.editableAtoms('payment', gone)).not.toContain('payment');
      expect(await apply(credit, [[invoice, 700]])).not.toMatchObject({ result: 'done' });
      expect(await openOf(invoice)).toBe(totalOf(invoice));
    });
  });
};
