// The user's choices of accounts, tax codes and payment accounts: suggested with a reason, saved by a person, never guessed.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import type { ConnectionDocument } from '../collections';
import { asking } from '../connection/asking';
import { amendConnection, findConnection, ledgerNameOf, mappingOf } from '../connection/connection-documents';
import type { Mapping } from '../ports/ledger-port';
import { payoutFaults, payoutsLacking, suggestPayouts } from '../postings/payout-mapping';
import { PAYMENT_METHODS } from '../records';
import { openLedgerOf } from '../run/open-bridge';
import type { MappingService, MappingView, SyncDependencies } from '../service';
import { mappingGaps, suggestMapping } from './mapping-suggestions';

/** Whoever chooses may just have made the account in the ledger. */
const LISTS_YOUNGER_THAN_MS = 10_000;
/** Settings, accounts, tax rates, items, currencies: with fewer calls left of the minute a person would wait for the next one. */
const CALLS_FOR_LISTS = 5;

export const createMapping = (dependencies: SyncDependencies): MappingService => {
  const { store, clock, nudge } = dependencies;
  return {
    get: async (ref) => viewOf(await findConnection(store, ref)),
    suggest: async (ref, { taxRates, currencies }) => {
      const connection = await findConnection(store, ref);
      const { leftThisMinute = CALLS_FOR_LISTS } = (await openLedgerOf(dependencies, connection).budget?.()) ?? {};
      const youngerThanMs = leftThisMinute < CALLS_FOR_LISTS ? undefined : LISTS_YOUNGER_THAN_MS;
      const ledger = openLedgerOf(dependencies, connection, youngerThanMs);
      const chart = await asking(ledgerNameOf(connection), () => ledger.chart());
      const { linesBookTo } = ledger.capabilities;
      const current = mappingOf(connection);
      return {
        chart,
        suggestions: {
          ...suggestMapping(chart, taxRates, currencies, linesBookTo),
          payouts: suggestPayouts(chart, currencies),
        },
        gaps:
          current === undefined
            ? [NOTHING_CHOSEN]
            : [
                ...mappingGaps(chart, current, linesBookTo, { taxRates, currencies }),
                ...payoutsLacking(current, currencies),
              ],
      };
    },
    save: async (ref, { choices, cutOverDate, pulledKinds, actor }) => {
      checkChoices(choices);
      const saved = await amendConnection(store, ref, (now) => {
        const { cutOverDate: before, mappingGaps: _judgedBefore, ...rest } = now;
        const version = (mappingOf(now)?.version ?? 0) + 1;
        // A caller that does not speak of payouts leaves them as they are.
        const payouts = mappingOf(now)?.payouts;
        const mapping: Mapping = { ...(payouts === undefined ? {} : { payouts }), ...choices, version };
        const cutOver = cutOverDate ?? before;
        return {
          ...rest,
          mapping: { ...mapping },
          mappingSavedBy: actor.name,
          mappingSavedAt: toInstant(clock.now()),
          pulledKinds: pulledKinds ? [...pulledKinds] : now.pulledKinds,
          // Every link is looked at under the new mapping.
          needsFullCompare: now.state === 'active' ? true : now.needsFullCompare,
          ...(cutOver === undefined ? {} : { cutOverDate: cutOver }),
        };
      });
      await nudge(ref.connectionId, 'mapping saved');
      return viewOf(saved);
    },
  };
};

const checkChoices = (choices: Omit<Mapping, 'version'>): void => {
  const { revenue, paymentAccounts } = choices;
  const fields: Record<string, string> = { ...payoutFaults(choices) };
  if (revenue === '') fields.revenue = 'choose where sales are booked';
  for (const key of Object.keys(paymentAccounts)) {
    const [method, currency] = key.split(':');
    const isMethod = method === '*' || PAYMENT_METHODS.some((known) => known === method);
    if (!isMethod || !/^[A-Z]{3}$/.test(currency ?? '')) {
      fields[`paymentAccounts.${key}`] = 'is named method:CUR, for example stripe:GBP or *:EUR';
    }
  }
  const [field] = Object.entries(fields);
  if (field) throw new BridgeError('BB_INPUT_INVALID', { problem: `${field[0]}: ${field[1]}` }, fields);
};

const NOTHING_CHOSEN = 'Nothing has been chosen yet.';

const viewOf = (connection: ConnectionDocument): MappingView => {
  const current = mappingOf(connection);
  const { mappingSavedBy, mappingSavedAt, cutOverDate } = connection;
  return {
    pulledKinds: connection.pulledKinds,
    gaps: current === undefined ? [NOTHING_CHOSEN] : (connection.mappingGaps ?? []),
    ...(current === undefined ? {} : { current }),
    ...(mappingSavedBy === undefined ? {} : { savedBy: mappingSavedBy }),
    ...(mappingSavedAt === undefined ? {} : { savedAt: mappingSavedAt }),
    ...(cutOverDate === undefined ? {} : { cutOverDate }),
  };
};
