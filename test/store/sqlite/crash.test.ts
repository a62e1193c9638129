// What a killed process leaves behind: everything it said was committed, no half of a transaction, and no lock.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findAll } from '../../../src/store/port';
import { FolderInUseError } from '../../../src/store/sqlite/folder-lock';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store';
import { type Line, lines } from '../../support/store-child';

const SCRIPT = path.join(__dirname, '..', '..', 'support', 'store-child.ts');

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'billbridge-crash-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const start = (mode: 'write' | 'hold'): ChildProcess => {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', SCRIPT, folder, mode], { stdio: 'pipe' });
  children.push(child);
  return child;
};

/** Kills the child without warning as soon as it has said so many lines; returns everything it said. */
const killAfter = async (child: ChildProcess, count: number): Promise<string[]> => {
  const said: string[] = [];
  let trouble = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    trouble += chunk.toString();
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    said.push(line);
    if (said.length === count) child.kill('SIGKILL');
  }
  if (said.length < count) throw new Error(`the child ended early: ${trouble}`);
  return said;
};

const open = () => openSqliteStore({ folder, collections: [lines] });

describe('a killed process', () => {
  it('has lost nothing that it committed and has left nothing half done, again and again', async () => {
    const said: string[] = [];
    for (const count of [20, 75, 150]) {
      said.push(...(await killAfter(start('write'), count)));
      const store = await open();
      const stored = new Map<string, Line>();
      for await (const line of findAll(store.system, lines, {})) stored.set(line.id, line);
      for (const line of said) {
        const [what, pair] = line.split(' ');
        if (what === 'pair') expect([stored.has(`${pair}-a`), stored.has(`${pair}-b`)]).toEqual([true, true]);
        if (what === 'single') expect(stored.has(`${pair}-single`)).toBe(true);
      }
      for (const { id, pair } of stored.values()) {
        if (pair >= 0) expect(stored.has(id.endsWith('a') ? `${pair}-b` : `${pair}-a`)).toBe(true);
      }
      expect(await store.system.count(lines, { where: { pair: -1 } })).toBeGreaterThanOrEqual(
        said.filter((line) => line.startsWith('single')).length,
      );
      await store.close();
    }
  });
});

describe('a data folder', () => {
  it('is refused while another process has it open, and free as soon as that one is killed', async () => {
    const child = start('hold');
    const [first] = (await once(child.stdout!, 'data')) as [Buffer];
    expect(first.toString()).toBe('open\n');
    await expect(open()).rejects.toThrow(
      `The data folder ${folder} is in use by another BillBridge (process ${child.pid}). ` +
        'Stop that one, or give this one another DATA_DIR.',
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await open();
    await store.system.insert(lines, { id: 'a', pair: 0, text: '' });
    await store.close();
  });

  it('is refused a second time within one process, and free once the store is closed', async () => {
    const store = await open();
    await expect(open()).rejects.toThrow(FolderInUseError);
    await store.system.insert(lines, { id: 'a', pair: 0, text: '' }); // the refusal has not hurt the holder
    await expect(open()).rejects.toThrow(FolderInUseError);
    const other = start('hold');
    const [trouble] = (await once(other.stderr!, 'data')) as [Buffer];
    expect(trouble.toString()).toContain('FolderInUseError');
    await store.close();
    await (await open()).close();
  });
});
