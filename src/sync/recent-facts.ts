// The ledger's facts (its settings; its accounts, tax codes and items) are asked for at every turn of a first connection and at the start
// of every run that writes. They hardly change, and what was locked or archived a moment ago the ledger refuses by itself: for a quarter of an
// hour the last answer is taken, unless a person has just done something about them and waits.
import type { Clock } from '../core/clock';
import type { LedgerPort } from './ports/ledger-port';
import type { OpenableConnection } from './service';

export const FACTS_ARE_RECENT_MS = 15 * 60_000;

type OpenLedger = (connection: OpenableConnection) => LedgerPort;

/** Remembers per connection and process; a port that has not read its facts in this process always does. */
export const withRecentFacts = (openLedger: OpenLedger, clock: Clock): OpenLedger => {
  const remembered = <T>() => {
    const read = new Map<string, { readonly value: T; readonly atMs: number }>();
    return async (key: string, youngerThanMs: number, ask: () => Promise<T>): Promise<T> => {
      const nowMs = clock.now().getTime();
      const last = read.get(key);
      if (last !== undefined && Math.abs(nowMs - last.atMs) < youngerThanMs) return last.value;
      const value = await ask();
      read.set(key, { value, atMs: nowMs });
      return value;
    };
  };
  const charts = remembered<Awaited<ReturnType<LedgerPort['chart']>>>();
  const organisations = remembered<Awaited<ReturnType<LedgerPort['organisation']>>>();
  return (connection) => {
    const ledger = openLedger(connection);
    const youngerThanMs = connection.factsYoungerThanMs ?? FACTS_ARE_RECENT_MS;
    const key = `${connection.connectionId}\n${connection.grantId}`;
    return {
      ...ledger,
      chart: () => charts(key, youngerThanMs, () => ledger.chart()),
      organisation: () => organisations(key, youngerThanMs, () => ledger.organisation()),
    };
  };
};
