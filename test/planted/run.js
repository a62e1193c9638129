// `npm run test:planted`: plants one fault after the other in a copy of the project and sees it caught. A fault that no test catches is a
// hole in the tests. The working tree is never touched. `-- <text>` plants only those whose name holds the text.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { FAULTS } = require('./faults');

const root = path.join(__dirname, '..', '..');
const COPIED = ['config', 'demo', 'sandbox', 'src', 'test', 'package.json', 'jest.config.js', 'tsconfig.json'];
const wanted = process.argv.slice(2).join(' ');
const say = (text) => process.stdout.write(`${text}\n`);

const copyProject = () => {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'billbridge-planted-'));
  for (const name of COPIED) fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
};

/** Stops at the first failure: one is enough. */
const runTests = (copy, tests) => {
  const report = path.join(copy, 'report.json');
  fs.rmSync(report, { force: true });
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const startedAt = Date.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [jest, '--rootDir', copy, '--bail', '--json', `--outputFile=${report}`, '--runTestsByPath', ...tests],
    { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, SEED: process.env.SEED ?? '1' } },
  );
  const seconds = (Date.now() - startedAt) / 1_000;
  if (!fs.existsSync(report)) return { failed: [], passed: 0, seconds, broken: stderr || `jest ended with ${status}` };
  const { testResults } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.filter((one) => one.status === 'failed').map(({ fullName }) => fullName);
  // A suite that cannot even start proves nothing about the fault.
  const unstarted = testResults.find(
    ({ status: how, assertionResults }) => how === 'failed' && assertionResults.length === 0,
  );
  return {
    failed,
    passed: all.filter((one) => one.status === 'passed').length,
    seconds,
    ...(unstarted === undefined ? {} : { broken: unstarted.message }),
  };
};

const plant = (copy, { file, find, replace }) => {
  const place = path.join(copy, file);
  const before = fs.readFileSync(place, 'utf8');
  if (before.split(find).length !== 2) throw new Error(`${file} does not hold exactly once: ${find}`);
  fs.writeFileSync(
    place,
    before.replace(find, () => replace),
  );
  return () => fs.writeFileSync(place, before);
};

const main = () => {
  const faults = FAULTS.filter(({ name }) => name.includes(wanted));
  const copy = copyProject();
  let missed = 0;
  try {
    const tests = [...new Set(faults.flatMap((fault) => fault.tests))];
    const sound = runTests(copy, tests);
    if (sound.failed.length > 0 || sound.broken !== undefined || sound.passed === 0) {
      say(`Without any fault these fail already, so nothing can be told:\n${sound.broken ?? sound.failed.join('\n')}`);
      return 1;
    }
    say(`Without a fault ${sound.passed} tests pass (${sound.seconds.toFixed(0)} s).\n`);
    for (const [index, fault] of faults.entries()) {
      const takeOut = plant(copy, fault);
      const { failed, broken, seconds } = runTests(copy, fault.tests);
      takeOut();
      const isCaught = failed.length > 0;
      if (!isCaught) missed += 1;
      say(
        `${String(index + 1).padStart(2)} of ${faults.length}  ${isCaught ? 'caught' : 'MISSED'}  ${fault.name} (${seconds.toFixed(0)} s)`,
      );
      say(`             ${isCaught ? `by: ${failed[0]}` : (broken ?? 'every test passed').split('\n')[0]}`);
    }
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
  say(`\n${faults.length - missed} of ${faults.length} planted faults were caught.`);
  return missed === 0 ? 0 : 1;
};

process.exit(main());
