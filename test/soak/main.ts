// `npm run test:soak -- --runs N [--seed S]`: random seasons of two books by the thousand, outside the ordinary suite. Prints how far it is,
// and of each finding the invariant, the steps it was shortened to and the command that plays them again. Ends non-zero on a finding.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { report, runSeason, seasonsOf } from '../model/sync/season';
import type { Season } from '../model/sync/steps';

/** Each lot has a seed of its own, so that one finding does not end the night. */
const LOT = 250;
const STEPS = 40;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    path: { type: 'string' },
    play: { type: 'string' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const wholeNumber = (name: string, text: string): number => {
  const found = Number(text);
  if (Number.isSafeInteger(found) && found >= 0) return found;
  throw new Error(`--${name} wants a whole number, and got "${text}".`);
};

const main = async (): Promise<number> => {
  if (values.play !== undefined) {
    await runSeason(JSON.parse(values.play) as Season);
    say('This season ends level.');
    return 0;
  }
  const runs = wholeNumber('runs', values.runs);
  const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('seed', values.seed);
  const startedAt = performance.now();
  let played = 0;
  let findings = 0;
  for (let lot = 0; played < runs; lot++) {
    const seed = (first + lot) % 2 ** 31;
    const size = Math.min(LOT, runs - played);
    let inLot = 0;
    const season = async (one: Season): Promise<void> => {
      await runSeason(one);
      if (++inLot % 50 === 0) say(`  ${played + inLot} of ${runs} seasons played`);
    };
    const found = await fc.check(fc.asyncProperty(seasonsOf(STEPS), season), {
      seed,
      numRuns: size,
      ...(values.path === undefined ? {} : { path: values.path, endOnFailure: true }),
    });
    played += found.failed ? found.numRuns : size;
    const perSecond = played / ((performance.now() - startedAt) / 1_000);
    if (found.failed) {
      findings++;
      say(report(found, ({ seed: s, path }) => `npm run test:soak -- --seed ${s} --path ${path}`));
    }
    say(`${played} of ${runs} seasons, ${perSecond.toFixed(1)} a second, seed ${seed}, ${findings} findings`);
    if (values.path !== undefined) break;
  }
  say(findings === 0 ? `Nothing found in ${played} seasons from seed ${first} on.` : `${findings} findings.`);
  return findings === 0 ? 0 : 1;
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
