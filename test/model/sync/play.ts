// Plays one step of a season and checks what has to hold at every instant. People act at once; everything else goes through the facade of
// the bridge, as pages and jobs do, and may die at any await.
import { BridgeError } from '../../../src/core/errors';
import { LedgerUnavailable } from '../../../src/sync/ports/ledger-port';
import { RECORD_KINDS } from '../../../src/sync/records';
import type { ProblemView } from '../../../src/sync/service';
import { Killed } from '../../support/kill-switch';
import { ACTOR } from '../../support/sync-world';
import { holds } from './finding';
import { basesAreHonest } from './honesty';
import { nothingTwice } from './invariants';
import { MAPPING, type Stage } from './stage';
import type { Step } from './steps';

export const play = async (stage: Stage, step: Step): Promise<void> => {
  await perform(stage, step);
  stage.watch.report();
  nothingTwice(stage.world, stage.books());
  if (REMEMBERS.has(step.do)) await basesAreHonest(stage.world, stage.books());
};

/** Steps after which the bridge may believe something new. */
const REMEMBERS: ReadonlySet<Step['do']> = new Set([
  'run',
  'twoRuns',
  'deliver',
  'answer',
  'undo',
  'remap',
  'reconnect',
]);

const perform = async (stage: Stage, step: Step): Promise<void> => {
  const { world, people, kill } = stage;
  switch (step.do) {
    case 'run': {
      const { meanwhile } = step;
      if (meanwhile && mayMeddle(stage, meanwhile.step)) kill.interrupt(meanwhile.at, () => people.act(meanwhile.step));
      return mortal(stage, step.killAt, () => countedRun(stage));
    }
    case 'twoRuns':
      return mortal(stage, 0, () => Promise.all([world.run(), world.run()]));
    case 'compare':
      return mortal(stage, 0, () => world.sync.fullCompare(stage.books().ref.connectionId));
    case 'sweep':
      return mortal(stage, 0, () => world.sync.sweep());
    case 'remap':
      return mortal(stage, 0, () => world.sync.mapping.save(stage.books().ref, { choices: MAPPING, actor: ACTOR }));
    case 'loseOutbox':
      world.billing.loseOutbox(true);
      return world.billing.loseOutbox(false);
    case 'forgetKeys':
      return stage.ledger().forgetKeys();
    case 'deliver':
    case 'loseHints':
      return hear(stage, step);
    case 'writeFault':
      return void stage.ledger().faults.write.push(step.fault);
    case 'readFault':
      return void stage.ledger().faults.read.push(step.fault);
    case 'outage':
      return step.what === 'down' ? stage.ledger().setDown(step.on) : stage.ledger().setRevoked(step.on);
    case 'wait':
      return world.clock.advance(step.seconds * 1_000);
    case 'answer':
      return mortal(stage, step.killAt, async () => {
        const { items } = await world.sync.problems.list(stage.books().ref, { limit: 100 });
        const problem = items[step.which % Math.max(1, items.length)];
        if (problem) await answer(stage, problem, step.how);
      });
    case 'undo':
      return mortal(stage, step.killAt, () => takeBack(stage, step.which));
    case 'policy':
      return mortal(stage, 0, () =>
        world.sync.policies.save(stage.books().ref, { choices: { [step.field]: step.rule }, actor: ACTOR }),
      );
    case 'release':
      return mortal(stage, 0, () => releaseStops(stage));
    case 'disconnect':
      return mortal(stage, 0, () => world.sync.connections.disconnect(stage.books().ref, ACTOR));
    case 'reconnect':
      return mortal(stage, 0, () => stage.connect(step.organisation));
    default:
      return people.act(step);
  }
};

/** Without conditional writes nobody can see what a hand does between our last look and our write: a known limit of such a ledger. */
const mayMeddle = ({ settings }: Stage, step: object): boolean =>
  settings?.hasPreconditions === true || ('side' in step && step.side === 'here');

/** A refusal in words is an answer; a dead worker is dead with all that it had begun. */
export const mortal = async (stage: Stage, killAt: number, work: () => Promise<unknown>): Promise<void> => {
  const { kill } = stage;
  if (killAt > 0) kill.arm(killAt);
  try {
    await work();
  } catch (error) {
    const isAnswer = error instanceof BridgeError || error instanceof LedgerUnavailable || error instanceof Killed;
    if (!isAnswer) throw error;
  }
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  nothingTwice(stage.world, stage.books());
  kill.disarm();
};

/** I14: what one run may ask of a ledger is bounded by the records that there are. */
export const countedRun = async (stage: Stage, options: { readonly skipPoll?: boolean } = {}) => {
  const { world, peak } = stage;
  const records = RECORD_KINDS.reduce(
    (sum, kind) => sum + world.billing.all(kind).length + stage.ledger().ids(kind).length,
    0,
  );
  const before = stage.ledger().callCount();
  const view = await world.run(options);
  const calls = stage.ledger().callCount() - before;
  const allowed = 40 + 8 * records;
  holds('I14', calls <= allowed, () => `${calls} calls in one run over ${records} records`);
  peak.runs++;
  if (calls / allowed > peak.calls / Math.max(1, peak.allowed)) Object.assign(peak, { calls, allowed });
  return view;
};

const hear = async (stage: Stage, step: Extract<Step, { do: 'deliver' | 'loseHints' }>): Promise<void> => {
  const { organisation } = stage.books();
  const { touches, port } = stage.ledger();
  const from = stage.told.get(organisation) ?? 0;
  stage.told.set(organisation, Math.min(touches.length, from + step.count));
  if (step.do === 'loseHints') return;
  const hints = touches
    .slice(from, from + step.count)
    .filter(({ kind }) => port.capabilities.webhookKinds.includes(kind))
    .map(({ kind, externalId }) => ({ provider: 'memory' as const, organisationId: organisation, kind, externalId }));
  const sent = { asTold: hints, reversed: hints.toReversed(), doubled: [...hints, ...hints] }[step.order];
  await mortal(stage, 0, async () => {
    await stage.world.sync.noteHints(sent);
    await countedRun(stage, { skipPoll: true });
  });
};

export const answer = async (
  stage: Stage,
  problem: ProblemView,
  how: 'billing' | 'ledger' | 'other',
): Promise<void> => {
  const { problems } = stage.world.sync;
  const ref = stage.books().ref;
  const { id: problemId, actions, candidates, shownAs } = problem;
  const take = how === 'ledger' ? 'takeLedger' : 'takeBilling';
  if (how !== 'other' && actions.includes(take)) {
    return problems.choose(ref, { problemId, take: how, actor: ACTOR, ...(shownAs === undefined ? {} : { shownAs }) });
  }
  const [first] = candidates;
  if (how !== 'ledger' && first && actions.includes('link')) {
    return problems.link(ref, { problemId, candidateId: first.id, actor: ACTOR });
  }
  if (actions.includes('separate')) return problems.separate(ref, problemId, ACTOR);
  if (actions.includes('retry')) return problems.retry(ref, problemId, ACTOR);
  if (actions.includes('unlink')) return problems.unlink(ref, problemId, ACTOR);
};

export const releaseStops = async (stage: Stage): Promise<number> => {
  const { stops } = stage.world.sync;
  const ref = stage.books().ref;
  const open = (await stops.list(ref)).filter(({ state }) => state === 'open');
  for (const { id: stopId, hash } of open) await stops.release(ref, { stopId, hash, actor: ACTOR });
  return open.length;
};

export const takeBack = async (stage: Stage, which: number): Promise<void> => {
  const { sync } = stage.world;
  const ref = stage.books().ref;
  const runs = (await sync.runs.list(ref, { limit: 50 })).items.filter(({ counts }) =>
    [counts.local, counts.external].some(({ created, updated, voided }) => created + updated + voided > 0),
  );
  const run = runs[which % Math.max(1, runs.length)];
  if (!run) return;
  const plan = await sync.undo.preview(ref, run.id, ACTOR);
  if (plan.able === 0) return;
  for (const { kind, localId, externalId } of (await sync.runs.rows(ref, run.id, { limit: 500 })).items) {
    stage.undone.add(`${kind}:here:${localId}`).add(`${kind}:there:${externalId}`);
  }
  await sync.undo.approve(ref, plan.id, plan.hash, ACTOR);
};
