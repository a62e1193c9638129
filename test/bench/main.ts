// `npm run bench`: every figure beside its limit, in one table. Ends with 1 if one does not hold. Names after it run only those:
// `npm run bench -- start webhooks`.
import { createNarrator } from '../../demo/narrator';
import { backstop } from './backstop';
import { certificate } from './certificate';
import type { Bench, Figure } from './figure';
import { firstSync } from './first-sync';
import { trafficWith } from './ledger-traffic';
import { mirroring } from './mirroring';
import { payLink } from './pay-link';
import { planner } from './planner';
import { quietDay } from './quiet-day';
import { retail } from './retail';
import { start } from './start';
import { webhooks } from './webhooks';

const BENCHES: readonly Bench[] = [
  start,
  planner,
  webhooks,
  mirroring,
  backstop,
  payLink,
  trafficWith('Xero'),
  trafficWith('QuickBooks'),
  quietDay,
  certificate,
  firstSync,
  retail,
];

const main = async (): Promise<void> => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `There is no benchmark ${unknown.join(', ')}: ${BENCHES.map(({ name }) => name).join(', ')}.\n`,
    );
    process.exit(1);
  }
  const say = createNarrator(
    (text) => process.stdout.write(text),
    process.stdout.isTTY === true,
    () => performance.now(),
  );
  const figures: Figure[] = [];
  for (const bench of BENCHES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    say.scene(bench.name);
    try {
      figures.push(...(await bench.run((text) => say.progress(text))));
    } catch (error) {
      say.done();
      say.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
      figures.push({ what: bench.name, measured: 'stopped with an error', limit: 'ends', holds: false });
    }
    say.done();
  }
  say.table(['figure', 'measured', 'limit', ''], figures.map(row));
  const missed = figures.filter((figure) => 'holds' in figure && !figure.holds).length;
  const skipped = figures.filter((figure) => 'skipped' in figure).length;
  say.line(`${figures.length - missed - skipped} passed, ${missed} failed, ${skipped} skipped`);
  process.exit(missed === 0 ? 0 : 1);
};

const row = (figure: Figure): readonly string[] =>
  'skipped' in figure
    ? [figure.what, '–', figure.skipped, 'skipped']
    : [figure.what, figure.measured, figure.limit, figure.holds ? 'pass' : 'FAIL'];

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
