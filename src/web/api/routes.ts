// /api/v1: every endpoint as a route behind its scope and the caller's rate limit, and the document that describes them.
import type { Answer } from '../http/answer';
import { createRateLimiter, type RateLimiter } from '../http/rate-limit';
import { open, type Route, type WithKey } from '../http/routes';
import { activityEndpoints } from './activity';
import { certificateEndpoints } from './certificates';
import { connectionEndpoints } from './connections';
import { creditNoteEndpoints } from './credit-notes';
import { customerEndpoints } from './customers';
import { API_BASE, createEndpoints, type Endpoint, routeOf } from './endpoint';
import { invoiceEndpoints } from './invoices';
import { matchEndpoints } from './matches';
import { createOnce } from './once';
import { openApiOf } from './openapi';
import type { ApiParts } from './parts';
import { paymentEndpoints } from './payments';
import { payoutEndpoints } from './payouts';
import { planEndpoints } from './plans';
import { policyEndpoints } from './policy';
import { problemEndpoints } from './problems';
import { refundEndpoints } from './refunds';
import { stopEndpoints } from './stops';
import { syncRunEndpoints } from './sync-runs';
import { undoEndpoints } from './undos';

export const apiEndpoints = (parts: ApiParts): readonly Endpoint[] => {
  const endpoints = createEndpoints(createOnce(parts));
  return [
    ...customerEndpoints(endpoints, parts),
    ...invoiceEndpoints(endpoints, parts),
    ...creditNoteEndpoints(endpoints, parts),
    ...paymentEndpoints(endpoints, parts),
    ...refundEndpoints(endpoints, parts),
    ...payoutEndpoints(endpoints, parts),
    ...connectionEndpoints(endpoints, parts),
    ...matchEndpoints(endpoints, parts),
    ...planEndpoints(endpoints, parts),
    ...syncRunEndpoints(endpoints, parts),
    ...undoEndpoints(endpoints, parts),
    ...policyEndpoints(endpoints, parts),
    ...stopEndpoints(endpoints, parts),
    ...certificateEndpoints(endpoints, parts),
    ...problemEndpoints(endpoints, parts),
    ...activityEndpoints(endpoints, parts),
  ];
};

export const apiRoutes = (parts: ApiParts): readonly Route[] => {
  const endpoints = apiEndpoints(parts);
  const limiter = createRateLimiter(parts.clock, parts.rateLimit);
  let document: object | undefined;
  return [
    ...endpoints.map((endpoint) => routeOf(limited(endpoint, limiter))),
    open(`GET ${API_BASE}/openapi.json`, async () => {
      document ??= openApiOf(endpoints, parts.publicUrl);
      return { kind: 'json', body: document };
    }),
  ];
};

const limited = (endpoint: Endpoint, limiter: RateLimiter): Endpoint => ({
  ...endpoint,
  handle: async (incoming: WithKey): Promise<Answer> => {
    limiter.take(incoming.key.id);
    return endpoint.handle(incoming);
  },
});
