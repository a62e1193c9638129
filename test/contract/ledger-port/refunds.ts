// Cash given back against a credit note: made once, found again when the answer was lost, taken back as a whole. A ledger that has no record
// for it names no such kind and reads none.
import { describe, expect, test } from '@jest/globals';
import type { ExternalRecord } from '../../../src/sync/ports/ledger-port';
import type { Projection, RefundAtoms } from '../../../src/sync/records';
import { change, done, newContact, readOne, writeOne } from './acting';
import { create, creditNoteOf, PAID_ON } from './builders';
import type { LedgerHarness } from './harness';

const newCreditNote = async (harness: LedgerHarness): Promise<ExternalRecord<'creditNote'>> => {
  const contactId = await newContact(harness);
  return done(await writeOne(harness, create('creditNote', creditNoteOf(harness.facts, { contactId }))));
};

const refundOf = (note: ExternalRecord<'creditNote'>, amountMinor: number): Projection<RefundAtoms> => ({
  status: 'live',
  atoms: {
    refund: {
      creditNote: { $ref: 'creditNote', id: note.externalId },
      currency: note.projection.atoms.moneyBlock.currency,
      amountMinor,
      date: PAID_ON,
      account: null,
      method: 'bankTransfer',
      reference: 'RMA 7',
    },
  },
});

export const describeRefunds = (current: () => LedgerHarness): void => {
  const hasRefunds = (): boolean => current().port.capabilities.kinds.includes('refund');
  const openOf = async (note: ExternalRecord<'creditNote'>): Promise<number> =>
    (await readOne(current(), 'creditNote', note.externalId)).guards.openMinor;
  const listed = async (kind: 'refund' | 'payment'): Promise<string[]> => {
    const ids: string[] = [];
    for await (const page of current().port.list(kind)) ids.push(...page.readings.map(({ externalId }) => externalId));
    return ids;
  };

  describe('a refund', () => {
    test('is read as it was normalised, lowers the credit left, and is no payment', async () => {
      if (!hasRefunds()) return;
      const { port } = current();
      const note = await newCreditNote(current());
      const { totalMinor } = note.projection.atoms.moneyBlock;
      const wanted = refundOf(note, totalMinor - 100);
      const made = done(await writeOne(current(), create('refund', wanted)));
      const reread = await readOne(current(), 'refund', made.externalId);
      expect(reread.projection).toEqual(port.normalise('refund', wanted));
      expect(made.projection).toEqual(reread.projection);
      expect(await openOf(note)).toBe(100);
      expect(await listed('refund')).toContain(made.externalId);
      expect(await listed('payment')).not.toContain(made.externalId);
      expect(port.editableAtoms('refund', reread)).not.toContain('refund');
    });

    test('of more than is left is refused, and nothing is booked', async () => {
      if (!hasRefunds()) return;
      const note = await newCreditNote(current());
      const { totalMinor } = note.projection.atoms.moneyBlock;
      const outcome = await writeOne(current(), create('refund', refundOf(note, totalMinor + 1)));
      expect(outcome).toMatchObject({ result: 'refused', problem: { class: 'validation' } });
      expect(await openOf(note)).toBe(totalMinor);
    });

    test('that is taken back gives the credit note its money again', async () => {
      if (!hasRefunds()) return;
      const note = await newCreditNote(current());
      const { totalMinor } = note.projection.atoms.moneyBlock;
      const made = done(await writeOne(current(), create('refund', refundOf(note, totalMinor))));
      const gone = done(await writeOne(current(), change('refund', made, 'void')));
      expect(gone.projection.status).toBe('void');
      expect(await openOf(note)).toBe(totalMinor);
    });

    test('is found by its mark when the answer to it was lost, and sent again under its key makes no second', async () => {
      if (!hasRefunds()) return;
      const { port } = current();
      const note = await newCreditNote(current());
      const { totalMinor } = note.projection.atoms.moneyBlock;
      const request = create('refund', refundOf(note, 100));
      await current().fault('commitThenDrop', 'write');
      expect(await writeOne(current(), request)).toMatchObject({ result: 'unknown' });
      await current().healFaults();
      const key = {
        by: 'tag',
        tag: request.tag,
        refund: { creditNoteId: note.externalId, amountMinor: 100, date: PAID_ON },
      } as const;
      const found = (await port.findByNaturalKey('refund', [key], 'resolve')).get(key);
      expect(found).toMatchObject([{ tag: request.tag, projection: { status: 'live' } }]);
      await writeOne(current(), request);
      expect(await openOf(note)).toBe(totalMinor - 100);
    });

    test('has no kind where the ledger has no record for it', async () => {
      if (hasRefunds()) return;
      expect(current().port.capabilities.webhookKinds).not.toContain('refund');
    });
  });
};
