// What needs a person, in plain words, and what a person may answer. Every answer only changes the memory of the pair and asks for a new
// look: there is no special way to write.
import { BridgeError } from '../../core/errors';
import type { Store } from '../../store/port';
import { links } from '../collections';
import { findConnection, mappingOf, policyChoicesOf } from '../connection/connection-documents';
import { EMPTY_BASE, type Link } from '../links/link';
import { openLinkStore, readLink } from '../links/link-documents';
import { mapVersionOf } from '../run/bridge';
import { clear, withoutHints } from '../run/rows';
import type {
  Actor,
  ConnectionRef,
  ProblemCounts,
  ProblemState,
  ProblemsService,
  SyncDependencies,
  Take,
} from '../service';
import { refusal, storeAnswers, withChoice } from './answering';
import { createChooseMany } from './choose-many';
import { shownAsOf, viewOfProblem } from './problem-view';

const STATES: readonly ProblemState[] = ['conflict', 'blocked', 'waiting'];

export const createProblems = (dependencies: SyncDependencies): ProblemsService => {
  const { store } = dependencies;
  return {
    list: async (ref, query = {}) => {
      const choices = policyChoicesOf(await findConnection(store, ref));
      const page = await store.forTenant(ref.tenantId).find(links, {
        where: { connectionId: ref.connectionId, state: query.state ?? { in: STATES } },
        limit: query.limit ?? 50,
        ...(query.after === undefined ? {} : { after: query.after }),
      });
      return {
        items: page.items.map((document) => viewOfProblem(readLink(document), choices)),
        ...(page.next ? { next: page.next } : {}),
      };
    },
    get: async (ref, problemId) => {
      const connection = await findConnection(store, ref);
      const link = await findProblem(store, ref, problemId);
      const billing = dependencies.openBilling(ref.tenantId, connection.paymentUnit);
      const isAsked = (link.problem?.differences ?? []).length > 0;
      const edits =
        isAsked && link.localId !== undefined ? await billing.lastEdits(link.kind, link.localId) : undefined;
      return viewOfProblem(link, policyChoicesOf(connection), edits);
    },
    counts: (ref) => countProblems(store, ref),
    retry: (ref, problemId, actor) =>
      answer(dependencies, ref, problemId, actor, 'retried', (link) => {
        const { problem } = link;
        if (problem === undefined) return link;
        const { standsWhile: _standsWhile, ...rest } = problem;
        return { ...withoutHints(link), problem: rest };
      }),
    choose: async (ref, { problemId, take, shown, shownAs, actor }) => {
      const connection = await findConnection(store, ref);
      const mapVersion = mapVersionOf(mappingOf(connection));
      await answer(dependencies, ref, problemId, actor, choiceWords(take), (link) => {
        if (shownAs !== undefined && shownAs !== shownAsOf(link)) {
          throw new BridgeError('BB_STORE_STALE', { kind: 'problem' });
        }
        return withChoice(link, mapVersion, take, shown);
      });
    },
    chooseMany: createChooseMany(dependencies),
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
      if (asked.localId !== undefined && asked.externalId !== undefined) {
        throw refusal('It is linked already.', 'Unlink it first, or merge the two customers in billing.');
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

const choiceWords = (take: Take | Readonly<Record<string, Take>>): string => {
  if (typeof take !== 'string') return 'chose field by field';
  return `took ${take === 'billing' ? "billing's" : "the ledger's"} value`;
};

const findProblem = async (store: Store, ref: ConnectionRef, problemId: string): Promise<Link> => {
  await findConnection(store, ref);
  const link = await openLinkStore(store, ref.tenantId, ref.connectionId).get(problemId);
  if (link === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'problem', id: problemId });
  return link;
};

const answer = async (
  dependencies: SyncDependencies,
  ref: ConnectionRef,
  problemId: string,
  actor: Actor,
  what: string,
  change: (link: Link) => Link,
): Promise<void> => {
  const before = await findProblem(dependencies.store, ref, problemId);
  const [saved] = await storeAnswers(dependencies, ref, actor, [{ before, after: change(before), what }]);
  if (saved === undefined) throw new BridgeError('BB_STORE_STALE', { kind: 'problem' });
  await dependencies.nudge(ref.connectionId, 'answered');
};

const refuseOpenIntent = (): never => {
  throw refusal('A write of this record is still under way.', 'Wait a minute, then try again.');
};
