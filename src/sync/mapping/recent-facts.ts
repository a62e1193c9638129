// The ledger's facts (its settings; its accounts, tax codes and items) are asked for at every turn of a first connection and at the start
// of every run that writes. They hardly change, and what was locked or archived a moment ago the ledger refuses by itself: so the last answer
// is taken for a while, unless a refused write shows that it is old, or a person has just done something about them and waits.
import type { Clock } from '../../core/clock';
import type { LedgerPort } from '../ports/ledger-port';
import type { OpenableConnection } from '../service';

/** Lock dates and currencies. */
const SETTINGS_ARE_RECENT_MS = 3_600_000;
const LISTS_ARE_RECENT_MS = 12 * 3_600_000;

type OpenLedger = (connection: OpenableConnection) => LedgerPort;

/** Remembers per connection and process; a port that has not read its facts in this process always does. */
export const withRecentFacts = (openLedger: OpenLedger, clock: Clock): OpenLedger => {
  const remembered = <T>() => {
    const read = new Map<string, { readonly value: T; readonly atMs: number }>();
    const get = async (key: string, youngerThanMs: number, ask: () => Promise<T>): Promise<T> => {
      const nowMs = clock.now().getTime();
      const last = read.get(key);
      if (last !== undefined && Math.abs(nowMs - last.atMs) < youngerThanMs) return last.value;
      const value = await ask();
      read.set(key, { value, atMs: nowMs });
      return value;
    };
    return { get, forget: (key: string) => void read.delete(key) };
  };
  const charts = remembered<Awaited<ReturnType<LedgerPort['chart']>>>();
  const organisations = remembered<Awaited<ReturnType<LedgerPort['organisation']>>>();
  return (connection) => {
    const ledger = openLedger(connection);
    const { factsYoungerThanMs } = connection;
    const key = `${connection.connectionId}\n${connection.grantId}`;
    return {
      ...ledger,
      chart: () => charts.get(key, factsYoungerThanMs ?? LISTS_ARE_RECENT_MS, () => ledger.chart()),
      organisation: () =>
        organisations.get(key, factsYoungerThanMs ?? SETTINGS_ARE_RECENT_MS, () => ledger.organisation()),
      write: async (requests, signal) => {
        const outcomes = await ledger.write(requests, signal);
        if (outcomes.some(({ result }) => result === 'refused')) {
          charts.forget(key);
          organisations.forget(key);
        }
        return outcomes;
      },
    };
  };
};
