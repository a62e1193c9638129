// What was asked of the server and how it was answered: for tests that count calls and check the traffic. The counts by
// address, which an operator reads, are kept by the log that all rehearsals share.
import type { NextFunction, Request, Response } from 'express';

export type LoggedRequest = {
  readonly at: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly tenantId?: string;
  readonly status: number;
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

const MOST_KEPT = 100_000;

export class ExchangeLog {
  readonly #requests: LoggedRequest[] = [];
  #calls = 0;

  constructor(
    private readonly now: () => Date,
    private readonly onExchange?: (exchange: Exchange) => void,
  ) {}

  readonly middleware = (request: Request, response: Response, next: NextFunction): void => {
    const { method, originalUrl } = request;
    const at = this.now().getTime();
    const tenantId = request.get('xero-tenant-id');
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 0; // 0: cut off without an answer
      this.#requests.push({ at, method, path: originalUrl, status, ...(tenantId === undefined ? {} : { tenantId }) });
      if (this.#requests.length > MOST_KEPT) this.#requests.shift();
      if (!originalUrl.startsWith('/api.xro/')) return;
      this.#calls += 1;
      const requestBody = readable(request.body);
      const { sent: responseBody, faults = [] } = response.locals;
      this.onExchange?.({ method, path: originalUrl, requestBody, status, responseBody, faults });
    });
    next();
  };

  requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  /** Calls to the API host alone: what the limits count. */
  apiCalls(): number {
    return this.#calls;
  }

  clear(): void {
    this.#requests.length = 0;
    this.#calls = 0;
  }
}

const readable = (body: unknown): unknown => {
  if (!Buffer.isBuffer(body)) return body;
  const text = body.toString('utf8');
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text; // sent as something else; whoever checks the exchange will say so
  }
};
