// The ledger's chart (accounts, tax codes, items) is asked for at every turn of a first connection and at the start of every run that
// writes. It hardly changes, and what was archived a moment ago the ledger refuses by itself: within a minute the last answer is taken.
import type { Clock } from '../core/clock';
import type { LedgerChart, LedgerPort } from './ports/ledger-port';
import type { OpenableConnection } from './service';

export const CHART_IS_RECENT_MS = 60_000;

type OpenLedger = (connection: OpenableConnection) => LedgerPort;

/** Remembers per connection and process; a port that has not read its chart in this process always does. */
export const withRecentChart = (openLedger: OpenLedger, clock: Clock): OpenLedger => {
  const read = new Map<string, { readonly chart: LedgerChart; readonly atMs: number }>();
  return (connection) => {
    const ledger = openLedger(connection);
    const key = `${connection.connectionId}\n${connection.grantId}`;
    return {
      ...ledger,
      chart: async () => {
        const nowMs = clock.now().getTime();
        const last = read.get(key);
        if (last !== undefined && Math.abs(nowMs - last.atMs) < CHART_IS_RECENT_MS) return last.chart;
        const chart = await ledger.chart();
        read.set(key, { chart, atMs: nowMs });
        return chart;
      },
    };
  };
};
