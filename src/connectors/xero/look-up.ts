// Finds records by what only ours can have: numbers, names, tags. Voided, deleted and archived ones included; several keys share one call.
import {
  type ExternalId,
  type ExternalRecord,
  type LedgerProblem,
  LedgerUnavailable,
  type NaturalKey,
} from '../../sync/ports/ledger-port';
import type { AtomsOf, ContactAtoms, CreditNoteAtoms, InvoiceAtoms, PaymentAtoms } from '../../sync/records';
import { Envelope } from './answers';
import type { CallOptions, XeroApi } from './api';
import type { ReadContext, Resource, ResourceKind } from './kinds';
import { LENGTHS } from './limits';
import { answered } from './reading';
import { contactNumberOfTag } from './tags';
import { cut, name as nameText } from './text';
import { anyOf, guidIs, textContains, textIs, whereGroups } from './where';

type Found<K extends ResourceKind> = ExternalRecord<K>;
type LookUp<K extends ResourceKind> = {
  /** Conditions under which Xero lists every record that may answer the key; none: the key cannot be looked up. */
  readonly tests: (key: NaturalKey) => readonly string[];
  readonly answers: (key: NaturalKey, record: Found<K>) => boolean;
};

const contacts: LookUp<'contact'> = {
  tests: (key) => {
    switch (key.by) {
      case 'tag':
        return [
          ...contactNumberOfTag(key.tag).map((number) => textIs('ContactNumber', number)),
          ...(key.name === undefined ? [] : [textIs('Name', nameText(key.name, LENGTHS.contactName))]),
        ];
      case 'number':
        return [textIs('ContactNumber', key.number)];
      case 'name':
        return [textIs('Name', nameText(key.name, LENGTHS.contactName))];
    }
  },
  answers: (key, { tag, projection }) => {
    const { name, externalRef }: ContactAtoms = projection.atoms;
    const isNamed = (wanted: string): boolean =>
      nameText(wanted, LENGTHS.contactName).toLowerCase() === name.toLowerCase();
    if (key.by === 'number') return externalRef === key.number;
    if (key.by === 'name') return isNamed(key.name);
    return tag === key.tag || (key.name !== undefined && isNamed(key.name));
  },
};

const numberOf = (key: NaturalKey): string | undefined => {
  const number = key.by === 'name' ? undefined : key.number;
  return number === undefined ? undefined : cut(number, LENGTHS.documentNumber);
};

const documents = <K extends 'invoice' | 'creditNote'>(numberField: string): LookUp<K> => ({
  tests: (key) => {
    const number = numberOf(key);
    if (number !== undefined) return [textIs(numberField, number)];
    // Credit notes carry the tag in a field that can be searched; the link back of an invoice cannot.
    return key.by === 'tag' && numberField === 'CreditNoteNumber' ? [textContains('Reference', key.tag)] : [];
  },
  answers: (key, record) => {
    const { number }: InvoiceAtoms | CreditNoteAtoms = record.projection.atoms as AtomsOf['invoice'];
    const isTagged = key.by === 'tag' && record.tag === key.tag;
    return isTagged || number === numberOf(key);
  },
});

const payments: LookUp<'payment'> = {
  tests: (key) => {
    if (key.by !== 'tag') return [];
    return key.payment === undefined
      ? [textContains('Reference', key.tag)]
      : [guidIs('Invoice.InvoiceID', key.payment.invoiceId)];
  },
  answers: (key, { tag, projection }) => {
    if (key.by !== 'tag') return false;
    if (tag === key.tag) return true;
    const { payment }: PaymentAtoms = projection.atoms;
    const twin = key.payment;
    return (
      twin !== undefined &&
      tag === undefined &&
      projection.status === 'live' &&
      payment.allocations[0]?.invoice.id === twin.invoiceId &&
      payment.amountMinor === twin.amountMinor &&
      payment.date === twin.date
    );
  },
};

/** Only by our own mark: that the note is known under `Invoice` in a search, too, is nowhere promised. */
const refunds: LookUp<'refund'> = {
  tests: (key) => (key.by === 'tag' ? [textContains('Reference', key.tag)] : []),
  answers: (key, { tag }) => key.by === 'tag' && tag === key.tag,
};

const LOOK_UPS: { readonly [K in ResourceKind]: LookUp<K> } = {
  contact: contacts,
  invoice: documents<'invoice'>('InvoiceNumber'),
  creditNote: documents<'creditNote'>('CreditNoteNumber'),
  payment: payments,
  refund: refunds,
};

export const lookUp = async <K extends ResourceKind>(
  { api, context, pageSize }: { readonly api: XeroApi; readonly context: ReadContext; readonly pageSize: number },
  resource: Resource<K>,
  keys: readonly NaturalKey[],
  options: CallOptions,
): Promise<ReadonlyMap<NaturalKey, readonly ExternalRecord<K>[]>> => {
  const rules: LookUp<K> = LOOK_UPS[resource.kind];
  const tests = new Set<string>();
  for (const key of keys) {
    const asked = rules.tests(key);
    if (asked.length === 0) throw new LedgerUnavailable(cannotLookUp(resource.kind, key));
    for (const test of asked) tests.add(test);
  }
  const records = new Map<ExternalId, ExternalRecord<K>>();
  for (const group of whereGroups([...tests])) {
    const where = resource.where === undefined ? anyOf(group) : `${resource.where} AND (${anyOf(group)})`;
    for (const element of await allElements(api, resource, where, pageSize, options)) {
      const reading = resource.read(context, element);
      if (reading === 'foreign' || reading.state === 'absent') continue;
      // One that is not understood may be the one we look for: then nothing is proved.
      if (reading.state === 'unread') throw new LedgerUnavailable(reading.problem);
      records.set(reading.record.externalId, reading.record);
    }
  }
  return new Map(
    keys.map((key) => [
      key,
      chosen(
        [...records.values()].filter((found) => rules.answers(key, found)),
        key,
      ),
    ]),
  );
};

/** Where one proves by its tag to be ours, mere resemblance says nothing more. */
const chosen = <K extends ResourceKind>(
  found: readonly ExternalRecord<K>[],
  key: NaturalKey,
): readonly ExternalRecord<K>[] => {
  const ours = key.by === 'tag' ? found.filter(({ tag }) => tag === key.tag) : [];
  return ours.length > 0 ? ours : found;
};

const allElements = async (
  api: XeroApi,
  resource: Resource<ResourceKind>,
  where: string,
  pageSize: number,
  options: CallOptions,
): Promise<readonly unknown[]> => {
  const all: unknown[] = [];
  for (let page = 1; ; page++) {
    const answer = await resource.list(api, { where, page, pageSize }, options);
    const elements = answered(answer, resource.plural);
    all.push(...elements);
    const envelope = answer.verdict === 'answered' ? Envelope.safeParse(answer.json).data : undefined;
    const isLast =
      envelope?.pagination === undefined ? elements.length < pageSize : page >= envelope.pagination.pageCount;
    if (isLast || elements.length === 0) return all;
  }
};

const cannotLookUp = (kind: ResourceKind, key: NaturalKey): LedgerProblem => ({
  class: 'unsupported',
  message: `Xero cannot be searched for a ${kind} by its ${key.by} alone.`,
});
