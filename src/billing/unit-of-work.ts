// One command's transaction: every change of a document takes its activity entry and its outbox row with it, so that neither can be forgotten.
// Knows no rule of any document.
import { type CalendarDate, dateIn } from '../core/calendar-date';
import type { Instant } from '../core/clock';
import { BridgeError } from '../core/errors';
import type { IdSource } from '../core/ids';
import { canonicalJson, type JsonObject, type JsonValue } from '../core/json';
import type { Draft, Session } from '../store/port';
import { type Actor, activity, type Business, changes, type SubjectKind } from './documents';
import { BOOKKEEPING_FIELDS, type DocumentOf, KINDS, type Kind } from './kinds';

type Stamps = 'createdAt' | 'updatedAt' | 'updatedBy';
export type NewDocument<K extends Kind> = Omit<Draft<DocumentOf[K]>, Stamps>;
/** Everything that a command may set; the rest is kept by the unit. */
export type Changes<K extends Kind> = Partial<Omit<DocumentOf[K], 'id' | 'tenantId' | 'revision' | Stamps>>;

export type Unit = {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly business: Business;
  readonly at: Instant;
  /** The date on the wall of the business. */
  readonly today: CalendarDate;
  readonly session: Session;
  readonly ids: IdSource;
  /** Throws BB_NOT_FOUND, and BB_STORE_STALE where the revision is not the expected one. */
  load<K extends Kind>(kind: K, id: string, expectedRevision?: number): Promise<DocumentOf[K]>;
  insert<K extends Kind>(kind: K, draft: NewDocument<K>, action: string): Promise<DocumentOf[K]>;
  /** Writes nothing where `changes` change nothing. */
  update<K extends Kind>(kind: K, before: DocumentOf[K], changes: Changes<K>, action: string): Promise<DocumentOf[K]>;
  remove<K extends Kind>(kind: K, document: DocumentOf[K], action: string): Promise<void>;
};

export type UnitRequest = {
  readonly session: Session;
  readonly business: Business;
  readonly actor: Actor;
  readonly now: Date;
  readonly ids: IdSource;
};

export const openUnit = ({ session, business, actor, now, ids }: UnitRequest): Unit => {
  const at = now.toISOString();
  const log = createLog({ session, actor, at, ids });

  return {
    tenantId: business.id,
    actor,
    business,
    at,
    today: dateIn(business.timeZone, now),
    session,
    ids,

    async load(kind, id, expectedRevision) {
      const document = await loadDocument(session, kind, id);
      if (expectedRevision !== undefined && document.revision !== expectedRevision) {
        throw new BridgeError('BB_STORE_STALE', { kind: KINDS[kind].word });
      }
      return document;
    },

    async insert(kind, draft, action) {
      const stamped = { ...draft, createdAt: at, updatedAt: at, updatedBy: actor } as unknown as Draft<
        DocumentOf[typeof kind]
      >;
      const document = await session.insert(KINDS[kind].collection, stamped);
      await log.write(kind, action, {}, document);
      return document;
    },

    async update(kind, before, changes, action) {
      const changed = { ...before, ...changes };
      if (canonicalJson(changed) === canonicalJson(before)) return before;
      const document = await session.update(KINDS[kind].collection, { ...changed, updatedAt: at, updatedBy: actor });
      await log.write(kind, action, before, document);
      return document;
    },

    async remove(kind, document, action) {
      await session.remove(KINDS[kind].collection, document.id, document.revision);
      await log.write(kind, action, document, { ...document, revision: document.revision + 1 }, 'removed');
    },
  };
};

export const loadDocument = async <K extends Kind>(session: Session, kind: K, id: string): Promise<DocumentOf[K]> => {
  const { collection, word } = KINDS[kind];
  const document = isUsableId(id) ? await session.get(collection, id) : undefined;
  if (document === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: word, id: id.slice(0, 64) });
  return document;
};

/** What an address bar may bring; anything else cannot exist and is not asked for. */
const isUsableId = (id: string): boolean => /^[\w:-]{1,100}$/.test(id);

// ---- activity and outbox ----------------------------------------------------------------------------------------------------------

type LogRequest = { readonly session: Session; readonly actor: Actor; readonly at: Instant; readonly ids: IdSource };

const createLog = ({ session, actor, at, ids }: LogRequest) => ({
  async write<K extends Kind>(
    kind: K,
    action: string,
    before: object,
    after: DocumentOf[K],
    fate: 'kept' | 'removed' = 'kept',
  ): Promise<void> {
    const moved = movedFields(before, fate === 'kept' ? after : {});
    await session.insert(activity, {
      id: ids('act'),
      at,
      actor,
      subjectKind: kind,
      subjectId: after.id,
      subjectRevision: after.revision,
      subjectName: KINDS[kind].nameOf(after),
      action,
      ...moved,
    });
    await markChanged(session, {
      subjectKind: kind,
      subjectId: after.id,
      sourceKind: sourceKindOf(after),
      stamp: ids('chg'),
      at,
    });
  },
});

const sourceKindOf = (document: object): 'payment' | 'creditNote' | null =>
  'sourceKind' in document ? (document.sourceKind as 'payment' | 'creditNote') : null;

type Mark = {
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly sourceKind: 'payment' | 'creditNote' | null;
  readonly stamp: string;
  readonly at: Instant;
};

/** One row per record, so the outbox of a business that connects no ledger does not grow without end. */
const markChanged = async (session: Session, mark: Mark): Promise<void> => {
  const waiting = await session.get(changes, mark.subjectId);
  if (waiting === undefined) await session.insert(changes, { id: mark.subjectId, ...mark });
  else await session.update(changes, { ...waiting, stamp: mark.stamp, at: mark.at });
};

/** The fields that differ, as they were and as they are. */
export const movedFields = (before: object, after: object): { before: JsonMap; after: JsonMap } => {
  const was = before as JsonObject;
  const is = after as JsonObject;
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => !BOOKKEEPING_FIELDS.has(name) && canonicalJson(was[name]) !== canonicalJson(is[name]),
  );
  return { before: pick(was, names), after: pick(is, names) };
};

type JsonMap = { [name: string]: JsonValue };
const pick = (document: JsonObject, names: readonly string[]): JsonMap => {
  const picked: JsonMap = {};
  for (const name of names) {
    const value = document[name];
    if (value !== undefined) picked[name] = value as JsonValue;
  }
  return picked;
};

/** A parsed change says nothing about the fields it leaves out. */
export const withoutUndefined = <T extends object>(changes: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as never;
