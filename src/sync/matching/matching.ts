// Finds which records of the two sides are the same, by key look-ups in both directions (never all against all). One-to-one: a record
// wanted twice makes all its candidates ambiguous, and nothing ambiguous is ever linked by itself. Pure.
import { daysBetween } from '../../core/calendar-date';
import { parseTag } from '../links/link';
import { sameValue } from '../planner/atoms';
import { isEnded } from '../planner/side-view';
import type {
  AllocationAtoms,
  ContactAtoms,
  InvoiceAtoms,
  PaymentAtoms,
  Projection,
  RecordKind,
  RefundAtoms,
} from '../records';
import { isSimilarName, plainName } from './names';

export type MatchRecord = { readonly id: string; readonly projection: Projection; readonly tag?: string };

export type Twin = { readonly id: string; readonly isSure: boolean };
export type MatchContext = {
  /** The ledger's twin of a local record of an earlier rank, linked or matched. */
  readonly twinOf: (kind: RecordKind, localId: string) => Twin | undefined;
  /** A person said that these are two. */
  readonly areSeparate?: (localId: string, externalId: string) => boolean;
};

export type MatchPair = {
  readonly localId: string;
  readonly externalId: string;
  readonly state: 'exact' | 'suggested' | 'ambiguous';
  readonly score: number;
  readonly reason: string;
};

type Finding = { readonly sure: boolean; readonly score: number; readonly reason: string };

export const findMatches = (
  kind: RecordKind,
  locals: readonly MatchRecord[],
  externals: readonly MatchRecord[],
  context: MatchContext,
): readonly MatchPair[] => {
  const index = indexByKeys(externals, (record) => externalKeys(kind, record));
  const found: { local: MatchRecord; external: MatchRecord; finding: Finding }[] = [];
  for (const local of locals) {
    const seen = new Set<string>();
    for (const key of localKeys(kind, local, context)) {
      for (const external of index.get(key) ?? []) {
        if (seen.has(external.id)) continue;
        seen.add(external.id);
        if (context.areSeparate?.(local.id, external.id)) continue;
        const finding = compare(kind, local, external, context);
        if (finding) found.push({ local, external, finding });
      }
    }
  }
  return oneToOne(
    found.map(({ local, external, finding }) => ({ localId: local.id, externalId: external.id, finding })),
  );
};

/** Sure pairs first; what is left competes for suggestions. Whoever is wanted twice in its round is ambiguous with all its pairs. */
const oneToOne = (
  pairs: readonly { localId: string; externalId: string; finding: Finding }[],
): readonly MatchPair[] => {
  const result: MatchPair[] = [];
  const taken = new Set<string>();
  for (const sure of [true, false]) {
    const round = pairs.filter(
      ({ finding, localId, externalId }) =>
        finding.sure === sure && !taken.has(`local:${localId}`) && !taken.has(`external:${externalId}`),
    );
    const wanted = new Map<string, number>();
    const count = (key: string): void => void wanted.set(key, (wanted.get(key) ?? 0) + 1);
    for (const { localId, externalId } of round) {
      count(`local:${localId}`);
      count(`external:${externalId}`);
    }
    for (const { localId, externalId, finding } of round) {
      const isWantedTwice =
        (wanted.get(`local:${localId}`) ?? 0) > 1 || (wanted.get(`external:${externalId}`) ?? 0) > 1;
      const state = isWantedTwice ? 'ambiguous' : sure ? 'exact' : 'suggested';
      result.push({ localId, externalId, state, score: finding.score, reason: finding.reason });
      taken.add(`local:${localId}`);
      taken.add(`external:${externalId}`);
    }
  }
  return result;
};

const indexByKeys = (
  records: readonly MatchRecord[],
  keysOf: (record: MatchRecord) => readonly string[],
): ReadonlyMap<string, readonly MatchRecord[]> => {
  const index = new Map<string, MatchRecord[]>();
  for (const record of records) {
    for (const key of keysOf(record)) {
      const list = index.get(key);
      if (list) list.push(record);
      else index.set(key, [record]);
    }
  }
  return index;
};

const lower = (text: string): string => text.normalize('NFC').trim().toLowerCase();

/** Under which keys a ledger record can be found. Amounts are part of a payment's key, its day is not. */
export const externalKeys = (kind: RecordKind, { id, projection, tag }: MatchRecord): readonly string[] => {
  const tagged = tag === undefined ? undefined : parseTag(tag)?.localId;
  return [
    `id:${id}`,
    ...(tagged === undefined ? [] : [`tag:${tagged}`]),
    ...contentKeys(kind, projection, (ref) => ref),
  ];
};

const localKeys = (kind: RecordKind, { id, projection }: MatchRecord, context: MatchContext): readonly string[] => [
  `tag:${id}`,
  ...(kind === 'contact' ? [`ref:${lower(id)}`] : []),
  ...contentKeys(kind, projection, (localId, refKind) => context.twinOf(refKind, localId)?.id),
];

const contentKeys = (
  kind: RecordKind,
  { atoms }: Projection,
  external: (id: string, kind: RecordKind) => string | undefined,
): readonly string[] => {
  switch (kind) {
    case 'contact': {
      const { name, email, taxNumber, externalRef } = atoms as ContactAtoms;
      return [
        `name:${plainName(name)}`,
        ...(email ? [`email:${lower(email)}`] : []),
        ...(taxNumber ? [`tax:${plainTaxNumber(taxNumber)}`] : []),
        ...(externalRef ? [`ref:${lower(externalRef)}`] : []),
      ];
    }
    case 'invoice':
    case 'creditNote':
      return [`number:${lower((atoms as InvoiceAtoms).number)}`];
    case 'payment': {
      const { payment } = atoms as PaymentAtoms;
      const contact = isUnspent(payment) ? external(payment.contact.id, 'contact') : undefined;
      const received = contact === undefined ? [] : [`received:${contact}:${payment.amountMinor}`];
      const paid = payment.allocations.flatMap(({ invoice, amountMinor }) => {
        const id = external(invoice.id, 'invoice');
        return id === undefined ? [] : [`paid:${id}:${amountMinor}`];
      });
      return [...received, ...paid];
    }
    case 'refund': {
      const { refund } = atoms as RefundAtoms;
      const id = external(refund.creditNote.id, 'creditNote');
      return id === undefined ? [] : [`refunded:${id}:${refund.amountMinor}`];
    }
    case 'allocation': {
      const { allocation } = atoms as AllocationAtoms;
      const credit = external(allocation.creditNote.id, 'creditNote');
      const invoice = external(allocation.invoice.id, 'invoice');
      return credit === undefined || invoice === undefined
        ? []
        : [`allocated:${credit}:${invoice}:${allocation.amountMinor}`];
    }
  }
};

/** Money that pays nothing, or not yet all it can: no invoice tells what it is. */
const isUnspent = ({ isCredit, allocations, amountMinor }: PaymentAtoms['payment']): boolean =>
  isCredit === true || allocations.reduce((sum, one) => sum + one.amountMinor, 0) < amountMinor;

const plainTaxNumber = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();

const compare = (
  kind: RecordKind,
  local: MatchRecord,
  external: MatchRecord,
  context: MatchContext,
): Finding | undefined => {
  const bothEnded = isEnded(local.projection.status) && isEnded(external.projection.status);
  if (bothEnded) return undefined;
  if (external.tag !== undefined && parseTag(external.tag)?.localId === local.id) {
    return isEnded(external.projection.status) ? undefined : sure(100, 'it carries our own mark');
  }
  const finding = compareContent(kind, local, external, context);
  if (finding?.sure && local.projection.status !== external.projection.status) {
    return { ...finding, sure: false, reason: `${finding.reason}, but one of them is a draft, cancelled or archived` };
  }
  return finding;
};

const sure = (score: number, reason: string): Finding => ({ sure: true, score, reason });
const maybe = (score: number, reason: string): Finding => ({ sure: false, score, reason });

const compareContent = (
  kind: RecordKind,
  local: MatchRecord,
  external: MatchRecord,
  context: MatchContext,
): Finding | undefined => {
  const [here, there] = [local.projection.atoms, external.projection.atoms];
  switch (kind) {
    case 'contact':
      return compareContacts(local.id, here as ContactAtoms, there as ContactAtoms);
    case 'invoice':
    case 'creditNote':
      return compareDocuments(here as InvoiceAtoms, there as InvoiceAtoms, context);
    case 'payment':
      return comparePayments((here as PaymentAtoms).payment, (there as PaymentAtoms).payment);
    case 'refund':
      return compareCash((here as RefundAtoms).refund, (there as RefundAtoms).refund, 'credit note');
    case 'allocation':
      return sure(95, 'same credit note, invoice and amount');
  }
};

const compareContacts = (localId: string, here: ContactAtoms, there: ContactAtoms): Finding | undefined => {
  const refs = [localId, here.externalRef].filter((ref): ref is string => Boolean(ref)).map(lower);
  if (there.externalRef && refs.includes(lower(there.externalRef))) return sure(100, 'same reference');
  if (here.currency && there.currency && here.currency !== there.currency) return undefined;
  const sameEmail = here.email !== null && there.email !== null && lower(here.email) === lower(there.email);
  if (sameEmail && isSimilarName(here.name, there.name)) return sure(95, 'same e-mail address and similar name');
  if (here.taxNumber && there.taxNumber && plainTaxNumber(here.taxNumber) === plainTaxNumber(there.taxNumber)) {
    return sure(90, 'same tax number');
  }
  if (plainName(here.name) === plainName(there.name)) {
    return here.email && there.email ? maybe(50, 'same name, different e-mail address') : maybe(70, 'same name');
  }
  return sameEmail ? maybe(55, 'same e-mail address, different name') : undefined;
};

const compareDocuments = (here: InvoiceAtoms, there: InvoiceAtoms, context: MatchContext): Finding => {
  const twin = context.twinOf('contact', here.contact.id);
  const differs = [
    ...(twin?.id === there.contact.id ? [] : ['customer']),
    ...(here.moneyBlock.currency === there.moneyBlock.currency ? [] : ['currency']),
    ...(here.moneyBlock.totalMinor === there.moneyBlock.totalMinor ? [] : ['total']),
    ...(here.dates.issueDate === there.dates.issueDate ? [] : ['date']),
  ];
  if (differs.length > 0) return maybe(80 - 20 * differs.length, `same number, but another ${differs.join(' and ')}`);
  return twin?.isSure
    ? sure(98, 'same number, customer, total and date')
    : maybe(90, 'same number, total and date; the customers are not matched for sure');
};

const comparePayments = (here: PaymentAtoms['payment'], there: PaymentAtoms['payment']): Finding | undefined =>
  compareCash(here, there, isUnspent(here) || isUnspent(there) ? 'customer' : 'invoice');

type Cash = Pick<PaymentAtoms['payment'], 'currency' | 'amountMinor' | 'date' | 'reference'>;

const compareCash = (
  here: Cash,
  there: Cash,
  document: 'invoice' | 'credit note' | 'customer',
): Finding | undefined => {
  if (here.currency !== there.currency || here.amountMinor !== there.amountMinor) return undefined;
  const days = Math.abs(daysBetween(here.date, there.date));
  if (days > 3) return undefined;
  const sameReference = here.reference !== null && sameValue(here.reference, there.reference);
  if (days === 0 && sameReference) return sure(95, `same ${document}, amount, day and reference`);
  return maybe(days === 0 ? 80 : 60, `same ${document} and amount, ${days === 0 ? 'same day' : `${days} days apart`}`);
};
