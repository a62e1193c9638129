// Reading and amending connection documents. Runs, pages and imports write different fields of one document: every change is made on
// the newest revision and repeated where somebody was faster.
import { BridgeError } from '../../core/errors';
import { type Session, StaleRevisionError, type Store } from '../../store/port';
import { type ConnectionDocument, connections, directory } from '../collections';
import type { PolicyChoices } from '../policy/policy';
import type { Mapping, Organisation } from '../ports/ledger-port';
import type { ConnectionRef, ConnectionView } from '../service';
import type { Glance } from './glance';

export const findConnection = async (
  store: Store,
  { tenantId, connectionId }: ConnectionRef,
): Promise<ConnectionDocument> => {
  const found = await store.forTenant(tenantId).get(connections, connectionId);
  if (found === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'connection', id: connectionId });
  return found;
};

/** For jobs, which know only the id. */
export const refOf = async (store: Store, connectionId: string): Promise<ConnectionRef | undefined> => {
  const entry = await store.system.get(directory, connectionId);
  return entry && { tenantId: entry.tenantId, connectionId };
};

export const amendConnection = async (
  store: Store,
  { tenantId, connectionId }: ConnectionRef,
  change: (connection: ConnectionDocument) => ConnectionDocument | Promise<ConnectionDocument>,
  /** Joins the transaction of the change; is not called where nothing changed. */
  also?: (session: Session, saved: ConnectionDocument, before: ConnectionDocument) => Promise<void>,
): Promise<ConnectionDocument> => {
  for (let attempt = 0; ; attempt++) {
    const now = await findConnection(store, { tenantId, connectionId });
    const next = await change(now);
    if (next === now) return now;
    try {
      return await store.transaction(async (scopes) => {
        const saved = await scopes.forTenant(tenantId).update(connections, next);
        if (now.state !== next.state) await noteState(scopes.system, next);
        await also?.(scopes.forTenant(tenantId), saved, now);
        return saved;
      });
    } catch (error) {
      if (!(error instanceof StaleRevisionError) || attempt >= 20) throw error;
    }
  }
};

const noteState = async (system: Session, { id, state }: ConnectionDocument): Promise<void> => {
  const entry = await system.get(directory, id);
  if (entry !== undefined && entry.state !== state) await system.update(directory, { ...entry, state });
};

export const mappingOf = ({ mapping }: ConnectionDocument): Mapping | undefined => mapping as Mapping | undefined;
export const policyChoicesOf = ({ policy }: Pick<ConnectionDocument, 'policy'>): PolicyChoices =>
  Object.fromEntries((policy?.choices ?? []).map(({ field, rule }) => [field, rule]));
export const organisationOf = ({ organisation }: ConnectionDocument): Organisation =>
  organisation as unknown as Organisation;

export const viewOfConnection = (document: ConnectionDocument): ConnectionView => ({
  id: document.id,
  provider: document.provider,
  state: document.state,
  organisation: organisationOf(document),
  paymentUnit: document.paymentUnit,
  kinds: document.kinds,
  grantId: document.grantId,
  progress: document.progress.map(({ total, ...rest }) => ({ ...rest, ...(total === undefined ? {} : { total }) })),
  ...(document.glance === undefined ? {} : { glance: document.glance as unknown as Glance }),
  hasMapping: document.mapping !== undefined,
  connectedAt: document.connectedAt,
  ...(document.resumesAs === undefined ? {} : { resumesAs: document.resumesAs }),
  ...(document.activatedAt === undefined ? {} : { activatedAt: document.activatedAt }),
  ...(document.pausedBecause === undefined ? {} : { pausedBecause: document.pausedBecause }),
});

const LEDGER_NAMES = { xero: 'Xero', quickbooks: 'QuickBooks', memory: 'the ledger' } as const;
export const ledgerNameOf = ({ provider }: Pick<ConnectionDocument, 'provider'>): string => LEDGER_NAMES[provider];
