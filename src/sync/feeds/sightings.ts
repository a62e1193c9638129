// Ledger records as last seen that have no partner at rest: what the first import found, what matching looks through, and what spares
// reading 5,000 documents one by one. Gone as soon as the pair is at rest.
import type { Session, Store } from '../../store/port';
import { findAll } from '../../store/port';
import { type SightingDocument, sightings } from '../collections';
import { remapped } from '../mapping/remap';
import type { ExternalRecord, Mapping } from '../ports/ledger-port';
import type { RecordKind } from '../records';

export type SightingStore = {
  /** Which of these are new or look different from what is stored. */
  news(records: readonly ExternalRecord[]): Promise<readonly ExternalRecord[]>;
  /** Stores what is new or changed; says which those are. */
  note(records: readonly ExternalRecord[]): Promise<readonly ExternalRecord[]>;
  get(kind: RecordKind, ids: readonly string[]): Promise<ReadonlyMap<string, ExternalRecord>>;
  all(kind: RecordKind): AsyncIterable<ExternalRecord>;
  forget(kind: RecordKind, ids: readonly string[]): Promise<void>;
  count(kind: RecordKind): Promise<number>;
};

const CHUNK = 300;

export const openSightingStore = (
  store: Store,
  tenantId: string,
  connectionId: string,
  mapping: Mapping | undefined,
): SightingStore => {
  const read = ({ memory }: SightingDocument): ExternalRecord =>
    remapped(JSON.parse(memory) as ExternalRecord, mapping);
  const session = store.forTenant(tenantId);
  const find = async (
    inside: Session,
    kind: RecordKind,
    ids: readonly string[],
  ): Promise<readonly SightingDocument[]> =>
    ids.length === 0
      ? []
      : (await inside.find(sightings, { where: { connectionId, kind, externalId: { in: ids } }, limit: 1000 })).items;
  return {
    news: async (records) => {
      const news: ExternalRecord[] = [];
      for (let from = 0; from < records.length; from += CHUNK) {
        const part = records.slice(from, from + CHUNK);
        for (const kind of new Set(part.map((record) => record.kind))) {
          const ofKind = part.filter((record) => record.kind === kind);
          const ids = ofKind.map(({ externalId }) => externalId);
          const known = new Map((await find(session, kind, ids)).map(({ externalId, memory }) => [externalId, memory]));
          news.push(...ofKind.filter((record) => known.get(record.externalId) !== JSON.stringify(record)));
        }
      }
      return news;
    },
    note: async (records) => {
      const news: ExternalRecord[] = [];
      for (let from = 0; from < records.length; from += CHUNK) {
        const part = records.slice(from, from + CHUNK);
        const changed = await store.transaction(async (scopes) => {
          const inside = scopes.forTenant(tenantId);
          const fresh: ExternalRecord[] = [];
          for (const kind of new Set(part.map((record) => record.kind))) {
            const ofKind = part.filter((record) => record.kind === kind);
            const known = new Map(
              (
                await find(
                  inside,
                  kind,
                  ofKind.map((record) => record.externalId),
                )
              ).map((found) => [found.externalId, found]),
            );
            for (const record of ofKind) {
              const before = known.get(record.externalId);
              const memory = JSON.stringify(record);
              if (before?.memory === memory) continue;
              const id = `${connectionId}:${kind}:${record.externalId}`;
              const fields = { connectionId, kind, externalId: record.externalId, version: record.version, memory };
              const stored =
                before === undefined
                  ? await inside.insert(sightings, { id, ...fields })
                  : await inside.update(sightings, { ...before, ...fields });
              known.set(record.externalId, stored);
              fresh.push(record);
            }
          }
          return fresh;
        });
        news.push(...changed);
      }
      return news;
    },
    get: async (kind, ids) => {
      const found = new Map<string, ExternalRecord>();
      for (let from = 0; from < ids.length; from += CHUNK) {
        for (const document of await find(session, kind, ids.slice(from, from + CHUNK))) {
          found.set(document.externalId, read(document));
        }
      }
      return found;
    },
    all: async function* (kind) {
      for await (const document of findAll(session, sightings, { where: { connectionId, kind } })) yield read(document);
    },
    forget: async (kind, ids) => {
      for (let from = 0; from < ids.length; from += CHUNK) {
        await store.transaction(async (scopes) => {
          const inside = scopes.forTenant(tenantId);
          for (const found of await find(inside, kind, ids.slice(from, from + CHUNK))) {
            await inside.remove(sightings, found.id);
          }
        });
      }
    },
    count: (kind) => session.count(sightings, { where: { connectionId, kind } }),
  };
};
