// The feed of webhooks: ids only, in any order and number. A hint that is lost or repeated changes nothing but the time. Whoever is
// answered may believe that his hint is stored; many that come at once are stored together, since each commit waits for the disk.
import { type Instant, toInstant } from '../../core/clock';
import type { Store } from '../../store/port';
import { claims } from '../collections';
import { amendConnection, findConnection } from '../connection/connection-documents';
import type { Link } from '../links/link';
import { type LinkStore, openLinkStore } from '../links/link-documents';
import type { ConnectionRef, HintInput, Sync, SyncDependencies } from '../service';
import { type DirtyKey, openDirtySet } from './dirty-set';

type HintDependencies = Pick<SyncDependencies, 'store' | 'clock' | 'nudge'>;

export const createHints = (dependencies: HintDependencies): Sync['noteHints'] => {
  const store = inTurns((hints: readonly HintInput[]) => storeHints(dependencies, hints));
  return async (hints) => {
    const claimed = await claimedOf(dependencies, hints);
    if (claimed.length > 0) await store(claimed);
    return { noted: claimed.length };
  };
};

const organisationOf = ({ provider, organisationId }: HintInput): string => `${provider}:${organisationId}`;

/** Organisations that nobody here connected are ignored. */
const claimedOf = async ({ store }: HintDependencies, hints: readonly HintInput[]): Promise<readonly HintInput[]> => {
  const known = new Set<string>();
  for (const id of new Set(hints.map(organisationOf))) {
    if ((await store.system.get(claims, id)) !== undefined) known.add(id);
  }
  return hints.filter((hint) => known.has(organisationOf(hint)));
};

const storeHints = async ({ store, clock, nudge }: HintDependencies, hints: readonly HintInput[]): Promise<void> => {
  for (const id of new Set(hints.map(organisationOf))) {
    const own = hints.filter((hint) => organisationOf(hint) === id);
    const claim = await store.system.get(claims, id);
    if (claim === undefined) continue;
    const dirty = openDirtySet(store, claim.tenantId, claim.connectionId, clock);
    const news = await newsAmong(openLinkStore(store, claim.tenantId, claim.connectionId), own);
    const keys: DirtyKey[] = news.map(({ kind, externalId }) => ({ kind, side: 'external', id: externalId }));
    const { gathersForMs = 0 } = await findConnection(store, claim);
    // Where calls are scarce the next look takes them with it, or the sweep when their time has come.
    if (gathersForMs > 0) await dirty.addForLater(keys, new Date(clock.now().getTime() + gathersForMs));
    else await dirty.add(keys);
    await noteHeard(store, claim, toInstant(clock.now()));
    if (gathersForMs === 0 && keys.length > 0) await nudge(claim.connectionId, 'webhook');
  }
};

/** What we write is announced to us, too: a record that came to rest in the state of that very moment, or of a later one, is no news. */
const newsAmong = async (links: LinkStore, hints: readonly HintInput[]): Promise<readonly HintInput[]> => {
  const told: HintInput[] = [];
  for (const kind of new Set(hints.map((hint) => hint.kind))) {
    const ofKind = hints.filter((hint) => hint.kind === kind);
    const known = ofKind.some(({ happenedAt }) => happenedAt !== undefined)
      ? await links.by(
          'external',
          kind,
          ofKind.map(({ externalId }) => externalId),
        )
      : new Map<string, Link>();
    for (const hint of ofKind) if (!isKnown(known.get(hint.externalId), hint.happenedAt)) told.push(hint);
  }
  return told;
};

/** Only where the ledger's versions are moments. */
const isKnown = (link: Link | undefined, happenedAt: Instant | undefined): boolean =>
  link?.state === 'linked' &&
  link.intent === undefined &&
  link.externalVersion !== undefined &&
  happenedAt !== undefined &&
  Date.parse(link.externalVersion) >= Date.parse(happenedAt);

/** That webhooks come at all is remembered to the minute. */
const HEARD_WITHIN_MS = 60_000;
const noteHeard = (store: Store, ref: ConnectionRef, at: Instant): Promise<unknown> =>
  amendConnection(store, ref, (now) => {
    const last = now.webhookHeardAt;
    const isNoted =
      last !== undefined && last > (now.webhookMissedAt ?? '') && Date.parse(at) - Date.parse(last) < HEARD_WITHIN_MS;
    return isNoted ? now : { ...now, webhookHeardAt: at };
  });

/** One call of `work` at a time; what comes meanwhile goes together into the next. Each caller learns how the call went that took his. */
const inTurns = <T>(work: (items: readonly T[]) => Promise<void>): ((items: readonly T[]) => Promise<void>) => {
  let waiting: T[] = [];
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();
  return (items) => {
    waiting.push(...items);
    next ??= last.then(() => {
      const taken = waiting;
      waiting = [];
      next = undefined;
      const turn = work(taken);
      last = turn.catch(() => undefined); // told to those who wait for it; the next turn begins all the same
      return turn;
    });
    return next;
  };
};
