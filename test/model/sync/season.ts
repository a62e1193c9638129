// One season from the first step to the last check, and the words for what it found: the steps it was shortened to, and one command that
// plays them again.
import type { RunDetails } from 'fast-check';
import { Finding } from './finding';
import { play } from './play';
import { stabilise } from './stabilise';
import { openStage } from './stage';
import { type Season, season } from './steps';

export const seasonsOf = season;

export const runSeason = async (one: Season): Promise<void> => {
  const stage = await openStage(one);
  try {
    for (const step of one.steps) await play(stage, step);
    await stabilise(stage);
  } finally {
    await stage.world.close();
  }
};

export const report = (
  { seed, counterexamplePath, counterexample, errorInstance, numRuns, numShrinks }: RunDetails<[Season]>,
  again: (found: { readonly seed: number; readonly path: string }) => string,
): string => {
  const [found] = counterexample ?? [];
  const steps = (found?.steps ?? []).map((step) => `  ${JSON.stringify(step)}`);
  const error = errorInstance instanceof Finding ? errorInstance.message : (errorInstance as Error | undefined)?.stack;
  return [
    `After ${numRuns} seasons (seed ${seed}), shortened ${numShrinks} times: ${error}`,
    `The season (${found?.profile}, lists ${found?.lagMs} ms late):`,
    ...steps,
    'Play it again:',
    `  ${again({ seed, path: counterexamplePath ?? '' })}`,
    'Or as it stands here:',
    `  npm run test:soak -- --play '${JSON.stringify(found)}'`,
  ].join('\n');
};
