// Which records are the same? Two columns facing each other: exact pairs accepted together, the rest one by one.
import { z } from 'zod';
import { parse } from '../../../core/parse';
import { RECORD_KINDS, type RecordKind } from '../../../sync/records';
import type { MatchState, MatchView } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { amountView, atomValueWords, atomWords, capital, kindNames, ledgerName } from './words';

const STATES: readonly (readonly [MatchState, string])[] = [
  ['suggested', 'Need your eye'],
  ['ambiguous', 'More than one candidate'],
  ['exact', 'Exact'],
  ['decided', 'Decided'],
];

const Decision = z.object({
  match: z.string('choose a pair').min(1, 'choose a pair').max(200, 'choose a pair'),
  verdict: z.enum(['link', 'separate'], 'choose whether they are the same'),
  choice: z.record(z.string(), z.enum(['billing', 'ledger'])).default({}),
});

export const matchPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/matches', 'read', (incoming) => list(parts, incoming)),
  guarded('POST /connections/:id/matches/exact', 'decide', async (incoming) => {
    const accepted = await parts.sync.matches.decideAllExact(refOf(incoming), actorOf(incoming.visitor));
    return redirect(
      `/connections/${incoming.params.id}/matches`,
      `${accepted} exact ${accepted === 1 ? 'pair is' : 'pairs are'} accepted.`,
    );
  }),
  guarded('POST /connections/:id/matches/decide', 'decide', async (incoming) => {
    const form = parse(Decision, incoming.body);
    const decided = await parts.sync.matches.decide(
      refOf(incoming),
      { matchId: form.match, verdict: form.verdict, choices: form.choice },
      actorOf(incoming.visitor),
    );
    const words = form.verdict === 'link' ? 'are the same now' : 'stay two records';
    return redirect(
      `/connections/${incoming.params.id}/matches`,
      `${decided.local.name} and ${decided.external.name} ${words}.`,
    );
  }),
];

const list = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const counts = await parts.sync.matches.counts(ref);
  const undecided = counts.byState.suggested + counts.byState.ambiguous;
  const wanted = STATES.find(([state]) => state === incoming.query.state)?.[0];
  const state = wanted ?? STATES.find(([candidate]) => counts.byState[candidate] > 0)?.[0] ?? 'suggested';
  const kind = RECORD_KINDS.find((candidate) => candidate === incoming.query.kind);
  const found = await parts.sync.matches.list(ref, {
    state,
    limit: 25,
    ...(kind === undefined ? {} : { kind }),
    ...(incoming.query.after === undefined ? {} : { after: incoming.query.after }),
  });
  const base = `/connections/${view.id}/matches`;
  const total = Object.values(counts.byState).reduce((sum, count) => sum + count, 0);
  return page('connections', 'bridge/matches', 'Matches', {
    ...frameOf(view, incoming.visitor, 'matches'),
    ledger: ledgerName(view.provider),
    base,
    counts: counts.byState,
    undecided,
    total,
    settled: counts.byState.decided,
    states: STATES.map(([each, words]) => ({
      words,
      count: counts.byState[each],
      href: `${base}?state=${each}`,
      isHere: each === state,
    })),
    title: STATES.find(([each]) => each === state)?.[1] ?? '',
    isExact: state === 'exact',
    isDecided: state === 'decided',
    pairs: found.items.map((match) => pairView(match, ledgerName(view.provider), incoming.visitor.business.locale)),
    next: found.next === undefined ? null : `${base}?state=${state}&after=${encodeURIComponent(found.next)}`,
    kinds: Object.entries(counts.byKind).map(([each, count]) => ({
      words: capital(kindNames(each as RecordKind)),
      count,
    })),
  });
};

const likelihood = (match: MatchView): { readonly words: string; readonly css: string } => {
  if (match.decision !== undefined) {
    return match.decision.verdict === 'link' ? { words: 'the same', css: '' } : { words: 'two records', css: 'none' };
  }
  if (match.state === 'exact') return { words: 'exact', css: '' };
  if (match.state === 'ambiguous') return { words: 'one of several', css: 'likely' };
  return { words: match.score >= 80 ? 'very likely' : 'perhaps', css: 'likely' };
};

const pairView = (match: MatchView, ledger: string, locale: string): object => ({
  id: match.id,
  kind: kindNames(match.kind),
  reason: match.reason,
  likelihood: likelihood(match),
  local: { name: match.local.name, amount: amountView(match.local), date: match.local.date ?? null },
  external: {
    name: match.external.name,
    amount: amountView(match.external),
    date: match.external.date ?? null,
    url: match.external.url ?? null,
  },
  differences: match.differences.map((difference) => ({
    atom: difference.atom,
    name: `choice[${difference.atom}]`,
    words: atomWords(difference.atom),
    local: atomValueWords(difference.local, 'here', locale),
    external: atomValueWords(difference.external, `in ${ledger}`, locale),
    takesLocal: difference.suggestion === 'billing',
    takesExternal: difference.suggestion === 'ledger',
  })),
  decidedBy: match.decision?.by ?? null,
  isOpen: match.decision === undefined,
});
