// The team: who is in with which role, and invitations, whose link is shown once.
import { z } from 'zod';
import { BridgeError } from '../../../core/errors';
import { parse } from '../../../core/parse';
import { ROLES, roleWords } from '../../access';
import type { Accounts } from '../../auth/accounts';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';

export type TeamParts = { readonly accounts: Accounts; readonly publicUrl: string };

export const teamPages = (parts: TeamParts): readonly Route[] => [
  guarded('GET /settings/team', 'settings', (incoming) => teamPage(parts, incoming)),
  guarded('POST /settings/team/invite', 'settings', (incoming) => invite(parts, incoming)),
  guarded('POST /settings/team/role', 'settings', async ({ visitor, body }) => {
    const role = ROLES.find((each) => each === textOf(body, 'role'));
    if (role === undefined)
      throw new BridgeError('BB_INPUT_INVALID', { problem: 'Role: choose one.' }, { role: 'choose one' });
    await parts.accounts.changeRole(visitor.tenantId, idText(textOf(body, 'member'), 'team member'), role);
    return redirect('/settings/team', 'The role is changed.');
  }),
  guarded('POST /settings/team/remove', 'settings', async ({ visitor, body }) => {
    const { user } = await parts.accounts.removeMember(visitor.tenantId, idText(textOf(body, 'member'), 'team member'));
    return redirect('/settings/team', `${user.name} no longer belongs to the team.`);
  }),
  guarded('POST /settings/team/withdraw', 'settings', async ({ visitor, body }) => {
    await parts.accounts.withdrawLink(visitor.tenantId, idText(textOf(body, 'link'), 'invitation'));
    return redirect('/settings/team', 'The invitation is withdrawn.');
  }),
];

const teamPage = async (
  parts: TeamParts,
  { visitor, body }: SignedIn,
  extra: { readonly link?: string; readonly failure?: FormFailure } = {},
): Promise<Answer> => {
  const [team, links] = await Promise.all([
    parts.accounts.team(visitor.tenantId),
    parts.accounts.openLinks(visitor.tenantId),
  ]);
  const fields: readonly Field[] = [
    { name: 'name', label: 'Name', required: true },
    { name: 'email', label: 'Mail address', type: 'email', required: true },
    {
      name: 'role',
      label: 'Role',
      options: ROLES.map((role) => ({ value: role, label: `${roleWords[role].name}: ${roleWords[role].may}` })),
    },
  ];
  return page(
    'settings',
    'billing/team',
    'Team',
    {
      tab: { business: false, team: true, keys: false },
      members: team.map(({ membership, user }) => ({
        id: membership.id,
        name: user.name,
        email: user.email,
        role: roleWords[membership.role].name,
        isMe: user.id === visitor.user.id,
        roles: ROLES.map((role) => ({ value: role, label: roleWords[role].name, chosen: role === membership.role })),
      })),
      links: links
        .filter(({ kind }) => kind === 'invitation')
        .map(({ id, email, role, expiresAt }) => ({ id, email, role: roleWords[role].name, expiresAt })),
      fields: fieldViews(
        fields,
        (name) => (extra.failure === undefined ? (name === 'role' ? 'bookkeeper' : '') : textOf(body, name)),
        extra.failure,
      ),
      problems: problemViews(fields, extra.failure),
      link: extra.link ?? null,
    },
    { status: extra.failure === undefined ? 200 : 422 },
  );
};

const Invitation = z.object({
  name: z.string().trim().min(1, 'enter the name').max(200, 'keep it to 200 characters'),
  email: z.email('enter a mail address such as priya@example.com'),
  role: z.enum(ROLES, 'choose a role'),
});

const invite = async (parts: TeamParts, incoming: SignedIn): Promise<Answer> => {
  const tried = await attempt(async () => {
    const form = parse(Invitation, incoming.body);
    return parts.accounts.makeLink({ kind: 'invitation', businessId: incoming.visitor.tenantId, ...form });
  });
  if (!tried.ok) return teamPage(parts, incoming, { failure: tried.failure });
  return teamPage(parts, incoming, { link: `${parts.publicUrl}/enter/${tried.value}` });
};
