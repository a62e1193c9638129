// What did not cross by itself: each in a sentence, with the one thing to do and the buttons that do it.
import { z } from 'zod';
import { parse } from '../../../core/parse';
import type { ProblemView } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { amountView, atomValueWords, atomWords, kindName, ledgerName, restOf } from './words';

const STATES = ['conflict', 'blocked', 'waiting'] as const;
const STATE_WORDS = { conflict: 'In conflict', blocked: 'Not sent', waiting: 'Waiting' } as const;

const Act = z.object({
  act: z.enum(['retry', 'takeBilling', 'takeLedger', 'unlink', 'link', 'separate'], 'choose what to do'),
  candidate: z.string().max(200, 'choose one of those shown').default(''),
});

export const problemPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/problems', 'read', (incoming) => listPage(parts, incoming)),
  guarded('GET /connections/:id/problems/:problem', 'read', (incoming) => onePage(parts, incoming)),
  guarded('POST /connections/:id/problems/:problem', 'decide', (incoming) => act(parts, incoming)),
];

const listPage = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const state = STATES.find((candidate) => candidate === incoming.query.state);
  const { after } = incoming.query;
  const [found, counts] = await Promise.all([
    parts.sync.problems.list(ref, {
      limit: 50,
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { after }),
    }),
    parts.sync.problems.counts(ref),
  ]);
  const base = `/connections/${view.id}/problems`;
  return page('connections', 'bridge/problems', 'Problems', {
    ...frameOf(view, incoming.visitor, 'problems'),
    base,
    ledger: ledgerName(view.provider),
    total: counts.conflict + counts.blocked + counts.waiting,
    states: [
      {
        words: 'All',
        count: counts.conflict + counts.blocked + counts.waiting,
        href: base,
        isHere: state === undefined,
      },
      ...STATES.map((each) => ({
        words: STATE_WORDS[each],
        count: counts[each],
        href: `${base}?state=${each}`,
        isHere: each === state,
      })),
    ],
    problems: found.items.map((problem) =>
      problemView(problem, { base, ledger: ledgerName(view.provider), locale: incoming.visitor.business.locale }),
    ),
    next:
      found.next === undefined
        ? null
        : `${base}?after=${encodeURIComponent(found.next)}${state === undefined ? '' : `&state=${state}`}`,
  });
};

const onePage = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const problem = await parts.sync.problems.get(ref, incoming.params.problem ?? '');
  const base = `/connections/${view.id}/problems`;
  return page('connections', 'bridge/problem', 'Problem', {
    ...frameOf(view, incoming.visitor, 'problems'),
    ledger: ledgerName(view.provider),
    base,
    problem: problemView(problem, {
      base,
      ledger: ledgerName(view.provider),
      locale: incoming.visitor.business.locale,
    }),
  });
};

type Reader = { readonly base: string; readonly ledger: string; readonly locale: string };

const problemView = (problem: ProblemView, { base, ledger, locale }: Reader): object => {
  const offers = new Set(problem.actions);
  const name = problem.local?.name ?? problem.external?.name ?? `A ${kindName(problem.kind)}`;
  return {
    id: problem.id,
    href: `${base}/${encodeURIComponent(problem.id)}`,
    at: problem.since,
    code: problem.code,
    kind: kindName(problem.kind),
    status: problem.state === 'conflict' ? 'conflict' : problem.state === 'waiting' ? 'waiting' : 'overdue',
    words: STATE_WORDS[problem.state],
    name,
    rest: restOf(name, problem.message),
    mapping: /mapping|unmapped/i.test(`${problem.code} ${problem.fix}`) ? base.replace(/problems$/, 'mapping') : null,
    amount: amountView(problem.local ?? problem.external ?? {}),
    message: problem.message,
    fix: problem.fix,
    raw: problem.raw ?? null,
    localHref: problem.local === undefined ? null : localHref(problem),
    externalHref: problem.external?.url ?? null,
    differences: problem.differences.map(({ atom, local, external, suggestion }) => ({
      words: atomWords(atom),
      local: atomValueWords(local, 'here', locale),
      external: atomValueWords(external, `in ${ledger}`, locale),
      suggestsLocal: suggestion === 'billing',
      suggestsExternal: suggestion === 'ledger',
    })),
    candidates: problem.candidates.map((candidate) => ({
      id: candidate.id,
      name: candidate.name,
      amount: amountView(candidate),
      date: candidate.date ?? null,
      url: candidate.url ?? null,
    })),
    mayRetry: offers.has('retry'),
    mayTakeBilling: offers.has('takeBilling'),
    mayTakeLedger: offers.has('takeLedger'),
    mayUnlink: offers.has('unlink'),
    mayLink: offers.has('link'),
    maySeparate: offers.has('separate'),
  };
};

const PLACES = {
  contact: 'customers',
  invoice: 'invoices',
  creditNote: 'credit-notes',
  payment: 'payments',
  allocation: 'credit-notes',
} as const;
const localHref = (problem: ProblemView): string | null =>
  problem.kind === 'allocation' || problem.local === undefined || problem.local.id.startsWith('alc_')
    ? null
    : `/${PLACES[problem.kind]}/${encodeURIComponent(problem.local.id)}`;

const act = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const { act: wanted, candidate } = parse(Act, incoming.body);
  const problemId = incoming.params.problem ?? '';
  const actor = actorOf(incoming.visitor);
  const { problems } = parts.sync;
  const list = `/connections/${ref.connectionId}/problems`;
  switch (wanted) {
    case 'retry':
      await problems.retry(ref, problemId, actor);
      return redirect(list, 'It is tried again now.');
    case 'takeBilling':
    case 'takeLedger': {
      const take = wanted === 'takeBilling' ? 'billing' : 'ledger';
      await problems.choose(ref, { problemId, take, actor });
      return redirect(
        list,
        take === 'billing' ? 'The value here is carried to the ledger.' : 'The value of the ledger is taken over here.',
      );
    }
    case 'unlink':
      await problems.unlink(ref, problemId, actor);
      return redirect(list, 'The two records are not kept equal any more.');
    case 'link':
      await problems.link(ref, { problemId, candidateId: candidate, actor });
      return redirect(list, 'They are the same record from now on.');
    case 'separate':
      await problems.separate(ref, problemId, actor);
      return redirect(list, 'They stay two records.');
  }
};
