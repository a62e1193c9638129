// On the plan's page: links by which an accountant approves exactly this plan, made, listed with their answers, revoked.
import { parse } from '../../../core/parse';
import type { ApprovalLinkState, ApprovalLinkView, ConnectionRef, PlanView } from '../../../sync/service';
import { type Answer, redirect } from '../../http/answer';
import { attempt, type Field, fieldViews, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { LinkRequest, type Made, typedRequest } from './approval-request';
import { actorOf, type BridgeParts, refOf } from './parts';
import { letterState, type PlanLetterParts, withdrawLetter } from './plan-letter';

type Parts = BridgeParts & Pick<PlanLetterParts, 'outbox'>;

const FIELDS: readonly Field[] = [
  { name: 'meantFor', label: 'Mail address of your accountant', type: 'email', required: true, autocomplete: 'off' },
];
export const approvalLinkRoutes = (
  parts: Parts,
  show: (incoming: SignedIn, made: Made) => Promise<Answer>,
): readonly Route[] => [
  guarded('POST /connections/:id/plan/links', 'decide', async (incoming) => {
    const ref = refOf(incoming);
    await parts.sync.connections.get(ref);
    const typed = typedRequest(incoming);
    const { meantFor } = typed;
    const made = await attempt(async () => {
      parse(LinkRequest, { meantFor });
      return parts.sync.approvals.create(ref, { ...typed, actor: actorOf(incoming.visitor) });
    });
    if (!made.ok) return show(incoming, { meantFor, failure: made.failure });
    return show(incoming, { url: `${parts.publicUrl}/plan/${made.value.token}`, meantFor });
  }),
  guarded('POST /connections/:id/plan/links/revoke', 'decide', async (incoming) => {
    const ref = refOf(incoming);
    const { letterKey } = await parts.sync.approvals.revoke(ref, idText(textOf(incoming.body, 'link'), 'link'));
    await withdrawLetter(parts, ref.tenantId, letterKey);
    return redirect(`/connections/${ref.connectionId}/plan`, 'The link no longer works.');
  }),
];

const STATE_WORDS: Readonly<Record<ApprovalLinkState, string>> = {
  open: 'Not answered yet',
  answered: 'Answered',
  replaced: 'The plan was made anew since; the link says so',
  closed: 'Not needed any more',
  gone: 'Expired or revoked',
};

export const approvalData = async (
  parts: Parts,
  ref: ConnectionRef,
  plan: PlanView,
  { url, meantFor = '', failure }: Made,
): Promise<object> => {
  const subject = encodeURIComponent('Please approve our bookkeeping plan');
  const body = encodeURIComponent(
    `Hello,\n\nthis link shows every write that is planned in our books (plan ${plan.hash.slice(0, 9)}):\n\n${url}\n`,
  );
  return {
    secret: url ?? null,
    mailto: `mailto:${encodeURIComponent(meantFor)}?subject=${subject}&body=${body}`,
    links: await Promise.all(
      (await parts.sync.approvals.list(ref)).map(async (link) => ({
        ...linkView(link),
        letter: await letterState(parts, ref.tenantId, link.letterKey),
      })),
    ),
    fields: fieldViews(FIELDS, () => (url === undefined ? meantFor : ''), failure),
    problems: problemViews(FIELDS, failure),
  };
};

const linkView = ({ id, meantFor, createdBy, createdAt, planHash, state, answer }: ApprovalLinkView): object => ({
  ...{ id, meantFor, createdBy, createdAt, shortHash: planHash.slice(0, 9), words: STATE_WORDS[state] },
  mayRevoke: state !== 'gone',
  answer: answer ? { ...answer, words: answer.verdict === 'approved' ? 'Approved' : 'Sent back' } : null,
});
