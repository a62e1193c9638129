// Random people, random faults, random kills: whatever order they come in, both books end equal or a problem says why, nothing exists
// twice, and no edit of a person is lost without a trace. A failure prints the steps it was shortened to and the command that plays them.
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { report, runSeason, seasonsOf } from './season';

const RUNS = Number(process.env.MODEL_RUNS ?? 40);
const FIXED_SEED = 20260302;
const { MODEL_SEED, MODEL_PATH } = process.env;

const replay = ({ seed, path }: { readonly seed: number; readonly path: string }): string =>
  `MODEL_SEED=${seed} MODEL_PATH=${path} npx jest test/model/sync/random-world -t "nobody has seen"`;

describe('a random season of two books', () => {
  const play = async (seed: number, path?: string): Promise<void> => {
    const found = await fc.check(fc.asyncProperty(seasonsOf(14), runSeason), {
      seed,
      numRuns: RUNS,
      ...(path === undefined ? {} : { path, endOnFailure: true }),
    });
    if (found.failed) throw new Error(report(found, replay));
  };

  it('ends level, without doubles and without a lost edit', async () => {
    await play(FIXED_SEED);
  }, 600_000);

  it('ends so in seasons that nobody has seen before', async () => {
    await play(MODEL_SEED === undefined ? Date.now() % 2 ** 31 : Number(MODEL_SEED), MODEL_PATH);
  }, 600_000);
});
