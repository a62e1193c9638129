// The road to a ledger's consent and back. The way out is bound to the browser session by a one-time state; the way back is trusted
// only with it.
import { z } from 'zod';
import type { Billing } from '../../../billing/service';
import type { ConsentedOrganisation, LedgerProvider, ProviderName } from '../../../connectors/provider-port';
import { BridgeError } from '../../../core/errors';
import { type IdSource, randomToken } from '../../../core/ids';
import { parse } from '../../../core/parse';
import type { Store } from '../../../store/port';
import { type ConsentState, consentStates } from '../../auth/collections';
import { hashSecret } from '../../auth/secrets';
import { type Answer, page, redirect } from '../../http/answer';
import { guarded, open, type Route, type SignedIn } from '../../http/routes';
import { actorOf, type BridgeParts, callbackUrl, providerNamed } from './parts';
import { ledgerName } from './words';

const STATE_MS = 10 * 60_000;

type Parts = BridgeParts & {
  readonly store: Store;
  readonly ids: IdSource;
  readonly billing: Pick<Billing, 'businesses'>;
};

export const consentPages = (parts: Parts): readonly Route[] => [
  guarded('GET /connect/:provider', 'connect', async ({ params }) => {
    const provider = providerNamed(parts.providers, params.provider ?? '');
    return page('connections', 'bridge/connect', `Connect ${provider.displayName}`, offerOf(parts, provider));
  }),
  guarded('POST /connect/:provider', 'connect', (incoming) => start(parts, incoming)),
  guarded('GET /connect/:provider/callback', 'connect', (incoming) => finish(parts, incoming)),
  guarded('POST /connect/:provider/choose', 'connect', (incoming) => choose(parts, incoming)),
  open('GET /launch/quickbooks', async () => redirect('/connections')),
  open('GET /disconnected/quickbooks', async () => ({
    kind: 'page',
    view: 'bridge/disconnected',
    title: 'QuickBooks is disconnected',
    layout: 'bare',
    data: { ledger: 'QuickBooks', again: '/connect/quickbooks' },
  })),
];

const offerOf = ({ publicUrl }: Parts, provider: LedgerProvider): object => ({
  ledger: provider.displayName,
  action: `/connect/${provider.name}`,
  missing: provider.missing ?? null,
  callback: callbackUrl(publicUrl, provider.name),
});

const start = async (parts: Parts, { params, visitor }: SignedIn): Promise<Answer> => {
  const provider = providerNamed(parts.providers, params.provider ?? '');
  if (provider.missing !== undefined) {
    throw new BridgeError('BB_CONFIG_MISSING', {
      reason: `${provider.displayName} is not set up on this server yet.`,
      remedy: `Whoever runs the server sets ${provider.missing.settings.join(' and ')}: ${provider.missing.whereToGet}`,
    });
  }
  const state = randomToken();
  await keepState(parts, state, provider.name, visitor);
  return redirect(provider.consentUrl({ state, redirectUri: callbackUrl(parts.publicUrl, provider.name) }));
};

/** Binds a secret to this session, business and ledger, for one use within ten minutes. */
const keepState = async (
  parts: Parts,
  text: string,
  provider: ProviderName,
  visitor: SignedIn['visitor'],
): Promise<void> => {
  await parts.store.system.insert(consentStates, {
    id: parts.ids('cst'),
    stateHash: hashSecret(text),
    sessionId: visitor.session.id,
    businessId: visitor.tenantId,
    userId: visitor.user.id,
    provider,
    expiresAt: new Date(parts.clock.now().getTime() + STATE_MS).toISOString(),
  });
};

/** The state is used up whatever comes of it. */
const takeState = async (
  parts: Parts,
  text: string,
  provider: string,
  visitor: SignedIn['visitor'],
): Promise<ConsentState> => {
  const found = await parts.store.system.find(consentStates, { where: { stateHash: hashSecret(text) }, limit: 1 });
  const state = found.items.at(0);
  if (state !== undefined) await parts.store.system.remove(consentStates, state.id, state.revision);
  const fits =
    state !== undefined &&
    state.sessionId === visitor.session.id &&
    state.businessId === visitor.tenantId &&
    state.provider === provider &&
    state.expiresAt > parts.clock.now().toISOString();
  if (!fits) {
    throw new BridgeError('BB_CONNECT_FAILED', {
      reason: 'This answer of the ledger does not belong to a connection you began here in the last ten minutes.',
      remedy: 'Begin again under Connections. Nothing was connected.',
    });
  }
  return state;
};

const finish = async (parts: Parts, incoming: SignedIn): Promise<Answer> => {
  const { visitor, query } = incoming;
  const provider = providerNamed(parts.providers, incoming.params.provider ?? '');
  await takeState(parts, query.state ?? '', provider.name, visitor);
  if (query.error !== undefined) {
    const isDenied = query.error === 'access_denied';
    throw new BridgeError('BB_CONNECT_FAILED', {
      reason: isDenied
        ? `You did not allow the access in ${provider.displayName}.`
        : `${provider.displayName} did not give access (${plain(query.error)}).`,
      remedy: 'Nothing was connected. Begin again under Connections when you like.',
    });
  }
  const redirectUri = callbackUrl(parts.publicUrl, provider.name);
  const consent = await provider.finishConsent({ tenantId: visitor.tenantId, redirectUri, query });
  if (!consent.ok) {
    throw new BridgeError('BB_CONNECT_FAILED', {
      reason: consent.error.message,
      remedy: 'Begin again under Connections.',
    });
  }
  const { grantId, organisations } = consent.value;
  const [only, ...others] = organisations;
  if (only === undefined) {
    throw new BridgeError('BB_CONNECT_FAILED', {
      reason: `The consent covers no organisation in ${provider.displayName}.`,
      remedy: 'Begin again and choose the organisation whose books you keep.',
    });
  }
  if (others.length === 0) return begin(parts, incoming, provider, grantId, only);
  const ticket = randomToken();
  await keepState(parts, ticketFor(ticket, grantId), provider.name, visitor);
  return page('connections', 'bridge/choose', 'Which organisation?', {
    ledger: provider.displayName,
    action: `/connect/${provider.name}/choose`,
    grantId,
    ticket,
    organisations,
  });
};

/** The choice of an organisation counts only for the grant that this session's consent has just given. */
const ticketFor = (ticket: string, grantId: string): string => `choice:${ticket}:${grantId}`;

const plain = (text: string): string => text.replace(/[^\w .-]/g, '').slice(0, 60);

const Choice = z.object({
  ticket: z.string().max(200),
  grant: z.string().max(200),
  organisation: z.string('choose the organisation whose books belong to this business'),
});

const choose = async (parts: Parts, incoming: SignedIn): Promise<Answer> => {
  const provider = providerNamed(parts.providers, incoming.params.provider ?? '');
  const { ticket, grant, organisation } = parse(Choice, incoming.body);
  await takeState(parts, ticketFor(ticket, grant), provider.name, incoming.visitor);
  // The ledger itself refuses an organisation that the grant does not cover.
  return begin(parts, incoming, provider, grant, { id: organisation, name: '' });
};

const begin = async (
  parts: Parts,
  { visitor }: SignedIn,
  provider: LedgerProvider,
  grantId: string,
  organisation: ConsentedOrganisation,
): Promise<Answer> => {
  const connection = await parts.sync.connections.begin({
    tenantId: visitor.tenantId,
    provider: provider.name,
    organisationId: organisation.id,
    grantId,
    actor: actorOf(visitor),
  });
  await roundAs(parts, visitor, provider.name);
  if (connection.state === 'active') {
    await parts.wishes.syncSoon(connection.id, 'reconnected');
    return redirect(
      `/connections/${connection.id}`,
      `${connection.organisation.name} is connected again and goes on where it stood.`,
    );
  }
  await parts.wishes.importSoon(connection.id);
  const ledger = ledgerName(connection.provider);
  return redirect(
    `/connections/${connection.id}`,
    `${connection.organisation.name} is connected. ${ledger} is read now; nothing is written.`,
  );
};

/** Totals are predicted with the ledger's own rounding: new documents follow it from now on. */
const roundAs = async (
  { billing }: Parts,
  { tenantId, actor, business }: SignedIn['visitor'],
  ledger: ProviderName,
): Promise<void> => {
  const taxRounding = ledger === 'quickbooks' ? 'perRate' : 'perLine';
  if (business.taxRounding !== taxRounding) await billing.businesses.update({ tenantId, actor }, { taxRounding });
};
