// Invoices: the list with its filters, one of them with everything that happened, writing, issuing, sending and voiding.

import type { Invoice } from '../../../billing/documents';
import { isCalendarDate } from '../../../core/calendar-date';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type FormFailure, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { timelineEntry } from './activity-words';
import { addressLines } from './customers';
import { documentFormData, headerInput, linesInput, withCustomer } from './document-form';
import { invoiceListPages } from './invoice-list';
import { type BillingParts, commandOf, customersToChoose, freshCommand, invoiceStatus, seenRevision } from './parts';

export const invoicePages = (parts: BillingParts): readonly Route[] => [
  ...invoiceListPages(parts),
  guarded('GET /invoices/new', 'write', (incoming) => form(parts, incoming, {})),
  guarded('POST /invoices', 'write', (incoming) => create(parts, incoming)),
  guarded('GET /invoices/:id', 'read', (incoming) => record(parts, incoming)),
  guarded('GET /invoices/:id/edit', 'write', async (incoming) =>
    form(parts, incoming, { invoice: await invoiceAt(parts, incoming) }),
  ),
  guarded('POST /invoices/:id', 'write', (incoming) => update(parts, incoming)),
  guarded('POST /invoices/:id/issue', 'write', async (incoming) => {
    const issued = await parts.billing.invoices.issue(
      commandOf(incoming),
      incoming.params.id ?? '',
      seenRevision(incoming),
    );
    return redirect(`/invoices/${issued.id}`, `${issued.number} is issued.`);
  }),
  guarded('POST /invoices/:id/send', 'write', async (incoming) =>
    redirect(`/invoices/${incoming.params.id}`, await parts.send(incoming, incoming.params.id ?? '')),
  ),
  guarded('POST /invoices/:id/void', 'write', async (incoming) => {
    const reason = textOf(incoming.body, 'reason');
    const gone = await parts.billing.invoices.void(
      commandOf(incoming),
      incoming.params.id ?? '',
      { reason },
      seenRevision(incoming),
    );
    return redirect(`/invoices/${gone.id}`, `${gone.number} is void.`);
  }),
  guarded('POST /invoices/:id/remove', 'write', async (incoming) => {
    await parts.billing.invoices.remove(commandOf(incoming), incoming.params.id ?? '');
    return redirect('/invoices', 'The draft is deleted.');
  }),
  guarded('GET /invoices/:id/pdf', 'read', async (incoming) => {
    const { name, body } = await parts.pdf(incoming.visitor.tenantId, incoming.params.id ?? '');
    return { kind: 'file', name, type: 'application/pdf', body, inline: true };
  }),
];

const invoiceAt = ({ billing }: BillingParts, { visitor, params }: SignedIn): Promise<Invoice> =>
  billing.invoices.get(visitor.tenantId, params.id ?? '');

const form = async (
  { billing }: BillingParts,
  incoming: SignedIn,
  options: { readonly invoice?: Invoice; readonly failure?: FormFailure; readonly isAgain?: boolean },
): Promise<Answer> => {
  const { visitor } = incoming;
  const { invoice, failure } = options;
  const wanted = textOf(incoming.body, 'customerId') || (incoming.query.customer ?? '');
  const { customers, hasMore } = await customersToChoose(billing, visitor.tenantId, wanted);
  const heading = invoice === undefined ? 'New invoice' : `Change ${invoice.number ?? 'the draft'}`;
  return page(
    'invoices',
    'billing/document-form',
    heading,
    {
      heading,
      action: invoice === undefined ? '/invoices' : `/invoices/${invoice.id}`,
      back: invoice === undefined ? '/invoices' : `/invoices/${invoice.id}`,
      isNew: invoice === undefined,
      isDraft: invoice === undefined || invoice.status === 'draft',
      hasCustomers: customers.length > 0,
      ...documentFormData({
        kind: 'invoice',
        incoming,
        business: visitor.business,
        customers,
        hasMoreCustomers: hasMore,
        isAgain: options.isAgain ?? failure !== undefined,
        defaults: {
          customerId: incoming.query.customer ?? '',
          issueDate: await billing.businesses.today(visitor.tenantId),
          taxMode: visitor.business.taxRates.length > 0 ? 'taxExclusive' : 'noTax',
        },
        ...(invoice === undefined ? {} : { document: datedAsAsked(invoice, incoming) }),
        ...(failure === undefined ? {} : { failure }),
      }),
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

/** The page of a closed period proposes a day. */
const datedAsAsked = (invoice: Invoice, { query: { date = '' } }: SignedIn): Invoice =>
  isCalendarDate(date) ? { ...invoice, issueDate: date } : invoice;

const inputOf = (incoming: SignedIn) => {
  const dueDate = textOf(incoming.body, 'dueDate').trim();
  return { ...headerInput(incoming), ...(dueDate === '' ? {} : { dueDate }), lines: linesInput(incoming.body) };
};

const create = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const act = textOf(incoming.body, 'act');
  if (act === 'lines') return form(parts, incoming, { isAgain: true });
  const customerId = textOf(incoming.body, 'customerId');
  const tried = await attempt(async () => {
    const input = { ...inputOf(incoming), customerId };
    const { invoices } = parts.billing;
    return act === 'issue'
      ? invoices.createIssued(commandOf(incoming), input)
      : invoices.create(commandOf(incoming), input);
  });
  if (!tried.ok) return form(parts, incoming, { failure: withCustomer(tried.failure, customerId) });
  const invoice = tried.value;
  return redirect(
    `/invoices/${invoice.id}`,
    invoice.status === 'draft' ? 'The draft is saved.' : `${invoice.number} is issued.`,
  );
};

const update = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const invoice = await invoiceAt(parts, incoming);
  if (textOf(incoming.body, 'act') === 'lines') return form(parts, incoming, { invoice, isAgain: true });
  const tried = await attempt(() =>
    parts.billing.invoices.update(commandOf(incoming), invoice.id, inputOf(incoming), seenRevision(incoming)),
  );
  if (!tried.ok) return form(parts, incoming, { invoice, failure: tried.failure });
  if (textOf(incoming.body, 'act') === 'issue') {
    const issued = await parts.billing.invoices.issue(
      { tenantId: incoming.visitor.tenantId, actor: incoming.visitor.actor },
      invoice.id,
      tried.value.revision,
    );
    return redirect(`/invoices/${issued.id}`, `${issued.number} is issued.`);
  }
  return redirect(`/invoices/${invoice.id}`, 'The changes are saved.');
};

const record = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const { billing } = parts;
  const { tenantId, business } = incoming.visitor;
  const invoice = await invoiceAt(parts, incoming);
  const [customer, allocations, history, today, twin, payLink] = await Promise.all([
    billing.customers.get(tenantId, invoice.customerId),
    billing.invoices.allocationsOf(tenantId, invoice.id),
    billing.activity.of(tenantId, invoice.id, { limit: 50 }),
    billing.businesses.today(tenantId),
    parts.twin(tenantId, 'invoice', invoice.id),
    invoice.isOpen ? parts.payLink(tenantId, invoice.id) : null,
  ]);
  const names = new Map(business.taxRates.map(({ key, name }) => [key, name]));
  const billTo = invoice.billTo ?? { name: customer.name, address: customer.address, taxNumber: customer.taxNumber };
  return page('invoices', 'billing/invoice', invoice.number ?? 'Draft', {
    invoice: {
      id: invoice.id,
      number: invoice.number ?? 'Draft',
      revision: String(invoice.revision),
      status: invoiceStatus(invoice, today),
      isDraft: invoice.status === 'draft',
      isIssued: invoice.status === 'issued',
      isVoid: invoice.status === 'void',
      isOpen: invoice.isOpen,
      mayVoid: invoice.status === 'issued' && invoice.allocatedMinor === 0,
      currency: invoice.currency,
      netMinor: invoice.netMinor,
      taxMinor: invoice.taxMinor,
      totalMinor: invoice.totalMinor,
      allocatedMinor: invoice.allocatedMinor,
      settledMinor: -invoice.allocatedMinor,
      openMinor: invoice.openMinor,
      issueDate: invoice.issueDate,
      dueDate: invoice.dueDate,
      reference: invoice.reference,
      notes: invoice.notes,
      voidReason: invoice.voidReason,
      isInclusive: invoice.taxMode === 'taxInclusive',
      isFromLedger: invoice.origin === 'ledger',
      lines: invoice.lines.map((line) => ({
        ...line,
        taxName: names.get(line.taxRate) ?? line.taxRate,
        hasDiscount: line.discountPercent !== '0',
      })),
      taxRows: invoice.taxRows.map((row) => ({ ...row, name: names.get(row.taxRate) ?? row.taxRate })),
    },
    customer: {
      href: `/customers/${customer.id}`,
      name: customer.name,
      email: customer.email,
      billTo: billTo.name,
      address: billTo.address === null ? [] : addressLines(billTo.address),
    },
    allocations: allocations.map((allocation) => ({
      date: allocation.date,
      amountMinor: allocation.amountMinor,
      words: allocation.sourceKind === 'payment' ? 'Payment' : 'Credit note',
      href:
        allocation.sourceKind === 'payment'
          ? `/payments/${allocation.sourceId}`
          : `/credit-notes/${allocation.sourceId}`,
    })),
    timeline: history.items.map((entry) => timelineEntry(entry, invoice.currency)),
    twin,
    payLink,
    recordPayment: `/payments/new?${new URLSearchParams({ customer: customer.id, currency: invoice.currency, invoice: invoice.id })}`,
    command: freshCommand(),
  });
};
