// Invoices: drafted, issued, settled by allocations, voided. The commands and the lists; shared rules are in claim-rules.
import { addDays, type CalendarDate, dateIn } from '../core/calendar-date';
import { BridgeError } from '../core/errors';
import { parse } from '../core/parse';
import { editClaim, editClaimFromLedger } from './claim-edits';
import { checkRemovable, claimFromLedger, draftClaim, issueClaim, voidClaim } from './claims';
import type { Commands } from './commands';
import { allocations, businesses, type Customer, INVOICE_STATES, type Invoice, invoices } from './documents';
import { InvoiceChanges, InvoiceInput, LedgerInvoiceChanges, LedgerInvoiceInput, VoidInput } from './inputs';
import { invoiceQuery } from './invoice-lists';
import type { BillingDependencies, CommandContext, InvoiceService } from './service';
import { invoiceStateOf, settledBy } from './settlement';
import { lookupKey } from './texts';
import { type Changes, loadDocument, type Unit } from './unit-of-work';

export const createInvoices = (dependencies: BillingDependencies, commands: Commands): InvoiceService => {
  const { store } = dependencies;
  return {
    ...invoiceCommands(dependencies, commands),

    get: (tenantId, id) => loadDocument(store.forTenant(tenantId), 'invoice', id),
    async getMany(tenantId, wanted) {
      const session = store.forTenant(tenantId);
      const read = await Promise.all([...new Set(wanted)].map((id) => session.get(invoices, id)));
      return new Map(read.flatMap((invoice) => (invoice === undefined ? [] : [[invoice.id, invoice]])));
    },
    async byNumber(tenantId, number) {
      const page = await store
        .forTenant(tenantId)
        .find(invoices, { where: { numberKey: lookupKey(number) }, limit: 1 });
      return page.items[0];
    },
    async list(tenantId, query = {}) {
      return store.forTenant(tenantId).find(invoices, invoiceQuery(query, await today(dependencies, tenantId)));
    },
    async counts(tenantId) {
      const session = store.forTenant(tenantId);
      const day = await today(dependencies, tenantId);
      const counted = await Promise.all([
        ...INVOICE_STATES.map(async (state) => [state, await session.count(invoices, { where: { state } })] as const),
        (async () =>
          ['overdue', await session.count(invoices, { where: { isOpen: true, dueDate: { lt: day } } })] as const)(),
      ]);
      return Object.fromEntries(counted) as Record<(typeof counted)[number][0], number>;
    },
    async allocationsOf(tenantId, id) {
      const page = await store
        .forTenant(tenantId)
        .find(allocations, { where: { invoiceId: id, state: 'live' }, limit: 1000 });
      return page.items;
    },
  };
};

const invoiceCommands = ({ ids }: BillingDependencies, commands: Commands) => {
  const change = (
    context: CommandContext,
    id: string,
    action: 'updated' | 'issued' | 'voided',
    input: unknown,
    expectedRevision: number | undefined,
    changesFor: (unit: Unit, invoice: Invoice) => Changes<'invoice'> | Promise<Changes<'invoice'>>,
  ) =>
    commands.run(context, { name: `invoice.${action}`, kind: 'invoice', input: { id, input } }, async (unit) => {
      const before = await unit.load('invoice', id, expectedRevision);
      const changes = await changesFor(unit, before);
      const actionTaken = before.status === 'draft' && changes.status === 'issued' ? 'issued' : action;
      return unit.update('invoice', before, settled(before, changes), `invoice.${actionTaken}`);
    });

  const create = async (
    context: CommandContext,
    input: InvoiceInput,
    id: string | undefined,
    fate: 'draft' | 'issued',
  ): Promise<Invoice> => {
    const fields = parse(InvoiceInput, input);
    return commands.run(
      context,
      { name: `invoice.create.${fate}`, kind: 'invoice', input: { id, fields } },
      async (unit) => {
        const customer = await unit.load('customer', fields.customerId);
        const claim = draftClaim(unit, customer, fields);
        const dueDate = fields.dueDate ?? addDays(claim.issueDate, customer.termsDays ?? unit.business.termsDays);
        checkDueDate(claim.issueDate, dueDate);
        const draft = fresh({ id: id ?? ids('inv'), ...claim, dueDate });
        const created = await unit.insert('invoice', draft, 'invoice.created');
        if (fate === 'draft') return created;
        const issue = await issueClaim(unit, 'invoice', customer, created);
        return unit.update('invoice', created, settled(created, issue), 'invoice.issued');
      },
    );
  };

  return {
    create: (context, input, { id } = {}) => create(context, input, id, 'draft'),
    createIssued: (context, input, { id } = {}) => create(context, input, id, 'issued'),

    async update(context, id, input, expectedRevision) {
      const changes = parse(InvoiceChanges, input);
      return change(context, id, 'updated', changes, expectedRevision, async (unit, before) => {
        const edited = editClaim(unit, 'invoice', before, await customerOf(unit, before, changes), changes);
        const dueDate = changes.dueDate ?? before.dueDate;
        checkDueDate(edited.issueDate ?? before.issueDate, dueDate);
        return { ...edited, dueDate };
      });
    },
    issue: (context, id, expectedRevision) =>
      change(context, id, 'issued', {}, expectedRevision, async (unit, before) =>
        issueClaim(unit, 'invoice', await customerOf(unit, before), before),
      ),
    async void(context, id, input = {}, expectedRevision) {
      const { reason } = parse(VoidInput, input);
      return change(context, id, 'voided', { reason }, expectedRevision, (unit, before) =>
        voidClaim(unit, 'invoice', before, reason),
      );
    },
    remove: (context, id, expectedRevision) =>
      commands.runRemoval(context, { name: 'invoice.remove', kind: 'invoice', input: { id } }, async (unit) => {
        const invoice = await unit.load('invoice', id, expectedRevision);
        checkRemovable('invoice', invoice);
        await unit.remove('invoice', invoice, 'invoice.removed');
        return id;
      }),

    async createFromLedger(context, input, { id } = {}) {
      const fields = parse(LedgerInvoiceInput, input);
      const request = { name: 'invoice.createFromLedger', kind: 'invoice', input: { id, fields } } as const;
      return commands.run(context, request, async (unit) => {
        const customer = await unit.load('customer', fields.customerId);
        const claim = await claimFromLedger(unit, 'invoice', customer, fields);
        const dueDate = fields.dueDate ?? claim.issueDate;
        return unit.insert('invoice', fresh({ id: id ?? ids('inv'), ...claim, dueDate }), 'invoice.created');
      });
    },
    async updateFromLedger(context, id, input, expectedRevision) {
      const changes = parse(LedgerInvoiceChanges, input);
      return change(context, id, 'updated', changes, expectedRevision, async (unit, before) => {
        const customer = await customerOf(unit, before, changes);
        const edited = await editClaimFromLedger(unit, 'invoice', before, customer, changes);
        return { ...edited, dueDate: changes.dueDate ?? before.dueDate };
      });
    },
  } satisfies Partial<InvoiceService>;
};

const customerOf = (
  unit: Unit,
  before: Invoice,
  changes: { readonly customerId?: string | undefined } = {},
): Promise<Customer> => unit.load('customer', changes.customerId ?? before.customerId);

const checkDueDate = (issueDate: CalendarDate, dueDate: CalendarDate): void => {
  if (dueDate >= issueDate) return;
  const problem = `enter a due date on or after the issue date (${issueDate})`;
  throw new BridgeError('BB_INPUT_INVALID', { problem: `dueDate: ${problem}` }, { dueDate: problem });
};

type Derived = 'state' | 'settledDate';

const fresh = <T extends Omit<Invoice, Derived | 'tenantId' | 'revision' | 'createdAt' | 'updatedAt' | 'updatedBy'>>(
  draft: T,
) => ({ ...draft, ...derivedOf({ ...draft, settledDate: null }) });

/** Changes, with all that follows from them. */
export const settled = (before: Invoice, changes: Changes<'invoice'>): Changes<'invoice'> => ({
  ...changes,
  ...derivedOf({ ...before, ...changes }),
});

const derivedOf = (
  invoice: Pick<Invoice, 'status' | 'totalMinor' | 'allocatedMinor' | 'issueDate' | 'settledDate'>,
) => {
  const state = invoiceStateOf(invoice);
  return {
    ...settledBy(invoice),
    state,
    // An invoice over nothing is settled the day it is issued.
    settledDate: state === 'paid' ? (invoice.settledDate ?? invoice.issueDate) : null,
  };
};

const today = async ({ store, clock }: BillingDependencies, tenantId: string): Promise<CalendarDate> => {
  const business = await store.system.get(businesses, tenantId);
  if (business === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'business', id: tenantId });
  return dateIn(business.timeZone, clock.now());
};
