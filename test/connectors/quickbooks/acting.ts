// Short hands of the QuickBooks tests: records of the two rehearsed countries, one write, one read.
import type {
  ChangePage,
  ExternalId,
  ExternalRecord,
  LedgerPort,
  Reading,
  WriteOutcome,
  WriteRequest,
} from '../../../src/sync/ports/ledger-port';
import type { AtomsOf, RecordKind } from '../../../src/sync/records';
import { done } from '../../contract/ledger-port/acting';
import { contactOf, create, creditNoteOf, type DocumentWish, invoiceOf } from '../../contract/ledger-port/builders';
import type { LedgerFacts } from '../../contract/ledger-port/harness';

const COMMON = { lineDiscounts: ['invoice'], disabledCurrency: 'CHF', unknownId: '987654', otherRevenue: '3' } as const;
export const UK_FACTS: LedgerFacts = {
  ...COMMON,
  taxRates: [
    { key: 'standard', percent: '20' },
    { key: 'reduced', percent: '5' },
    { key: 'zero', percent: '0' },
  ],
  taxModes: ['taxExclusive'],
  currencies: ['GBP'],
};
export const US_FACTS: LedgerFacts = {
  ...COMMON,
  taxRates: [
    { key: 'standard', percent: '8.25' },
    { key: 'zero', percent: '0' },
  ],
  taxModes: ['taxExclusive'],
  currencies: ['USD'],
};

export const writeOne = async <K extends RecordKind>(
  port: LedgerPort,
  request: WriteRequest<K>,
): Promise<WriteOutcome<K>> => {
  const [outcome] = await port.write([request]);
  if (outcome === undefined) throw new Error('the write was not answered for');
  return outcome;
};

export const writeDone = async <K extends RecordKind>(
  port: LedgerPort,
  request: WriteRequest<K>,
): Promise<ExternalRecord<K>> => done(await writeOne(port, request));

export const newContact = async (port: LedgerPort, atoms: Partial<AtomsOf['contact']> = {}): Promise<ExternalId> =>
  (await writeDone(port, create('contact', contactOf(atoms)))).externalId;

export const newInvoice = async (
  port: LedgerPort,
  wish: Partial<DocumentWish> = {},
  facts: LedgerFacts = UK_FACTS,
): Promise<ExternalRecord<'invoice'>> => {
  const contactId = wish.contactId ?? (await newContact(port));
  return writeDone(port, create('invoice', invoiceOf(facts, { ...wish, contactId })));
};

export const newCreditNote = (
  port: LedgerPort,
  wish: DocumentWish,
  facts: LedgerFacts = UK_FACTS,
): Promise<ExternalRecord<'creditNote'>> => writeDone(port, create('creditNote', creditNoteOf(facts, wish)));

export const readOne = async <K extends RecordKind>(
  port: LedgerPort,
  kind: K,
  id: ExternalId,
): Promise<ExternalRecord<K>> => {
  const reading = (await port.read(kind, [id])).get(id);
  if (reading?.state !== 'present') throw new Error(`expected ${kind} ${id}, got ${JSON.stringify(reading)}`);
  return reading.record;
};

/** Everything that a list or a feed shows, by id. */
export const gathered = async <K extends RecordKind>(
  pages: AsyncIterable<ChangePage<K>>,
): Promise<Map<ExternalId, Reading<K>>> => {
  const readings = new Map<ExternalId, Reading<K>>();
  for await (const page of pages)
    for (const { externalId, reading } of page.readings) readings.set(externalId, reading);
  return readings;
};

export const present = <K extends RecordKind>(reading: Reading<K> | undefined): ExternalRecord<K> => {
  if (reading?.state !== 'present') throw new Error(`expected a record, got ${JSON.stringify(reading)}`);
  return reading.record;
};

export const allocationOf = (creditNoteId: ExternalId, invoiceId: ExternalId, amountMinor: number) =>
  create('allocation', {
    status: 'live',
    atoms: {
      allocation: {
        creditNote: { $ref: 'creditNote', id: creditNoteId },
        invoice: { $ref: 'invoice', id: invoiceId },
        amountMinor,
        date: '2026-11-12',
      },
    },
  });
