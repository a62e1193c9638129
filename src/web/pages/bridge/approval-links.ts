// On the plan's page: links by which an accountant approves exactly this plan, made, listed with their answers, revoked.
import { z } from 'zod';
import type { BridgeError } from '../../../core/errors';
import { parse } from '../../../core/parse';
import type { ApprovalLinkState, ApprovalLinkView, ConnectionRef, PlanView } from '../../../sync/service';
import { type Answer, redirect } from '../../http/answer';
import { attempt, type Field, fieldViews, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { actorOf, type BridgeParts, refOf } from './parts';

/** What the form has just come to. */
export type Made = {
  readonly url?: string;
  readonly meantFor?: string;
  readonly failure?: BridgeError;
};

const FIELDS: readonly Field[] = [
  { name: 'meantFor', label: 'Mail address of your accountant', type: 'email', required: true, autocomplete: 'off' },
];
const Request = z.object({ meantFor: z.email('enter a mail address, as in ann@example.com').max(254) });

export const approvalLinkRoutes = (
  parts: BridgeParts,
  show: (incoming: SignedIn, made: Made) => Promise<Answer>,
): readonly Route[] => [
  guarded('POST /connections/:id/plan/links', 'decide', async (incoming) => {
    const { body, visitor } = incoming;
    const ref = refOf(incoming);
    await parts.sync.connections.get(ref);
    const meantFor = textOf(body, 'meantFor').trim();
    const made = await attempt(async () => {
      parse(Request, { meantFor });
      return parts.sync.approvals.create(ref, {
        planHash: textOf(body, 'hash'),
        meantFor,
        startsBy: textOf(body, 'ownerStarts') === 'yes' ? 'owner' : 'approval',
        actor: actorOf(visitor),
      });
    });
    if (!made.ok) return show(incoming, { meantFor, failure: made.failure });
    return show(incoming, { url: `${parts.publicUrl}/plan/${made.value.token}`, meantFor });
  }),
  guarded('POST /connections/:id/plan/links/revoke', 'decide', async (incoming) => {
    const ref = refOf(incoming);
    await parts.sync.approvals.revoke(ref, idText(textOf(incoming.body, 'link'), 'link'));
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
  { sync }: BridgeParts,
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
    links: (await sync.approvals.list(ref)).map(linkView),
    fields: fieldViews(FIELDS, () => (url === undefined ? meantFor : ''), failure),
    problems: problemViews(FIELDS, failure),
  };
};

const linkView = ({ id, meantFor, createdBy, createdAt, planHash, state, answer }: ApprovalLinkView): object => ({
  ...{ id, meantFor, createdBy, createdAt, shortHash: planHash.slice(0, 9), words: STATE_WORDS[state] },
  mayRevoke: state !== 'gone',
  answer: answer ? { ...answer, words: answer.verdict === 'approved' ? 'Approved' : 'Sent back' } : null,
});
