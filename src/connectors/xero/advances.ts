// Reads of overpayments and prepayments as payments. Which of them are ours is told by the link on their bank transactions only; that link
// never changes, so it is read once and remembered.
import type { CalendarDate } from '../../core/calendar-date';
import type { Clock, Instant } from '../../core/clock';
import {
  type ChangePage,
  type ExternalId,
  type ExternalRecord,
  type LedgerProblem,
  LedgerUnavailable,
  type NaturalKey,
  type Reading,
} from '../../sync/ports/ledger-port';
import { shownName } from '../unread';
import {
  ADVANCE_KINDS,
  type AdvanceKind,
  advanceIdOf,
  advanceProjection,
  splitAdvanceId,
  unshownUse,
} from './advance-projection';
import { AdvanceAnswer, AdvanceRowAnswer } from './answers';
import type { ApiAnswer, CallOptions, XeroApi } from './api';
import { toModifiedSince } from './dates';
import { type ReadContext, recordOf, understood } from './kinds';
import { walk } from './paging';
import { answered, listed, pageOfAnswer } from './reading';
import { tagOfLink } from './tags';
import { dateFrom, dateIs, guidIs } from './where';

export type AdvanceRow = {
  readonly bankTransactionId: string;
  readonly accountId: string;
  readonly lineItemIds: readonly string[];
  readonly tag?: string;
};
/** By id of the overpayment or prepayment; outlives a port. */
export type AdvanceRows = Map<string, AdvanceRow>;

type Element = { readonly kind: AdvanceKind; readonly element: unknown };
export type AdvanceReader = ReturnType<typeof createAdvanceReader>;

const PLURALS = { overpayment: 'Overpayments', prepayment: 'Prepayments' } as const;
/** Of the bank transactions they are made of. */
export const ADVANCE_TYPES = { overpayment: 'RECEIVE-OVERPAYMENT', prepayment: 'RECEIVE-PREPAYMENT' } as const;
const RESOURCE_LISTS = {
  overpayment: (api: XeroApi) => api.overpayments,
  prepayment: (api: XeroApi) => api.prepayments,
} as const;
/** Lists may lag behind what was just written: a younger one without its bank transaction is not judged yet. */
const YOUNG_MS = 5 * 60_000;

export const createAdvanceReader = (deps: {
  readonly api: XeroApi;
  readonly clock: Clock;
  readonly pageSize: number;
  readonly context: () => ReadContext;
  readonly rows: AdvanceRows;
}) => {
  const { api, clock, pageSize, context, rows } = deps;

  async function* list(
    kind: AdvanceKind,
    { since, from }: { readonly since?: Instant; readonly from?: CalendarDate | undefined },
  ): AsyncIterable<ChangePage<'payment'>> {
    // Of whichever type: some are made of no bank transaction, and those of suppliers are few.
    const where = from === undefined ? undefined : dateFrom(from);
    const pages = walk(
      async ({ modifiedSince, page }) => {
        const query = {
          where,
          order: 'UpdatedDateUTC ASC',
          page,
          pageSize,
          modifiedSince: modifiedSince === undefined ? undefined : toModifiedSince(modifiedSince),
        };
        const answer = await RESOURCE_LISTS[kind](api)(query, { purpose: 'sync' });
        return pageOfAnswer(answer, PLURALS[kind], (element) => listed(idFieldOf(kind), element));
      },
      pageSize,
      since,
    );
    // The cursor of payments is that of the plain ones.
    for await (const { fresh } of pages) {
      const elements: Element[] = [];
      for (const { id, element: shown } of fresh) elements.push({ kind, element: await whole(kind, id, shown) });
      yield { readings: await readingsOf(elements, { purpose: 'sync' }) };
    }
  }

  /** A list that leaves out allocations must not pass for a record without any: it is asked for by id then. */
  const whole = async (kind: AdvanceKind, id: string, shown: unknown): Promise<unknown> => {
    const { data } = AdvanceAnswer.safeParse(shown);
    if (data === undefined || unshownUse(data).eq(0)) return shown;
    return (await element(kind, id, { purpose: 'sync' })) ?? shown;
  };

  const readingsOf = async (elements: readonly Element[], options: CallOptions) => {
    const parsed = elements.map((one) => ({
      ...one,
      read: understood(AdvanceAnswer, one.element, (advance) => advance),
    }));
    const customers = parsed.filter(({ read }) => 'state' in read || isReceived(read));
    await learnRows(
      customers.flatMap(({ kind, read }) => ('state' in read || kind !== 'overpayment' ? [] : [read])),
      options,
    );
    return customers.map(({ kind, element, read }): { externalId: ExternalId; reading: Reading<'payment'> } => {
      const id = listed(idFieldOf(kind), element).id;
      return {
        externalId: advanceIdOf(kind, id),
        reading: named(kind, id, element, 'state' in read ? read : readingOf(kind, id, element, read)),
      };
    });
  };

  /** It has no number and no reference: people know it by its kind and amount. */
  const named = (kind: AdvanceKind, id: string, element: unknown, reading: Reading<'payment'>): Reading<'payment'> => {
    if (reading.state !== 'unread') return reading;
    const total = shownName(element, ['Total']);
    const url = context().urlOf('payment', advanceIdOf(kind, id));
    const name = total === undefined ? kind : `${kind} of ${total}`;
    return { ...reading, shown: { name, ...(url === undefined ? {} : { url }) } };
  };

  const readingOf = (kind: AdvanceKind, id: string, element: unknown, advance: AdvanceAnswer): Reading<'payment'> => {
    const row = rows.get(id);
    const isYoung = clock.now().getTime() - Date.parse(advance.UpdatedDateUTC) < YOUNG_MS;
    if (kind === 'overpayment' && row === undefined && isYoung && advance.Allocations.length === 0) {
      return { state: 'unread', problem: rowNotShown };
    }
    // An amount that the house cannot hold leaves the record unread.
    const record = understood(AdvanceAnswer, element, (fields) => recordFrom(kind, id, fields, row?.tag));
    return 'state' in record ? record : { state: 'present', record };
  };

  const recordFrom = (
    kind: AdvanceKind,
    id: string,
    advance: AdvanceAnswer,
    tag: string | undefined,
  ): ExternalRecord<'payment'> => {
    const stamps = { id: advanceIdOf(kind, id), stamp: advance.UpdatedDateUTC };
    return recordOf(context(), 'payment', stamps, {
      ...advanceProjection(advance),
      ...(tag === undefined ? {} : { tag }),
    });
  };

  /** The bank transactions of these days, where one of them is not known yet. */
  const learnRows = async (advances: readonly AdvanceAnswer[], options: CallOptions): Promise<void> => {
    const strange = advances.filter(({ OverpaymentID }) => OverpaymentID !== undefined && !rows.has(OverpaymentID));
    if (strange.length === 0) return;
    const days = strange.map(({ Date: day }) => day).sort();
    await eachRow(`Type=="${ADVANCE_TYPES.overpayment}" AND ${between(days[0] ?? '', days.at(-1) ?? '')}`, options);
  };

  const eachRow = async (where: string, options: CallOptions): Promise<readonly AdvanceRowAnswer[]> => {
    const all: AdvanceRowAnswer[] = [];
    for (let page = 1; ; page++) {
      const found = answered(await api.bankTransactions({ where, page, pageSize }, options), 'BankTransactions');
      for (const element of found) {
        const row = AdvanceRowAnswer.safeParse(element).data;
        const id = row?.OverpaymentID ?? row?.PrepaymentID;
        if (row === undefined || id === undefined) continue;
        const tag = tagOfLink(row.Url);
        rows.set(id, {
          bankTransactionId: row.BankTransactionID,
          accountId: row.BankAccount.AccountID,
          lineItemIds: row.LineItems.map(({ LineItemID }) => LineItemID),
          ...(tag === undefined ? {} : { tag }),
        });
        all.push(row);
      }
      if (found.length < pageSize) return all;
    }
  };

  /** The element of one by id, or undefined where Xero says that there is none. */
  const element = async (kind: AdvanceKind, id: string, options: CallOptions): Promise<unknown> => {
    const answer: ApiAnswer = await (kind === 'overpayment' ? api.overpayment : api.prepayment)(id, options);
    if (answer.verdict === 'failed' && answer.problem.class === 'notFound') return undefined;
    return answered(answer, PLURALS[kind])[0];
  };

  const read = async (
    ids: readonly ExternalId[],
    options: CallOptions,
  ): Promise<ReadonlyMap<ExternalId, Reading<'payment'>>> => {
    const result = new Map<ExternalId, Reading<'payment'>>();
    for (const externalId of new Set(ids)) {
      const ref = splitAdvanceId(externalId);
      const found = ref === undefined ? undefined : await element(ref.kind, ref.id, options);
      const [one] =
        ref === undefined || found === undefined ? [] : await readingsOf([{ kind: ref.kind, element: found }], options);
      result.set(externalId, one?.reading ?? { state: 'absent', reason: 'notFound' });
    }
    return result;
  };

  return {
    list,
    read,
    element,
    all: async function* (walk: { readonly since?: Instant; readonly from?: CalendarDate | undefined }) {
      for (const kind of ADVANCE_KINDS) yield* list(kind, walk);
    },
    /** The bank transaction behind one; asked for anew where it is not known. */
    rowOf: async (
      kind: AdvanceKind,
      id: string,
      day: CalendarDate,
      options: CallOptions,
    ): Promise<AdvanceRow | undefined> => {
      if (!rows.has(id)) await eachRow(`Type=="${ADVANCE_TYPES[kind]}" AND ${dateIs('Date', day)}`, options);
      return rows.get(id);
    },
    /** By tag; where none bears it, those of the same customer, day and amount, which a person may have entered. */
    find: async (
      key: Extract<NaturalKey, { by: 'tag' }>,
      options: CallOptions,
    ): Promise<readonly ExternalRecord<'payment'>[]> => {
      const { credit, tag } = key;
      if (credit === undefined) return [];
      const where = [
        `Type=="${ADVANCE_TYPES.overpayment}"`,
        guidIs('Contact.ContactID', credit.contactId),
        dateIs('Date', credit.date),
      ].join(' AND ');
      const found = await eachRow(where, options);
      const ours = found.filter(({ Url }) => tagOfLink(Url) === tag);
      const records: ExternalRecord<'payment'>[] = [];
      for (const row of ours.length > 0 ? ours : found) {
        const externalId = advanceIdOf('overpayment', row.OverpaymentID ?? '');
        const reading = (await read([externalId], options)).get(externalId);
        if (reading?.state === 'unread') throw new LedgerUnavailable(reading.problem);
        if (reading?.state !== 'present') continue;
        const isSame = reading.record.projection.atoms.payment.amountMinor === credit.amountMinor;
        if (reading.record.tag === tag || (reading.record.tag === undefined && isSame)) records.push(reading.record);
      }
      return records;
    },
  };
};

const idFieldOf = (kind: AdvanceKind) => (kind === 'overpayment' ? 'OverpaymentID' : 'PrepaymentID');
/** What was paid to a supplier too early or too much is none of ours. */
const isReceived = ({ Type }: AdvanceAnswer): boolean => Type === undefined || /^(RECEIVE-|AR)/.test(Type);
const between = (first: string, last: string): string =>
  first === last ? dateIs('Date', first) : `${dateFrom(first)} AND ${dateUntil(last)}`;
const dateUntil = (date: string): string => dateFrom(date).replace('>=', '<=');

const rowNotShown: LedgerProblem = {
  class: 'transient',
  code: 'rowNotShown',
  message: 'Xero shows an overpayment and not yet its bank transaction.',
};
