// All ledgers of a business, and one of them: how it stands, what was written, what to do next.

import { dateIn } from '../../../core/calendar-date';
import type { ConnectionHealth, ConnectionView, ProblemView, RunView } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { verdictWords } from './certificate-words';
import { glanceView, progressView } from './import-view';
import { actorOf, type BridgeParts, callbackUrl, frameOf, providerNamed, refOf, webhookUrl } from './parts';
import { stopLine } from './stops';
import { durationWords, kindName, ledgerName, reasonWords, restOf, stateWords, writesOf } from './words';

const VERDICT_WORDS = { equal: 'equal', explained: 'explained', unexplained: 'not explained' } as const;

export const connectionPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections', 'read', (incoming) => listPage(parts, incoming)),
  guarded('GET /connections/:id', 'read', (incoming) => overviewPage(parts, incoming)),
  guarded('POST /connections/:id/sync', 'decide', async (incoming) => {
    const view = await parts.sync.connections.get(refOf(incoming));
    await parts.wishes.syncSoon(view.id, 'person');
    return redirect(
      `/connections/${view.id}`,
      `${ledgerName(view.provider)} is being asked now. This page shows the run when it has ended.`,
    );
  }),
  guarded('POST /connections/:id/compare', 'decide', async (incoming) => {
    const view = await parts.sync.connections.get(refOf(incoming));
    await parts.sync.certificates.ask(refOf(incoming), { actor: actorOf(incoming.visitor) });
    await parts.wishes.certificateSoon(view.id);
    return redirect(`/connections/${view.id}/certificate`);
  }),
  guarded('POST /connections/:id/disconnect', 'connect', (incoming) => disconnect(parts, incoming)),
];

const listPage = async (parts: BridgeParts, { visitor }: SignedIn): Promise<Answer> => {
  const all = await parts.sync.connections.list(visitor.tenantId);
  const living = all.filter(({ state }) => state !== 'disconnected');
  const cards = await Promise.all(living.map((view) => card(parts, visitor.tenantId, view)));
  return page('connections', 'bridge/connections', 'Connections', {
    cards,
    isConnected: living.length > 0,
    earlier: all
      .filter(({ state }) => state === 'disconnected')
      .map((view) => ({
        name: view.organisation.name,
        ledger: ledgerName(view.provider),
        href: `/connections/${view.id}`,
      })),
    offers: parts.providers.map((provider) => ({
      name: provider.name,
      displayName: provider.displayName,
      action: `/connect/${provider.name}`,
      missing: provider.missing ?? null,
      callback: callbackUrl(parts.publicUrl, provider.name),
      webhook: webhookUrl(parts.publicUrl, provider.name),
    })),
  });
};

const card = async (parts: BridgeParts, tenantId: string, view: ConnectionView): Promise<object> => {
  const health = await parts.sync.connections.health({ tenantId, connectionId: view.id });
  const ledger = ledgerName(view.provider);
  return {
    href: `/connections/${view.id}`,
    organisation: view.organisation.name,
    ledger,
    state: stateWords(view.state, ledger),
    ...healthView(health, parts),
  };
};

const healthView = (health: ConnectionHealth, parts: BridgeParts): object => ({
  lastRun: health.lastRun === undefined ? null : runView(health.lastRun),
  lag: health.lagMs === 0 ? 'nothing waits' : durationWords(health.lagMs),
  backlog: health.backlog,
  callsLeft: health.budget?.leftToday ?? null,
  callsUsed: health.budget?.usedToday ?? null,
  oldestWaitingAt: health.oldestWaitingAt ?? null,
  received: health.received === undefined ? null : sizeWords(health.received.bytes),
  warnings: health.warnings.map(({ severity, says, fix }) => ({
    says,
    fix,
    css: severity === 'stopped' ? 'bad' : 'warn',
  })),
  problems: health.problems.blocked + health.problems.conflict,
  conflicts: health.problems.conflict,
  blocked: health.problems.blocked,
  waiting: health.problems.waiting,
  lastPoll:
    health.lastPollAt === undefined
      ? null
      : `${durationWords(parts.clock.now().getTime() - Date.parse(health.lastPollAt))} ago`,
});

const sizeWords = (bytes: number): string =>
  bytes >= 100_000_000 ? `${(bytes / 1_000_000_000).toFixed(1)} GB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

export const runView = (run: RunView): object => ({
  id: run.id,
  at: run.startedAt,
  why: reasonWords(run.reason),
  writes: writesOf(run.counts),
  stopped: run.stoppedBecause ?? null,
  isRunning: run.state === 'running',
  counts: run.counts,
  left: run.left,
});

const overviewPage = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const [health, runs, problems, mapping, stops] = await Promise.all([
    parts.sync.connections.health(ref),
    parts.sync.runs.list(ref, { limit: 6 }),
    parts.sync.problems.list(ref, { limit: 5 }),
    parts.sync.mapping.get(ref),
    parts.sync.stops.list(ref),
  ]);
  const provider = parts.providers.find(({ name }) => name === view.provider);
  const grant =
    view.state === 'disconnected'
      ? undefined
      : await provider?.grantHealth({ tenantId: ref.tenantId, grantId: view.grantId });
  const certificate = await parts.sync.certificates.latest(ref);
  return page('connections', 'bridge/overview', view.organisation.name, {
    ...frameOf(view, incoming.visitor, 'overview'),
    health: healthView(health, parts),
    facts: {
      currency: view.organisation.baseCurrency,
      country: view.organisation.country,
      timeZone: view.organisation.timeZone,
      lockedThrough: view.organisation.lockedThrough ?? null,
    },
    consentUntil:
      grant?.refreshEndsAt === undefined
        ? null
        : dateIn(incoming.visitor.business.timeZone, new Date(grant.refreshEndsAt)),
    consentLost: grant?.state === 'reconnect',
    progress: progressView(view),
    glance: view.state === 'review' ? glanceView(view.glance) : null,
    runs: runs.items.map(runView),
    stops: stops.filter(({ state }) => state === 'open').map((stop) => stopLine(stop, `/connections/${view.id}`)),
    problems: problems.items.map((problem) => ({
      at: problem.since,
      ...titleOf(problem),
      href: `/connections/${view.id}/problems/${encodeURIComponent(problem.id)}`,
    })),
    certificate:
      certificate === undefined
        ? null
        : {
            ...verdictWords(certificate, ledgerName(view.provider), incoming.visitor.business.locale),
            at: certificate.madeAt,
            // Until the next night: what it was before, where that was something else.
            before: certificate.isNews && certificate.before !== undefined ? VERDICT_WORDS[certificate.before] : null,
          },
    gaps: mapping.gaps,
    // Before anything is chosen the first of the three steps says it.
    showGaps: mapping.gaps.length > 0 && view.hasMapping,
    hasMapping: view.hasMapping,
    reconnect: `/connect/${view.provider}`,
  });
};

const titleOf = (problem: ProblemView): { readonly name: string; readonly rest: string } => {
  const name = problem.local?.name ?? problem.external?.name ?? `A ${kindName(problem.kind)}`;
  return { name, rest: restOf(name, problem.message) };
};

const disconnect = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const ledger = ledgerName(view.provider);
  if (textOf(incoming.body, 'confirm') !== 'yes') {
    return page('connections', 'bridge/disconnect', `Disconnect ${ledger}`, {
      ...frameOf(view, incoming.visitor, 'overview'),
    });
  }
  await parts.sync.connections.disconnect(ref, actorOf(incoming.visitor));
  const provider = providerNamed(parts.providers, view.provider);
  await provider.disconnect({ tenantId: ref.tenantId, grantId: view.grantId, organisationId: view.organisation.id });
  return redirect('/connections', `${ledger} is disconnected. Both books keep what they have.`);
};
