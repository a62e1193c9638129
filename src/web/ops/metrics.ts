// The figures of the program in Prometheus' words: HTTP by route, jobs, and how far the bridge is behind. Labels are names of routes and
// ids of connections, never anything that a customer typed.
import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../../core/clock';
import type { Queue } from '../../jobs/port';
import type { ConnectionHealth, Sync } from '../../sync/service';

export type Metrics = {
  readonly contentType: string;
  /** Observes every request; to be put before the routes. */
  readonly observe: RequestHandler;
  read(): Promise<string>;
};

type Parts = { readonly queue: Queue; readonly sync: Sync; readonly clock: Clock };

/** More connections than this are not asked one by one at each scrape; `bb_sync_connections` still counts them. */
const MAX_CONNECTIONS = 200;
/** Scrapers that come more often get the figures of the last look. */
const LOOK_EVERY_MS = 10_000;
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const createMetrics = ({ queue, sync, clock }: Parts): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const http = new Histogram({
    name: 'bb_http_request_duration_seconds',
    help: 'Time to answer, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  const figures = createFigures(registry);
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  return {
    contentType: registry.contentType,
    observe: (req, res, next) => {
      const end = http.startTimer();
      res.once('finish', () => {
        end({ method: req.method, route: routeName(req.route), status: String(res.statusCode) });
      });
      next();
    },
    read: async () => {
      const nowMs = clock.now().getTime();
      if (nowMs - lookedAtMs >= LOOK_EVERY_MS) {
        lookedAtMs = nowMs;
        await look(figures, queue, sync, nowMs);
      }
      return registry.metrics();
    },
  };
};

/** The declared path, not the one that was asked for: ids and tokens would make a figure each. */
const routeName = (route: unknown): string =>
  typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string'
    ? route.path
    : 'none';

type Figures = ReturnType<typeof createFigures>;

const createFigures = (registry: Registry) => {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers: [registry] });
  return {
    jobs: gauge('bb_jobs', 'Jobs by state', ['state']),
    connections: gauge('bb_sync_connections', 'Connections with work for jobs, by state', ['state']),
    lag: gauge('bb_sync_lag_seconds', 'Age of the oldest change that has not crossed', ['connection']),
    backlog: gauge('bb_sync_backlog', 'Changes that have not crossed', ['connection']),
    problems: gauge('bb_sync_problems', 'Records that need a person or wait', ['connection', 'state']),
    used: gauge('bb_ledger_calls_used_today', 'Calls to the ledger used today', ['connection']),
    left: gauge('bb_ledger_calls_left_today', 'Calls to the ledger left today, where it has a limit', ['connection']),
    received: gauge('bb_ledger_received_bytes', 'Bytes from the ledger this month (UTC), at least', ['connection']),
    signIn: gauge('bb_ledger_sign_in_ends_seconds', 'Time until the sign-in ends if it is not used', ['connection']),
    webhook: gauge('bb_sync_webhook_age_seconds', 'Time since the last webhook', ['connection']),
    missed: gauge('bb_sync_webhook_missed', '1 where a change came that no webhook told of, and none since', [
      'connection',
    ]),
    polled: gauge('bb_sync_poll_age_seconds', 'Time since the ledger was last asked what changed', ['connection']),
    compared: gauge('bb_sync_compare_age_seconds', 'Time since both books were compared whole', ['connection']),
    warnings: gauge('bb_sync_warnings', 'What does not work or will stop working, by code', [
      'connection',
      'code',
      'severity',
    ]),
    unexplained: gauge('bb_sync_unexplained', 'Records that the last certificate could not explain', ['connection']),
  };
};

const look = async (figures: Figures, queue: Queue, sync: Sync, nowMs: number): Promise<void> => {
  const [counts, working] = await Promise.all([queue.counts(), sync.connections.working()]);
  for (const gauge of Object.values(figures)) gauge.reset();
  for (const [state, count] of Object.entries(counts)) figures.jobs.set({ state }, count);
  for (const { state } of working) figures.connections.inc({ state });
  for (const { tenantId, connectionId: connection } of working.slice(0, MAX_CONNECTIONS)) {
    const health = await sync.connections.health({ tenantId, connectionId: connection });
    noteForecast(figures, connection, health, nowMs);
    const certificate = await sync.certificates.latest({ tenantId, connectionId: connection });
    if (certificate !== undefined)
      figures.unexplained.set({ connection }, certificate.unexplained + certificate.ourBug);
    figures.lag.set({ connection }, health.lagMs / 1_000);
    figures.backlog.set({ connection }, health.backlog);
    for (const [state, count] of Object.entries(health.problems)) figures.problems.set({ connection, state }, count);
    if (health.budget !== undefined) figures.used.set({ connection }, health.budget.usedToday);
    if (health.budget?.leftToday !== undefined) figures.left.set({ connection }, health.budget.leftToday);
  }
};

const noteForecast = (figures: Figures, connection: string, health: ConnectionHealth, nowMs: number): void => {
  const { consent, received, webhookHeardAt, webhookMissedAt, lastPollAt, lastFullCompareAt, warnings } = health;
  const age = (at: string): number => (nowMs - Date.parse(at)) / 1_000;
  if (received !== undefined) figures.received.set({ connection }, received.bytes);
  if (consent?.endsAt !== undefined) figures.signIn.set({ connection }, consent.isLost ? 0 : -age(consent.endsAt));
  if (webhookHeardAt !== undefined) figures.webhook.set({ connection }, age(webhookHeardAt));
  const isMissed = webhookMissedAt !== undefined && (webhookHeardAt ?? '') <= webhookMissedAt;
  figures.missed.set({ connection }, isMissed ? 1 : 0);
  if (lastPollAt !== undefined) figures.polled.set({ connection }, age(lastPollAt));
  if (lastFullCompareAt !== undefined) figures.compared.set({ connection }, age(lastFullCompareAt));
  for (const { code, severity } of warnings) figures.warnings.set({ connection, code, severity }, 1);
};
