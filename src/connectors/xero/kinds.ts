// The four resources of Xero that we read, side by side: where each is listed, which ids and stamps its elements have, and how one element
// becomes a reading. An element that does not fit is `unread`, with what was sent; the others go on.
import type { z } from 'zod';
import type { Instant } from '../../core/clock';
import type { ExternalId, ExternalRecord, Guards, LedgerProblem, Reading } from '../../sync/ports/ledger-port';
import type { AtomsOf, PaymentAtoms, Projection, RecordKind, RefundAtoms } from '../../sync/records';
import { faultIn, shownName } from '../unread';
import {
  ContactAnswer,
  CreditNoteAnswer,
  InvoiceAnswer,
  NotUnderstood,
  PaymentAnswer,
  PaymentTypeOnly,
  RefundAnswer,
} from './answers';
import type { ApiAnswer, CallOptions, ListQuery, XeroApi } from './api';
import { contactProjection } from './contact-projection';
import { creditNoteProjection, invoiceProjection } from './document-projection';
import type { PageSizes } from './limits';
import type { Known } from './mapped';
import { isReceipt, paymentProjection } from './money-projection';
import { isRefund, refundProjection } from './refund-projection';
import { GATEWAY_CONTACT } from './tags';

/** Allocations live inside credit notes; every other kind is a resource of its own. */
export type ResourceKind = Exclude<RecordKind, 'allocation'>;

export type ReadContext = {
  readonly known: Known;
  /** Deep link for people. */
  readonly urlOf: (kind: RecordKind, id: ExternalId) => string | undefined;
  readonly wish?: PaymentAtoms['payment'];
  readonly refundWish?: RefundAtoms['refund'];
  /** Told of every invoice that is read. */
  readonly noteInvoice?: (element: unknown) => void;
};

export type Resource<K extends ResourceKind> = {
  readonly kind: K;
  readonly plural: string;
  readonly idField: string;
  readonly pageSize: (sizes: PageSizes) => number;
  /** Narrows every list to records that concern us; documents of suppliers share the resource. */
  readonly where: string | undefined;
  readonly list: (api: XeroApi, query: ListQuery, options: CallOptions) => Promise<ApiAnswer>;
  readonly single: (api: XeroApi, id: ExternalId, options: CallOptions) => Promise<ApiAnswer>;
  /** `foreign`: a record of Xero that is none of ours (a bill, a supplier, a refund). */
  readonly read: (context: ReadContext, element: unknown) => Reading<K> | 'foreign';
};

export const CONTACTS: Resource<'contact'> = {
  kind: 'contact',
  plural: 'Contacts',
  idField: 'ContactID',
  pageSize: ({ others }) => others,
  where: undefined,
  list: (api, query, options) => api.contacts(query, options),
  single: (api, id, options) => api.contact(id, options),
  read: (context, element) =>
    understood(ContactAnswer, element, (contact) => {
      if (contact.MergedToContactID !== undefined) {
        return { state: 'absent', reason: 'merged', mergedInto: contact.MergedToContactID };
      }
      const guards = { allocatedMinor: 0, openMinor: 0, reconciled: false };
      const stamps = { id: contact.ContactID, stamp: contact.UpdatedDateUTC };
      const record = recordOf(context, 'contact', stamps, { ...contactProjection(contact), guards });
      const isNoCustomer = contact.IsCustomer !== true && record.tag === undefined;
      const isGateway = contact.Name.trim().toLowerCase() === GATEWAY_CONTACT.toLowerCase();
      return isNoCustomer && (contact.IsSupplier === true || isGateway) ? 'foreign' : { state: 'present', record };
    }),
};

export const INVOICES: Resource<'invoice'> = {
  kind: 'invoice',
  plural: 'Invoices',
  idField: 'InvoiceID',
  pageSize: ({ documents }) => documents,
  where: 'Type=="ACCREC"',
  list: (api, query, options) => api.invoices(query, options),
  single: (api, id, options) => api.invoice(id, options),
  read: (context, element) =>
    understood(InvoiceAnswer, element, (invoice) => {
      if (invoice.Type !== 'ACCREC') return 'foreign';
      context.noteInvoice?.(element);
      const stamps = { id: invoice.InvoiceID, stamp: invoice.UpdatedDateUTC };
      const record = recordOf(context, 'invoice', stamps, invoiceProjection(context.known, invoice));
      return { state: 'present', record };
    }),
};

export const CREDIT_NOTES: Resource<'creditNote'> = {
  kind: 'creditNote',
  plural: 'CreditNotes',
  idField: 'CreditNoteID',
  pageSize: ({ documents }) => documents,
  where: 'Type=="ACCRECCREDIT"',
  list: (api, query, options) => api.creditNotes(query, options),
  single: (api, id, options) => api.creditNote(id, options),
  read: (context, element) =>
    understood(CreditNoteAnswer, element, (note) => {
      if (note.Type !== 'ACCRECCREDIT') return 'foreign';
      const stamps = { id: note.CreditNoteID, stamp: note.UpdatedDateUTC };
      const record = recordOf(context, 'creditNote', stamps, creditNoteProjection(context.known, note));
      return { state: 'present', record };
    }),
};

export const PAYMENTS: Resource<'payment'> = {
  kind: 'payment',
  plural: 'Payments',
  idField: 'PaymentID',
  pageSize: ({ others }) => others,
  where: undefined,
  list: (api, query, options) => api.payments(query, options),
  single: (api, id, options) => api.payment(id, options),
  read: (context, element) => {
    // Money paid back, or paid on an advance, need not name an invoice at all.
    const type = PaymentTypeOnly.safeParse(element).data?.PaymentType;
    if (type !== undefined && type !== 'ACCRECPAYMENT') return 'foreign';
    return understood(PaymentAnswer, element, (payment) => {
      if (!isReceipt(payment)) return 'foreign';
      const stamps = { id: payment.PaymentID, stamp: payment.UpdatedDateUTC };
      const record = recordOf(context, 'payment', stamps, paymentProjection(context.known, payment, context.wish));
      return { state: 'present', record };
    });
  },
};

export const REFUNDS: Resource<'refund'> = {
  ...PAYMENTS,
  kind: 'refund',
  read: (context, element) => {
    const type = PaymentTypeOnly.safeParse(element).data?.PaymentType;
    if (type !== undefined && type !== 'ARCREDITPAYMENT') return 'foreign';
    return understood(RefundAnswer, element, (payment) => {
      if (!isRefund(payment)) return 'foreign';
      const stamps = { id: payment.PaymentID, stamp: payment.UpdatedDateUTC };
      const record = recordOf(context, 'refund', stamps, refundProjection(context.known, payment, context.refundWish));
      return { state: 'present', record };
    });
  },
};

const RESOURCES: { readonly [K in ResourceKind]: Resource<K> } = {
  contact: CONTACTS,
  invoice: INVOICES,
  creditNote: CREDIT_NOTES,
  payment: PAYMENTS,
  refund: REFUNDS,
};
/** An element as a reading, with what people call it where it is not understood. */
export const readElement = <K extends ResourceKind>(
  resource: Resource<K>,
  context: ReadContext,
  id: ExternalId,
  element: unknown,
): Reading<K> | 'foreign' => {
  const reading = resource.read(context, element);
  if (reading === 'foreign' || reading.state !== 'unread') return reading;
  const name = shownName(element, NAMES[resource.kind]);
  const url = context.urlOf(resource.kind, id);
  return { ...reading, shown: { ...(name === undefined ? {} : { name }), ...(url === undefined ? {} : { url }) } };
};
const NAMES: Readonly<Record<ResourceKind, readonly string[]>> = {
  contact: ['Name'],
  invoice: ['InvoiceNumber'],
  creditNote: ['CreditNoteNumber'],
  payment: ['Reference'],
  refund: ['Reference'],
};

export const resourceOf = <K extends ResourceKind>(kind: K): Resource<K> => RESOURCES[kind];

export const recordOf = <K extends RecordKind>(
  { urlOf }: ReadContext,
  kind: K,
  { id, stamp }: { readonly id: ExternalId; readonly stamp: Instant },
  parts: { readonly projection: Projection<AtomsOf[K]>; readonly guards: Guards; readonly tag?: string },
): ExternalRecord<K> => {
  const url = urlOf(kind, id);
  return { kind, externalId: id, version: stamp, changedAt: stamp, ...parts, ...(url === undefined ? {} : { url }) };
};

/** Parses one element; what does not fit becomes `unread`, never a guess. */
export const understood = <S extends z.ZodType, R>(
  schema: S,
  element: unknown,
  read: (answer: z.output<S>) => R,
): R | { readonly state: 'unread'; readonly problem: LedgerProblem; readonly raw: string } => {
  const parsed = schema.safeParse(element);
  if (!parsed.success) return unread(element, faultIn(parsed.error));
  try {
    return read(parsed.data);
  } catch (error) {
    if (error instanceof NotUnderstood) return unread(element, error.message);
    throw error;
  }
};

const RAW_LENGTH = 20_000;
const unread = (element: unknown, why: string) =>
  ({
    state: 'unread',
    problem: { class: 'bug', code: 'notUnderstood', message: `Xero sent a record that is not understood (${why}).` },
    raw: JSON.stringify(element ?? null).slice(0, RAW_LENGTH),
  }) as const;
