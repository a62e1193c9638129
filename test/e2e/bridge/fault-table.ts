// The table of faults in docs/: what was switched on, what it cost in calls, what a person had to do. `FAULT_TABLE=write` writes it from
// the run; every other run only holds it to the list of faults.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LedgerName } from './world';

export type FaultRow = {
  readonly name: string;
  readonly what: string;
  /** Calls to the ledger's API while new records were pushed, and while a bookkeeper's edits were pulled. */
  readonly pushCalls: number;
  readonly pullCalls: number;
  readonly consents: number;
  readonly retried: number;
};

const FILE = path.join(__dirname, '..', '..', '..', 'docs', 'faults.md');
const mark = (ledger: LedgerName, end: 'begin' | 'end'): string => `<!-- ${ledger} ${end} -->`;

const sectionOf = (text: string, ledger: LedgerName): readonly [from: number, to: number] => [
  text.indexOf(mark(ledger, 'begin')) + mark(ledger, 'begin').length,
  text.indexOf(mark(ledger, 'end')),
];

export const faultsInTable = (ledger: LedgerName): readonly string[] => {
  const text = readFileSync(FILE, 'utf8');
  return [...text.slice(...sectionOf(text, ledger)).matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name ?? '');
};

export const writeTable = (ledger: LedgerName, rows: readonly FaultRow[]): void => {
  if (process.env.FAULT_TABLE !== 'write') return;
  const text = readFileSync(FILE, 'utf8');
  const [from, to] = sectionOf(text, ledger);
  const lines = [
    '| Fault | What the ledger does | Calls, push | Calls, pull | What a person did | In the end |',
    '|---|---|---:|---:|---|---|',
    ...rows.map(rowOf),
  ];
  writeFileSync(FILE, `${text.slice(0, from)}\n${lines.join('\n')}\n${text.slice(to)}`);
};

const rowOf = ({ name, what, pushCalls, pullCalls, consents, retried }: FaultRow): string => {
  const byHand = [
    ...(consents > 0 ? ['connected again'] : []),
    ...(retried > 0 ? [`pressed retry on ${retried} ${retried === 1 ? 'record' : 'records'}`] : []),
  ];
  const cells = [`\`${name}\``, what.replaceAll('|', '\\|'), pushCalls, pullCalls, byHand.join(', ') || 'nothing'];
  return `| ${cells.join(' | ')} | equal, nothing twice |`;
};
