// Short hands of the contract suite: write one record, read it back, expect what an outcome must be.
import { expect } from '@jest/globals';
import type { ExternalId, ExternalRecord, WriteOutcome, WriteRequest } from '../../../src/sync/ports/ledger-port';
import type { AtomsOf, Projection, RecordKind } from '../../../src/sync/records';
import { contactOf, create, type DocumentWish, invoiceOf, paymentOf } from './builders';
import type { LedgerHarness } from './harness';

export const done = <K extends RecordKind>(outcome: WriteOutcome<K> | undefined): ExternalRecord<K> => {
  if (outcome?.result === 'done') return outcome.record;
  throw new Error(`expected done, got ${JSON.stringify(outcome)}`);
};

export const writeOne = async <K extends RecordKind>(
  { port }: LedgerHarness,
  request: WriteRequest<K>,
): Promise<WriteOutcome<K>> => {
  const outcomes = await port.write([request]);
  expect(outcomes).toHaveLength(1);
  expect(outcomes[0]?.ref).toBe(request.ref);
  return outcomes[0] as WriteOutcome<K>;
};

export const readOne = async <K extends RecordKind>(
  { port }: LedgerHarness,
  kind: K,
  id: ExternalId,
): Promise<ExternalRecord<K>> => {
  const reading = (await port.read(kind, [id])).get(id);
  if (reading?.state !== 'present') throw new Error(`expected ${kind} ${id}, got ${JSON.stringify(reading)}`);
  return reading.record;
};

export const newContact = async (harness: LedgerHarness, currency: string | null = null): Promise<ExternalId> =>
  done(await writeOne(harness, create('contact', contactOf({ currency })))).externalId;

export const newInvoice = async (
  harness: LedgerHarness,
  wish: Partial<DocumentWish> = {},
): Promise<ExternalRecord<'invoice'>> => {
  const contactId = wish.contactId ?? (await newContact(harness, wish.currency ?? null));
  return done(await writeOne(harness, create('invoice', invoiceOf(harness.facts, { ...wish, contactId }))));
};

/** Pays `amountMinor` (default: all of it) of an invoice. */
export const paymentFor = (
  invoice: ExternalRecord<'invoice'>,
  amountMinor = invoice.projection.atoms.moneyBlock.totalMinor,
  reference: string | null = null,
): Projection<AtomsOf['payment']> =>
  paymentOf({
    contactId: invoice.projection.atoms.contact.id,
    invoiceId: invoice.externalId,
    amountMinor,
    currency: invoice.projection.atoms.moneyBlock.currency,
    reference,
  });

export const change = <K extends RecordKind>(
  kind: K,
  record: ExternalRecord<K>,
  op: 'update' | 'void' | 'unarchive',
  atoms: Partial<AtomsOf[K]> = {},
): WriteRequest<K> => {
  const status = op === 'void' ? (kind === 'contact' ? 'archived' : 'void') : 'live';
  const projection = { status, atoms: { ...record.projection.atoms, ...atoms } } as Projection<AtomsOf[K]>;
  return create(kind, projection, {
    op,
    atoms: Object.keys(atoms),
    externalId: record.externalId,
    ...(record.tag === undefined ? {} : { tag: record.tag }),
    ...(record.precondition === undefined ? {} : { precondition: record.precondition }),
  } as Partial<WriteRequest<K>>);
};
