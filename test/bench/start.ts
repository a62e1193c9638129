// How soon the built program is ready after its start, and how much memory it then holds: on an empty data folder, and on one that has
// been used. Read from the system where it tells (Linux), else skipped by name.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectRoot } from '../../config/paths';
import { type Bench, type Figure, under } from './figure';

const LIMIT_S = 2;
const LIMIT_MB = 200;
const STARTS = 3;

export const start: Bench = {
  name: 'start',
  run: async (tell) => {
    const program = path.join(projectRoot, 'dist', 'src', 'main.js');
    const folder = mkdtempSync(path.join(tmpdir(), 'billbridge-start-'));
    const seconds: number[] = [];
    const megabytes: number[] = [];
    try {
      for (let round = 1; round <= STARTS; round++) {
        tell(`start ${round} of ${STARTS}`);
        const seen = await startOnce(program, folder);
        seconds.push(seen.seconds);
        if (seen.megabytes !== undefined) megabytes.push(seen.megabytes);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const memory: Figure =
      megabytes.length === 0
        ? { what: 'start: memory when ready', skipped: 'this system does not tell it' }
        : under({ what: 'start: memory when ready', value: Math.max(...megabytes), unit: 'MB' }, LIMIT_MB);
    return [
      under({ what: 'start: until ready, slowest of 3', value: Math.max(...seconds), unit: 's', decimals: 2 }, LIMIT_S),
      memory,
    ];
  },
};

const startOnce = async (program: string, folder: string): Promise<{ seconds: number; megabytes?: number }> => {
  const port = await sparePort();
  const started = performance.now();
  const child = spawn(process.execPath, [program], {
    env: { PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'warn', NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await ready(`http://127.0.0.1:${port}/readyz`, child);
    const seconds = (performance.now() - started) / 1_000;
    const megabytes = residentOf(child.pid);
    return { seconds, ...(megabytes === undefined ? {} : { megabytes }) };
  } finally {
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
  }
};

const ready = async (url: string, child: ChildProcess): Promise<void> => {
  const until = performance.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode} while starting`);
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0, // not listening yet
    );
    if (status === 200) return;
    if (performance.now() > until) throw new Error(`${url} did not answer 200 within 30 s (last: ${status})`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const residentOf = (pid: number | undefined): number | undefined => {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1_024;
};

const sparePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
