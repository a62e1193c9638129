// API keys: made with the scopes that are ticked, shown once, revoked.
import { z } from 'zod';
import { BridgeError } from '../../../core/errors';
import { parse } from '../../../core/parse';
import { API_SCOPES, type ApiScope } from '../../access';
import type { ApiKeys } from '../../auth/api-keys';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type FormFailure, idText, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';

export type KeyParts = { readonly apiKeys: ApiKeys };

export const keyPages = (parts: KeyParts): readonly Route[] => [
  guarded('GET /settings/keys', 'settings', (incoming) => keysPage(parts, incoming)),
  guarded('POST /settings/keys', 'settings', (incoming) => makeKey(parts, incoming)),
  guarded('POST /settings/keys/revoke', 'settings', async ({ visitor, body }) => {
    await parts.apiKeys.revoke(visitor.tenantId, idText(textOf(body, 'key'), 'API key'));
    return redirect('/settings/keys', 'The key no longer opens anything.');
  }),
];

const keysPage = async (
  parts: KeyParts,
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

const makeKey = async (parts: KeyParts, incoming: SignedIn): Promise<Answer> => {
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
