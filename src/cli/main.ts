// `billbridge …`: reads settings, opens the house only if the command needs it, prints the answer, and ends. Logs go to stderr.
import { readSettings, SettingsError } from '../../config/settings';
import { compose, type House } from '../compose';
import { systemClock } from '../core/clock';
import { createLogger } from '../core/logger';
import { FolderInUseError } from '../store/sqlite/folder-lock';
import { runCli } from './run-cli';

const main = async (): Promise<number> => {
  const settings = readSettings(process.env);
  const clock = systemClock(settings.clockOffsetMs);
  const logger = createLogger({
    level: settings.logLevel === 'info' ? 'warn' : settings.logLevel,
    now: clock.now,
    write: (line) => process.stderr.write(`${line}\n`),
    secrets: settings.secrets,
  });
  let house: Promise<House> | undefined;
  const rooms = (): Promise<House> => {
    house ??= compose({ settings, clock, logger });
    return house;
  };
  try {
    const { code, out, err } = await runCli(process.argv.slice(2), { settings, clock, rooms });
    process.stdout.write(out);
    process.stderr.write(err);
    return code;
  } finally {
    await (await house)?.close();
  }
};

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isPlain = error instanceof SettingsError || error instanceof FolderInUseError;
    process.stderr.write(`${error instanceof Error ? (isPlain ? error.message : error.stack) : String(error)}\n`);
    process.exitCode = 1;
  },
);
