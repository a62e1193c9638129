// One answer for many conflicts at once, each carrying the values that were shown for it. What has moved since is not answered: it is
// asked anew, with the values that the next run finds. Every pair is judged by itself; none holds up another.
import { BridgeError } from '../../core/errors';
import { findConnection, mappingOf } from '../connection/connection-documents';
import type { Link } from '../links/link';
import { openLinkStore } from '../links/link-documents';
import { sameValue } from '../planner/atoms';
import { shownValue } from '../planner/side-view';
import type { LocalReading } from '../ports/billing-port';
import { RECORD_KINDS } from '../records';
import { mapVersionOf } from '../run/bridge';
import { localView } from '../run/pairs';
import type { Actor, BulkAnswer, ConnectionRef, ProblemsService, SyncDependencies, Take } from '../service';
import { type Answer, storeAnswers, withChoice } from './answering';
import { ANSWERS_AT_MOST } from './answers-at-most';
import { shownAsOf } from './problem-view';

/** Stored in one transaction. */
const CHUNK = 100;

type Outcome = { -readonly [K in keyof BulkAnswer]: BulkAnswer[K] extends readonly (infer T)[] ? T[] : BulkAnswer[K] };

export const createChooseMany =
  (dependencies: SyncDependencies): ProblemsService['chooseMany'] =>
  async (ref, { answers, take, actor }) => {
    const connection = await findConnection(dependencies.store, ref);
    const asked = new Map(answers.map(({ problemId, shownAs }) => [problemId, shownAs]));
    if (asked.size === 0) throw inputInvalid('answers', 'choose at least one conflict');
    if (asked.size > ANSWERS_AT_MOST) throw inputInvalid('answers', `choose ${ANSWERS_AT_MOST} conflicts at most`);
    const outcome: Outcome = { applied: 0, askedAnew: [], refused: [] };
    const links = await readLinks(dependencies, ref, [...asked.keys()], outcome);
    const moved = await movedInBilling(dependencies, ref, connection.paymentUnit, links);
    const stillAsked: Link[] = [];
    const stale: Link[] = [];
    for (const link of links) {
      if (link.state !== 'conflict') {
        outcome.refused.push({ ...nameOf(link), reason: 'It is no conflict any more.' });
      } else if (shownAsOf(link) === asked.get(link.id) && !moved.has(link.id)) stillAsked.push(link);
      else stale.push(link);
    }
    const given = { ref, actor, take, mapVersion: mapVersionOf(mappingOf(connection)) };
    stale.push(...(await storeChoices(dependencies, given, stillAsked, outcome)));
    outcome.askedAnew.push(...stale.map(nameOf));
    await dependencies.nudge(ref.connectionId, 'answered');
    return outcome;
  };

const nameOf = ({ id, label }: Link) => ({ id, name: label?.name ?? id });

const inputInvalid = (field: string, problem: string): BridgeError =>
  new BridgeError('BB_INPUT_INVALID', { problem: `${field}: ${problem}` }, { [field]: problem });

const readLinks = async (
  { store }: SyncDependencies,
  { tenantId, connectionId }: ConnectionRef,
  problemIds: readonly string[],
  outcome: Outcome,
): Promise<readonly Link[]> => {
  const rows = openLinkStore(store, tenantId, connectionId);
  const found: Link[] = [];
  for (let from = 0; from < problemIds.length; from += CHUNK) {
    const ids = problemIds.slice(from, from + CHUNK);
    const part = await Promise.all(ids.map((id) => rows.get(id)));
    for (const [index, link] of part.entries()) {
      const id = ids[index] as string;
      if (link === undefined) outcome.refused.push({ id, name: id, reason: 'It is no conflict any more.' });
      else found.push(link);
    }
  }
  return found;
};

/** Billing is in the house and is asked at once; the ledger's values are read once more by the run that carries the answer. */
const movedInBilling = async (
  { openBilling }: SyncDependencies,
  { tenantId }: ConnectionRef,
  paymentUnit: Parameters<SyncDependencies['openBilling']>[1],
  links: readonly Link[],
): Promise<ReadonlySet<string>> => {
  const billing = openBilling(tenantId, paymentUnit);
  const moved = new Set<string>();
  for (const kind of RECORD_KINDS) {
    const ofKind = links.filter((link) => link.kind === kind && link.localId !== undefined);
    for (let from = 0; from < ofKind.length; from += CHUNK) {
      const part = ofKind.slice(from, from + CHUNK);
      const readings: ReadonlyMap<string, LocalReading> = await billing.read(
        kind,
        part.map(({ localId }) => localId as string),
      );
      for (const link of part) {
        const now = localView(readings.get(link.localId as string));
        const differences = link.problem?.differences ?? [];
        if (differences.some(({ atom, local }) => !sameValue(shownValue(now, atom), local))) moved.add(link.id);
      }
    }
  }
  return moved;
};

type Given = {
  readonly ref: ConnectionRef;
  readonly actor: Actor;
  readonly take: Take;
  readonly mapVersion: string;
};

/** Answers what can be answered; gives back what somebody moved in between. */
const storeChoices = async (
  dependencies: SyncDependencies,
  { ref, actor, take, mapVersion }: Given,
  links: readonly Link[],
  outcome: Outcome,
): Promise<readonly Link[]> => {
  const what = `took ${take === 'billing' ? "billing's" : "the ledger's"} value`;
  const answers: Answer[] = [];
  for (const link of links) {
    try {
      answers.push({ before: link, after: withChoice(link, mapVersion, take), what });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      outcome.refused.push({ ...nameOf(link), reason: error.message });
    }
  }
  const stale: Link[] = [];
  for (let from = 0; from < answers.length; from += CHUNK) {
    const part = answers.slice(from, from + CHUNK);
    const stored = await storeAnswers(dependencies, ref, actor, part);
    for (const [index, { before }] of part.entries()) {
      if (stored[index] === undefined) stale.push(before);
      else outcome.applied++;
    }
  }
  return stale;
};
