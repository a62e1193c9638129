// What needs a person, in plain words, and what a person may answer. Every answer only changes the memory of the pair and asks for a new
// look: there is no special way to write.
import { toInstant } from '../core/clock';
import { BridgeError } from '../core/errors';
import type { Store } from '../store/port';
import { links, syncAudit } from './collections';
import { findConnection, mappingOf } from './connection-documents';
import { openDirtySet } from './dirty-set';
import { type Choice, EMPTY_BASE, type Link } from './link';
import { openLinkStore, readLink } from './link-documents';
import { ruleOf } from './policy';
import { mapVersionOf } from './run/bridge';
import { clear, dirtyKeyOf, withoutHints } from './run/rows';
import type {
  Actor,
  ConnectionRef,
  ProblemCounts,
  ProblemState,
  ProblemsService,
  ProblemView,
  SyncDependencies,
} from './service';

const STATES: readonly ProblemState[] = ['conflict', 'blocked', 'waiting'];

export const createProblems = (dependencies: SyncDependencies): ProblemsService => {
  const { store } = dependencies;
  return {
    list: async (ref, query = {}) => {
      await findConnection(store, ref);
      const page = await store.forTenant(ref.tenantId).find(links, {
        where: { connectionId: ref.connectionId, state: query.state ?? { in: STATES } },
        limit: query.limit ?? 50,
        ...(query.after === undefined ? {} : { after: query.after }),
      });
      return {
        items: page.items.map((document) => viewOf(readLink(document))),
        ...(page.next ? { next: page.next } : {}),
      };
    },
    get: async (ref, problemId) => viewOf(await findProblem(store, ref, problemId)),
    counts: (ref) => countProblems(store, ref),
    retry: (ref, problemId, actor) =>
      answer(dependencies, ref, problemId, actor, 'retried', (link) => {
        const { problem } = link;
        if (problem === undefined) return link;
        const { standsWhile: _standsWhile, ...rest } = problem;
        return { ...withoutHints(link), problem: rest };
      }),
    choose: async (ref, { problemId, take, shown, actor }) => {
      const connection = await findConnection(store, ref);
      const mapVersion = mapVersionOf(mappingOf(connection));
      await answer(
        dependencies,
        ref,
        problemId,
        actor,
        `took ${take === 'billing' ? "billing's" : "the ledger's"} value`,
        (link) => {
          const values = shown ?? link.problem?.differences ?? [];
          if (values.length === 0)
            throw refusal('There are no two values to choose between.', 'Retry it, or correct the record.');
          const action = take === 'billing' ? 'takeBilling' : 'takeLedger';
          if (!actionsOf(link).includes(action)) {
            throw refusal(
              'No write can carry that choice.',
              'Cancel it on the other side too, or write a new document.',
            );
          }
          const atoms: Choice['atoms'] = Object.fromEntries(
            values.map(({ atom, local, external }) => [atom, { local, external, take }]),
          );
          return { ...withoutHints(link), choice: { mapVersion, atoms } };
        },
      );
    },
    unlink: (ref, problemId, actor) =>
      answer(dependencies, ref, problemId, actor, 'unlinked', (link) => ({
        ...withoutHints(clear(link, 'problem', 'choice', 'waitsFor', 'intent', 'lease')),
        ...(link.intent ? refuseOpenIntent() : {}),
        state: 'retired',
        retiredBecause: 'unlinked',
      })),
    link: async (ref, { problemId, candidateId, actor }) => {
      const asked = await findProblem(store, ref, problemId);
      if (!(asked.problem?.candidates ?? []).some(({ id }) => id === candidateId)) {
        throw new BridgeError('BB_NOT_FOUND', { kind: 'candidate', id: candidateId });
      }
      const side = asked.localId === undefined ? 'local' : 'external';
      const store_ = openLinkStore(store, ref.tenantId, ref.connectionId);
      const other = (await store_.by(side, asked.kind, [candidateId])).get(candidateId);
      if (other?.localId !== undefined && other.externalId !== undefined) {
        throw refusal('That record is linked to another one.', 'Unlink it there first, or void the copy.');
      }
      if (other && other.id !== asked.id) await store_.remove(other);
      await answer(dependencies, ref, problemId, actor, `linked with ${candidateId}`, (link) => ({
        ...withoutHints(clear(link, 'problem', 'waitsFor')),
        ...(side === 'local' ? { localId: candidateId } : { externalId: candidateId }),
        baseLocal: EMPTY_BASE,
        baseExternal: EMPTY_BASE,
        state: 'linked',
      }));
    },
    separate: (ref, problemId, actor) =>
      answer(dependencies, ref, problemId, actor, 'kept apart', (link) => ({
        ...withoutHints(clear(link, 'problem')),
        state: 'linked',
        separateFrom: [...new Set([...link.separateFrom, ...(link.problem?.candidates ?? []).map(({ id }) => id)])],
      })),
  };
};

export const countProblems = async (store: Store, ref: ConnectionRef): Promise<ProblemCounts> => {
  const counts = { conflict: 0, blocked: 0, waiting: 0 };
  for (const state of STATES) {
    counts[state] = await store
      .forTenant(ref.tenantId)
      .count(links, { where: { connectionId: ref.connectionId, state } });
  }
  return counts;
};

const findProblem = async (store: Store, ref: ConnectionRef, problemId: string): Promise<Link> => {
  await findConnection(store, ref);
  const link = await openLinkStore(store, ref.tenantId, ref.connectionId).get(problemId);
  if (link === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'problem', id: problemId });
  return link;
};

const answer = async (
  { store, clock, ids, nudge }: SyncDependencies,
  ref: ConnectionRef,
  problemId: string,
  actor: Actor,
  what: string,
  change: (link: Link) => Link,
): Promise<void> => {
  const link = await findProblem(store, ref, problemId);
  const changed = change(link);
  const [saved] = await openLinkStore(store, ref.tenantId, ref.connectionId).saveAll(
    [changed],
    async (session, kept) => {
      if (kept[0] === undefined) return;
      await session.insert(syncAudit, {
        id: ids('aud'),
        connectionId: ref.connectionId,
        linkId: link.id,
        at: toInstant(clock.now()),
        what,
        who: actor.name,
        memory: JSON.stringify({
          kind: link.kind,
          name: link.label?.name,
          problem: link.problem ?? null,
          choice: changed.choice ?? null,
        }),
      });
    },
  );
  if (saved === undefined) throw new BridgeError('BB_STORE_STALE', { kind: 'problem' });
  const dirty = openDirtySet(store, ref.tenantId, ref.connectionId, clock);
  await dirty.add([dirtyKeyOf(saved)]);
  await nudge(ref.connectionId, 'answered');
};

const refusal = (reason: string, remedy: string): BridgeError => new BridgeError('BB_SYNC_REFUSED', { reason, remedy });

const refuseOpenIntent = (): never => {
  throw refusal('A write of this record is still under way.', 'Wait a minute, then try again.');
};

const viewOf = (link: Link): ProblemView => {
  const { problem, label } = link;
  return {
    id: link.id,
    kind: link.kind,
    state: link.state === 'conflict' || link.state === 'waiting' ? link.state : 'blocked',
    code: problem?.code ?? 'unknown',
    message: problem?.message ?? 'This record has not come to rest.',
    fix: problem?.fix ?? 'Retry it.',
    since: problem?.since ?? '',
    differences: (problem?.differences ?? []).map((difference) => ({
      ...difference,
      ...suggestionFor(link, difference.atom),
    })),
    candidates: problem?.candidates ?? [],
    actions: actionsOf(link),
    ...(problem?.raw === undefined ? {} : { raw: problem.raw }),
    ...(label && link.localId !== undefined ? { local: { ...label, id: link.localId } } : {}),
    ...(label && link.externalId !== undefined ? { external: { ...label, id: link.externalId } } : {}),
  };
};

const suggestionFor = (link: Link, atom: string): { suggestion?: 'billing' | 'ledger' } => {
  const { clash } = ruleOf(link.kind, atom, 'live');
  return clash === 'billing' || clash === 'ledger' ? { suggestion: clash } : {};
};

/** What no write can carry is not offered: nobody brings a cancelled document back to life. */
const actionsOf = (link: Link): ProblemView['actions'] => {
  const actions: ProblemView['actions'][number][] = ['retry'];
  const differences = link.problem?.differences ?? [];
  const status = differences.find(({ atom }) => atom === 'status');
  const isMoney = link.kind !== 'contact';
  if (link.state === 'conflict' && differences.length > 0) {
    if (!(isMoney && status !== undefined && status.local === 'live')) actions.push('takeBilling');
    if (!(isMoney && status !== undefined && status.external === 'live')) actions.push('takeLedger');
  }
  if (link.localId !== undefined && link.externalId !== undefined) actions.push('unlink');
  if ((link.problem?.candidates ?? []).length > 0) actions.push('link', 'separate');
  return actions;
};
