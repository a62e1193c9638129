// The web face, put together: security headers, request log, assets, the routes handed in, and failures in words.
import express, { type Express, type RequestHandler } from 'express';
import { BridgeError } from '../core/errors';
import type { IdSource } from '../core/ids';
import type { Logger } from '../core/logger';
import type { Assets } from './assets';
import type { PublicLimit } from './http/public-limit';
import { requestLog } from './http/request-log';
import type { Responder } from './http/respond';
import { mountRoutes, type Route } from './http/routes';
import { securityHeaders } from './http/security-headers';
import type { Visitors } from './http/visitor';

export type WebParts = {
  readonly publicUrl: string;
  readonly logger: Logger;
  readonly ids: IdSource;
  readonly assets: Assets;
  readonly visitors: Visitors;
  readonly responder: Responder;
  readonly routes: readonly Route[];
  readonly afterWrite: (tenantId: string) => void;
  readonly publicLimit: PublicLimit;
  /** Sees every request, for the metrics. */
  readonly observe: RequestHandler;
  /** Origins a form of a public page may lead to by redirect. */
  readonly formTargets?: readonly string[];
  /** Proxies between the browser and us whose word on the caller's address is taken. */
  readonly trustedProxies?: number;
};

export const createWeb = (parts: WebParts): Express => {
  const { publicUrl, logger, ids, visitors, responder } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', parts.trustedProxies ?? (publicUrl.startsWith('https:') ? 1 : 0));
  app.set('query parser', 'simple');
  app.use(parts.observe);
  app.use(requestLog(logger, ids));
  app.use(securityHeaders({ publicUrl, ...(parts.formTargets ? { formTargets: parts.formTargets } : {}) }));
  app.use(parts.assets.router);
  const { afterWrite, publicLimit } = parts;
  app.use(mountRoutes(parts.routes, { publicUrl, visitors, answer: responder.answer, afterWrite, publicLimit }));
  app.use((req, _res, next) => next(new BridgeError('BB_NOT_FOUND', { kind: 'page', id: req.path })));
  app.use((error: unknown, req: express.Request, res: express.Response, _next: express.NextFunction) => {
    responder.failure(req, res, error).catch((failure: unknown) => {
      logger.error('the error page failed', { error: failure });
      res.destroy();
    });
  });
  return app;
};
