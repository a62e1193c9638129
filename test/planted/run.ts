// `npm run test:planted`: plants each fault of faults.ts in a temporary copy of the project and expects a test to fail. It never touches
// the working tree. Ends non-zero where a fault survives, where a patch no longer applies, or where the tests fail without any fault.
// `npm run test:planted -- lease money` plants only faults whose name holds one of these words.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FAULTS } from './faults';
import { type Fault, plant } from './plant';

const ROOT = path.resolve(__dirname, '..', '..');
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'data']);
const LANES = 2;

type JestReport = {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};
type Verdict = { readonly ok: boolean; readonly said: string; readonly seconds: number };

const copyProject = (): string => {
  const copy = mkdtempSync(path.join(tmpdir(), 'billbridge-planted-'));
  cpSync(ROOT, copy, { recursive: true, filter: (from) => !LEFT_OUT.has(path.relative(ROOT, from)) });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
};

const runTests = async (copy: string, files: readonly string[]): Promise<JestReport> => {
  const out = path.join(copy, 'planted-report.json');
  rmSync(out, { force: true });
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--maxWorkers=1', '--bail', '--json', `--outputFile=${out}`, '--runTestsByPath', ...files];
  const child = spawn(process.execPath, [jest, ...options], { cwd: copy, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  await new Promise((resolve) => child.on('close', resolve));
  if (!existsSync(out)) throw new Error(`jest gave no report:\n${errors.slice(-2_000)}`);
  return JSON.parse(readFileSync(out, 'utf8')) as JestReport;
};

const failuresOf = ({ testResults }: JestReport): readonly string[] =>
  testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? fullName : [])),
  );
/** A file that could not even be loaded says nothing about the rule that was broken. */
const unloadedOf = ({ testResults }: JestReport): readonly string[] =>
  testResults.flatMap(({ assertionResults, message }) => (assertionResults.length === 0 && message ? message : []));

/** File by file, so that the first one that notices ends it. */
const tryFault = async (copy: string, fault: Fault): Promise<Verdict> => {
  const startedAt = process.hrtime.bigint();
  const seconds = (): number => Number((process.hrtime.bigint() - startedAt) / 1_000_000n) / 1_000;
  const uproot = plant(copy, fault);
  try {
    for (const file of fault.tests) {
      const report = await runTests(copy, [file]);
      const [unloaded] = unloadedOf(report);
      if (unloaded) return { ok: false, said: `BROKEN PATCH: ${unloaded.slice(0, 300)}`, seconds: seconds() };
      const [failed] = failuresOf(report);
      if (failed) return { ok: true, said: `${file} "${failed}"`, seconds: seconds() };
    }
    return { ok: false, said: 'SURVIVED', seconds: seconds() };
  } finally {
    uproot();
  }
};

/** Without a fault every test passes; otherwise a failure would prove nothing. */
const tryHealthy = async (copy: string, files: readonly string[]): Promise<boolean> => {
  const report = await runTests(copy, files);
  const wrong = [...failuresOf(report), ...unloadedOf(report)];
  for (const each of wrong) console.error(`fails without any fault: ${each}`);
  return wrong.length === 0 && report.numPassedTests > 0;
};

/** Each lane has a copy of its own. */
const inLanes = async <T>(items: readonly T[], work: (copy: string, item: T) => Promise<void>): Promise<void> => {
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      const copy = copyProject();
      try {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(copy, item);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    }),
  );
};

const main = async (words: readonly string[]): Promise<number> => {
  const faults = FAULTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (faults.length === 0) throw new Error(`no fault is called like ${words.join(' or ')}`);
  const files = [...new Set(faults.flatMap(({ tests }) => tests))];
  const halves = Array.from({ length: LANES }, (_, lane) => files.filter((_file, i) => i % LANES === lane));
  let isHealthy = true;
  await inLanes(
    halves.filter((half) => half.length > 0),
    async (copy, half) => {
      if (!(await tryHealthy(copy, half))) isHealthy = false;
    },
  );
  if (!isHealthy) return 1;
  console.log(`Without a fault all tests of ${files.length} files pass. Now each fault in turn:\n`);
  let survived = 0;
  await inLanes(faults, async (copy, fault) => {
    const { ok, said, seconds } = await tryFault(copy, fault);
    if (!ok) survived++;
    console.log(
      `${ok ? 'caught ' : 'MISSED '} ${seconds.toFixed(1).padStart(5)} s  ${fault.name}\n                ${said}`,
    );
  });
  console.log(`\n${faults.length} faults planted, ${faults.length - survived} caught, ${survived} survived.`);
  return survived === 0 ? 0 : 1;
};

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
