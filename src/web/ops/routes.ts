// For operators and their machines: is the program alive, is it ready for work, and its figures. Says nothing about any business, and
// no words of a failing system: those go to the log.
import { timingSafeEqual } from 'node:crypto';
import type { Logger } from '../../core/logger';
import type { Queue } from '../../jobs/port';
import { type Migration, pendingMigrations } from '../../store/migrations';
import type { Store } from '../../store/port';
import { hashSecret } from '../auth/secrets';
import type { Answer } from '../http/answer';
import { open, type Route } from '../http/routes';
import type { Metrics } from './metrics';

export type OpsParts = {
  readonly store: Store;
  readonly queue: Queue;
  readonly migrations: readonly Migration[];
  readonly metrics: Metrics;
  /** Without it there is no /metrics. */
  readonly metricsToken: string | undefined;
  readonly logger: Logger;
};

/** A system that does not answer within this time is taken for down. */
const PATIENCE_MS = 2_000;

export const opsRoutes = (parts: OpsParts): readonly Route[] => [
  open('GET /healthz', async () => ({ kind: 'json', body: { status: 'ok' } })),
  open('GET /readyz', () => ready(parts)),
  {
    name: 'GET /metrics',
    access: 'metrics',
    body: 'none',
    handle: async ({ headers }) => {
      if (parts.metricsToken === undefined) return text(404, 'METRICS_TOKEN is not set: there are no metrics here.');
      if (!isBearer(headers.authorization, parts.metricsToken)) return text(401, 'Send METRICS_TOKEN as bearer token.');
      return { kind: 'text', type: parts.metrics.contentType, body: await parts.metrics.read() };
    },
  },
];

const ready = async ({ store, queue, migrations, logger }: OpsParts): Promise<Answer> => {
  const checks = {
    store: () => store.ping(),
    queue: () => queue.ping(),
    migrations: async () => {
      const pending = await pendingMigrations(store, migrations);
      if (pending.length > 0) throw new Error(`${pending.length} migrations are pending`);
    },
  };
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await within(PATIENCE_MS, check());
        return [name, 'ok'] as const;
      } catch (error) {
        logger.warn('not ready', { check: name, error });
        return [name, 'failing'] as const;
      }
    }),
  );
  const isReady = results.every(([, state]) => state === 'ok');
  return {
    kind: 'json',
    status: isReady ? 200 : 503,
    body: { status: isReady ? 'ready' : 'not ready', checks: Object.fromEntries(results) },
  };
};

const within = <T>(limitMs: number, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Compared by hash, so that neither time nor length tells anything about the token. */
const isBearer = (header: string | undefined, token: string): boolean => {
  const [scheme, sent = ''] = (header ?? '').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && timingSafeEqual(digest(sent), digest(token));
};
const digest = (secret: string): Buffer => Buffer.from(hashSecret(secret));

const text = (status: number, body: string): Answer => ({ kind: 'text', status, body: `${body}\n` });
