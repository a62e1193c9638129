// Credit notes: they lower what is owed. Drafted, issued, allocated to invoices, voided. Shared rules are in claim-rules.

import { refused } from '../core/errors';
import { parse } from '../core/parse';
import type { Query } from '../store/port';
import { type AllocationRequest, allocate, endAllocation, liveAllocations, liveSum } from './allocate';
import { editClaim, editClaimFromLedger } from './claim-edits';
import { checkRemovable, claimFromLedger, draftClaim, issueClaim, voidClaim } from './claims';
import type { Commands } from './commands';
import { allocations, type CreditNote, creditNotes } from './documents';
import {
  AllocateInput,
  CreditNoteChanges,
  CreditNoteInput,
  LedgerCreditNoteChanges,
  LedgerCreditNoteInput,
  VoidInput,
} from './inputs';
import { issueDates } from './invoice-lists';
import { pageOf } from './paging';
import type { BillingDependencies, CommandContext, CreditNoteService } from './service';
import { creditNoteStateOf, settledBy } from './settlement';
import { lookupKey, prefixRange } from './texts';
import { type Changes, loadDocument, type Unit } from './unit-of-work';

export const createCreditNotes = (dependencies: BillingDependencies, commands: Commands): CreditNoteService => {
  const { store } = dependencies;
  return {
    ...creditNoteCommands(dependencies, commands),
    ...allocationCommands(commands),

    get: (tenantId, id) => loadDocument(store.forTenant(tenantId), 'creditNote', id),
    async byNumber(tenantId, number) {
      const page = await store
        .forTenant(tenantId)
        .find(creditNotes, { where: { numberKey: lookupKey(number) }, limit: 1 });
      return page.items[0];
    },
    list: (tenantId, query = {}) => store.forTenant(tenantId).find(creditNotes, queryFor(query)),
    async allocationsOf(tenantId, id) {
      const query = { where: { sourceId: id, state: 'live' }, limit: 1000 } as const;
      return (await store.forTenant(tenantId).find(allocations, query)).items;
    },
  };
};

type CreditNoteQuery = NonNullable<Parameters<CreditNoteService['list']>[1]>;

/** The narrowest of the filters that an index serves comes first: number, then customer, then state. */
const queryFor = ({ customerId, state, search, from, ...request }: CreditNoteQuery): Query => {
  const page = { ...pageOf(request) };
  const newestFirst = (index: string) => ({ index, direction: 'descending' as const });
  if (search !== undefined && lookupKey(search) !== '') {
    return { where: { numberKey: prefixRange(lookupKey(search)) }, order: newestFirst('number'), ...page };
  }
  const dated = issueDates(from === undefined ? {} : { from });
  if (customerId !== undefined) {
    return state === undefined
      ? { where: { customerId, ...dated }, order: newestFirst('customer'), ...page }
      : { where: { customerId, state, ...dated }, order: newestFirst('customerState'), ...page };
  }
  if (state !== undefined) return { where: { state, ...dated }, order: newestFirst('state'), ...page };
  return { where: dated, order: newestFirst('issueDate'), ...page };
};

const creditNoteCommands = ({ ids }: BillingDependencies, commands: Commands) => {
  const change = (
    context: CommandContext,
    id: string,
    action: 'updated' | 'issued' | 'voided',
    input: unknown,
    expectedRevision: number | undefined,
    changesFor: (unit: Unit, creditNote: CreditNote) => Changes<'creditNote'> | Promise<Changes<'creditNote'>>,
  ) =>
    commands.run(context, { name: `creditNote.${action}`, kind: 'creditNote', input: { id, input } }, async (unit) => {
      const before = await unit.load('creditNote', id, expectedRevision);
      const changes = await changesFor(unit, before);
      const actionTaken = before.status === 'draft' && changes.status === 'issued' ? 'issued' : action;
      return unit.update('creditNote', before, settled(before, changes), `creditNote.${actionTaken}`);
    });

  const create = async (
    context: CommandContext,
    input: CreditNoteInput,
    id: string | undefined,
    fate: 'draft' | 'issued',
  ): Promise<CreditNote> => {
    const fields = parse(CreditNoteInput, input);
    const request = { name: `creditNote.create.${fate}`, kind: 'creditNote', input: { id, fields } } as const;
    return commands.run(context, request, async (unit) => {
      const customer = await unit.load('customer', fields.customerId);
      const draft = withState({ id: id ?? ids('crn'), ...draftClaim(unit, customer, fields) });
      const created = await unit.insert('creditNote', draft, 'creditNote.created');
      if (fate === 'draft') return created;
      const issue = await issueClaim(unit, 'creditNote', customer, created);
      return unit.update('creditNote', created, settled(created, issue), 'creditNote.issued');
    });
  };

  return {
    create: (context, input, { id } = {}) => create(context, input, id, 'draft'),
    createIssued: (context, input, { id } = {}) => create(context, input, id, 'issued'),

    async update(context, id, input, expectedRevision) {
      const changes = parse(CreditNoteChanges, input);
      return change(context, id, 'updated', changes, expectedRevision, async (unit, before) =>
        editClaim(unit, 'creditNote', before, await customerOf(unit, before, changes), changes),
      );
    },
    issue: (context, id, expectedRevision) =>
      change(context, id, 'issued', {}, expectedRevision, async (unit, before) =>
        issueClaim(unit, 'creditNote', await customerOf(unit, before), before),
      ),
    async void(context, id, input = {}, expectedRevision) {
      const { reason } = parse(VoidInput, input);
      return change(context, id, 'voided', { reason }, expectedRevision, (unit, before) =>
        voidClaim(unit, 'creditNote', before, reason),
      );
    },
    remove: (context, id, expectedRevision) =>
      commands.runRemoval(context, { name: 'creditNote.remove', kind: 'creditNote', input: { id } }, async (unit) => {
        const creditNote = await unit.load('creditNote', id, expectedRevision);
        checkRemovable('creditNote', creditNote);
        await unit.remove('creditNote', creditNote, 'creditNote.removed');
        return id;
      }),

    async createFromLedger(context, input, { id } = {}) {
      const fields = parse(LedgerCreditNoteInput, input);
      const request = { name: 'creditNote.createFromLedger', kind: 'creditNote', input: { id, fields } } as const;
      return commands.run(context, request, async (unit) => {
        const customer = await unit.load('customer', fields.customerId);
        const claim = await claimFromLedger(unit, 'creditNote', customer, fields);
        return unit.insert('creditNote', withState({ id: id ?? ids('crn'), ...claim }), 'creditNote.created');
      });
    },
    async updateFromLedger(context, id, input, expectedRevision) {
      const changes = parse(LedgerCreditNoteChanges, input);
      return change(context, id, 'updated', changes, expectedRevision, async (unit, before) =>
        editClaimFromLedger(unit, 'creditNote', before, await customerOf(unit, before, changes), changes),
      );
    },
  } satisfies Partial<CreditNoteService>;
};

const allocationCommands = (commands: Commands) => {
  /** The credit note's own amounts follow its live allocations. */
  const resettle = async (unit: Unit, creditNote: CreditNote, action: string): Promise<CreditNote> => {
    const allocatedMinor = liveSum(await liveAllocations(unit, creditNote.id));
    return unit.update('creditNote', creditNote, settled(creditNote, { allocatedMinor }), action);
  };

  return {
    async allocate(context, id, input, expectedRevision) {
      const requests: readonly AllocationRequest[] = parse(AllocateInput, input).allocations;
      const request = { name: 'creditNote.allocate', kind: 'creditNote', input: { id, requests } } as const;
      return commands.run(context, request, async (unit) => {
        const creditNote = await unit.load('creditNote', id, expectedRevision);
        if (creditNote.status !== 'issued') {
          throw refused('Only an issued credit note can be allocated.', 'Issue it first.');
        }
        const { customerId, currency, openMinor } = creditNote;
        const source = { kind: 'creditNote', id, customerId, currency, openMinor, date: unit.today } as const;
        await allocate(unit, source, requests, 'exact');
        return resettle(unit, creditNote, 'creditNote.allocated');
      });
    },
    async unallocate(context, allocationId, expectedRevision) {
      const request = { name: 'creditNote.unallocate', kind: 'creditNote', input: { allocationId } } as const;
      return commands.run(context, request, async (unit) => {
        const allocation = await unit.load('allocation', allocationId, expectedRevision);
        if (allocation.sourceKind !== 'creditNote') {
          throw refused('This allocation is of a payment.', 'Take it back at the payment.');
        }
        await endAllocation(unit, allocation);
        return resettle(unit, await unit.load('creditNote', allocation.sourceId), 'creditNote.unallocated');
      });
    },
  } satisfies Partial<CreditNoteService>;
};

const customerOf = (unit: Unit, before: CreditNote, changes: { readonly customerId?: string | undefined } = {}) =>
  unit.load('customer', changes.customerId ?? before.customerId);

export const settled = (before: CreditNote, changes: Changes<'creditNote'>): Changes<'creditNote'> => ({
  ...changes,
  ...derivedOf({ ...before, ...changes }),
});

const withState = <T extends Pick<CreditNote, 'status' | 'totalMinor' | 'allocatedMinor'>>(draft: T) => ({
  ...draft,
  ...derivedOf(draft),
});

const derivedOf = (creditNote: Pick<CreditNote, 'status' | 'totalMinor' | 'allocatedMinor' | 'refundedMinor'>) => ({
  ...settledBy(creditNote),
  state: creditNoteStateOf(creditNote),
});
