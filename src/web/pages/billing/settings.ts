// Settings: the business, its tax rates and numbers, reminders, the team, API keys, and what this server has set up.
import { z } from 'zod';
import type { Business } from '../../../billing/documents';
import { BridgeError } from '../../../core/errors';
import { parse } from '../../../core/parse';
import { API_SCOPES, type ApiScope, ROLES, roleWords } from '../../access';
import type { Accounts } from '../../auth/accounts';
import type { ApiKeys } from '../../auth/api-keys';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { type BillingParts, commandOf, freshCommand, seenRevision } from './parts';

export type SettingsParts = BillingParts & {
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly publicUrl: string;
  readonly server: { readonly stripe: boolean; readonly mail: boolean };
};

const FIELDS: readonly Field[] = [
  { name: 'name', label: 'Name', required: true },
  { name: 'legalName', label: 'Legal name', hint: 'As it must stand on invoices.' },
  { name: 'email', label: 'Mail address for answers', type: 'email' },
  { name: 'phone', label: 'Phone', type: 'tel' },
  { name: 'taxNumber', label: 'Tax number' },
  { name: 'street', label: 'Street', rows: 2 },
  { name: 'city', label: 'City' },
  { name: 'postalCode', label: 'Postal code' },
  { name: 'addressCountry', label: 'Country of the address', hint: 'Two letters, such as GB.' },
  { name: 'timeZone', label: 'Time zone', hint: 'Such as Europe/London.' },
  { name: 'termsDays', label: 'Days to pay', inputmode: 'numeric' },
  { name: 'prefix', label: 'Invoice numbers begin with', hint: 'A new beginning starts a new series at 1.' },
  {
    name: 'taxRounding',
    label: 'Tax is rounded',
    options: [
      { value: 'perLine', label: 'On each line, as Xero does' },
      { value: 'perRate', label: 'On each rate, as QuickBooks does' },
    ],
  },
  {
    name: 'taxRates',
    label: 'Tax rates',
    rows: 5,
    hint: 'One a line: key, name, percent. For example: standard, VAT 20%, 20',
  },
  { name: 'accent', label: 'Colour on pay pages', type: 'color' },
  {
    name: 'reminders',
    label: 'Reminders',
    options: [
      { value: 'off', label: 'Off' },
      { value: 'rehearsal', label: 'Rehearsal: shown, not sent' },
      { value: 'on', label: 'On: sent to customers' },
    ],
  },
];

export const settingsPages = (parts: SettingsParts): readonly Route[] => [
  guarded('GET /settings', 'read', (incoming) => businessPage(parts, incoming)),
  guarded('POST /settings', 'settings', (incoming) => save(parts, incoming)),
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
  guarded('GET /settings/keys', 'settings', (incoming) => keysPage(parts, incoming)),
  guarded('POST /settings/keys', 'settings', (incoming) => makeKey(parts, incoming)),
  guarded('POST /settings/keys/revoke', 'settings', async ({ visitor, body }) => {
    await parts.apiKeys.revoke(visitor.tenantId, idText(textOf(body, 'key'), 'API key'));
    return redirect('/settings/keys', 'The key no longer opens anything.');
  }),
];

const valueIn = (business: Business, name: string): string => {
  switch (name) {
    case 'street':
      return business.address?.lines.join('\n') ?? '';
    case 'city':
    case 'postalCode':
      return business.address?.[name] ?? '';
    case 'addressCountry':
      return business.address?.country ?? '';
    case 'termsDays':
      return String(business.termsDays);
    case 'prefix':
      return business.numbering.invoice.prefix;
    case 'taxRates':
      return business.taxRates
        .filter(({ state }) => state === 'active')
        .map(({ key, name: words, percent }) => `${key}, ${words}, ${percent}`)
        .join('\n');
    case 'accent':
      return business.brand.accent;
    case 'reminders':
      return business.reminders.mode;
    case 'name':
    case 'legalName':
    case 'email':
    case 'phone':
    case 'taxNumber':
    case 'timeZone':
    case 'taxRounding':
      return business[name] ?? '';
    default:
      return '';
  }
};

const businessPage = async (parts: SettingsParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const business = await parts.billing.businesses.get(incoming.visitor.tenantId);
  const valueFor = (name: string): string =>
    failure === undefined ? valueIn(business, name) : textOf(incoming.body, name);
  return page(
    'settings',
    'billing/settings',
    'Settings',
    {
      tab: { business: true, team: false, keys: false },
      fields: fieldViews(FIELDS, valueFor, failure),
      problems: problemViews(FIELDS, failure),
      revision: failure === undefined ? String(business.revision) : textOf(incoming.body, '_revision'),
      command: freshCommand(),
      mayChange: incoming.visitor.role === 'owner',
      server: parts.server,
      tenantId: business.id,
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

/** Rates that are no longer listed are archived, never removed: documents name them for ever. */
const ratesOf = (text: string, known: Business['taxRates']): Business['taxRates'] => {
  const listed = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [key = '', name = '', percent = ''] = line.split(',').map((part) => part.trim());
      if (key === '' || name === '' || percent === '') {
        throw new BridgeError(
          'BB_INPUT_INVALID',
          { problem: `Tax rates: “${line}”` },
          { taxRates: `write “${line}” as key, name, percent, for example: standard, VAT 20%, 20` },
        );
      }
      return { key, name, percent: percent.replace('%', ''), state: 'active' as const };
    });
  const kept = known
    .filter(({ key }) => !listed.some((rate) => rate.key === key))
    .map((rate) => ({ ...rate, state: 'archived' as const }));
  return [...listed, ...kept];
};

const save = async (parts: SettingsParts, incoming: SignedIn): Promise<Answer> => {
  const { body, visitor } = incoming;
  const text = (name: string): string => textOf(body, name).trim();
  const tried = await attempt(async () => {
    const business = await parts.billing.businesses.get(visitor.tenantId);
    const lines = text('street')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const hasAddress =
      lines.length > 0 || text('city') !== '' || text('postalCode') !== '' || text('addressCountry') !== '';
    const mode = text('reminders');
    return parts.billing.businesses.update(
      commandOf(incoming),
      {
        name: text('name'),
        legalName: text('legalName'),
        email: text('email'),
        phone: text('phone'),
        taxNumber: text('taxNumber'),
        timeZone: text('timeZone'),
        // What is no number is told by the engine, together with what else is wrong.
        termsDays: /^\d{1,4}$/.test(text('termsDays')) ? Number(text('termsDays')) : Number.NaN,
        address: hasAddress
          ? {
              lines,
              city: text('city'),
              region: business.address?.region ?? null,
              postalCode: text('postalCode'),
              country: text('addressCountry') || null,
            }
          : null,
        numbering: { ...business.numbering, invoice: { ...business.numbering.invoice, prefix: text('prefix') } },
        taxRounding: text('taxRounding') === 'perRate' ? 'perRate' : 'perLine',
        taxRates: ratesOf(textOf(body, 'taxRates'), business.taxRates),
        brand: { accent: text('accent') },
        reminders: { mode: mode === 'on' || mode === 'off' ? mode : 'rehearsal' },
      },
      seenRevision(incoming),
    );
  });
  if (tried.ok) return redirect('/settings', 'The settings are saved.');
  const fields = Object.fromEntries(
    Object.entries(tried.failure.fields).map(([name, message]) => [fieldOf(name), message]),
  );
  return businessPage(parts, incoming, { message: tried.failure.message, fix: tried.failure.fix, fields });
};

/** The engine's name of a value → the field of this form. */
const fieldOf = (name: string): string =>
  name
    .replace(/^address\.lines.*/, 'street')
    .replace(/^address\.country$/, 'addressCountry')
    .replace(/^address\./, '')
    .replace(/^numbering\..*/, 'prefix')
    .replace(/^taxRates.*/, 'taxRates')
    .replace(/^brand.*/, 'accent')
    .replace(/^reminders.*/, 'reminders');

const teamPage = async (
  parts: SettingsParts,
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

const invite = async (parts: SettingsParts, incoming: SignedIn): Promise<Answer> => {
  const tried = await attempt(async () => {
    const form = parse(Invitation, incoming.body);
    return parts.accounts.makeLink({ kind: 'invitation', businessId: incoming.visitor.tenantId, ...form });
  });
  if (!tried.ok) return teamPage(parts, incoming, { failure: tried.failure });
  return teamPage(parts, incoming, { link: `${parts.publicUrl}/enter/${tried.value}` });
};

const keysPage = async (
  parts: SettingsParts,
  { visitor }: SignedIn,
  extra: { readonly secret?: string; readonly failure?: FormFailure } = {},
): Promise<Answer> =>
  page(
    'settings',
    'billing/keys',
    'API keys',
    {
      tab: { business: false, team: false, keys: true },
      keys: (await parts.apiKeys.list(visitor.tenantId)).map(
        ({ id, name, shown, scopes, createdAt, lastUsedAt, revokedAt }) => ({
          id,
          name,
          shown,
          scopes: scopes.join(', '),
          createdAt,
          lastUsedAt,
          isRevoked: revokedAt !== null,
        }),
      ),
      scopes: API_SCOPES.map((scope) => ({ scope, isRead: scope.endsWith(':read') })),
      secret: extra.secret ?? null,
      problems: problemViews([], extra.failure),
    },
    { status: extra.failure === undefined ? 200 : 422 },
  );

const makeKey = async (parts: SettingsParts, incoming: SignedIn): Promise<Answer> => {
  const { visitor, body } = incoming;
  const tried = await attempt(async () => {
    const { name } = parse(
      z.object({ name: z.string().trim().min(1, 'enter what the key is for').max(100, 'keep it to 100 characters') }),
      body,
    );
    const ticked = typeof body === 'object' && body !== null ? (body as Record<string, unknown>).scope : undefined;
    const wanted = (Array.isArray(ticked) ? ticked : [ticked]).filter((scope): scope is ApiScope =>
      API_SCOPES.some((each) => each === scope),
    );
    if (wanted.length === 0)
      throw new BridgeError(
        'BB_INPUT_INVALID',
        { problem: 'Scopes: tick at least one.' },
        { scope: 'tick at least one' },
      );
    return parts.apiKeys.make({ businessId: visitor.tenantId, name, scopes: wanted, createdBy: visitor.user.name });
  });
  if (!tried.ok) return keysPage(parts, incoming, { failure: tried.failure });
  return keysPage(parts, incoming, { secret: tried.value.secret });
};
