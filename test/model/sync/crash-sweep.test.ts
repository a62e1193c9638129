// A kill at every await of a short story, in turn: whatever was half done, it ends as it would have ended undisturbed. Two awaits between
// which nothing was stored, sent or acknowledged leave the same behind: of those one is tried, `CRASH_SWEEP=full` tries them all.
import { describe, expect, it } from '@jest/globals';
import { contact, invoice, payment } from '../../support/sync-world';
import { type Cast, SCENARIOS, type Scenario } from './crash-scenarios';
import { basesAreHonest } from './honesty';
import { moneyIsConserved, nothingTwice, pairsAreLevel, restIsQuiet } from './invariants';
import { mortal } from './play';
import { openStage, type Stage } from './stage';

const DAY_MS = 25 * 3_600_000;
const CASTS_AT_ONCE = 12;
const IS_FULL = process.env.CRASH_SWEEP === 'full';

describe('a kill at any await', () => {
  it.each(SCENARIOS)(
    'changes nothing but the time: $name',
    async (scenario) => {
      const stage = await openStage({ profile: scenario.profile ?? 'perInvoice', lagMs: 0 });
      try {
        const casts: Cast[] = [];
        let kills = 0;
        for (let isOver = false; !isOver; kills++) {
          if (casts.length === kills) casts.push(...(await prepare(stage, casts.length, scenario)));
          stage.world.clock.advance(DAY_MS); // else the safety stop would count sixty cancellations in one day
          isOver = !(await killOnce(stage, scenario, casts[kills] as Cast, kills));
        }
        expect(kills).toBeGreaterThan(1);
        const books = stage.books();
        await pairsAreLevel(stage.world, books);
        await basesAreHonest(stage.world, books);
        await restIsQuiet(stage.world, books);
        await moneyIsConserved(stage.world, books);
        stage.watch.report();
      } finally {
        await stage.world.close();
      }
    },
    600_000,
  );
});

/** False where the story was over before the kill. */
const killOnce = async (stage: Stage, scenario: Scenario, cast: Cast, k: number): Promise<boolean> => {
  const { kill, ledger } = stage;
  if (scenario.first) {
    scenario.first(stage, cast);
    await comeToRest(stage);
  }
  scenario.act(stage, cast);
  await hear(stage);
  if (scenario.fault) ledger().faults.write.push(scenario.fault);
  if (IS_FULL) kill.arm(k + 1);
  else kill.armAfterEffect(k);
  let wasKilled = false;
  await mortal(stage, 0, async () => {
    try {
      await (scenario.killed?.(stage, cast) ?? stage.world.run({ skipPoll: true }));
    } finally {
      wasKilled = kill.wasKilled();
    }
  });
  ledger().faults.write.length = 0;
  await scenario.again?.(stage, cast);
  // A key that was never marked is found by the night.
  if (wasKilled) await stage.world.sync.fullCompare(stage.books().ref.connectionId);
  await comeToRest(stage);
  try {
    scenario.ends(stage, cast);
    stage.watch.report();
    nothingTwice(stage.world, stage.books());
    const { counts } = stage.world.sync.problems;
    const { conflict, blocked, waiting } = await counts(stage.books().ref);
    const { problems = 0 } = scenario;
    if (problems !== 'some') expect(conflict + blocked + waiting).toBe((k + 1) * problems);
  } catch (error) {
    throw new Error(`killed at ${k}: ${(error as Error).message}`);
  }
  return wasKilled;
};

/** What webhooks would tell, told before anybody dies. */
const hear = async (stage: Stage): Promise<void> => {
  const { organisation } = stage.books();
  const { touches } = stage.ledger();
  const news = touches.slice(stage.told.get(organisation) ?? 0);
  stage.told.set(organisation, touches.length);
  await stage.world.sync.noteHints(
    news.map((touched) => ({ provider: 'memory' as const, organisationId: organisation, ...touched })),
  );
};

const comeToRest = async (stage: Stage): Promise<void> => {
  for (let runs = 0; runs < 7; runs++) {
    await hear(stage);
    stage.world.clock.advance(4 * 60_000);
    const { left } = await stage.world.run({ skipPoll: true });
    if (left === 0 && stage.told.get(stage.books().organisation) === stage.ledger().touches.length) return;
  }
  throw new Error('It does not come to rest.');
};

/** Several at once: what they share costs once. */
const prepare = async (stage: Stage, from: number, { isPaid }: Scenario): Promise<readonly Cast[]> => {
  const { billing } = stage.world;
  const made = Array.from({ length: CASTS_AT_ONCE }, (_, i) => {
    const n = from + i;
    const here = billing.user.create('contact', contact(`Customer ${n}`, { email: `c${n}@x.test` }));
    const inv = billing.user.create('invoice', invoice(`INV-${n}`, here));
    return { n, here, inv, pay: isPaid ? billing.user.create('payment', payment(here, inv, 2_000)) : '' };
  });
  await comeToRest(stage);
  const twin = (kind: 'contact' | 'invoice' | 'payment', id: string): string =>
    stage
      .ledger()
      .live(kind)
      .find(({ tag }) => tag?.startsWith(`bb:${id}:`))?.externalId ?? '';
  return made.map((one) => {
    const cast = {
      ...one,
      ...{ there: twin('contact', one.here), invThere: twin('invoice', one.inv), payThere: twin('payment', one.pay) },
    };
    expect(cast).toMatchObject({ there: expect.stringMatching(/./), invThere: expect.stringMatching(/./) });
    return cast;
  });
};
