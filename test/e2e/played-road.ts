// The demo's play as a test: the whole road once, on the built program as an operator would start it, with ears on everything secret that
// passes by, so that the program's log can be searched for it afterwards.
import { readFileSync } from 'node:fs';
import { projectRoot } from '../../config/paths';
import { QUICKBOOKS_PLAY, XERO_PLAY } from '../../demo/books';
import { plainText } from '../../demo/browser';
import { playedDay } from '../../demo/day';
import { createNarrator } from '../../demo/narrator';
import { play } from '../../demo/story';
import { startWorld, type World, type WorldOptions } from '../../demo/world';
import { watchWire } from '../support/wire-witness';

export type Played = {
  /** What was told on the way; shown where a test fails. */
  readonly told: string;
  readonly failures: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly log: string;
  /** What must not stand in the log, by what it is. */
  readonly secrets: ReadonlyMap<string, string>;
};

export const playTheRoad = async (options: Pick<WorldOptions, 'environment' | 'roles'> = {}): Promise<Played> => {
  const day = playedDay(new Date());
  const told: string[] = [];
  const say = createNarrator(
    (text) => told.push(text),
    false,
    () => performance.now(),
  );
  const secrets = new Map<string, string>();
  const wire = { xero: watchWire('xero'), quickbooks: watchWire('quickbooks') };
  const onExchange = { xero: wire.xero.onExchange, quickbooks: wire.quickbooks.onExchange };
  const world = await startWorld({ root: projectRoot, ...day, ...options, onExchange });
  const stopListening = listen(world, secrets);
  try {
    const ending = await play(world, [XERO_PLAY, QUICKBOOKS_PLAY], day.today, say);
    for (const { owner, key } of ending.parts) {
      secrets.set(owner.play.owner.password, 'a password');
      secrets.set(key, 'an API key');
    }
    for (const { html, text } of world.mailbox.mails) {
      for (const [, token = ''] of plainText(`${html ?? ''} ${text ?? ''}`).matchAll(/\/pay\/([\w-]{16,})/g))
        secrets.set(token, 'a pay token');
    }
    for (const witness of [wire.xero, wire.quickbooks]) witness.expectValid();
    return { told: told.join(''), ...ending, log: readFileSync(world.logFile, 'utf8'), secrets };
  } catch (error) {
    const log = readFileSync(world.logFile, 'utf8').split('\n').slice(-15).join('\n');
    throw new Error(`${told.join('')}\n${error instanceof Error ? error.stack : String(error)}\nIts log ends:\n${log}`);
  } finally {
    stopListening();
    await world.close();
  }
};

/** Secrets of the set-up, every token that a ledger hands out, every cookie that a browser is given. */
const listen = ({ secrets: ofSetUp, xero, quickbooks }: World, secrets: Map<string, string>): (() => void) => {
  for (const secret of ofSetUp) secrets.set(secret, 'a secret of the set-up');
  const noted =
    <Arguments extends unknown[], Answer extends object | undefined>(hand: (...args: Arguments) => Answer) =>
    (...args: Arguments): Answer => {
      const answer = hand(...args);
      for (const [name, value] of Object.entries(answer ?? {})) {
        if (/access_?token|refresh_?token/i.test(name) && typeof value === 'string') secrets.set(value, name);
      }
      return answer;
    };
  xero.grants.redeem = noted(xero.grants.redeem.bind(xero.grants));
  xero.grants.refresh = noted(xero.grants.refresh.bind(xero.grants));
  quickbooks.grants.exchange = noted(quickbooks.grants.exchange.bind(quickbooks.grants));
  quickbooks.grants.refresh = noted(quickbooks.grants.refresh.bind(quickbooks.grants));

  const plainFetch = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const response = await plainFetch(...request);
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value.length >= 16) secrets.set(value, `the cookie ${name}`);
    }
    return response;
  };
  return () => {
    globalThis.fetch = plainFetch;
  };
};

/** Which secrets stand in the log, by what they are; never themselves. */
export const secretsInLog = ({ log, secrets }: Played): readonly string[] => [
  ...new Set([...secrets].filter(([value]) => log.includes(value)).map(([, what]) => what)),
];
