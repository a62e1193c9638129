// On the page of a record in a closed period: links by which an accountant answers what is to happen to it, made, listed with their
// answers, revoked. The newest answer stands at the top, with the button of the way out that it means.
import { z } from 'zod';
import type { BridgeError } from '../../../core/errors';
import { parse } from '../../../core/parse';
import type { ConnectionRef, QuestionLinkState, QuestionLinkView, QuestionVerdict } from '../../../sync/service';
import { type Answer, redirect } from '../../http/answer';
import { attempt, type Field, fieldViews, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { type ClosedPeriod, questionLetter, type WayOut } from './closed-period';
import { actorOf, type BridgeParts, refOf } from './parts';

/** What the form has just come to. */
export type Made = { readonly url?: string; readonly meantFor?: string; readonly failure?: BridgeError };

const FIELDS: readonly Field[] = [
  { name: 'meantFor', label: 'Mail address of your accountant', type: 'email', required: true, autocomplete: 'off' },
];
const QuestionRequest = z.object({ meantFor: z.email('enter a mail address, as in ann@example.com').max(254) });

export const questionLinkRoutes = (
  parts: BridgeParts,
  show: (incoming: SignedIn, made: Made) => Promise<Answer>,
): readonly Route[] => [
  guarded('POST /connections/:id/problems/:problem/questions', 'decide', async (incoming) => {
    const ref = refOf(incoming);
    const problemId = idText(incoming.params.problem ?? '', 'problem');
    await parts.sync.problems.get(ref, problemId);
    const meantFor = textOf(incoming.body, 'meantFor').trim();
    const made = await attempt(async () => {
      parse(QuestionRequest, { meantFor });
      return parts.sync.questions.create(ref, { problemId, meantFor, actor: actorOf(incoming.visitor) });
    });
    if (!made.ok) return show(incoming, { meantFor, failure: made.failure });
    return show(incoming, { url: `${parts.publicUrl}/question/${made.value.token}`, meantFor });
  }),
  guarded('POST /connections/:id/problems/:problem/questions/revoke', 'decide', async (incoming) => {
    const ref = refOf(incoming);
    const problemId = idText(incoming.params.problem ?? '', 'problem');
    await parts.sync.questions.revoke(ref, problemId, idText(textOf(incoming.body, 'link'), 'link'));
    return redirect(actionOf(ref, problemId).replace(/\/questions$/, ''), 'The link no longer works.');
  }),
];

const actionOf = ({ connectionId }: ConnectionRef, problemId: string): string =>
  `/connections/${connectionId}/problems/${encodeURIComponent(problemId)}/questions`;

export type QuestionPeriod = Omit<ClosedPeriod, 'problem'> & {
  readonly problem: ClosedPeriod['problem'] & { readonly id: string };
  readonly organisation: string;
  readonly ways: readonly WayOut[];
};

/** Null where nothing was asked and nothing is there to ask. */
export const questionData = async (
  { sync }: Pick<BridgeParts, 'sync'>,
  ref: ConnectionRef,
  period: QuestionPeriod,
  { url, meantFor = '', failure }: Made,
): Promise<object | null> => {
  const { problem, ways } = period;
  const mayAsk = problem.code === 'periodLocked';
  const links = await sync.questions.list(ref, problem.id);
  if (!mayAsk && links.length === 0 && failure === undefined) return null;
  return {
    action: actionOf(ref, problem.id),
    mayAsk,
    secret: url ?? null,
    mailto: url === undefined ? null : questionLetter({ ...period, url, to: meantFor }),
    latest: mayAsk ? latestAnswer(links, ways, period.ledger) : null,
    links: links.map(linkView),
    fields: fieldViews(FIELDS, () => (url === undefined ? meantFor : ''), failure),
    problems: problemViews(FIELDS, failure),
  };
};

const STATE_WORDS: Readonly<Record<QuestionLinkState, string>> = {
  open: 'Not answered yet',
  answered: 'Answered',
  closed: 'Not needed any more',
  gone: 'Expired or revoked',
};
export const VERDICT_WORDS: Readonly<Record<QuestionVerdict, string>> = {
  opened: 'the period is open, try again',
  openPeriod: 'post it in the open period',
  adjustment: 'leave the closed month, book the difference in the open period',
  talkFirst: 'do not post it, talk to me first',
};

const linkView = ({ id, meantFor, createdBy, createdAt, state, answer }: QuestionLinkView): object => ({
  ...{ id, meantFor, createdBy, createdAt, words: STATE_WORDS[state] },
  mayRevoke: state !== 'gone',
  answer: answer ? { ...answer, words: sentence(VERDICT_WORDS[answer.verdict]) } : null,
});
const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const latestAnswer = (links: readonly QuestionLinkView[], ways: readonly WayOut[], ledger: string): object | null => {
  const [latest] = links
    .flatMap(({ answer }) => (answer === undefined ? [] : [answer]))
    .sort((a, b) => b.at.localeCompare(a.at));
  if (latest === undefined) return null;
  const { verdict } = latest;
  const meansWay = verdict === 'openPeriod' || verdict === 'adjustment';
  const next: Readonly<Record<QuestionVerdict, string>> = {
    opened: `It was tried again with that answer. If it is still here a minute later, the period is not open in ${ledger} yet.`,
    openPeriod: 'Nothing was changed by the answer; this does it.',
    adjustment: 'Nothing was changed by the answer; this is where it begins.',
    talkFirst: 'Nothing was changed. The record waits here.',
  };
  return {
    ...latest,
    words: VERDICT_WORDS[verdict],
    next: next[verdict],
    way: (meansWay ? ways[0] : undefined) ?? null,
  };
};
