// Holds every call between the house and a rehearsal ledger to that ledger's own schema: collects while a world runs, speaks when it closes.
// What is not as documented on purpose stands in `NOT_AS_DOCUMENTED`, each with its reason; nothing else is let through. Where the schemas do
// not stand beside the checkout it watches nothing (`describeWithXeroSchema` and `describeWithQuickBooksSchema` name what is skipped then).
import { checkQuickBooksAnswer, checkQuickBooksRequest, hasQuickBooksSchema } from './quickbooks-schema';
import { checkXeroAnswer, checkXeroRequest, hasXeroSchema } from './xero-schema';

export type WatchedLedger = 'xero' | 'quickbooks';
export type WatchedExchange = {
  readonly method: string;
  readonly path: string;
  readonly requestBody: unknown;
  /** 0 where no answer was given. */
  readonly status: number;
  readonly responseBody: unknown;
  /** Faults of the rehearsal that this call met. */
  readonly faults: readonly string[];
};
export type WireWitness = {
  readonly onExchange: (exchange: WatchedExchange) => void;
  /** Requests and answers that were held to the schema so far. */
  checked(): number;
  /** Throws where anything was not as documented: each problem once, with the number of calls that had it. */
  expectValid(): void;
};

/** Faults whose answers are broken on purpose. The request that met one is held to the schema all the same. */
export const NOT_AS_DOCUMENTED: Readonly<Record<WatchedLedger, Readonly<Record<string, string>>>> = {
  xero: {
    'html-in-200': 'a page of somebody in between, not of Xero',
    'other-shape': 'JSON of somebody in between, not of Xero',
    'odd-record': 'one record carries what no schema allows',
    'unreadable-answer': 'its records carry an empty date, which no schema allows',
    'truncated-answer': 'its JSON ends in the middle',
  },
  quickbooks: {
    'html-in-200': 'a page of somebody in between, not of QuickBooks',
    'other-shape': 'JSON of somebody in between, not of QuickBooks',
    'odd-record': 'one record carries what no schema allows',
    'text-in-200': 'a lapsed company answers with a sentence',
    'truncated-answer': 'its JSON ends in the middle',
  },
};

export const watchWire = (ledger: WatchedLedger): WireWitness => {
  const { hasSchema, request, answer } = CHECKS[ledger];
  const problems = new Map<string, number>();
  let checked = 0;
  const note = (found: readonly string[]): void => {
    checked += 1;
    for (const problem of found.map(withoutIds)) problems.set(problem, (problems.get(problem) ?? 0) + 1);
  };
  return {
    onExchange: ({ method, path, requestBody, status, responseBody, faults }) => {
      if (!hasSchema) return;
      const isBroken = faults.some((name) => Object.hasOwn(NOT_AS_DOCUMENTED[ledger], name));
      // Answered before anybody read the body: there is nothing to judge.
      const isUnread = requestBody === undefined && method !== 'GET' && (isBroken || isTurnedAway(status));
      if (!isUnread) note(request(method, path, requestBody));
      if (status === 0 || isBroken) return;
      const isNoJson = status === 200 && typeof responseBody === 'string';
      note(
        isNoJson ? [`${method} ${path} → 200: the body is text, no JSON`] : answer(method, path, status, responseBody),
      );
    },
    checked: () => checked,
    expectValid: () => {
      if (problems.size === 0) return;
      const lines = [...problems].map(([problem, count]) => (count === 1 ? problem : `${problem} (${count} times)`));
      throw new Error(`Not as ${ledger} documents it:\n  ${lines.join('\n  ')}`);
    },
  };
};

const isTurnedAway = (status: number): boolean =>
  status === 0 || status === 401 || status === 403 || status === 429 || status >= 500;

const CHECKS = {
  xero: { hasSchema: hasXeroSchema, request: checkXeroRequest, answer: checkXeroAnswer },
  quickbooks: { hasSchema: hasQuickBooksSchema, request: checkQuickBooksRequest, answer: checkQuickBooksAnswer },
} as const;

/** The same mistake in many records is one mistake. */
const withoutIds = (problem: string): string =>
  problem.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, ':id').replaceAll(/\?[^ ]*/g, '');
