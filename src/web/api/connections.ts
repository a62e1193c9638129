// /connections: the bridge to a ledger, its health, mapping and standing. Consent itself needs a browser and is no matter of the API.
import { z } from 'zod';
import { isCalendarDate } from '../../core/calendar-date';
import type { Mapping } from '../../sync/ports/ledger-port';
import { RECORD_KINDS } from '../../sync/records';
import type { ConnectionRef } from '../../sync/service';
import { ratesToMap } from '../rates-to-map';
import type { Endpoint, Endpoints } from './endpoint';
import { given } from './paging';
import type { ApiParts } from './parts';
import {
  ConnectionShape,
  HealthShape,
  MappingShape,
  StandingShape,
  showConnection,
  showHealth,
  showMapping,
  showStanding,
} from './shapes/bridge';
import { ChartShape, showChart } from './shapes/chart';

const tag = 'Connections';
const read = { tag, scope: 'connections:read' } as const;
const write = { tag, scope: 'connections:write' } as const;

export const refOf = (call: { readonly tenantId: string; readonly id: string }): ConnectionRef => ({
  tenantId: call.tenantId,
  connectionId: call.id,
});
export const personOf = ({
  actor: { id, name },
}: {
  readonly actor: { readonly id: string; readonly name: string };
}) => ({
  id,
  name,
});

const key = z.string().min(1).max(100);
const MappingBody = z.strictObject({
  revenue: z
    .string('choose where sales are booked')
    .min(1, 'choose where sales are booked')
    .max(100)
    .meta({ description: 'Xero: an account code. QuickBooks: the id of a product or service' }),
  taxCodes: z.record(key, key).default({}).meta({ description: 'Tax rate of the business to tax code of the ledger' }),
  paymentAccounts: z
    .record(z.string().regex(/^(\*|[a-zA-Z]{1,40}):[A-Z]{3}$/, 'name accounts for method:CUR, such as *:GBP'), key)
    .default({})
    .meta({ description: '`method:CUR`, or `*:CUR` for any other method, to account id of the ledger' }),
  payouts: z
    .record(
      z.string().regex(/^[A-Z]{3}$/, 'name payouts by their currency, such as GBP'),
      z.strictObject({
        bank: key.optional(),
        fees: key.optional(),
        feeTaxCode: key.optional(),
        refunds: key.optional(),
        refundTaxCode: key.optional(),
        disputes: key.optional(),
      }),
    )
    .optional()
    .meta({ description: 'Currency to account ids and tax codes for payouts of the gateway; left out, they stay' }),
  cutOverDate: z
    .string()
    .refine(isCalendarDate, 'enter a date such as 2026-01-01')
    .optional()
    .meta({ format: 'date', description: 'Older documents are matched, never created or changed' }),
  pulledKinds: z
    .array(z.enum(RECORD_KINDS))
    .optional()
    .meta({ description: 'Kinds whose new ledger records are created in billing' }),
});

const payoutsIn = (payouts: z.output<typeof MappingBody>['payouts']): Pick<Mapping, 'payouts'> =>
  payouts === undefined
    ? {}
    : { payouts: Object.fromEntries(Object.entries(payouts).map(([currency, choices]) => [currency, given(choices)])) };

export const connectionEndpoints = (endpoints: Endpoints, parts: ApiParts): readonly Endpoint[] => [
  ...viewEndpoints(endpoints, parts),
  ...mappingEndpoints(endpoints, parts),
];

const viewEndpoints = ({ json }: Endpoints, { sync }: ApiParts): readonly Endpoint[] => [
  json({
    ...read,
    name: 'GET /connections',
    summary: 'List connections to ledgers',
    answer: z.object({ items: z.array(ConnectionShape) }),
    handle: async ({ tenantId }) => ({
      body: { items: (await sync.connections.list(tenantId)).map(showConnection) },
    }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id',
    summary: 'Read a connection',
    answer: ConnectionShape,
    handle: async (call) => ({ body: showConnection(await sync.connections.get(refOf(call))) }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/health',
    summary: 'Last run, what waits, and the budget of calls',
    answer: HealthShape,
    handle: async (call) => ({ body: showHealth(await sync.connections.health(refOf(call))) }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/standing',
    summary: 'Both books as they are now, side by side',
    detail: 'Reads the whole ledger: a few calls for a small company, hundreds for a large one.',
    answer: StandingShape,
    handle: async (call) => {
      await sync.connections.get(refOf(call));
      return { body: showStanding(await sync.standing(refOf(call))) };
    },
  }),
];

const mappingEndpoints = ({ json }: Endpoints, { sync, billing }: ApiParts): readonly Endpoint[] => [
  json({
    ...read,
    name: 'GET /connections/:id/mapping',
    summary: 'Where money goes in the ledger',
    answer: MappingShape,
    handle: async (call) => ({ body: showMapping(await sync.mapping.get(refOf(call))) }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/mapping/suggestions',
    summary: 'What can be chosen, and what we would choose',
    detail: 'Reads the chart of the ledger (2 or 3 calls). Nothing is taken over until it is saved.',
    answer: ChartShape,
    handle: async (call) => {
      const [view, business] = await Promise.all([
        sync.connections.get(refOf(call)),
        billing.businesses.get(call.tenantId),
      ]);
      const taxRates = ratesToMap(business, view.organisation);
      const currencies = [...new Set([business.baseCurrency, ...view.organisation.currencies])];
      return { body: showChart(await sync.mapping.suggest(refOf(call), { taxRates, currencies })) };
    },
  }),
  json({
    ...write,
    name: 'PUT /connections/:id/mapping',
    summary: 'Save the mapping',
    body: MappingBody,
    example: {
      revenue: '200',
      taxCodes: { standard: 'OUTPUT2' },
      paymentAccounts: { '*:GBP': '4b9b4a3e-5f5a-4d5b-9a8c-1f2e3d4c5b6a' },
      cutOverDate: '2026-01-01',
    },
    answer: MappingShape,
    handle: async (call) => {
      const { revenue, taxCodes, paymentAccounts, payouts, ...rest } = call.body;
      const choices = { revenue, taxCodes, paymentAccounts, ...payoutsIn(payouts) };
      const saved = await sync.mapping.save(refOf(call), { choices, ...given(rest), actor: personOf(call) });
      return { body: showMapping(saved) };
    },
  }),
];
