// "May this invoice be chased?" Asked seconds before a reminder: the ledger's invoices are re-read by id and what was paid or credited
// since is brought in. In doubt the answer is to hold.
import { displayMoney } from '../../core/money';
import { connections } from '../collections';
import { amendConnection, ledgerNameOf, organisationOf } from '../connection/connection-documents';
import { bridgeFor } from '../connection/import';
import { LedgerUnavailable } from '../ports/ledger-port';
import { RunStopped } from '../run/bridge';
import { drainOutbox, poll } from '../run/feeds';
import { isMemoryLost } from '../run/lost-memory';
import { runRound } from '../run/round';
import type { Freshness, Sync, SyncDependencies } from '../service';

export const createRefresh =
  (dependencies: SyncDependencies): Sync['refresh'] =>
  async ({ tenantId, invoiceIds }) => {
    const answers = new Map<string, Freshness>();
    const page = await dependencies.store
      .forTenant(tenantId)
      .find(connections, { where: { isConnected: true }, limit: 1 });
    const [connection] = page.items;
    const isNew =
      connection?.activatedAt === undefined &&
      connection?.state !== 'paused' &&
      connection?.pausedBecause === undefined;
    if (connection === undefined || isNew) {
      for (const id of invoiceIds) answers.set(id, { state: 'fresh' });
      return answers;
    }
    const ledgerName = ledgerNameOf(connection);
    const holdAll = (reason: string): typeof answers => {
      for (const id of invoiceIds) answers.set(id, { state: 'held', reason });
      return answers;
    };
    const inReview = `What was paid in ${ledgerName} is known again once its plan is approved.`;
    if (connection.state === 'importing' || connection.state === 'review') return holdAll(inReview);
    if (connection.state !== 'active') return holdAll(`${ledgerName} does not accept our sign-in; reconnect it first.`);
    if (await isMemoryLost(dependencies, connection)) {
      await dependencies.nudge(connection.id, 'sweep');
      return holdAll(inReview);
    }

    const bridge = await bridgeFor(dependencies, connection);
    try {
      await drainOutbox(bridge);
      const { hasGap } = await poll(bridge);
      if (hasGap) await amendConnection(dependencies.store, bridge, (now) => ({ ...now, needsFullCompare: true }));
      const links = await bridge.links.by('local', 'invoice', invoiceIds);
      const linked = [...links.values()].filter(
        ({ externalId, state }) => externalId !== undefined && state !== 'retired',
      );
      await bridge.readings.fresh(
        'invoice',
        linked.map(({ externalId }) => externalId as string),
      );
      await bridge.dirty.add(linked.map(({ localId }) => ({ kind: 'invoice', side: 'local', id: localId as string })));
      for (let round = 0; round < ROUNDS_AT_MOST; round++) {
        if ((await runRound(bridge, ROUND_SIZE)).examined === 0) break;
      }
      const now = await bridge.links.by('local', 'invoice', invoiceIds);
      const locals = await bridge.billing.read('invoice', invoiceIds);
      for (const id of invoiceIds) {
        const link = now.get(id);
        const local = locals.get(id);
        if (local?.state !== 'present') {
          answers.set(id, { state: 'held', reason: 'The invoice is gone from billing.' });
          continue;
        }
        if (link === undefined) {
          answers.set(id, { state: 'fresh' });
          continue;
        }
        if (link.state === 'conflict' || link.state === 'blocked') {
          answers.set(id, {
            state: 'held',
            reason: link.problem?.message ?? `It has an open problem with ${ledgerName}.`,
          });
          continue;
        }
        if (link.externalId === undefined) {
          answers.set(id, { state: 'fresh' });
          continue;
        }
        const reading = bridge.readings.known('invoice', link.externalId);
        if (reading?.state !== 'present') {
          answers.set(id, { state: 'held', reason: `It could not be read in ${ledgerName} just now.` });
          continue;
        }
        const [here, there] = [local.record.guards.openMinor, reading.record.guards.openMinor];
        const currency = local.record.projection.atoms.moneyBlock.currency;
        answers.set(
          id,
          here === there
            ? { state: 'fresh' }
            : {
                state: 'held',
                reason: `${ledgerName} shows ${displayMoney(there, currency)} open, billing ${displayMoney(here, currency)}.`,
              },
        );
      }
      return answers;
    } catch (error) {
      if (!(error instanceof LedgerUnavailable) && !(error instanceof RunStopped)) throw error;
      return holdAll(`${organisationOf(connection).name} could not be asked: ${error.message}`);
    }
  };

const ROUNDS_AT_MOST = 8;
const ROUND_SIZE = 500;
