// The accountant's side of a question about a closed period: one record, the answers it can have, one answer. Looking changes nothing, and
// nothing else of the business is shown. A wrong, expired or revoked link gives one and the same page.
import { z } from 'zod';
import type { Billing } from '../../billing/service';
import { dateIn, displayDate } from '../../core/calendar-date';
import type { Clock } from '../../core/clock';
import { parse } from '../../core/parse';
import type { ProblemView, QuestionVerdict, Sync } from '../../sync/service';
import { type Answer, redirect } from '../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, problemViews, textOf } from '../http/forms';
import { type Incoming, open, type Route } from '../http/routes';
import { firstOpenDay } from './bridge/closed-period';
import { VERDICT_WORDS } from './bridge/question-links';
import { amountView, capital, kindName, ledgerName } from './bridge/words';

const Typed = z
  .object({
    verdict: z.enum(['opened', 'openPeriod', 'adjustment', 'talkFirst'], 'choose one of the answers'),
    name: z.string().trim().min(1, 'enter your name').max(120, 'use at most 120 characters'),
    comment: z.string().trim().max(2_000, 'use at most 2,000 characters'),
  })
  .refine(({ verdict, comment }) => verdict !== 'talkFirst' || comment !== '', {
    path: ['comment'],
    message: 'say what you want to talk about',
  });
const VERDICT: Field = { name: 'verdict', label: 'Your answer' };
const FIELDS: readonly Field[] = [
  { name: 'name', label: 'Your name', autocomplete: 'name', required: true },
  { name: 'comment', label: 'Comment', hint: 'Needed where it is not to be posted.', rows: 3 },
];

export type PeriodQuestionParts = {
  readonly sync: Pick<Sync, 'questions'>;
  readonly billing: Pick<Billing, 'businesses'>;
  readonly clock: Clock;
};

export const periodQuestionPages = (parts: PeriodQuestionParts): readonly Route[] => {
  const { questions } = parts.sync;
  return [
    open('GET /question/:token', (incoming) => questionPage(parts, incoming)),
    open('POST /question/:token', async (incoming) => {
      const token = incoming.params.token ?? '';
      const typed = {
        name: textOf(incoming.body, 'name'),
        comment: textOf(incoming.body, 'comment'),
        verdict: textOf(incoming.body, 'verdict'),
      };
      // Asked first: whether a form is well filled is nobody's business without a link, nor once nothing is asked any more.
      const seen = await questions.look(token);
      if (seen === undefined) return unknownLink();
      if (seen.link.state === 'open') {
        const tried = await attempt(() => questions.answer(token, parse(Typed, typed)));
        if (!tried.ok) return questionPage(parts, incoming, { typed, failure: tried.failure });
      }
      return redirect(`/question/${encodeURIComponent(token)}`);
    }),
  ];
};

const unknownLink = (): Answer => ({
  kind: 'page',
  view: 'plan/unknown',
  title: 'Question',
  layout: 'customer',
  status: 404,
  data: {},
});

type Tried = { readonly typed: Readonly<Record<string, string>>; readonly failure: FormFailure };

const questionPage = async (parts: PeriodQuestionParts, { params }: Incoming, tried?: Tried): Promise<Answer> => {
  const token = params.token ?? '';
  const seen = await parts.sync.questions.look(token);
  if (seen === undefined) return unknownLink();
  const { link, connection, tenantId, asked } = seen;
  const { timeZone } = await parts.billing.businesses.get(tenantId);
  const ledger = ledgerName(connection.provider);
  const { lockedThrough, name: organisation } = connection.organisation;
  const period = { lockedThrough, today: dateIn(timeZone, parts.clock.now()) };
  const typed = (name: string): string => tried?.typed[name] ?? '';
  return {
    kind: 'page',
    view: 'question/page',
    title: `A closed period of ${organisation}`,
    layout: 'customer',
    status: tried === undefined ? 200 : 422,
    data: {
      ...{ ledger, organisation, lockedThrough: lockedThrough ?? null },
      record: asked === undefined ? null : recordView(asked.problem, asked.customer),
      link: {
        isOpen: link.state === 'open',
        isClosed: link.state === 'closed',
        answer: link.answer ? { ...link.answer, words: VERDICT_WORDS[link.answer.verdict] } : null,
        expiresAt: link.expiresAt,
        createdBy: link.createdBy,
      },
      choices: (asked?.verdicts ?? []).map((verdict, index) => ({
        id: index === 0 ? 'f-verdict' : `f-verdict-${verdict}`,
        value: verdict,
        isChosen: typed('verdict') === verdict,
        ...choiceWords(verdict, { ledger, open: openDay(asked?.problem, period) }),
      })),
      choiceError: tried?.failure.fields.verdict ?? null,
      action: `/question/${encodeURIComponent(token)}`,
      fields: fieldViews(FIELDS, typed, tried?.failure),
      problems: problemViews([VERDICT, ...FIELDS], tried?.failure),
    },
  };
};

const recordView = (problem: ProblemView, customer: string | undefined): object => {
  const label = problem.local ?? problem.external;
  return {
    kind: capital(kindName(problem.kind)),
    name: label?.name ?? 'without a number',
    amount: amountView(label ?? {}),
    date: label?.date ?? null,
    customer: customer ?? null,
    isInLedger: problem.external !== undefined,
  };
};

const openDay = (
  problem: ProblemView | undefined,
  period: Omit<Parameters<typeof firstOpenDay>[0], 'problem'>,
): string => (problem === undefined ? '' : displayDate(firstOpenDay({ ...period, problem })));

type Choice = { readonly title: string; readonly effect: string };
const choiceWords = (
  verdict: QuestionVerdict,
  { ledger, open }: { readonly ledger: string; readonly open: string },
): Choice => {
  switch (verdict) {
    case 'opened':
      return {
        title: `I have opened the period in ${ledger}, or moved the lock date: try again`,
        effect: `It is written to ${ledger} at once, with its own date, into that period. Where the period is still closed nothing is written.`,
      };
    case 'openPeriod':
      return {
        title: `Post it in the open period, from ${open} on`,
        effect: 'It gets a date in the open period in both books, its tax with it. The closed period stays as it is.',
      };
    case 'adjustment':
      return {
        title: `Leave the closed month, and book the difference as an adjustment from ${open} on`,
        effect: `What was filed in ${ledger} stays. The difference becomes a credit note or another invoice in the open period.`,
      };
    case 'talkFirst':
      return {
        title: 'Do not post it; talk to me first',
        effect: 'Neither book changes. The record waits until you have talked.',
      };
  }
};
