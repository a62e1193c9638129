// Payments: money that came in, recorded by hand or by link, spread over invoices; what is left is the customer's credit.
import type { Customer, Invoice, Payment } from '../../../billing/documents';
import { PAYMENT_METHODS, type PaymentMethod } from '../../../billing/documents';
import { BridgeError } from '../../../core/errors';
import { formatMinor } from '../../../core/money';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { timelineEntry } from './activity-words';
import { allocationForm, typedAllocations } from './allocation-form';
import { figuresOf } from './figures';
import {
  amountOf,
  type BillingParts,
  baseFirst,
  commandOf,
  customersToChoose,
  freshCommand,
  pageLinks,
  type StatusView,
} from './parts';

export const METHOD_WORDS: Readonly<Record<PaymentMethod, string>> = {
  bankTransfer: 'Bank transfer',
  card: 'Card',
  cash: 'Cash',
  cheque: 'Cheque',
  stripe: 'By link',
  other: 'Other',
};

export const paymentPages = (parts: BillingParts): readonly Route[] => [
  guarded('GET /payments', 'read', (incoming) => list(parts, incoming)),
  guarded('GET /payments/new', 'write', (incoming) => form(parts, incoming)),
  guarded('POST /payments', 'write', (incoming) => create(parts, incoming)),
  guarded('GET /payments/:id', 'read', (incoming) => record(parts, incoming)),
  guarded('POST /payments/:id/allocate', 'write', (incoming) => allocate(parts, incoming)),
  guarded('POST /payments/:id/unallocate', 'write', async (incoming) => {
    const payment = await parts.billing.payments.unallocate(
      commandOf(incoming),
      idText(textOf(incoming.body, 'allocation'), 'allocation'),
    );
    return redirect(`/payments/${payment.id}`, 'The allocation is taken back; the money is the customer’s credit.');
  }),
  guarded('POST /payments/:id/reverse', 'write', async (incoming) => {
    const payment = await parts.billing.payments.reverse(commandOf(incoming), incoming.params.id ?? '', {
      reason: textOf(incoming.body, 'reason'),
    });
    return redirect(`/payments/${payment.id}`, 'The payment is reversed; its invoices are open again.');
  }),
];

const statusOf = (payment: Payment): StatusView => {
  if (payment.state === 'reversed') return { css: 'void', words: 'Reversed' };
  if (payment.openMinor === 0) return { css: 'paid', words: 'Allocated' };
  return payment.allocatedMinor === 0 ? { css: 'issued', words: 'Credit' } : { css: 'part', words: 'Part credit' };
};

const list = async ({ billing }: BillingParts, { visitor, query }: SignedIn): Promise<Answer> => {
  const after = query.after === undefined ? {} : { after: query.after };
  const isCredit = query.filter === 'credit';
  const found = isCredit
    ? await billing.payments.withCredit(visitor.tenantId, { limit: 50, ...after })
    : await billing.payments.list(visitor.tenantId, { limit: 50, ...after });
  const customers = await billing.customers.getMany(visitor.tenantId, [
    ...new Set(found.items.map(({ customerId }) => customerId)),
  ]);
  const { totals } = await figuresOf(billing)(visitor.tenantId, 'totals');
  return page('payments', 'billing/payments', 'Payments', {
    rows: found.items.map((payment) => ({
      href: `/payments/${payment.id}`,
      date: payment.date,
      customer: customers.get(payment.customerId)?.name ?? '',
      method: METHOD_WORDS[payment.method],
      reference: payment.reference,
      status: statusOf(payment),
      currency: payment.currency,
      amountMinor: payment.amountMinor,
      openMinor: payment.openMinor,
    })),
    totals: baseFirst(totals, visitor.business.baseCurrency).filter(({ receivedCount }) => receivedCount > 0),
    credits: totals.filter(({ creditMinor }) => creditMinor > 0),
    isCredit,
    next: pageLinks('/payments', query, found.next),
  });
};

const fieldsFor = (customer: Customer, currency: string): readonly Field[] => [
  { name: 'amount', label: `Amount, ${currency}`, inputmode: 'decimal', required: true },
  { name: 'date', label: 'Day it came in', type: 'date', required: true },
  {
    name: 'method',
    label: 'How',
    options: PAYMENT_METHODS.filter((method) => method !== 'stripe').map((value) => ({
      value,
      label: METHOD_WORDS[value],
    })),
  },
  { name: 'reference', label: 'Reference', hint: `As ${customer.name} or the bank wrote it.` },
];

const form = async ({ billing }: BillingParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const { visitor, query, body } = incoming;
  const customerId = textOf(body, 'customerId') || (query.customer ?? '');
  if (customerId === '') {
    const { customers, hasMore } = await customersToChoose(billing, visitor.tenantId, '');
    return page('payments', 'billing/payment-customer', 'Record a payment', {
      customers: customers.map(({ id, name }) => ({ id, name })),
      hasMore,
    });
  }
  const customer = await billing.customers.get(visitor.tenantId, idText(customerId, 'customer'));
  const currency = textOf(body, 'currency') || query.currency || customer.currency || visitor.business.baseCurrency;
  const fields = fieldsFor(customer, currency);
  const today = await billing.businesses.today(visitor.tenantId);
  const meant = await meantInvoice(billing, incoming, customerId);
  const valueFor = (name: string): string =>
    failure === undefined
      ? ({
          date: today,
          method: 'bankTransfer',
          amount: meant === undefined ? '' : formatMinor(meant.openMinor, meant.currency),
        }[name] ?? '')
      : textOf(body, name);
  return page(
    'payments',
    'billing/payment-form',
    'Record a payment',
    {
      customer: { id: customer.id, name: customer.name },
      currency,
      command: freshCommand(),
      fields: fieldViews(fields, valueFor, failure),
      ...(await allocationForm(billing, incoming, {
        customerId,
        currency,
        ...(meant ? { meant: meant.id } : {}),
        ...(failure ? { failure } : {}),
      })),
      problems: problemViews(fields, failure),
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

/** The open invoice from whose page the person came. */
const meantInvoice = async (
  billing: BillingParts['billing'],
  { visitor, query }: SignedIn,
  customerId: string,
): Promise<Invoice | undefined> => {
  if (query.invoice === undefined || !/^inv_\w{1,60}$/.test(query.invoice)) return undefined;
  const invoice = (await billing.invoices.getMany(visitor.tenantId, [query.invoice])).get(query.invoice);
  return invoice?.isOpen === true && invoice.customerId === customerId ? invoice : undefined;
};

const create = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const { body } = incoming;
  const currency = textOf(body, 'currency');
  const tried = await attempt(() => {
    const method = PAYMENT_METHODS.find((each) => each === textOf(body, 'method'));
    if (method === undefined)
      throw new BridgeError('BB_INPUT_INVALID', { problem: 'How: choose one' }, { method: 'choose how it was paid' });
    return parts.billing.payments.record(commandOf(incoming), {
      customerId: textOf(body, 'customerId'),
      currency,
      amountMinor: amountOf(textOf(body, 'amount'), currency, 'amount'),
      date: textOf(body, 'date'),
      method,
      reference: textOf(body, 'reference'),
      allocations: typedAllocations(body, currency),
    });
  });
  if (!tried.ok) return form(parts, incoming, tried.failure);
  return redirect(`/payments/${tried.value.id}`, 'The payment is recorded.');
};

const allocate = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const id = incoming.params.id ?? '';
  const payment = await parts.billing.payments.get(incoming.visitor.tenantId, id);
  const tried = await attempt(() => {
    const allocations = typedAllocations(incoming.body, payment.currency);
    return parts.billing.payments.allocate(commandOf(incoming), id, { allocations });
  });
  return tried.ok ? redirect(`/payments/${id}`, 'The money is allocated.') : record(parts, incoming, tried.failure);
};

const record = async (parts: BillingParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const { billing } = parts;
  const { tenantId } = incoming.visitor;
  const payment = await billing.payments.get(tenantId, incoming.params.id ?? '');
  const [customer, invoices, history, twin] = await Promise.all([
    billing.customers.get(tenantId, payment.customerId),
    billing.invoices.getMany(
      tenantId,
      payment.allocations.map(({ invoiceId }) => invoiceId),
    ),
    billing.activity.of(tenantId, payment.id, { limit: 50 }),
    parts.twin(tenantId, 'payment', payment.id),
  ]);
  return page(
    'payments',
    'billing/payment',
    `Payment of ${customer.name}`,
    {
      payment: {
        id: payment.id,
        status: statusOf(payment),
        isRecorded: payment.state === 'recorded',
        hasCredit: payment.hasCredit,
        currency: payment.currency,
        amountMinor: payment.amountMinor,
        openMinor: payment.openMinor,
        feeMinor: payment.feeMinor,
        date: payment.date,
        method: METHOD_WORDS[payment.method],
        reference: payment.reference,
        chargeId: payment.chargeId,
        reverseReason: payment.reverseReason,
      },
      customer: { href: `/customers/${customer.id}`, name: customer.name },
      allocations: payment.allocations.map((allocation) => ({
        id: allocation.id,
        date: allocation.date,
        amountMinor: allocation.amountMinor,
        number: invoices.get(allocation.invoiceId)?.number ?? '',
        href: `/invoices/${allocation.invoiceId}`,
      })),
      ...(payment.hasCredit
        ? await allocationForm(billing, incoming, {
            customerId: payment.customerId,
            currency: payment.currency,
            availableMinor: payment.openMinor,
            ...(failure ? { failure } : {}),
          })
        : { openInvoices: [], problems: [] }),
      timeline: history.items.map((entry) => timelineEntry(entry, payment.currency)),
      twin,
      command: freshCommand(),
    },
    { status: failure === undefined ? 200 : 422 },
  );
};
