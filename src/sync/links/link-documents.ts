// Links as stored documents: reading them in batches by either id, and writing them only at the revision that was read, so that whoever
// lost the race (or the lease) writes nothing.
import type { JsonObject } from '../../core/json';
import { findAll, type Scopes, type Session, StaleRevisionError, type Store } from '../../store/port';
import { type LinkDocument, links } from '../collections';
import type { RecordKind } from '../records';
import type { Side } from '../service';
import { EMPTY_BASE, type Link, type LinkState } from './link';

export type LinkDraft = Omit<Link, 'revision' | 'tenantId'>;

const MOST_IN = 500;

export const readLink = (document: LinkDocument): Link => {
  const { memory, intentAt: _intentAt, ...fields } = document;
  return { ...(JSON.parse(memory) as Omit<Link, keyof LinkDocument>), ...(fields as Partial<Link>) } as Link;
};

const toDraft = (link: LinkDraft): Omit<LinkDocument, 'revision' | 'tenantId'> => {
  const { id, connectionId, kind, localId, externalId, state, waitsFor, ...memory } = link;
  const { revision: _r, tenantId: _t, ...kept } = memory as JsonObject & typeof memory;
  return {
    id,
    connectionId,
    kind,
    state,
    ...(localId === undefined ? {} : { localId }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
    ...(link.intent === undefined ? {} : { intentAt: link.intent.sentAt }),
    memory: JSON.stringify(kept),
  };
};

export const newLink = (
  fields: Pick<Link, 'id' | 'connectionId' | 'kind' | 'mapVersion'> & Partial<LinkDraft>,
): LinkDraft => ({
  state: 'linked',
  baseLocal: EMPTY_BASE,
  baseExternal: EMPTY_BASE,
  generation: 0,
  held: [],
  restores: [],
  separateFrom: [],
  ...fields,
});

export type LinkStore = {
  get(id: string): Promise<Link | undefined>;
  by(side: Side, kind: RecordKind, ids: readonly string[]): Promise<ReadonlyMap<string, Link>>;
  waitingFor(key: string): Promise<readonly Link[]>;
  withIntent(): AsyncIterable<Link>;
  ofKind(kind: RecordKind): AsyncIterable<Link>;
  inState(state: LinkState): AsyncIterable<Link>;
  /** Throws DuplicateKeyError where one of the ids has a partner already. */
  insert(link: LinkDraft): Promise<Link>;
  /** Throws StaleRevisionError where somebody else wrote since. */
  save(link: Link): Promise<Link>;
  /** All that are still as they were read, in one transaction; the others come back as undefined. `also` joins the transaction. */
  saveAll(
    changed: readonly Link[],
    also?: (session: Session, saved: readonly (Link | undefined)[]) => Promise<void>,
  ): Promise<readonly (Link | undefined)[]>;
  remove(link: Link): Promise<void>;
};

export const openLinkStore = (store: Store, tenantId: string, connectionId: string): LinkStore => {
  const session = store.forTenant(tenantId);
  const where = { connectionId };
  const all = async function* (query: Parameters<Session['find']>[1]): AsyncIterable<Link> {
    for await (const document of findAll(session, links, query)) yield readLink(document);
  };
  const saveIn = async (scopes: Scopes, link: Link): Promise<Link> =>
    readLink(await saveLinkIn(scopes.forTenant(tenantId), link));

  return {
    get: async (id) => {
      const found = await session.get(links, id);
      return found?.connectionId === connectionId ? readLink(found) : undefined;
    },
    by: async (side, kind, ids) => {
      const field = side === 'local' ? 'localId' : 'externalId';
      const found = new Map<string, Link>();
      const wanted = [...new Set(ids)];
      for (let from = 0; from < wanted.length; from += MOST_IN) {
        const part = wanted.slice(from, from + MOST_IN);
        const page = await session.find(links, { where: { ...where, kind, [field]: { in: part } }, limit: MOST_IN });
        for (const document of page.items) found.set(document[field] as string, readLink(document));
      }
      return found;
    },
    waitingFor: async (key) => {
      const waiting: Link[] = [];
      for await (const link of all({ where: { ...where, waitsFor: key } })) waiting.push(link);
      return waiting;
    },
    withIntent: () => all({ where: { ...where, intentAt: { gt: '' } } }),
    ofKind: (kind) => all({ where: { ...where, kind }, order: { index: 'byKind' } }),
    inState: (state) => all({ where: { ...where, state }, order: { index: 'byState' } }),
    insert: async (link) => readLink(await session.insert(links, toDraft(link))),
    save: async (link) => readLink(await saveLinkIn(session, link)),
    saveAll: async (changed, also) => {
      if (changed.length === 0 && also === undefined) return [];
      try {
        return await store.transaction(async (scopes) => {
          const saved: Link[] = [];
          for (const link of changed) saved.push(await saveIn(scopes, link));
          await also?.(scopes.forTenant(tenantId), saved);
          return saved;
        });
      } catch (error) {
        if (!(error instanceof StaleRevisionError)) throw error;
      }
      // Somebody moved one of them: leave that one out.
      return store.transaction(async (scopes) => {
        const inside = scopes.forTenant(tenantId);
        const saved: (Link | undefined)[] = [];
        for (const link of changed) {
          const now = await inside.get(links, link.id);
          saved.push(now?.revision === link.revision ? await saveIn(scopes, link) : undefined);
        }
        await also?.(inside, saved);
        return saved;
      });
    },
    remove: async (link) => {
      await session.remove(links, link.id, link.revision);
    },
  };
};

const saveLinkIn = (session: Session, link: Link): Promise<LinkDocument> =>
  session.update(links, { ...toDraft(link), revision: link.revision, tenantId: link.tenantId } as LinkDocument);
