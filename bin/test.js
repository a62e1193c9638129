// `npm test`: sets up what the tests need on a bare machine, then checks types and style and runs every test.
// Ends with one plain line: N passed, N failed, N skipped.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { root, say, run, requireNode, installPackages, installPrograms, build } = require('./setup');

requireNode();
installPackages();
installPrograms({ 'redis-server': 'redis-server', chromium: 'chromium' });
build();

const tool = (name) => path.join(root, 'node_modules', '.bin', name);
const totals = { passed: 0, failed: 0, skipped: 0 };

const check = (title, command, args) => {
  say(`\n${title} …`);
  const isRight = run(command, args) === 0;
  totals[isRight ? 'passed' : 'failed'] += 1;
  if (!isRight) say(`${title}: failed`);
};

check('Types', tool('tsc'), ['-p', 'tsconfig.json']);
check('Style', tool('biome'), ['check', '.', '--error-on-warnings']);

const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'billbridge-test-')), 'jest.json');
say('\nTests …');
const status = run(tool('jest'), ['--json', `--outputFile=${report}`, ...process.argv.slice(2)]);
if (fs.existsSync(report)) {
  const results = JSON.parse(fs.readFileSync(report, 'utf8'));
  totals.passed += results.numPassedTests;
  totals.failed += results.numFailedTests;
  totals.skipped += results.numPendingTests + results.numTodoTests;
  // A suite that could not even load has no tests to count.
  totals.failed += results.numRuntimeErrorTestSuites;
  const skipped = results.testResults
    .flatMap((suite) => suite.assertionResults)
    .filter((one) => one.status === 'pending');
  if (skipped.length > 0)
    say(
      `\nNot run on this machine:\n${[...new Set(skipped.map((one) => one.ancestorTitles[0] ?? one.title))].map((title) => `  - ${title}`).join('\n')}`,
    );
}
if (status !== 0 && totals.failed === 0) totals.failed += 1;

say(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
