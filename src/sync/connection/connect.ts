// Connecting, disconnecting and coming back. Links belong to the organisation, not to the sign-in: the same organisation resumes,
// another one starts from import and review. An organisation is connected in one tenant only, and a tenant has one at a time.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { DuplicateKeyError, type Session } from '../../store/port';
import { type ClaimDocument, type ConnectionDocument, claims, connections, directory } from '../collections';
import { createHealth } from '../health/read-health';
import type { Organisation } from '../ports/ledger-port';
import { RECORD_KINDS } from '../records';
import { openLedgerOf } from '../run/open-bridge';
import type { ConnectionState, ConnectionsService, SyncDependencies } from '../service';
import { asking } from './asking';
import { amendConnection, findConnection, ledgerNameOf, viewOfConnection } from './connection-documents';

type BeginRequest = Parameters<ConnectionsService['begin']>[0];

export const createConnections = (dependencies: SyncDependencies): ConnectionsService => {
  const { store } = dependencies;
  return {
    begin: async (request) => {
      const known = await knownConnection(store.forTenant(request.tenantId), request);
      const id = known?.id ?? dependencies.ids('con');
      const facts = await readFacts(dependencies, request, id);
      const connection = known ? resumed(known, request, facts) : fresh(dependencies, request, id, facts);
      const saved = await claimAndStore(dependencies, connection, known);
      await dependencies.nudge(saved.id, 'connected');
      return viewOfConnection(saved);
    },
    list: async (tenantId) => {
      const page = await store.forTenant(tenantId).find(connections, { limit: 100 });
      return page.items.map(viewOfConnection);
    },
    get: async (ref) => viewOfConnection(await findConnection(store, ref)),
    health: createHealth(dependencies),
    disconnect: async (ref, actor) => {
      dependencies.logger.info('a connection is disconnected', { connectionId: ref.connectionId, by: actor.id });
      const saved = await amendConnection(store, ref, (now) => {
        const { pausedBecause: _pausedBecause, ...rest } = now;
        return { ...rest, state: 'disconnected', isConnected: false };
      });
      await store.transaction(async (scopes) => {
        const claim = await scopes.system.get(claims, claimId(saved));
        if (claim?.connectionId === saved.id) await scopes.system.remove(claims, claim.id);
      });
      return viewOfConnection(saved);
    },
    working: async () => {
      const page = await store.system.find(directory, { where: { state: { in: WORKING } }, limit: 1000 });
      return page.items.map(({ id, tenantId, state }) => ({ tenantId, connectionId: id, state }));
    },
  };
};

const WORKING: readonly ConnectionState[] = ['connected', 'importing', 'matching', 'active'];

const claimId = ({ provider, organisationId }: Pick<ConnectionDocument, 'provider' | 'organisationId'>): string =>
  `${provider}:${organisationId}`;

const knownConnection = async (
  session: Session,
  { provider, organisationId }: BeginRequest,
): Promise<ConnectionDocument | undefined> =>
  (await session.find(connections, { where: { provider, organisationId }, limit: 1 })).items[0];

type Facts = { readonly organisation: Organisation } & Pick<ConnectionDocument, 'paymentUnit' | 'kinds'>;

const readFacts = async (dependencies: SyncDependencies, request: BeginRequest, id: string): Promise<Facts> => {
  const ledger = openLedgerOf(dependencies, {
    ...request,
    id,
  } as unknown as ConnectionDocument);
  const organisation = await asking(ledgerNameOf(request), () => ledger.organisation());
  const { paymentUnit, kinds } = ledger.capabilities;
  return { organisation, paymentUnit, kinds: RECORD_KINDS.filter((kind) => kinds.includes(kind)) };
};

const fresh = (
  { clock }: SyncDependencies,
  { tenantId, provider, organisationId, grantId, actor }: BeginRequest,
  id: string,
  { organisation, paymentUnit, kinds }: Facts,
): ConnectionDocument => {
  const now = toInstant(clock.now());
  return {
    id,
    revision: 0,
    tenantId,
    provider,
    organisationId,
    grantId,
    state: 'connected',
    isConnected: true,
    organisation: { ...organisation },
    organisationReadAt: now,
    paymentUnit,
    kinds: [...kinds],
    progress: [],
    cursors: {},
    needsFullCompare: false,
    pulledKinds: [...kinds],
    connectedAt: now,
    connectedBy: actor.name,
  };
};

/** What was active goes on where it stood, after comparing everything once: changes may have been missed. */
const resumed = (known: ConnectionDocument, { grantId }: BeginRequest, facts: Facts): ConnectionDocument => {
  const { pausedBecause, resumesAs, ...rest } = known;
  // Why everything is reviewed anew is no matter of the sign-in: that stays until a plan is approved.
  const isOver = known.state === 'paused' || known.state === 'disconnected';
  const because = isOver || pausedBecause === undefined ? {} : { pausedBecause };
  const common = { ...rest, ...because, grantId, isConnected: true, organisation: { ...facts.organisation } };
  if (known.activatedAt !== undefined) return { ...common, state: 'active', needsFullCompare: true };
  if (known.state === 'paused' && resumesAs !== undefined) return { ...common, state: resumesAs };
  if (known.isConnected) return { ...common, state: known.state };
  return { ...common, state: 'connected', progress: [] };
};

const claimAndStore = async (
  { store }: SyncDependencies,
  connection: ConnectionDocument,
  known: ConnectionDocument | undefined,
): Promise<ConnectionDocument> => {
  const { tenantId, id, provider, organisationId } = connection;
  try {
    return await store.transaction(async (scopes) => {
      await claim(scopes.system, connection);
      const session = scopes.forTenant(tenantId);
      const { revision: _revision, tenantId: _tenantId, ...draft } = connection;
      const saved = known ? await session.update(connections, connection) : await session.insert(connections, draft);
      const entry = await scopes.system.get(directory, id);
      const fields = { tenantId, provider, organisationId, state: saved.state };
      if (entry) await scopes.system.update(directory, { ...entry, ...fields });
      else await scopes.system.insert(directory, { id, ...fields } as never);
      return saved;
    });
  } catch (error) {
    if (error instanceof DuplicateKeyError && error.index === 'oneConnected') {
      throw new BridgeError('BB_SYNC_REFUSED', {
        reason: 'Another organisation is connected to this business.',
        remedy: 'Disconnect it first, then connect this one.',
      });
    }
    throw error;
  }
};

const claim = async (system: Session, connection: ConnectionDocument): Promise<void> => {
  const id = claimId(connection);
  const { tenantId } = connection;
  const now: ClaimDocument | undefined = await system.get(claims, id);
  if (now !== undefined && now.tenantId !== tenantId) {
    throw new BridgeError('BB_SYNC_REFUSED', {
      reason: `This ${ledgerNameOf(connection)} organisation is connected to another business already.`,
      remedy: 'Disconnect it there first: two bridges on one set of books would undo each other.',
    });
  }
  if (now === undefined) await system.insert(claims, { id, tenantId, connectionId: connection.id } as never);
};
