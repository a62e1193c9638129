// What the bridge puts on the home page and into the side bar: problems as lines to do, one strip per ledger.

import type { CertificateView } from '../../../sync/certificate/certificate';
import type { ConnectionView, ProblemView, Sync } from '../../../sync/service';
import type { NavState } from '../../http/respond';
import { readingNow } from './import-view';
import { kindName, ledgerName, restOf, stateWords } from './words';

export type Need = {
  readonly at: string;
  readonly name: string;
  readonly words: string;
  readonly button: string;
  readonly href: string;
};
export type LedgerStrip = {
  readonly ledger: string;
  readonly words: string;
  readonly status: string;
  readonly waiting: number;
  /** Its books are being read for the first time. */
  readonly isReading: boolean;
  readonly callsLeft: number | null;
  readonly lastPollAt: string | null;
  readonly href: string;
};

const living = async (sync: Sync, tenantId: string) =>
  (await sync.connections.list(tenantId)).filter(({ state }) => state !== 'disconnected');

export const bridgeNeeds = async (sync: Sync, tenantId: string): Promise<readonly Need[]> => {
  const needs: Need[] = [];
  for (const view of await living(sync, tenantId)) {
    const ledger = ledgerName(view.provider);
    const base = `/connections/${view.id}`;
    if (view.state === 'paused') {
      needs.push({
        at: view.connectedAt,
        name: ledger,
        words: ` no longer lets BillBridge in. Nothing is lost; nothing is written meanwhile.`,
        button: `Connect ${ledger} again`,
        href: base,
      });
    }
    if (view.state === 'review') {
      needs.push({
        at: view.connectedAt,
        name: view.organisation.name,
        words: ` is read. Choose where money goes in ${ledger}, look through the matches, approve the plan.`,
        button: view.hasMapping ? 'Look at the plan' : 'Choose the mapping',
        href: view.hasMapping ? `${base}/plan` : `${base}/mapping`,
      });
    }
    for (const stop of await sync.stops.list({ tenantId, connectionId: view.id })) {
      if (stop.state !== 'open') continue;
      const words = ` has held back a run. ${stop.message}`;
      needs.push({
        at: stop.since,
        name: 'BillBridge',
        words,
        button: 'See what is held back',
        href: `${base}/stops/${stop.id}`,
      });
    }
    const certificate = await sync.certificates.latest({ tenantId, connectionId: view.id });
    if (certificate !== undefined) needs.push(...certificateNeeds(certificate, ledger, base));
    for (const state of ['conflict', 'blocked'] as const) {
      const { items } = await sync.problems.list({ tenantId, connectionId: view.id }, { state, limit: MOST_PROBLEMS });
      needs.push(...needsOf(items, `${base}/problems`));
    }
  }
  return needs.sort((a, b) => (a.at < b.at ? -1 : 1));
};

/** What is unexplained stays until it is not; a verdict that became worse is told until the next certificate. */
const certificateNeeds = (
  { verdict, isNews, madeAt }: CertificateView,
  ledger: string,
  base: string,
): readonly Need[] => {
  const need = { at: madeAt, name: 'Both books', button: 'Look at the certificate', href: `${base}/certificate` };
  if (verdict === 'unexplained') {
    const words = ` differ, and nothing explains it: ${ledger} and BillBridge were compared record by record.`;
    return [{ ...need, words }];
  }
  if (verdict === 'equal' || !isNews) return [];
  return [{ ...need, words: ` were found to differ, here and in ${ledger}. Every difference has a named cause.` }];
};

const MOST_PROBLEMS = 50;

/** One line a problem; many records that stand still for one and the same reason are one line. */
const needsOf = (problems: readonly ProblemView[], base: string): readonly Need[] => {
  const groups = new Map<string, ProblemView[]>();
  for (const problem of problems) {
    const cause =
      problem.state === 'blocked' ? `${problem.code} ${restOf(nameOf(problem), problem.message)}` : problem.id;
    groups.set(cause, [...(groups.get(cause) ?? []), problem]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const name = nameOf(first);
    const rest = restOf(name, first.message);
    const isMany = others.length > 0;
    return [
      {
        at: first.since,
        name: isMany ? `${name} and ${others.length} ${others.length === 1 ? 'other' : 'others'}` : name,
        words: isMany ? rest.replace(/^ was /, ' were ') : rest,
        button: first.state === 'conflict' ? 'Decide' : 'See what to do',
        href: isMany ? `${base}?state=${first.state}` : `${base}/${encodeURIComponent(first.id)}`,
      },
    ];
  });
};

const nameOf = (problem: ProblemView): string =>
  problem.local?.name ?? problem.external?.name ?? `A ${kindName(problem.kind)}`;

const readingWords = (view: ConnectionView): string | null =>
  view.state === 'importing' ? readingNow(view, view.organisation.country === 'US' ? 'en-US' : 'en-GB') : null;

export const bridgeStrips = async (sync: Sync, tenantId: string): Promise<readonly LedgerStrip[]> =>
  Promise.all(
    (await living(sync, tenantId)).map(async (view) => {
      const health = await sync.connections.health({ tenantId, connectionId: view.id });
      const ledger = ledgerName(view.provider);
      const state = stateWords(view.state, ledger);
      const isEqual =
        view.state === 'active' && health.backlog === 0 && health.problems.blocked + health.problems.conflict === 0;
      return {
        ledger,
        words: isEqual
          ? 'equal, nothing waits'
          : view.state === 'active'
            ? 'at work'
            : (readingWords(view) ?? state.words),
        isReading: readingWords(view) !== null,
        status: isEqual ? 'agrees' : view.state === 'active' ? 'waiting' : state.status,
        waiting: health.backlog + health.problems.waiting,
        callsLeft: health.budget?.leftToday ?? null,
        lastPollAt: health.lastPollAt ?? null,
        href: `/connections/${view.id}`,
      };
    }),
  );

/** A few words for the side bar, which has no room for more. */
const navWords = ({ provider, state }: ConnectionView): string => {
  const ledger = ledgerName(provider);
  switch (state) {
    case 'connected':
    case 'importing':
    case 'matching':
      return `${ledger} is being read`;
    case 'review':
      return `${ledger} waits for you`;
    case 'active':
      return `${ledger} is connected`;
    case 'paused':
    case 'disconnected':
      return `${ledger} needs a look`;
  }
};

export const bridgeNav = async (sync: Sync, tenantId: string): Promise<NavState> => {
  const [first] = await living(sync, tenantId);
  if (first === undefined) return { ledger: null, problems: 0 };
  const ref = { tenantId, connectionId: first.id };
  const [counts, stops] = await Promise.all([sync.problems.counts(ref), sync.stops.openCount(ref)]);
  return {
    ledger: { words: ledgerName(first.provider), says: navWords(first), isGood: first.state === 'active' },
    problems: counts.conflict + counts.blocked + stops,
  };
};
