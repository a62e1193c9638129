// One organisation's Accounting API with named arguments: the token, the rate budget, time-outs and the conclusion from each answer.
// It decides nothing about records. Nothing it returns carries a token.
import type {
  AccountingApi,
  Allocations,
  BankTransactions,
  BankTransfers,
  Contacts,
  CreditNotes,
  Invoices,
  Payments,
} from 'xero-node';
import type { Clock } from '../../core/clock';
import type { LedgerBudget, LedgerProblem, Purpose } from '../../sync/ports/ledger-port';
import type { GrantVault, RefreshCall } from '../oauth/grant-vault';
import type { RateBudget } from '../rate-budget/port';
import { sizeOf } from '../traffic/meter';
import { budgetAnswerOf, classify, type Verdict } from './classify';
import { BUDGET_WAIT_MS, CALL_TIMEOUT_MS, XERO_LIMITS } from './limits';
import { exchange, loadXeroNode, type WireHosts } from './wire';

/** `notSent` beside what `classify` tells: our own side did not let it go. */
export type ApiAnswer =
  | Verdict
  | { readonly verdict: 'failed'; readonly effect: 'notSent'; readonly problem: LedgerProblem };

export type CallOptions = {
  readonly purpose: Purpose;
  readonly signal?: AbortSignal | undefined;
  /** An instant of the clock: no request goes out that could outlast it. */
  readonly deadlineMs?: number;
};

export type ListQuery = {
  readonly where?: string | undefined;
  readonly order?: string;
  readonly ids?: readonly string[];
  readonly page?: number;
  readonly pageSize?: number;
  /** Whole seconds: `YYYY-MM-DDTHH:MM:SS`. The library would send milliseconds. */
  readonly modifiedSince?: string | undefined;
};

export type XeroApi = ReturnType<typeof createXeroApi>;

export type XeroApiDeps = {
  readonly hosts: WireHosts;
  readonly organisation: { readonly tenantId: string; readonly grantId: string; readonly organisationId: string };
  readonly vault: GrantVault;
  readonly refresh: RefreshCall;
  readonly budget: RateBudget;
  readonly clock: Clock;
  /** Hears how many bytes each answer had. */
  readonly onReceived?: (bytes: number) => void;
};

/** Four decimals of a unit price survive only if every read and write asks for them. */
const UNIT_PLACES = 4;
/** Each element answers for itself; without it one bad record refuses them all. */
const PER_ELEMENT = false;

const budgetKey = ({ organisation }: Pick<XeroApiDeps, 'organisation'>): string =>
  `xero:${organisation.organisationId}`;

export const createXeroApi = (deps: XeroApiDeps) => {
  const { organisationId } = deps.organisation;
  let calls = 0;
  const run = (make: (api: AccountingApi) => Promise<unknown>, options: CallOptions): Promise<ApiAnswer> => {
    calls++;
    return runCall(deps, make, options);
  };

  const headersOf = ({ modifiedSince }: ListQuery): { headers: Record<string, string> } => ({
    headers: modifiedSince === undefined ? {} : { 'If-Modified-Since': modifiedSince },
  });

  return {
    /** How many calls were asked of it so far. */
    calls: (): number => calls,
    /** Calls used and left today, for people. */
    budget: async (): Promise<LedgerBudget> => {
      const { usedToday, leftToday, leftThisMinute } = await deps.budget.state(budgetKey(deps), XERO_LIMITS);
      return { usedToday, leftThisMinute, ...(leftToday === undefined ? {} : { leftToday }) };
    },
    organisation: (options: CallOptions) => run((api) => api.getOrganisations(organisationId), options),
    currencies: (options: CallOptions) => run((api) => api.getCurrencies(organisationId), options),
    accounts: (options: CallOptions) => run((api) => api.getAccounts(organisationId), options),
    taxRates: (options: CallOptions) => run((api) => api.getTaxRates(organisationId), options),
    items: (options: CallOptions) => run((api) => api.getItems(organisationId), options),

    contacts: (query: ListQuery, options: CallOptions) =>
      run(
        (api) =>
          api.getContacts(
            organisationId,
            undefined,
            query.where,
            query.order,
            query.ids && [...query.ids],
            query.page ?? 1,
            true, // archived ones too
            undefined,
            undefined,
            query.pageSize,
            headersOf(query),
          ),
        options,
      ),
    contact: (id: string, options: CallOptions) => run((api) => api.getContact(organisationId, id), options),

    invoices: (query: ListQuery, options: CallOptions) =>
      run(
        (api) =>
          api.getInvoices(
            organisationId,
            undefined,
            query.where,
            query.order,
            query.ids && [...query.ids],
            undefined,
            undefined,
            undefined,
            query.page ?? 1, // unpaged lists have no lines
            undefined,
            undefined,
            UNIT_PLACES,
            undefined,
            query.pageSize,
            undefined,
            headersOf(query),
          ),
        options,
      ),
    invoice: (id: string, options: CallOptions) =>
      run((api) => api.getInvoice(organisationId, id, UNIT_PLACES), options),

    creditNotes: (query: ListQuery, options: CallOptions) =>
      run(
        (api) =>
          api.getCreditNotes(
            organisationId,
            undefined,
            query.where,
            query.order,
            query.page ?? 1,
            UNIT_PLACES,
            query.pageSize,
            headersOf(query),
          ),
        options,
      ),
    creditNote: (id: string, options: CallOptions) =>
      run((api) => api.getCreditNote(organisationId, id, UNIT_PLACES), options),

    payments: (query: ListQuery, options: CallOptions) =>
      run(
        (api) =>
          api.getPayments(
            organisationId,
            undefined,
            query.where,
            query.order,
            query.page ?? 1,
            query.pageSize,
            headersOf(query),
          ),
        options,
      ),
    payment: (id: string, options: CallOptions) => run((api) => api.getPayment(organisationId, id), options),

    overpayments: (query: ListQuery, options: CallOptions) =>
      run(
        (api) =>
          api.getOverpayments(
            organisationId,
            undefined,
            query.where,
            query.order,
            query.page ?? 1,
            UNIT_PLACES,
            query.pageSize,
            undefined,
            headersOf(query),
          ),
        options,
      ),
    overpayment: (id: string, options: CallOptions) => run((api) => api.getOverpayment(organisationId, id), options),
    prepayments: (query: ListQuery, options: CallOptions) =>
      run(
        (api) =>
          api.getPrepayments(
            organisationId,
            undefined,
            query.where,
            query.order,
            query.page ?? 1,
            UNIT_PLACES,
            query.pageSize,
            undefined,
            undefined,
            headersOf(query),
          ),
        options,
      ),
    prepayment: (id: string, options: CallOptions) => run((api) => api.getPrepayment(organisationId, id), options),

    bankTransactions: (query: ListQuery, options: CallOptions) =>
      run(
        (api) =>
          api.getBankTransactions(
            organisationId,
            undefined,
            query.where,
            query.order,
            query.page ?? 1,
            UNIT_PLACES,
            query.pageSize,
            undefined,
            headersOf(query),
          ),
        options,
      ),
    /** Not paged. */
    bankTransfers: (query: Pick<ListQuery, 'where'>, options: CallOptions) =>
      run((api) => api.getBankTransfers(organisationId, undefined, query.where), options),

    // Creates are PUT: it refuses a name or number that is taken, where POST would take the other record over.
    createContacts: (contacts: Contacts, key: string, options: CallOptions) =>
      run((api) => api.createContacts(organisationId, contacts, PER_ELEMENT, key), options),
    updateContacts: (contacts: Contacts, key: string, options: CallOptions) =>
      run((api) => api.updateOrCreateContacts(organisationId, contacts, PER_ELEMENT, key), options),
    createInvoices: (invoices: Invoices, key: string, options: CallOptions) =>
      run((api) => api.createInvoices(organisationId, invoices, PER_ELEMENT, UNIT_PLACES, key), options),
    updateInvoices: (invoices: Invoices, key: string, options: CallOptions) =>
      run((api) => api.updateOrCreateInvoices(organisationId, invoices, PER_ELEMENT, UNIT_PLACES, key), options),
    createCreditNotes: (creditNotes: CreditNotes, key: string, options: CallOptions) =>
      run((api) => api.createCreditNotes(organisationId, creditNotes, PER_ELEMENT, UNIT_PLACES, key), options),
    updateCreditNotes: (creditNotes: CreditNotes, key: string, options: CallOptions) =>
      run((api) => api.updateOrCreateCreditNotes(organisationId, creditNotes, PER_ELEMENT, UNIT_PLACES, key), options),
    createPayments: (payments: Payments, key: string, options: CallOptions) =>
      run((api) => api.createPayments(organisationId, payments, PER_ELEMENT, key), options),
    createBankTransactions: (bankTransactions: BankTransactions, key: string, options: CallOptions) =>
      run(
        (api) => api.createBankTransactions(organisationId, bankTransactions, PER_ELEMENT, UNIT_PLACES, key),
        options,
      ),
    updateBankTransaction: (id: string, bankTransactions: BankTransactions, key: string, options: CallOptions) =>
      run((api) => api.updateBankTransaction(organisationId, id, bankTransactions, UNIT_PLACES, key), options),
    /** All of them or none: an overpayment is never left with half of what it should pay. */
    createAdvanceAllocations: (
      { kind, id }: { readonly kind: 'overpayment' | 'prepayment'; readonly id: string },
      allocations: Allocations,
      key: string,
      options: CallOptions,
    ) =>
      run(
        (api) =>
          kind === 'overpayment'
            ? api.createOverpaymentAllocations(organisationId, id, allocations, true, key)
            : api.createPrepaymentAllocations(organisationId, id, allocations, true, key),
        options,
      ),
    deleteAdvanceAllocation: (
      { kind, id }: { readonly kind: 'overpayment' | 'prepayment'; readonly id: string },
      allocationId: string,
      options: CallOptions,
    ) =>
      run(
        (api) =>
          kind === 'overpayment'
            ? api.deleteOverpaymentAllocations(organisationId, id, allocationId)
            : api.deletePrepaymentAllocations(organisationId, id, allocationId),
        options,
      ),
    createBankTransfer: (bankTransfers: BankTransfers, key: string, options: CallOptions) =>
      run((api) => api.createBankTransfer(organisationId, bankTransfers, key), options),
    deletePayment: (id: string, key: string, options: CallOptions) =>
      run((api) => api.deletePayment(organisationId, id, { status: 'DELETED' }, key), options),
    createAllocations: (creditNoteId: string, allocations: Allocations, key: string, options: CallOptions) =>
      run(
        (api) => api.createCreditNoteAllocation(organisationId, creditNoteId, allocations, PER_ELEMENT, key),
        options,
      ),
    deleteAllocation: (creditNoteId: string, allocationId: string, options: CallOptions) =>
      run((api) => api.deleteCreditNoteAllocations(organisationId, creditNoteId, allocationId), options),
  };
};

const runCall = async (
  deps: XeroApiDeps,
  make: (api: AccountingApi) => Promise<unknown>,
  options: CallOptions,
): Promise<ApiAnswer> => {
  const { organisation, vault, refresh } = deps;
  for (let attempt = 1; ; attempt++) {
    const token = await vault.accessToken({ ...organisation, refresh });
    if (!token.ok) return notSent(token.error);
    const answer = await callWithToken(deps, make, token.value, options);
    // Turned away for its token, so surely without effect: once more with a fresh one.
    if (attempt > 1 || answer.verdict === 'answered' || !('tokenExpired' in answer)) return answer;
    await vault.invalidate({ ...organisation, accessToken: token.value });
  }
};

const callWithToken = async (
  deps: XeroApiDeps,
  make: (api: AccountingApi) => Promise<unknown>,
  accessToken: string,
  { purpose, signal, deadlineMs }: CallOptions,
): Promise<ApiAnswer> => {
  const { budget, clock, hosts } = deps;
  const now = clock.now().getTime();
  const allowedMs = BUDGET_WAIT_MS[purpose];
  const patienceMs = deadlineMs === undefined ? allowedMs : Math.min(allowedMs, deadlineMs - CALL_TIMEOUT_MS - now);
  if (patienceMs < 0) return notSent(tooLate);
  const permit = await budget.acquire(budgetKey(deps), XERO_LIMITS, {
    purpose,
    maxWaitMs: patienceMs,
    ...(signal === undefined ? {} : { signal }),
  });
  if ('refused' in permit)
    return notSent(permit.refused === 'day' ? dayUsedUp(permit.retryAfterMs) : waitLonger(permit.retryAfterMs));
  if (signal?.aborted) {
    await permit.release();
    return notSent(calledOff);
  }
  const { XeroClient } = loadXeroNode();
  // A client is the state of one token set: it lives for one call and is shared with nobody.
  const client = new XeroClient();
  client.setTokenSet({ access_token: accessToken });
  client.accountingApi.basePath = `${hosts.apiUrl}/api.xro/2.0`;
  const wire = await exchange(() => make(client.accountingApi), { ...hosts, timeoutMs: CALL_TIMEOUT_MS });
  if (!('silence' in wire)) deps.onReceived?.(sizeOf(wire));
  await permit.release('silence' in wire ? {} : budgetAnswerOf(wire));
  return classify(wire);
};

const notSent = (problem: LedgerProblem): ApiAnswer => ({ verdict: 'failed', effect: 'notSent', problem });

const tooLate: LedgerProblem = { class: 'transient', message: 'There was no time left to send this safely.' };
const calledOff: LedgerProblem = { class: 'transient', message: 'This was called off before it was sent.' };
const waitLonger = (retryAfterMs: number): LedgerProblem => ({
  class: 'throttled',
  message: 'Xero’s limit of calls a minute is used up.',
  retryAfterMs,
});
const dayUsedUp = (retryAfterMs: number): LedgerProblem => ({
  class: 'throttled',
  message: 'Xero’s limit of calls a day is used up for background work.',
  retryAfterMs,
});
