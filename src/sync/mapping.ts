// The user's choices of accounts, tax codes and payment accounts: suggested with a reason, saved by a person, never guessed.
import { toInstant } from '../core/clock';
import { BridgeError } from '../core/errors';
import { decimal } from '../core/money';
import { asking } from './asking';
import type { ConnectionDocument } from './collections';
import { amendConnection, findConnection, ledgerNameOf, mappingOf } from './connection-documents';
import type { LedgerCapabilities, LedgerChart, Mapping } from './ports/ledger-port';
import { PAYMENT_METHODS } from './records';
import { openLedgerOf } from './run/open-bridge';
import type {
  BillingTaxRate,
  MappingService,
  MappingSuggestions,
  MappingView,
  Suggestion,
  SyncDependencies,
} from './service';

export const createMapping = (dependencies: SyncDependencies): MappingService => {
  const { store, clock, nudge } = dependencies;
  return {
    get: async (ref) => viewOf(await findConnection(store, ref)),
    suggest: async (ref, { taxRates, currencies }) => {
      const connection = await findConnection(store, ref);
      const ledger = openLedgerOf(dependencies, connection);
      const chart = await asking(ledgerNameOf(connection), () => ledger.chart());
      return { chart, suggestions: suggestMapping(chart, taxRates, currencies, ledger.capabilities.linesBookTo) };
    },
    save: async (ref, { choices, cutOverDate, pulledKinds, actor }) => {
      checkChoices(choices);
      const saved = await amendConnection(store, ref, (now) => {
        const { cutOverDate: before, ...rest } = now;
        const version = (mappingOf(now)?.version ?? 0) + 1;
        const mapping: Mapping = { version, ...choices };
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

const checkChoices = ({ revenue, paymentAccounts }: Omit<Mapping, 'version'>): void => {
  const fields: Record<string, string> = {};
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

const viewOf = (connection: ConnectionDocument): MappingView => {
  const current = mappingOf(connection);
  const { mappingSavedBy, mappingSavedAt, cutOverDate } = connection;
  return {
    pulledKinds: connection.pulledKinds,
    gaps: current === undefined ? ['Nothing has been chosen yet.'] : [],
    ...(current === undefined ? {} : { current }),
    ...(mappingSavedBy === undefined ? {} : { savedBy: mappingSavedBy }),
    ...(mappingSavedAt === undefined ? {} : { savedAt: mappingSavedAt }),
    ...(cutOverDate === undefined ? {} : { cutOverDate }),
  };
};

type LinesBookTo = LedgerCapabilities['linesBookTo'];

/** Pure. Proposes only where there is a reason that can be said in a sentence. */
export const suggestMapping = (
  chart: LedgerChart,
  taxRates: readonly BillingTaxRate[],
  currencies: readonly string[],
  linesBookTo: LinesBookTo,
): MappingSuggestions => {
  const revenue = suggestRevenue(chart, linesBookTo);
  const taxCodes: Record<string, Suggestion> = {};
  for (const rate of taxRates) {
    const found = suggestTaxCode(chart, rate);
    if (found) taxCodes[rate.key] = found;
  }
  const paymentAccounts: Record<string, Suggestion> = {};
  for (const currency of currencies) {
    const bank = suggestBank(chart, currency);
    if (bank) paymentAccounts[`*:${currency}`] = bank;
    const clearing = chart.accounts.find(
      ({ name, state, acceptsPayments, currency: own }) =>
        state === 'active' && acceptsPayments && /stripe|clearing/i.test(name) && (own ?? currency) === currency,
    );
    if (clearing) {
      const why = 'Card payments wait here until the payout arrives.';
      paymentAccounts[`stripe:${currency}`] = { value: clearing.id, label: clearing.name, why };
    }
  }
  return { taxCodes, paymentAccounts, ...(revenue ? { revenue } : {}) };
};

const suggestRevenue = ({ items, accounts }: LedgerChart, linesBookTo: LinesBookTo): Suggestion | undefined => {
  if (linesBookTo === 'item') {
    const active = items.filter(({ state }) => state === 'active');
    const item = active.find(({ name }) => /^(sales|services?)$/i.test(name)) ?? active[0];
    return item && { value: item.id, label: item.name, why: 'An active item that books to income.' };
  }
  const usable = accounts.filter(({ use, state, code }) => use === 'revenue' && state === 'active' && code !== null);
  const account = usable.find(({ name }) => /^sales$/i.test(name)) ?? usable[0];
  return account?.code
    ? { value: account.code, label: `${account.code} ${account.name}`, why: 'The first active income account.' }
    : undefined;
};

const suggestTaxCode = ({ taxCodes }: LedgerChart, rate: BillingTaxRate): Suggestion | undefined => {
  const usable = taxCodes.filter(({ state, forSales }) => state === 'active' && forSales);
  const universal = usable.find(({ takesAnyRate }) => takesAnyRate === true);
  if (universal !== undefined && decimal(rate.percent).gt(0)) {
    return {
      value: universal.code,
      label: universal.name,
      why: 'The ledger takes the tax that stands on our documents.',
    };
  }
  const same = usable.filter(({ percent }) => decimal(percent).eq(decimal(rate.percent)));
  const named = same.find(({ name }) => name.toLowerCase() === rate.name.toLowerCase());
  const found = named ?? (same.length === 1 ? same[0] : same.find(({ name }) => /sales|income|output/i.test(name)));
  if (!found) return undefined;
  const why = named ? 'Same name and same percentage.' : `The sales tax code with ${found.percent} %.`;
  return { value: found.code, label: found.name, why };
};

const suggestBank = ({ accounts }: LedgerChart, currency: string): Suggestion | undefined => {
  const banks = accounts.filter(({ use, state }) => use === 'bank' && state === 'active');
  const own = banks.filter((bank) => bank.currency === currency);
  const found = own[0] ?? banks.find((bank) => bank.currency === null);
  return found && { value: found.id, label: found.name, why: `The first active bank account in ${currency}.` };
};
