// One line a request: method, path without query string, status, time. Secrets that stand in a path (pay links, invitations) are cut out.
import type { RequestHandler, Response } from 'express';
import type { IdSource } from '../../core/ids';
import type { Logger } from '../../core/logger';

const SECRET_SEGMENT = /^\/(pay|u|enter|portal|plan|question)\/[^/]+/;

export const pathForLog = (path: string): string => path.replace(SECRET_SEGMENT, '/$1/[token]');

export const referenceOf = (res: Response): string => String(res.locals.reference ?? 'unknown');

export const requestLog = (logger: Logger, ids: IdSource): RequestHandler => {
  return (req, res, next) => {
    const reference = ids('req');
    const startedAt = process.hrtime.bigint();
    res.locals.reference = reference;
    res.setHeader('X-Request-Id', reference);
    res.once('finish', () => {
      const tookMs = Number((process.hrtime.bigint() - startedAt) / 1_000_000n);
      logger.info('answered', {
        reference,
        method: req.method,
        path: pathForLog(req.originalUrl.split('?', 1)[0] ?? ''),
        status: res.statusCode,
        tookMs,
      });
    });
    next();
  };
};
