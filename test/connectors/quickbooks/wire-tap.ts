// A server that says what it is told to and remembers what it was asked, byte by byte; for what the rehearsal's rules do not show.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GrantVault } from '../../../src/connectors/oauth/grant-vault';
import { createQuickBooksApi, type QuickBooksApi } from '../../../src/connectors/quickbooks/api';
import { createInProcessBudget } from '../../../src/connectors/rate-budget/in-process';
import { simulatedClock } from '../../../src/core/clock';
import { createLogger } from '../../../src/core/logger';

export type TappedRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
export type TapAnswer = { readonly status?: number; readonly body?: string; readonly headers?: Record<string, string> };

export const startTap = async (answer: (request: TappedRequest) => TapAnswer | 'silence') => {
  const requests: TappedRequest[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://tap');
      const { method = '', headers } = request;
      const tapped = { method, path: url.pathname, query: url.searchParams, headers, body };
      requests.push(tapped);
      const said = answer(tapped);
      if (said === 'silence') return;
      response.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers });
      response.end(said.body ?? '{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export const SECRET_TOKEN = 'eyJ-access-token-that-nobody-may-see';

/** The adapter on a tap, with a token that is always there. */
export const apiOn = (url: string, log: string[] = []): QuickBooksApi => {
  const vault: GrantVault = {
    save: async () => 'grt_1',
    accessToken: async () => ({ ok: true, value: SECRET_TOKEN }),
    invalidate: async () => undefined,
    forget: async () => ({ revoked: false }),
    health: async () => ({ state: 'usable' }),
  };
  const clock = simulatedClock(new Date('2026-11-20T09:00:00.000Z'));
  return createQuickBooksApi({
    apiUrl: url,
    company: { tenantId: 'ten_1', grantId: 'grt_1', realmId: '9130350000000000001' },
    vault,
    refresh: async () => ({ result: 'refused', reason: 'none' }),
    budget: createInProcessBudget({ clock }),
    clock,
    logger: createLogger({ level: 'debug', now: () => clock.now(), write: (line) => log.push(line) }),
  });
};
