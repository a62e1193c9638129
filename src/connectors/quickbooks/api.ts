// One company's Accounting API with named arguments: the token, the rate budget, time-outs and the conclusion from each answer.
// It decides nothing about records. Nothing it returns carries a token.
import type { Clock } from '../../core/clock';
import type { Logger } from '../../core/logger';
import type { LedgerProblem, Purpose } from '../../sync/ports/ledger-port';
import type { GrantVault, RefreshCall } from '../oauth/grant-vault';
import type { RateBudget } from '../rate-budget/port';
import { sizeOf } from '../traffic/meter';
import { classify, type Failure, type Verdict } from './classify';
import { BATCH_CALL, BUDGET_WAIT_MS, CALL_TIMEOUT_MS, QUICKBOOKS_LIMITS, SERVER_TIMEOUT_MS } from './limits';
import { clauses, type Entity, type Selection } from './query';
import { type Callback, type EntityBody, exchange, type LibraryClient, libraryClient } from './wire';

/** `notSent` beside what `classify` tells: our own side did not let it go. */
export type ApiFailure =
  | Failure
  | { readonly verdict: 'failed'; readonly effect: 'notSent'; readonly problem: LedgerProblem };
export type ApiAnswer = Extract<Verdict, { verdict: 'answered' }> | ApiFailure;

export type CallOptions = {
  readonly purpose: Purpose;
  readonly signal?: AbortSignal | undefined;
  /** An instant of the clock: no request goes out on which QuickBooks could still be working then. */
  readonly deadlineMs?: number;
};

export type RecordEntity = 'Customer' | 'Invoice' | 'CreditMemo' | 'Payment';
/** What is only ever made, and is no record of the sync. */
export type PostingEntity = 'Purchase' | 'Deposit' | 'Transfer';
/** A void of a payment is an update that says so; of an invoice an operation of its own. Credit memos have none. */
export type WriteVerb = 'create' | 'update' | 'void';

export type BatchItem = {
  readonly bId: string;
  readonly verb: WriteVerb;
  readonly entity: RecordEntity;
  readonly body: EntityBody;
};

export type QuickBooksApi = ReturnType<typeof createQuickBooksApi>;

export type QuickBooksApiDeps = {
  readonly apiUrl: string;
  readonly company: { readonly tenantId: string; readonly grantId: string; readonly realmId: string };
  readonly vault: GrantVault;
  readonly refresh: RefreshCall;
  readonly budget: RateBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Hears how many bytes each answer had. */
  readonly onReceived?: (bytes: number) => void;
};

type Call = {
  /** For the log. */
  readonly name: string;
  readonly make: (client: LibraryClient, callback: Callback) => void;
  readonly requestId?: string;
  /** A limit of its own beside the main one. */
  readonly limit?: string;
};

const budgetKey = ({ company: { realmId } }: Pick<QuickBooksApiDeps, 'company'>): string => `quickbooks:${realmId}`;

const FIND = {
  Customer: 'findCustomers',
  Invoice: 'findInvoices',
  CreditMemo: 'findCreditMemos',
  Payment: 'findPayments',
  Purchase: 'findPurchases',
  Deposit: 'findDeposits',
  Transfer: 'findTransfers',
  Account: 'findAccounts',
  Item: 'findItems',
  TaxCode: 'findTaxCodes',
  TaxRate: 'findTaxRates',
  PaymentMethod: 'findPaymentMethods',
  CompanyCurrency: 'findCompanyCurrencies',
} as const;

export const createQuickBooksApi = (deps: QuickBooksApiDeps) => {
  let calls = 0;
  const run = (call: Call, options: CallOptions): Promise<ApiAnswer> => {
    calls++;
    return runCall(deps, call, options);
  };
  return {
    /** How many calls were asked of it so far. */
    calls: (): number => calls,
    /** Counted for people: QuickBooks has no limit of calls a day. */
    budget: async (): Promise<{ readonly usedToday: number }> => {
      const { usedToday } = await deps.budget.state(budgetKey(deps), QUICKBOOKS_LIMITS);
      return { usedToday };
    },
    companyInfo: (options: CallOptions) =>
      run(
        { name: 'read CompanyInfo', make: (client, callback) => client.getCompanyInfo(deps.company.realmId, callback) },
        options,
      ),
    preferences: (options: CallOptions) =>
      run({ name: 'read Preferences', make: (client, callback) => client.getPreferences(callback) }, options),
    /** By id: the only read that shows a record as it is now. */
    record: (entity: RecordEntity, id: string, options: CallOptions) =>
      run({ name: `read ${entity}`, make: (client, callback) => client[`get${entity}`](id, callback) }, options),
    query: (entity: Entity, selection: Selection, options: CallOptions) =>
      run(
        { name: `query ${entity}`, make: (client, callback) => client[FIND[entity]](clauses(selection), callback) },
        options,
      ),
    /** Several queries in one call; the rows of all together are at most 1000. */
    queries: (statements: readonly string[], options: CallOptions) =>
      run(
        {
          name: 'batch of queries',
          make: (client, callback) =>
            client.batch(
              statements.map((Query, i) => ({ bId: String(i + 1), Query })),
              callback,
            ),
          limit: BATCH_CALL,
        },
        options,
      ),
    /** `since` in UTC with a Z: an offset with a plus sign would arrive as a space. */
    changes: (entities: readonly RecordEntity[], since: string, options: CallOptions) =>
      run(
        { name: 'changes', make: (client, callback) => client.changeDataCapture(entities, since, callback) },
        options,
      ),
    write: (verb: WriteVerb, entity: RecordEntity, body: EntityBody, requestId: string, options: CallOptions) =>
      run(
        {
          name: `${verb} ${entity}`,
          make: (client, callback) => writeOne(client, verb, entity, body, callback),
          requestId,
        },
        options,
      ),
    createPosting: (entity: PostingEntity, body: EntityBody, requestId: string, options: CallOptions) =>
      run(
        {
          name: `create ${entity}`,
          make: (client, callback) => client[`create${entity}`]({ ...body }, callback),
          requestId,
        },
        options,
      ),
    batch: (items: readonly BatchItem[], requestId: string, options: CallOptions) =>
      run(
        {
          name: 'batch of writes',
          make: (client, callback) => client.batch(items.map(itemBody), callback),
          requestId,
          limit: BATCH_CALL,
        },
        options,
      ),
  };
};

/** The library changes what it is given, so it is given a copy. */
const writeOne = (
  client: LibraryClient,
  verb: WriteVerb,
  entity: RecordEntity,
  body: EntityBody,
  callback: Callback,
): void => {
  if (verb === 'create') client[`create${entity}`]({ ...body }, callback);
  else if (verb === 'update') client[`update${entity}`]({ ...body }, callback);
  else if (entity === 'Payment') client.updatePayment({ ...body, void: true }, callback);
  else client.voidInvoice({ ...body }, callback);
};

const itemBody = ({ bId, verb, entity, body }: BatchItem): object => {
  const isVoidedPayment = verb === 'void' && entity === 'Payment';
  return {
    bId,
    operation: isVoidedPayment ? 'update' : verb,
    ...(isVoidedPayment ? { optionsData: 'void' } : {}),
    [entity]: body,
  };
};

const runCall = async (deps: QuickBooksApiDeps, call: Call, options: CallOptions): Promise<ApiAnswer> => {
  const { company, vault, refresh } = deps;
  for (let attempt = 1; ; attempt++) {
    const token = await vault.accessToken({ ...company, refresh });
    if (!token.ok) return notSent(token.error);
    const answer = await callWithToken(deps, call, token.value, options);
    // Turned away for its token, so surely without effect: once more with a fresh one.
    if (attempt > 1 || answer.verdict === 'answered' || !('tokenExpired' in answer)) return answer;
    await vault.invalidate({ ...company, accessToken: token.value });
  }
};

const callWithToken = async (
  { apiUrl, budget, clock, logger, company, onReceived }: QuickBooksApiDeps,
  { name, make, requestId, limit }: Call,
  accessToken: string,
  { purpose, signal, deadlineMs }: CallOptions,
): Promise<ApiAnswer> => {
  const { realmId } = company;
  const now = clock.now().getTime();
  const patienceMs =
    deadlineMs === undefined ? BUDGET_WAIT_MS : Math.min(BUDGET_WAIT_MS, deadlineMs - SERVER_TIMEOUT_MS - now);
  if (patienceMs < 0) return notSent(tooLate);
  const permit = await budget.acquire(budgetKey({ company }), QUICKBOOKS_LIMITS, {
    purpose,
    maxWaitMs: patienceMs,
    ...(limit === undefined ? {} : { name: limit }),
    ...(signal === undefined ? {} : { signal }),
  });
  if ('refused' in permit) return notSent(waitLonger(permit.retryAfterMs));
  if (signal?.aborted) {
    await permit.release();
    return notSent(calledOff);
  }
  const client = libraryClient({ apiUrl, realmId, accessToken });
  const wire = await exchange(client, make, {
    timeoutMs: CALL_TIMEOUT_MS,
    ...(requestId === undefined ? {} : { requestId }),
  });
  if (!('silence' in wire)) onReceived?.(sizeOf(wire));
  const verdict = classify(wire);
  await permit.release(closing(verdict));
  logCall(logger, name, realmId, verdict);
  return verdict;
};

/** Intuit's support asks for its id of the call. Codes only: the words of an answer may name customers. */
const logCall = (logger: Logger, call: string, company: string, verdict: Verdict): void => {
  if (verdict.verdict === 'answered') {
    logger.debug('QuickBooks answered', { call, company });
    return;
  }
  const { effect, problem } = verdict;
  const { class: failure, code, requestId: intuitTid } = problem;
  logger.warn('QuickBooks did not do what was asked', { call, company, effect, failure, code, intuitTid });
};

/** What a 429 means for everybody who calls for this company. */
const closing = (verdict: Verdict) =>
  verdict.verdict === 'failed' && verdict.problem.class === 'throttled'
    ? { limit: 'minute' as const, ...(verdict.problem.retryAfterMs && { retryAfterMs: verdict.problem.retryAfterMs }) }
    : {};

const notSent = (problem: LedgerProblem): ApiAnswer => ({ verdict: 'failed', effect: 'notSent', problem });

const tooLate: LedgerProblem = { class: 'transient', message: 'There was no time left to send this safely.' };
const calledOff: LedgerProblem = { class: 'transient', message: 'This was called off before it was sent.' };
const waitLonger = (retryAfterMs: number): LedgerProblem => ({
  class: 'throttled',
  message: 'QuickBooks’ limit of calls a minute is used up.',
  retryAfterMs,
});
