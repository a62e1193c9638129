const fs = require('node:fs');
const os = require('node:os');

/**
 * Stores of tests flush to disk on every commit, and a disk that all of them share makes them wait for one another. Nobody pulls the plug
 * of a test machine: where there is a memory disk with room, temporary files go there.
 */
const MEMORY_DISK = '/dev/shm';
const WANTED_BYTES = 2 ** 31;
const hasRoom = () => {
  try {
    const { bavail, bsize } = fs.statfsSync(MEMORY_DISK);
    return bavail * bsize >= WANTED_BYTES;
  } catch {
    return false;
  }
};
if (process.env.TMPDIR === undefined && hasRoom()) process.env.TMPDIR = MEMORY_DISK;

/** Jest runs TypeScript through swc; types are checked by `npm run typecheck`, not here. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  testSequencer: '<rootDir>/test/support/longest-first.js',
  testTimeout: 120_000,
  // One more than there are cores: some suites mostly wait, for a lease to end or a process to start.
  maxWorkers: os.availableParallelism() + 1,
};
