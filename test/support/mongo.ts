// Finds a MongoDB server for tests: MONGODB_URI; else the compatible server whose script stands beside the checkout; else
// the download of mongodb-memory-server. Where none can be had, the leg is skipped by name, or fails with REQUIRE_MONGO=1.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { createConnection } from 'mongoose';
import { projectRoot } from '../../config/paths';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store';
import type { Collection, Store } from '../../src/store/port';

export type MongoServer = { readonly uri: string; close(): Promise<void> };
type Source =
  | { readonly kind: 'running'; readonly uri: string }
  | { readonly kind: 'downloaded' }
  | { readonly kind: 'none'; readonly reason: string };

export const findMongo = async (): Promise<MongoServer | { readonly skip: string }> => {
  const source = findSource();
  switch (source.kind) {
    case 'running':
      return { uri: source.uri, close: async () => undefined };
    case 'none':
      return { skip: source.reason };
    case 'downloaded':
      return startDownloaded();
  }
};

/** A `describe` for tests that need MongoDB; `uri` answers inside of tests and hooks. */
export const describeWithMongo = (name: string, body: (uri: () => string) => void): void => {
  const source = findSource();
  let server: MongoServer | undefined;
  const uri = (): string => {
    if (server === undefined) throw new Error('the MongoDB server is there in tests and hooks only');
    return server.uri;
  };
  if (source.kind === 'none') {
    if (process.env.REQUIRE_MONGO === '1') throw new Error(`${name}: no MongoDB (${source.reason})`);
    process.stderr.write(`\n${'*'.repeat(80)}\nSKIPPED, no MongoDB: ${name}\n${source.reason}\n${'*'.repeat(80)}\n`);
    describe.skip(name, () => body(uri));
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      const found = await findMongo();
      if ('skip' in found) throw new Error(found.skip);
      server = found;
    }, 120_000);
    afterAll(() => server?.close());
    body(uri);
  });
};

/** A database name that nobody else uses. */
export const randomDatabase = (): string => `billbridge_test_${randomBytes(8).toString('hex')}`;

export const dropDatabase = async (uri: string, database: string): Promise<void> => {
  const connection = await createConnection(uri, { dbName: database }).asPromise();
  try {
    await connection.dropDatabase();
  } finally {
    await connection.close();
  }
};

/** A store in a database of its own, dropped by `close`. */
export const openMongoTestStore = async (
  uri: string,
  collections: readonly Collection[],
): Promise<{ store: Store; close(): Promise<void> }> => {
  const database = randomDatabase();
  const store = await openMongoStore({ uri, database, collections });
  return {
    store,
    close: async () => {
      await store.close();
      await dropDatabase(uri, database);
    },
  };
};

let source: Source | undefined;
const findSource = (): Source => {
  source ??= search();
  return source;
};

const search = (): Source => {
  const given = process.env.MONGODB_URI;
  if (given !== undefined && given !== '') return { kind: 'running', uri: given };
  const beside = startBeside();
  return 'uri' in beside ? { kind: 'running', uri: beside.uri } : download(beside.reason);
};

const START_SCRIPT = path.join(projectRoot, '..', 'shared', 'tools', 'mongo-compatible', 'start.sh');

/**
 * Idempotent and quick where it runs already; the first start takes a minute, and one worker at a time may try.
 * Without `--close` the servers that are started here would inherit the lock and hold it as long as they live.
 */
const startBeside = (): { uri: string } | { reason: string } => {
  if (!existsSync(START_SCRIPT)) return { reason: 'no MONGODB_URI is set' };
  if (process.getuid?.() !== 0)
    return { reason: 'no MONGODB_URI is set, and only root can start the compatible server' };
  const lock = path.join(tmpdir(), 'billbridge-mongo-compatible.lock');
  const started = spawnSync('flock', ['--close', lock, START_SCRIPT], { encoding: 'utf8', timeout: 300_000 });
  const uri = /^MONGODB_URI=(\S+)$/m.exec(started.stdout ?? '')?.[1];
  if (started.status === 0 && uri !== undefined) return { uri };
  return { reason: `the compatible server did not start: ${started.error?.message ?? started.stderr.trim()}` };
};

const NO_DOWNLOAD = 3;
const PROBE = `require('mongodb-memory-server-core').MongoBinary.getPath().then(
  () => process.exit(0),
  (error) => { console.error(error.message); process.exit(error.constructor.name === 'DownloadError' ? ${NO_DOWNLOAD} : 1); },
)`;

/** Any failure but that of the download itself is a fault worth seeing. */
const download = (before: string): Source => {
  const note = path.join(tmpdir(), `billbridge-mongo-download-${process.ppid}`);
  const failed = readRecent(note); // another worker of this run waited for it already
  if (failed !== undefined) return { kind: 'none', reason: failed };
  try {
    execFileSync(process.execPath, ['-e', PROBE], {
      cwd: projectRoot,
      encoding: 'utf8',
      timeout: 180_000,
      stdio: 'pipe',
    });
    return { kind: 'downloaded' };
  } catch (error) {
    const { status, stderr } = error as { status?: number; stderr?: string };
    if (status !== NO_DOWNLOAD) throw error;
    const reason = `${before}; the download of a server failed: ${stderr?.trim().split('\n')[0] ?? ''}`;
    writeFileSync(note, reason);
    return { kind: 'none', reason };
  }
};

const RECENT_MS = 10 * 60_000;
const readRecent = (file: string): string | undefined =>
  existsSync(file) && Date.now() - statSync(file).mtimeMs < RECENT_MS ? readFileSync(file, 'utf8') : undefined;

const startDownloaded = async (): Promise<MongoServer> => {
  const { MongoMemoryReplSet } = await import('mongodb-memory-server-core');
  const server = await MongoMemoryReplSet.create({ replSet: { count: 1, storageEngine: 'wiredTiger' } });
  return {
    uri: server.getUri(),
    close: async () => {
      await server.stop();
    },
  };
};
