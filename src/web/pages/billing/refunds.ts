// Refunds: money that was given back to a customer, recorded from the page of its credit note. Nothing is paid out here.
import type { CreditNote, Refund } from '../../../billing/documents';
import { PAYMENT_METHODS } from '../../../billing/documents';
import { BridgeError } from '../../../core/errors';
import { displayMoney, formatMinor } from '../../../core/money';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { timelineEntry } from './activity-words';
import { amountOf, type BillingParts, commandOf, freshCommand, type StatusView } from './parts';
import { METHOD_WORDS } from './payments';

export const refundPages = (parts: BillingParts): readonly Route[] => [
  guarded('GET /credit-notes/:id/refund', 'write', (incoming) => form(parts, incoming)),
  guarded('POST /credit-notes/:id/refund', 'write', (incoming) => create(parts, incoming)),
  guarded('GET /refunds/:id', 'read', (incoming) => record(parts, incoming)),
  guarded('POST /refunds/:id/void', 'write', async (incoming) => {
    const refund = await parts.billing.refunds.void(commandOf(incoming), incoming.params.id ?? '', {
      reason: textOf(incoming.body, 'reason'),
    });
    return redirect(`/refunds/${refund.id}`, 'The refund is void; its credit note has the money again.');
  }),
];

const fieldsFor = ({ currency, openMinor }: CreditNote, customer: string): readonly Field[] => [
  {
    name: 'amount',
    label: `Amount, ${currency}`,
    inputmode: 'decimal',
    required: true,
    hint: `At most ${displayMoney(openMinor, currency)}, which is what is left.`,
  },
  { name: 'date', label: 'Day it went out', type: 'date', required: true },
  {
    name: 'method',
    label: 'How',
    options: PAYMENT_METHODS.filter((method) => method !== 'stripe').map((value) => ({
      value,
      label: METHOD_WORDS[value],
    })),
  },
  { name: 'reference', label: 'Reference', hint: `As ${customer} or the bank will see it.` },
];

const form = async ({ billing }: BillingParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const { tenantId } = incoming.visitor;
  const note = await billing.creditNotes.get(tenantId, incoming.params.id ?? '');
  const customer = await billing.customers.get(tenantId, note.customerId);
  const fields = fieldsFor(note, customer.name);
  const today = await billing.businesses.today(tenantId);
  const proposed: Readonly<Record<string, string>> = {
    date: today,
    method: 'bankTransfer',
    amount: formatMinor(note.openMinor, note.currency),
  };
  const valueFor = (name: string): string =>
    failure === undefined ? (proposed[name] ?? '') : textOf(incoming.body, name);
  return page(
    'creditNotes',
    'billing/refund-form',
    'Record a refund',
    {
      note: { id: note.id, number: note.number ?? 'Draft', isOpen: note.isOpen },
      customer: { name: customer.name },
      command: freshCommand(),
      fields: fieldViews(fields, valueFor, failure),
      problems: problemViews(fields, failure),
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

const create = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const { body, params, visitor } = incoming;
  const creditNoteId = idText(params.id ?? '', 'credit note');
  const { currency } = await parts.billing.creditNotes.get(visitor.tenantId, creditNoteId);
  const tried = await attempt(() => {
    const method = PAYMENT_METHODS.find((each) => each === textOf(body, 'method'));
    if (method === undefined)
      throw new BridgeError('BB_INPUT_INVALID', { problem: 'How: choose one' }, { method: 'choose how it was paid' });
    return parts.billing.refunds.record(commandOf(incoming), {
      creditNoteId,
      currency,
      amountMinor: amountOf(textOf(body, 'amount'), currency, 'amount'),
      date: textOf(body, 'date'),
      method,
      reference: textOf(body, 'reference'),
    });
  });
  if (!tried.ok) return form(parts, incoming, tried.failure);
  return redirect(`/credit-notes/${creditNoteId}`, 'The refund is recorded.');
};

export const refundStatus = ({ state }: Refund): StatusView =>
  state === 'void' ? { css: 'void', words: 'Void' } : { css: 'paid', words: 'Paid back' };

const record = async ({ billing, twin }: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const { tenantId } = incoming.visitor;
  const refund = await billing.refunds.get(tenantId, incoming.params.id ?? '');
  const [customer, note, history, twinView] = await Promise.all([
    billing.customers.get(tenantId, refund.customerId),
    billing.creditNotes.get(tenantId, refund.creditNoteId),
    billing.activity.of(tenantId, refund.id, { limit: 50 }),
    twin(tenantId, 'refund', refund.id),
  ]);
  return page('creditNotes', 'billing/refund', `Refund to ${customer.name}`, {
    refund: {
      id: refund.id,
      status: refundStatus(refund),
      isLive: refund.state === 'recorded',
      amountMinor: refund.amountMinor,
      currency: refund.currency,
      date: refund.date,
      method: METHOD_WORDS[refund.method],
      reference: refund.reference,
      gatewayRefundId: refund.gatewayRefundId,
      voidReason: refund.voidReason,
    },
    customer: { href: `/customers/${customer.id}`, name: customer.name },
    note: { href: `/credit-notes/${note.id}`, number: note.number ?? 'Draft' },
    timeline: history.items.map((entry) => timelineEntry(entry, refund.currency)),
    twin: twinView,
    command: freshCommand(),
  });
};
