// What was asked and answered, for tests and for the person who watches; bodies go to the caller's hook and are not kept.

export type LoggedRequest = {
  readonly at: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** 0 where no answer was given. */
  readonly status: number;
  /** It asked for a change of the books, whatever became of it; a batch of queries did not. */
  readonly asksToWrite: boolean;
};
export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseBody: unknown;
  /** The faults that this call met, by name. */
  readonly faults: readonly string[];
};

export type ExchangeLog = {
  add(exchange: Exchange): void;
  requests(): readonly LoggedRequest[];
  /** Calls to the accounting API. */
  apiCalls(): number;
  clear(): void;
};

const MOST_KEPT = 5000;

export const createExchangeLog = (now: () => Date, onExchange?: (exchange: Exchange) => void): ExchangeLog => {
  let kept: LoggedRequest[] = [];
  let apiCalls = 0;
  return {
    add: (exchange) => {
      const { method, path, status } = exchange;
      kept.push({ at: now().toISOString(), method, path, status, asksToWrite: asksToWrite(exchange) });
      if (kept.length > MOST_KEPT) kept = kept.slice(-MOST_KEPT / 2);
      if (path.startsWith('/v3/')) apiCalls += 1;
      onExchange?.(exchange);
    },
    requests: () => kept,
    apiCalls: () => apiCalls,
    clear: () => {
      kept = [];
      apiCalls = 0;
    },
  };
};

const asksToWrite = ({ method, path, requestBody }: Exchange): boolean => {
  if (method !== 'POST' || !path.startsWith('/v3/') || /\/query\b/.test(path)) return false;
  if (!/\/batch\b/.test(path) || typeof requestBody !== 'object' || requestBody === null) return true;
  const items = 'BatchItemRequest' in requestBody ? requestBody.BatchItemRequest : undefined;
  return !Array.isArray(items) || !items.every((item) => typeof item === 'object' && item !== null && 'Query' in item);
};
