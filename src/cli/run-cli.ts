// From words on the command line to a command and its answer. Knows no service; what fails is said in a sentence with its fix.
import { parseArgs } from 'node:util';
import { BridgeError } from '../core/errors';
import { backup } from './backup';
import { planSync, reconcile, runSync } from './bridge';
import type { CliParts, Command } from './command';
import { createTenant, linkTenant, listTenants } from './tenants';

export const COMMANDS: readonly Command[] = [
  createTenant,
  linkTenant,
  listTenants,
  planSync,
  runSync,
  reconcile,
  backup,
];

export type CliAnswer = { readonly code: 0 | 1 | 2; readonly out: string; readonly err: string };

/** Exit codes: 0 done, 1 refused or bad news, 2 not understood. */
export const runCli = async (args: readonly string[], parts: CliParts): Promise<CliAnswer> => {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstOption === -1 ? args : args.slice(0, firstOption);
  const rest = args.slice(words.length);
  const wantsJson = rest.includes('--json');
  if (words.length === 0 || rest.includes('--help')) return help(words);
  const found = COMMANDS.find(({ name }) => name === words.join(' '));
  if (found === undefined) return { code: 2, out: '', err: `There is no command "${words.join(' ')}".\n${helpText()}` };
  try {
    const said = await found.run(readOptions(found, rest), parts);
    const out = wantsJson ? JSON.stringify(said.json) : said.lines.join('\n');
    return { code: said.isBad ? 1 : 0, out: `${out}\n`, err: '' };
  } catch (error) {
    if (error instanceof UsageError) return { code: 2, out: '', err: `${error.message}\n${usageOf(found)}\n` };
    if (!(error instanceof BridgeError)) throw error;
    const isInput = error.code === 'BB_INPUT_INVALID';
    return {
      code: isInput ? 2 : 1,
      out: wantsJson
        ? `${JSON.stringify({ error: { code: error.code, message: error.message, fix: error.fix } })}\n`
        : '',
      err: `${error.message}\n${isInput ? usageOf(found) : error.fix}\n`,
    };
  }
};

class UsageError extends Error {}

const readOptions = (command: Command, rest: readonly string[]): Record<string, string> => {
  const strings = Object.fromEntries(Object.keys(command.options).map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args: [...rest], options: { ...strings, json: { type: 'boolean' } }, strict: true });
    const { json, ...given } = values;
    return given as Record<string, string>;
  } catch (error) {
    if (isParseError(error)) throw new UsageError(error.message.split('. ', 1)[0]);
    throw error;
  }
};

const isParseError = (error: unknown): error is Error =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

const help = (words: readonly string[]): CliAnswer => {
  const found = COMMANDS.find(({ name }) => name === words.join(' '));
  return { code: 0, out: found === undefined ? helpText() : `${found.summary}\n${usageOf(found)}\n`, err: '' };
};

const usageOf = ({ name, options, required }: Command): string => {
  const shown = Object.entries(options).map(([option, value]) =>
    required.has(option) ? `--${option} ${value}` : `[--${option} ${value}]`,
  );
  return `  billbridge ${[name, ...shown, '[--json]'].join(' ')}`;
};

const helpText = (): string =>
  ['BillBridge without a browser:', ...COMMANDS.flatMap((each) => [usageOf(each), `      ${each.summary}`]), ''].join(
    '\n',
  );
