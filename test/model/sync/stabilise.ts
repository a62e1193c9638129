// The end of a season: faults are over, people do what only they can, everything runs to rest, and all invariants are checked. Twice: with
// every question still open, and once more after each was answered.
import { holds } from './finding';
import { basesAreHonest, noEditIsLost } from './honesty';
import { moneyIsConserved, nothingTwice, pairsAreLevel, restIsQuiet } from './invariants';
import { answer, countedRun, mortal, releaseStops } from './play';
import type { Stage } from './stage';

/** I1: five ranks and two. */
const RUNS_AT_MOST = 7;

export const stabilise = async (stage: Stage): Promise<void> => {
  await heal(stage);
  await settle(stage);
  await checkAll(stage);
  let rounds = 0;
  while (rounds < 6 && (await answerAll(stage, rounds)) > 0) {
    await settle(stage);
    rounds++;
  }
  if (rounds > 0) await checkAll(stage);
};

const heal = async (stage: Stage): Promise<void> => {
  const { world, kill } = stage;
  kill.disarm();
  for (const organisation of stage.everyBooks.keys()) {
    const ledger = world.ledgerOf(organisation);
    ledger.faults.write.length = 0;
    ledger.faults.read.length = 0;
    ledger.setDown(false);
    ledger.setRevoked(false);
  }
  await stage.connect(stage.books().organisation);
  world.clock.advance(5 * 60_000);
  await world.sync.fullCompare(stage.books().ref.connectionId);
};

const settle = async (stage: Stage): Promise<void> => {
  const { world } = stage;
  let runs = 0;
  for (;;) {
    const view = await countedRun(stage);
    runs++;
    stage.watch.report();
    nothingTwice(world, stage.books());
    const released = await releaseStops(stage);
    if (view.left === 0 && released === 0) return;
    holds('I1', runs <= RUNS_AT_MOST, () => `${view.left} records are still under way after ${runs} runs`);
    world.clock.advance(3 * 60_000);
  }
};

const checkAll = async (stage: Stage): Promise<void> => {
  const { world } = stage;
  const books = stage.books();
  stage.watch.report();
  nothingTwice(world, books);
  await pairsAreLevel(world, books);
  await basesAreHonest(world, books);
  await noEditIsLost(world, stage.people.diary, { books: [...stage.everyBooks.values()], undone: stage.undone });
  await restIsQuiet(world, books);
  await moneyIsConserved(world, books);
};

const answerAll = async (stage: Stage, round: number): Promise<number> => {
  const { world } = stage;
  stage.lock(null);
  const ref = stage.books().ref;
  const { items } = await world.sync.problems.list(ref, { limit: 100 });
  for (const [i, problem] of items.entries()) {
    const how = round > 3 ? 'other' : (i + round) % 2 === 0 ? 'billing' : 'ledger';
    await mortal(stage, 0, () => answer(stage, problem, how));
  }
  world.clock.advance(5 * 60_000);
  await world.sync.noteLocal(ref.tenantId);
  return items.length;
};
