// Takes over what the gateway paid out: each payout with its movements, once they are complete, to the business whose payments it holds.
// It posts nothing. The cursor stays where something could not be read.
import { toInstant } from '../../core/clock';
import { DuplicateKeyError, findAll, type Session, StaleRevisionError } from '../../store/port';
import { type ConnectionDocument, connections, directory } from '../collections';
import { mappingOf } from '../connection/connection-documents';
import type { Movement, PayoutReading } from '../ports/payout-source';
import { breakDown } from './break-down';
import { movementPages, type PayoutDocument, payoutCursors, payouts } from './collections';
import type { PayoutDependencies } from './service';

const DAY_MS = 24 * 60 * 60_000;
/** A payout can fail days after it was paid: younger ones are read again. */
const STILL_MOVING_MS = 35 * DAY_MS;
const PER_PAGE = 200;
/** Payouts of others on the same gateway account are looked through again after this time: a charge may be booked late. */
const LOOK_AGAIN_MS = 6 * 60 * 60_000;

/** Payouts that held nothing of ours, and when that was seen; per process, since looking again costs calls and nothing else. */
type Foreign = Map<string, number>;

export const createPull = (dependencies: PayoutDependencies): (() => Promise<{ readonly seen: number }>) => {
  const { store, clock, source } = dependencies;
  const foreign: Foreign = new Map();

  return async () => {
    if (!source.isConfigured) return { seen: 0 };
    const active = await activeConnections(dependencies);
    if (active.length === 0) return { seen: 0 };
    const cursor = await store.system.get(payoutCursors, source.name);
    const since = cursor?.since ?? firstLook(active);
    const found = await source.payouts(since);
    for (const payout of found) {
      const seenMs = foreign.get(payout.id);
      const nowMs = clock.now().getTime();
      if (seenMs !== undefined && nowMs - seenMs < LOOK_AGAIN_MS) continue;
      foreign.delete(payout.id);
      if ((await takeOver(dependencies, active, payout)) === 'foreign') foreign.set(payout.id, nowMs);
    }
    for (const id of foreign.keys()) if (!found.some((payout) => payout.id === id)) foreign.delete(id);
    const settled = toInstant(new Date(clock.now().getTime() - STILL_MOVING_MS));
    await moveCursor(dependencies, cursor, settled > since ? settled : since);
    return { seen: found.length };
  };
};

const activeConnections = async ({ store }: PayoutDependencies): Promise<readonly ConnectionDocument[]> => {
  const found: ConnectionDocument[] = [];
  for await (const { id, tenantId } of findAll(store.system, directory, { where: { state: 'active' } })) {
    const connection = await store.forTenant(tenantId).get(connections, id);
    if (connection?.state === 'active') found.push(connection);
  }
  return found;
};

/** A little before the first connection, so that a person sees where the postings begin. */
const firstLook = (active: readonly ConnectionDocument[]): string => {
  const first = Math.min(...active.map(({ activatedAt, connectedAt }) => Date.parse(activatedAt ?? connectedAt)));
  return toInstant(new Date(first - STILL_MOVING_MS));
};

const moveCursor = async (
  { store, source }: PayoutDependencies,
  cursor: { readonly id: string; readonly revision: number; readonly since: string } | undefined,
  since: string,
): Promise<void> => {
  try {
    if (cursor === undefined) await store.system.insert(payoutCursors, { id: source.name, since });
    else if (cursor.since !== since) await store.system.update(payoutCursors, { ...cursor, since });
  } catch (error) {
    // Another worker read the same and was faster.
    if (!(error instanceof DuplicateKeyError) && !(error instanceof StaleRevisionError)) throw error;
  }
};

const takeOver = async (
  dependencies: PayoutDependencies,
  active: readonly ConnectionDocument[],
  payout: PayoutReading,
): Promise<'ours' | 'foreign' | 'unfinished'> => {
  const known: PayoutDocument[] = [];
  for (const { tenantId } of active) {
    const document = await dependencies.store.forTenant(tenantId).get(payouts, payout.id);
    if (document !== undefined) known.push(document);
  }
  const isFinished = payout.isComplete || payout.state === 'failed' || payout.state === 'canceled';
  if (known.length > 0) {
    for (const document of known) await noteState(dependencies, document, payout);
    return 'ours';
  }
  // Until it is complete nothing tells whose it is.
  if (!isFinished) return 'unfinished';
  const movements = payout.isItemised ? await dependencies.source.movements(payout.id) : [];
  const owners = await ownersOf(dependencies, active, payout, movements);
  for (const owner of owners) await keep(dependencies, owner, payout, movements, owners.length > 1);
  return owners.length > 0 ? 'ours' : 'foreign';
};

/** Bank and gateway may change their mind about a payout for days. */
const noteState = async (
  { store }: PayoutDependencies,
  document: PayoutDocument,
  { state }: PayoutReading,
): Promise<void> => {
  if (document.gatewayState === state) return;
  try {
    await store.forTenant(document.tenantId).update(payouts, { ...document, gatewayState: state, isOpen: true });
  } catch (error) {
    if (!(error instanceof StaleRevisionError)) throw error; // it is told again in the next round
  }
};

type Owner = { readonly connection: ConnectionDocument; readonly own: readonly Movement[] };

/** Whose payments it holds; where it holds none, the one business that books payouts in this currency. */
const ownersOf = async (
  { charges, logger }: PayoutDependencies,
  active: readonly ConnectionDocument[],
  payout: PayoutReading,
  movements: readonly Movement[],
): Promise<readonly Owner[]> => {
  const ids = [...new Set(movements.flatMap(({ chargeId }) => chargeId ?? []))];
  const owners: Owner[] = [];
  for (const connection of active) {
    const known = new Set((await charges.charges(connection.tenantId, ids)).map(({ chargeId }) => chargeId));
    if (known.size === 0) continue;
    owners.push({ connection, own: movements.filter(({ chargeId }) => chargeId !== null && known.has(chargeId)) });
  }
  const [owner, ...others] = owners;
  if (owner !== undefined) return others.length === 0 ? [{ ...owner, own: movements }] : owners;
  const booking = active.filter((connection) => mappingOf(connection)?.payouts?.[payout.currency] !== undefined);
  const [only] = booking;
  if (only !== undefined && booking.length === 1 && ids.length === 0) return [{ connection: only, own: movements }];
  logger.info('a payout holds no payment of a pay link', { payoutId: payout.id });
  return [];
};

const keep = async (
  { store }: PayoutDependencies,
  { connection, own }: Owner,
  payout: PayoutReading,
  all: readonly Movement[],
  isShared: boolean,
): Promise<void> => {
  const isBefore = payout.createdAt < (connection.activatedAt ?? connection.connectedAt);
  const { sums } = breakDown(payout, isShared ? own : all, [], String);
  try {
    await store.transaction(async (scopes) => {
      const session = scopes.forTenant(connection.tenantId);
      await session.insert(payouts, {
        id: payout.id,
        connectionId: connection.id,
        amountMinor: payout.amountMinor,
        currency: payout.currency,
        createdAt: payout.createdAt,
        arrivesOn: payout.arrivesOn,
        gatewayState: payout.state,
        isItemised: payout.isItemised,
        isComplete: payout.isComplete,
        state: isBefore ? 'before' : 'underway',
        problems: [],
        isOpen: !isBefore,
        isShared,
        sums,
        clearingMinor: 0,
      });
      await insertMovements(session, payout.id, isShared ? own : all);
    });
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error; // another worker took it over
  }
};

const insertMovements = async (session: Session, payoutId: string, movements: readonly Movement[]): Promise<void> => {
  for (let position = 0; position * PER_PAGE < movements.length; position++) {
    await session.insert(movementPages, {
      id: `${payoutId}:${position}`,
      payoutId,
      position,
      movements: movements.slice(position * PER_PAGE, (position + 1) * PER_PAGE).map((one) => ({ ...one })),
    });
  }
};
