// What did not cross by itself: each in a sentence, with the one thing to do and the buttons that do it. Conflicts can be answered one by
// one, field by field, or many at once; an answer always carries the values that were shown.
import { z } from 'zod';
import { dateIn } from '../../../core/calendar-date';
import { parse } from '../../../core/parse';
import { ANSWERS_AT_MOST } from '../../../sync/problems/answers-at-most';
import type { BulkAnswer, Take } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type FormFailure } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { waysOut } from './closed-period';
import { queueFor } from './desk-queue';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { problemView, STATE_WORDS } from './problem-view';
import { type Made, questionData, questionLinkRoutes } from './question-links';
import { stopLine } from './stops';
import { ledgerName } from './words';

const STATES = ['conflict', 'blocked', 'waiting'] as const;
const PAGE_SIZE = 50;

const take = z.enum(['billing', 'ledger'], 'choose one of the two values');
const shownAs = z.string().max(100, 'load the page again').optional();
const Act = z.object({
  act: z.enum(['retry', 'takeBilling', 'takeLedger', 'takeChosen', 'unlink', 'link', 'separate'], 'choose what to do'),
  candidate: z.string().max(200, 'choose one of those shown').default(''),
  shownAs,
  take: z.record(z.string().max(100), take).default({}),
});
/** `pick[<problem>]` carries what was shown for it. */
const Bulk = z.object({
  act: z.enum(['takeBilling', 'takeLedger'], 'choose whose values to take'),
  pick: z.record(z.string().max(200), z.string().max(100)).default({}),
});

export const problemPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/problems', 'read', (incoming) => listPage(parts, incoming)),
  guarded('POST /connections/:id/problems', 'decide', (incoming) => answerMany(parts, incoming)),
  guarded('GET /connections/:id/problems/:problem', 'read', (incoming) => onePage(parts, incoming)),
  guarded('POST /connections/:id/problems/:problem', 'decide', (incoming) => act(parts, incoming)),
  ...questionLinkRoutes(parts, (incoming, made) => onePage(parts, incoming, undefined, made)),
];

const listPage = async (parts: BridgeParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const state = STATES.find((candidate) => candidate === incoming.query.state);
  const { after } = incoming.query;
  const isDesk = state === 'conflict';
  const isAll = isDesk && incoming.query.all !== undefined;
  const [found, counts, stops] = await Promise.all([
    parts.sync.problems.list(ref, {
      limit: isAll ? ANSWERS_AT_MOST : PAGE_SIZE,
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { after }),
    }),
    parts.sync.problems.counts(ref),
    parts.sync.stops.list(ref),
  ]);
  const base = `/connections/${view.id}/problems`;
  const ledger = ledgerName(view.provider);
  const total = counts.conflict + counts.blocked + counts.waiting;
  const query = [...(state === undefined ? [] : [`state=${state}`]), ...(isAll ? ['all=1'] : [])];
  const reader = { base, ledger, locale: incoming.visitor.business.locale };
  return page(
    'connections',
    'bridge/problems',
    'Problems',
    {
      ...frameOf(view, incoming.visitor, 'problems'),
      base,
      ledger,
      total,
      stops: stops.filter((stop) => stop.state === 'open').map((stop) => stopLine(stop, `/connections/${view.id}`)),
      stopsHref: `/connections/${view.id}/stops`,
      states: [
        { words: 'All', count: total, href: base, isHere: state === undefined },
        ...STATES.map((each) => ({
          words: STATE_WORDS[each],
          count: counts[each],
          href: `${base}?state=${each}`,
          isHere: each === state,
        })),
      ],
      isDesk,
      isAll,
      all: {
        href: `${base}?state=conflict&all=1`,
        count: Math.min(counts.conflict, ANSWERS_AT_MOST),
        none: `${base}?state=conflict`,
      },
      found: found.items.map((problem) => ({
        ...problemView(problem, reader),
        mayPick:
          isDesk &&
          !problem.isAnswered &&
          problem.actions.includes('takeLedger') &&
          problem.actions.includes('takeBilling'),
      })),
      problems: failure === undefined ? [] : [{ id: null, message: `${failure.message} ${failure.fix}` }],
      next:
        found.next === undefined ? null : `${base}?${[...query, `after=${encodeURIComponent(found.next)}`].join('&')}`,
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

const answerMany = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const form = parse(Bulk, incoming.body);
  const side: Take = form.act === 'takeBilling' ? 'billing' : 'ledger';
  const answers = Object.entries(form.pick).map(([problemId, seen]) => ({ problemId, shownAs: seen }));
  const tried = await attempt(() =>
    parts.sync.problems.chooseMany(ref, { answers, take: side, actor: actorOf(incoming.visitor) }),
  );
  const desk = { ...incoming, query: { state: 'conflict' } };
  if (!tried.ok && tried.failure.code === 'BB_INPUT_INVALID') return listPage(parts, desk, pickWords(answers.length));
  if (!tried.ok) throw tried.failure;
  return redirect(`/connections/${ref.connectionId}/problems?state=conflict`, bulkWords(tried.value, side));
};

const pickWords = (count: number): FormFailure =>
  count === 0
    ? { message: 'No conflict was ticked.', fix: 'Tick those that you want to decide.', fields: {} }
    : { message: `${count} are too many at once.`, fix: `Tick ${ANSWERS_AT_MOST} at most.`, fields: {} };

const NAMES_AT_MOST = 3;
const bulkWords = ({ applied, askedAnew, refused }: BulkAnswer, side: Take): string => {
  const parts = [
    `${applied} decided: ${side === 'billing' ? 'the values here go to the ledger' : 'the values of the ledger are taken over here'}.`,
  ];
  if (askedAnew.length > 0) {
    const verb = askedAnew.length === 1 ? 'is' : 'are';
    parts.push(`${askedAnew.length} ${verb} asked anew, because a value has moved since: ${namesOf(askedAnew)}.`);
  }
  if (refused.length > 0) {
    const [first] = refused;
    parts.push(`${refused.length} could not be decided (${namesOf(refused)}): ${first?.reason ?? ''}`);
  }
  return parts.join(' ');
};
const namesOf = (records: readonly { readonly name: string }[]): string => {
  const shown = records.slice(0, NAMES_AT_MOST).map(({ name }) => name);
  const more = records.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
};

const onePage = async (
  parts: BridgeParts,
  incoming: SignedIn,
  failure?: FormFailure,
  made: Made = {},
): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const problem = await parts.sync.problems.get(ref, incoming.params.problem ?? '');
  const base = `/connections/${view.id}/problems`;
  const ledger = ledgerName(view.provider);
  const period = {
    problem,
    lockedThrough: view.organisation.lockedThrough,
    today: dateIn(incoming.visitor.business.timeZone, parts.clock.now()),
    ledger,
  };
  const ways = waysOut(period);
  const question = await questionData(parts, ref, { ...period, organisation: view.organisation.name, ways }, made);
  const queue = problem.state === 'conflict' ? await queueFor(parts, ref, problem.id) : undefined;
  return page(
    'connections',
    'bridge/problem',
    'Problem',
    {
      ...frameOf(view, incoming.visitor, 'problems'),
      ledger,
      base,
      policy: `/connections/${view.id}/policy`,
      queue:
        queue === undefined
          ? null
          : {
              ...queue,
              next: queue.nextId === undefined ? null : `${base}/${encodeURIComponent(queue.nextId)}`,
            },
      waysOut: ways,
      question,
      problem: problemView(problem, { base, ledger, locale: incoming.visitor.business.locale }),
      problems: failure === undefined ? [] : [{ id: null, message: `${failure.message} ${failure.fix}` }],
    },
    { status: failure === undefined && made.failure === undefined ? 200 : 422 },
  );
};

const act = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const form = parse(Act, incoming.body);
  const problemId = incoming.params.problem ?? '';
  const actor = actorOf(incoming.visitor);
  const { problems } = parts.sync;
  const list = `/connections/${ref.connectionId}/problems`;
  switch (form.act) {
    case 'retry':
      await problems.retry(ref, problemId, actor);
      return redirect(list, 'It is tried again now.');
    case 'takeBilling':
    case 'takeLedger':
    case 'takeChosen':
      return choose(parts, incoming, { ...form, act: form.act });
    case 'unlink':
      await problems.unlink(ref, problemId, actor);
      return redirect(list, 'The two records are not kept equal any more.');
    case 'link':
      await problems.link(ref, { problemId, candidateId: form.candidate, actor });
      return redirect(list, 'They are the same record from now on.');
    case 'separate':
      await problems.separate(ref, problemId, actor);
      return redirect(list, 'They stay two records.');
  }
};

const CHOSEN_WORDS = {
  takeBilling: 'The value here is carried to the ledger.',
  takeLedger: 'The value of the ledger is taken over here.',
  takeChosen: 'Decided. Each value is carried as you chose.',
} as const;

const choose = async (
  parts: BridgeParts,
  incoming: SignedIn,
  form: z.output<typeof Act> & { readonly act: keyof typeof CHOSEN_WORDS },
): Promise<Answer> => {
  const ref = refOf(incoming);
  const chosen = form.act === 'takeChosen' ? form.take : form.act === 'takeBilling' ? 'billing' : 'ledger';
  const tried = await attempt(() =>
    parts.sync.problems.choose(ref, {
      problemId: incoming.params.problem ?? '',
      take: chosen,
      ...(form.shownAs === undefined ? {} : { shownAs: form.shownAs }),
      actor: actorOf(incoming.visitor),
    }),
  );
  if (tried.ok) {
    const list = `/connections/${ref.connectionId}/problems`;
    const { nextId } = await queueFor(parts, ref, incoming.params.problem ?? '');
    if (nextId === undefined) return redirect(list, CHOSEN_WORDS[form.act]);
    return redirect(`${list}/${encodeURIComponent(nextId)}`, `${CHOSEN_WORDS[form.act]} This is the next one.`);
  }
  const { code } = tried.failure;
  if (code === 'BB_STORE_STALE') return onePage(parts, incoming, MOVED);
  if (code === 'BB_SYNC_REFUSED') return onePage(parts, incoming, tried.failure);
  throw tried.failure;
};

const MOVED: FormFailure = {
  message: 'Nothing was applied: a value has moved since you looked.',
  fix: 'These are the values of today; decide again.',
  fields: {},
};
