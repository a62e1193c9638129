// The program: reads settings, composes, runs one role, and ends in order when it is told to.
import { readSettings, SettingsError } from '../config/settings';
import { compose } from './compose';
import { systemClock } from './core/clock';
import { createLogger } from './core/logger';
import { FolderInUseError } from './store/sqlite/folder-lock';

const main = async (): Promise<void> => {
  const settings = readSettings(process.env);
  const clock = systemClock(settings.clockOffsetMs);
  const logger = createLogger(
    {
      level: settings.logLevel,
      now: clock.now,
      write: (line) => process.stdout.write(`${line}\n`),
      secrets: settings.secrets,
    },
    { pid: process.pid },
  );
  const house = await compose({ settings, clock, logger });
  const stops: (() => Promise<void>)[] = [];
  if (settings.role !== 'worker') stops.push(await listen(house.web(), settings.port, settings.host));
  if (settings.role !== 'web') await house.startJobs();
  logger.info('ready', { url: settings.publicUrl, role: settings.role, startedInMs: Math.round(performance.now()) });
  if (process.stdout.isTTY) process.stdout.write(`BillBridge is open at ${settings.publicUrl}\n`);

  let isEnding = false;
  const end = async (signal: string): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    logger.info('ending', { signal });
    for (const stop of stops) await stop();
    await house.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal));
};

type Listening = { listen(port: number, host: string): import('node:http').Server };

const listen = (app: Listening, port: number, host: string): Promise<() => Promise<void>> =>
  new Promise((resolve, reject) => {
    const server = app.listen(port, host);
    server.once('error', reject);
    server.once('listening', () =>
      resolve(
        () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeIdleConnections();
          }),
      ),
    );
  });

main().catch((error: unknown) => {
  // What an operator can mend is said in a sentence; anything else keeps its stack.
  const isPlain =
    error instanceof SettingsError ||
    error instanceof FolderInUseError ||
    (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE');
  process.stderr.write(`${error instanceof Error ? (isPlain ? error.message : error.stack) : String(error)}\n`);
  process.exit(1);
});
