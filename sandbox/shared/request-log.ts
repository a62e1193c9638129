// Counts what was asked of a rehearsal server, by method and by path with its ids taken out. Bodies and queries are not kept.
import type { RequestHandler } from 'express';

export type RequestCount = { readonly method: string; readonly path: string; readonly count: number };

export type RequestLog = {
  note(method: string, path: string): void;
  counts(): readonly RequestCount[];
  /** Requests whose `METHOD pattern` contains the text; all of them without one. */
  total(text?: string): number;
  clear(): void;
};

export const createRequestLog = (patternOf: (path: string) => string = withoutIds): RequestLog => {
  const counts = new Map<string, RequestCount>();
  return {
    note: (method, path) => {
      const pattern = patternOf(path);
      const key = `${method} ${pattern}`;
      counts.set(key, { method, path: pattern, count: (counts.get(key)?.count ?? 0) + 1 });
    },
    counts: () => [...counts.values()],
    total: (text = '') => [...counts].reduce((sum, [key, { count }]) => (key.includes(text) ? sum + count : sum), 0),
    clear: () => counts.clear(),
  };
};

/** Notes each request as it arrives; what the operator asks at /_sandbox is not counted. */
export const noteRequests =
  (log: RequestLog, onRequest?: (request: { method: string; path: string }) => void): RequestHandler =>
  ({ method, path }, _response, next) => {
    if (!path.startsWith('/_sandbox')) {
      log.note(method, path);
      onRequest?.({ method, path });
    }
    next();
  };

/** A segment with a digit in it, from four characters on, is an id: `/v1/refunds/re_3Nx` is counted as `/v1/refunds/:id`. */
const withoutIds = (path: string): string => path.replaceAll(/\/(?=[^/]*\d)[^/]{4,}/g, '/:id');
