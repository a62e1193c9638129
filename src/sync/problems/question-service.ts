// A question about one record in a closed period, put to somebody outside through a link. Whoever holds the token may read what that record
// is and answer once; nothing else of the business can be reached with it. Only "I have opened the period" does something by itself: what
// the retry button does. A wrong, expired or revoked token costs the same look-ups and gives the same nothing.
import { createHash } from 'node:crypto';
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { randomToken } from '../../core/ids';
import { syncAudit } from '../collections';
import { findConnection, viewOfConnection } from '../connection/connection-documents';
import type { Link } from '../links/link';
import { openLinkStore } from '../links/link-documents';
import type {
  ConnectionRef,
  ProblemsService,
  QuestionAnswer,
  QuestionLinkView,
  QuestionsService,
  QuestionVerdict,
  SyncDependencies,
} from '../service';
import { refusal } from './answering';
import { customerOf } from './question-customer';
import { type QuestionLinkDocument, questionLinks, questionTokens } from './question-documents';
import { expiryOf, isAskable, isGone, type ProblemNow, stateOfQuestion, verdictsFor } from './question-rules';

/** Answered ones are kept for good; a page shows the newest. */
const SHOWN = 20;
const NOBODY = { businessId: 'ten_nobody', linkId: 'qul_none' };
const DONE: Readonly<Record<QuestionVerdict, string>> = {
  opened: 'answered by link: the period is open, try again',
  openPeriod: 'answered by link: post it in the open period',
  adjustment: 'answered by link: book the difference in the open period',
  talkFirst: 'answered by link: do not post it, talk first',
};

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const refOfLink = ({ tenantId, connectionId }: QuestionLinkDocument): ConnectionRef => ({ tenantId, connectionId });

/** What every question needs to know first. */
const openDesk = ({ store, clock }: SyncDependencies) => {
  const now = (): string => toInstant(clock.now());

  const standingOf = async (ref: ConnectionRef, problemId: string) => {
    const connection = await findConnection(store, ref);
    const pair = await openLinkStore(store, ref.tenantId, ref.connectionId).get(problemId);
    const problem: ProblemNow = { code: codeOf(pair), isConnected: connection.state !== 'disconnected' };
    return { connection, pair, problem };
  };
  const viewOf = async (link: QuestionLinkDocument): Promise<QuestionLinkView> => {
    const { problem } = await standingOf(refOfLink(link), link.problemId);
    return viewAs(link, problem, now());
  };
  const findLive = async (token: string): Promise<QuestionLinkDocument | undefined> => {
    const known = (await store.system.get(questionTokens, hashOf(token))) ?? NOBODY;
    const link = await store.forTenant(known.businessId).get(questionLinks, known.linkId);
    return link === undefined || isGone(link, now()) ? undefined : link;
  };
  return { now, standingOf, viewOf, findLive };
};

export const createQuestions = (dependencies: SyncDependencies, problems: ProblemsService): QuestionsService => {
  const { store, ids, clock } = dependencies;
  const desk = openDesk(dependencies);
  const { now, standingOf, viewOf, findLive } = desk;
  return {
    create: async (ref, { problemId, meantFor, actor }) => {
      const { pair, problem } = await standingOf(ref, problemId);
      if (pair === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'problem', id: problemId });
      if (!isAskable(problem)) throw notClosedPeriod();
      const at = clock.now();
      const token = randomToken();
      const link = await store.transaction(async (scopes) => {
        const made = await scopes.forTenant(ref.tenantId).insert(questionLinks, {
          id: ids('qul'),
          connectionId: ref.connectionId,
          problemId,
          meantFor,
          createdBy: actor.name,
          createdAt: toInstant(at),
          expiresAt: toInstant(expiryOf(at)),
        });
        await scopes.system.insert(questionTokens, { id: hashOf(token), businessId: ref.tenantId, linkId: made.id });
        return made;
      });
      return { token, link: viewAs(link, problem, now()) };
    },
    list: async (ref, problemId) => {
      const { problem } = await standingOf(ref, problemId);
      const found = await store.forTenant(ref.tenantId).find(questionLinks, {
        where: { connectionId: ref.connectionId, problemId },
        order: { index: 'byAge', direction: 'descending' },
        limit: SHOWN,
      });
      return found.items.map((link) => viewAs(link, problem, now()));
    },
    revoke: async (ref, problemId, linkId) => {
      await findConnection(store, ref);
      const session = store.forTenant(ref.tenantId);
      const link = await session.get(questionLinks, linkId);
      if (link?.connectionId !== ref.connectionId || link.problemId !== problemId) {
        throw new BridgeError('BB_NOT_FOUND', { kind: 'link', id: linkId });
      }
      if (link.revokedAt !== undefined) return viewOf(link);
      return viewOf(await session.update(questionLinks, { ...link, revokedAt: now() }));
    },
    look: async (token) => {
      const link = await findLive(token);
      return link === undefined ? undefined : seenThrough(dependencies, problems, desk, link);
    },
    answer: async (token, given) => {
      const link = await findLive(token);
      return link === undefined ? undefined : takeAnswer(dependencies, problems, desk, link, given);
    },
  };
};

type Desk = ReturnType<typeof openDesk>;

const seenThrough = async (
  { openBilling }: SyncDependencies,
  problems: ProblemsService,
  { standingOf, now }: Desk,
  link: QuestionLinkDocument,
): ReturnType<QuestionsService['look']> => {
  const { tenantId } = link;
  const { connection, pair, problem } = await standingOf(refOfLink(link), link.problemId);
  const seen = { link: viewAs(link, problem, now()), connection: viewOfConnection(connection), tenantId };
  if (pair === undefined || !isAskable(problem)) return seen;
  const customer = await customerOf(openBilling(tenantId, connection.paymentUnit), pair);
  return {
    ...seen,
    asked: {
      problem: await problems.get(refOfLink(link), link.problemId),
      verdicts: verdictsOf(pair),
      ...(customer === undefined ? {} : { customer }),
    },
  };
};

const takeAnswer = async (
  { store, ids }: SyncDependencies,
  problems: ProblemsService,
  { standingOf, viewOf, now }: Desk,
  link: QuestionLinkDocument,
  { verdict, name, comment }: QuestionAnswer,
): Promise<QuestionLinkView | undefined> => {
  const { pair, problem } = await standingOf(refOfLink(link), link.problemId);
  const before = viewAs(link, problem, now());
  if (before.state !== 'open' || pair === undefined) return before;
  if (!verdictsOf(pair).includes(verdict)) throw notOffered();
  // Tried again first: killed in between, the link is still open, and one more try changes nothing.
  if (verdict === 'opened') {
    await problems.retry(refOfLink(link), link.problemId, { id: `accountant:${link.id}`, name });
  }
  const answered = await store.transaction(async (scopes) => {
    const session = scopes.forTenant(link.tenantId);
    const current = await session.get(questionLinks, link.id);
    // Two answers at once: the first one counts. Revoked meanwhile: none does.
    if (current === undefined || current.answer !== undefined || isGone(current, now())) return current;
    const { kind, label, problem: heldUpBy = null } = pair;
    await session.insert(syncAudit, {
      id: ids('aud'),
      connectionId: link.connectionId,
      linkId: link.problemId,
      at: now(),
      what: DONE[verdict],
      who: name,
      memory: JSON.stringify({
        ...{ kind, name: label?.name, problem: heldUpBy, questionId: link.id, meantFor: link.meantFor, comment },
      }),
    });
    return session.update(questionLinks, { ...current, answer: { verdict, name, comment, at: now() } });
  });
  return answered === undefined || isGone(answered, now()) ? undefined : viewOf(answered);
};

const viewAs = (link: QuestionLinkDocument, problem: ProblemNow, at: string): QuestionLinkView => {
  const { id, problemId, meantFor, createdBy, createdAt, expiresAt, answer } = link;
  const state = stateOfQuestion(link, problem, at);
  return {
    ...{ id, problemId, meantFor, createdBy, createdAt, expiresAt, state },
    ...(answer === undefined ? {} : { answer }),
  };
};

/** A pair at rest may still carry the words of what it was held up by. */
const codeOf = (pair: Link | undefined): string | undefined =>
  pair?.state === 'blocked' ? pair.problem?.code : undefined;

const verdictsOf = ({ kind, localId, externalId }: Link): readonly QuestionVerdict[] =>
  verdictsFor({ kind, isHere: localId !== undefined, isInLedger: externalId !== undefined });

const notClosedPeriod = (): BridgeError =>
  refusal('This record is not held up by a closed period any more.', 'Open the problem as it is now.');
const notOffered = (): BridgeError =>
  new BridgeError(
    'BB_INPUT_INVALID',
    { problem: 'verdict: choose one of the answers' },
    { verdict: 'choose one of the answers' },
  );
