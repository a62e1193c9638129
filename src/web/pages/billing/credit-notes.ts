// Credit notes: what lowers a claim. Written like invoices, allocated to them, void while unused.
import type { CreditNote } from '../../../billing/documents';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type FormFailure, idText, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { timelineEntry } from './activity-words';
import { allocationForm, typedAllocations } from './allocation-form';
import { documentFormData, headerInput, linesInput, withCustomer } from './document-form';
import {
  type BillingParts,
  commandOf,
  customersToChoose,
  freshCommand,
  pageLinks,
  type StatusView,
  seenRevision,
} from './parts';
import { refundStatus } from './refunds';

export const creditNotePages = (parts: BillingParts): readonly Route[] => [
  guarded('GET /credit-notes', 'read', (incoming) => list(parts, incoming)),
  guarded('GET /credit-notes/new', 'write', (incoming) => form(parts, incoming, {})),
  guarded('POST /credit-notes', 'write', (incoming) => create(parts, incoming)),
  guarded('GET /credit-notes/:id', 'read', (incoming) => record(parts, incoming)),
  guarded('POST /credit-notes/:id/issue', 'write', async (incoming) => {
    const issued = await parts.billing.creditNotes.issue(
      commandOf(incoming),
      incoming.params.id ?? '',
      seenRevision(incoming),
    );
    return redirect(`/credit-notes/${issued.id}`, `${issued.number} is issued.`);
  }),
  guarded('POST /credit-notes/:id/void', 'write', async (incoming) => {
    const gone = await parts.billing.creditNotes.void(commandOf(incoming), incoming.params.id ?? '', {
      reason: textOf(incoming.body, 'reason'),
    });
    return redirect(`/credit-notes/${gone.id}`, `${gone.number} is void.`);
  }),
  guarded('POST /credit-notes/:id/remove', 'write', async (incoming) => {
    await parts.billing.creditNotes.remove(commandOf(incoming), incoming.params.id ?? '');
    return redirect('/credit-notes', 'The draft is deleted.');
  }),
  guarded('POST /credit-notes/:id/allocate', 'write', (incoming) => allocate(parts, incoming)),
  guarded('POST /credit-notes/:id/unallocate', 'write', async (incoming) => {
    const note = await parts.billing.creditNotes.unallocate(
      commandOf(incoming),
      idText(textOf(incoming.body, 'allocation'), 'allocation'),
    );
    return redirect(`/credit-notes/${note.id}`, 'The allocation is taken back.');
  }),
];

const statusOf = (note: CreditNote): StatusView => {
  switch (note.state) {
    case 'draft':
      return { css: 'draft', words: 'Draft' };
    case 'void':
      return { css: 'void', words: 'Void' };
    case 'used':
      return { css: 'paid', words: 'Used' };
    case 'part':
      return { css: 'part', words: 'Part used' };
    case 'open':
      return { css: 'issued', words: 'Open' };
  }
};

const list = async ({ billing }: BillingParts, { visitor, query }: SignedIn): Promise<Answer> => {
  const found = await billing.creditNotes.list(visitor.tenantId, {
    limit: 50,
    ...(query.after === undefined ? {} : { after: query.after }),
  });
  const customers = await billing.customers.getMany(visitor.tenantId, [
    ...new Set(found.items.map(({ customerId }) => customerId)),
  ]);
  return page('creditNotes', 'billing/credit-notes', 'Credit notes', {
    rows: found.items.map((note) => ({
      href: `/credit-notes/${note.id}`,
      number: note.number ?? 'Draft',
      customer: customers.get(note.customerId)?.name ?? '',
      issueDate: note.issueDate,
      status: statusOf(note),
      currency: note.currency,
      totalMinor: note.totalMinor,
      openMinor: note.openMinor,
    })),
    next: pageLinks('/credit-notes', query, found.next),
  });
};

const form = async (
  { billing }: BillingParts,
  incoming: SignedIn,
  options: { readonly failure?: FormFailure; readonly isAgain?: boolean },
): Promise<Answer> => {
  const { visitor } = incoming;
  const wanted = textOf(incoming.body, 'customerId') || (incoming.query.customer ?? '');
  const { customers, hasMore } = await customersToChoose(billing, visitor.tenantId, wanted);
  return page(
    'creditNotes',
    'billing/document-form',
    'New credit note',
    {
      heading: 'New credit note',
      action: '/credit-notes',
      back: '/credit-notes',
      isNew: true,
      isDraft: true,
      hasCustomers: customers.length > 0,
      ...documentFormData({
        kind: 'creditNote',
        incoming,
        business: visitor.business,
        customers,
        hasMoreCustomers: hasMore,
        isAgain: options.isAgain ?? options.failure !== undefined,
        defaults: {
          customerId: incoming.query.customer ?? '',
          issueDate: await billing.businesses.today(visitor.tenantId),
          taxMode: visitor.business.taxRates.length > 0 ? 'taxExclusive' : 'noTax',
        },
        ...(options.failure === undefined ? {} : { failure: options.failure }),
      }),
    },
    { status: options.failure === undefined ? 200 : 422 },
  );
};

const create = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const act = textOf(incoming.body, 'act');
  if (act === 'lines') return form(parts, incoming, { isAgain: true });
  const customerId = textOf(incoming.body, 'customerId');
  const tried = await attempt(async () => {
    const input = { ...headerInput(incoming), lines: linesInput(incoming.body), customerId };
    const { creditNotes } = parts.billing;
    return act === 'issue'
      ? creditNotes.createIssued(commandOf(incoming), input)
      : creditNotes.create(commandOf(incoming), input);
  });
  if (!tried.ok) return form(parts, incoming, { failure: withCustomer(tried.failure, customerId) });
  return redirect(
    `/credit-notes/${tried.value.id}`,
    tried.value.status === 'draft' ? 'The draft is saved.' : `${tried.value.number} is issued.`,
  );
};

const allocate = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const id = incoming.params.id ?? '';
  const note = await parts.billing.creditNotes.get(incoming.visitor.tenantId, id);
  const tried = await attempt(() => {
    const allocations = typedAllocations(incoming.body, note.currency);
    return parts.billing.creditNotes.allocate(commandOf(incoming), id, { allocations });
  });
  return tried.ok
    ? redirect(`/credit-notes/${id}`, 'The credit is allocated.')
    : record(parts, incoming, tried.failure);
};

const record = async (parts: BillingParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const { billing } = parts;
  const { tenantId, business } = incoming.visitor;
  const note = await billing.creditNotes.get(tenantId, incoming.params.id ?? '');
  const [customer, allocations, refunds, history, twin] = await Promise.all([
    billing.customers.get(tenantId, note.customerId),
    billing.creditNotes.allocationsOf(tenantId, note.id),
    billing.refunds.list(tenantId, { creditNoteId: note.id, limit: 50 }),
    billing.activity.of(tenantId, note.id, { limit: 50 }),
    parts.twin(tenantId, 'creditNote', note.id),
  ]);
  const invoices = await billing.invoices.getMany(
    tenantId,
    allocations.map(({ invoiceId }) => invoiceId),
  );
  const names = new Map(business.taxRates.map(({ key, name }) => [key, name]));
  return page(
    'creditNotes',
    'billing/credit-note',
    note.number ?? 'Draft',
    {
      note: {
        id: note.id,
        number: note.number ?? 'Draft',
        revision: String(note.revision),
        status: statusOf(note),
        isDraft: note.status === 'draft',
        mayVoid: note.status === 'issued' && note.openMinor === note.totalMinor,
        currency: note.currency,
        netMinor: note.netMinor,
        taxMinor: note.taxMinor,
        totalMinor: note.totalMinor,
        openMinor: note.openMinor,
        isOpen: note.isOpen,
        issueDate: note.issueDate,
        reference: note.reference,
        notes: note.notes,
        lines: note.lines.map((line) => ({
          ...line,
          taxName: names.get(line.taxRate) ?? line.taxRate,
          hasDiscount: line.discountPercent !== '0',
        })),
      },
      customer: { href: `/customers/${customer.id}`, name: customer.name },
      allocations: allocations.map((allocation) => ({
        id: allocation.id,
        date: allocation.date,
        amountMinor: allocation.amountMinor,
        number: invoices.get(allocation.invoiceId)?.number ?? '',
        href: `/invoices/${allocation.invoiceId}`,
      })),
      refunds: refunds.items.map((refund) => ({
        href: `/refunds/${refund.id}`,
        date: refund.date,
        status: refundStatus(refund),
        amountMinor: refund.amountMinor,
      })),
      ...(note.isOpen
        ? await allocationForm(billing, incoming, {
            customerId: note.customerId,
            currency: note.currency,
            availableMinor: note.openMinor,
            ...(failure ? { failure } : {}),
          })
        : { openInvoices: [], problems: [] }),
      timeline: history.items.map((entry) => timelineEntry(entry, note.currency)),
      twin,
      command: freshCommand(),
    },
    { status: failure === undefined ? 200 : 422 },
  );
};
