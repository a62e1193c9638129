// Businesses and their doors without a browser: a new one with its owner, a sign-in link, an API key.
import { z } from 'zod';
import type { Actor, Business } from '../billing/documents';
import { BridgeError } from '../core/errors';
import { API_SCOPES, type Role } from '../web/access';
import { COUNTRIES, countryDefaults } from '../web/pages/countries';
import { type CliRooms, command } from './command';

const OPERATOR: Actor = { kind: 'system', id: 'cli', name: 'Command line' };

const CODES = COUNTRIES.map(({ code }) => code);
const email = z
  .string('say whose mail address with --owner')
  .trim()
  .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'enter one e-mail address such as jo@example.com');

export const createTenant = command({
  name: 'tenant create',
  summary: 'Make a business with its owner; prints a sign-in link and an API key, once',
  options: {
    name: 'NAME',
    owner: 'EMAIL',
    'owner-name': 'NAME',
    country: 'CODE',
    currency: 'CODE',
    'time-zone': 'ZONE',
  },
  input: z.strictObject({
    name: z.string('say the name of the business with --name').trim().min(1, 'say the name of the business'),
    owner: email,
    'owner-name': z.string().trim().min(1).optional(),
    country: z.enum(CODES, `choose the country with --country: one of ${CODES.join(', ')}`),
    currency: z.string().optional(),
    'time-zone': z.string().optional(),
  }),
  work: async (input, { settings, rooms }) => {
    const { billing, accounts, apiKeys } = await rooms();
    const business = await billing.businesses.create(
      { actor: OPERATOR },
      {
        name: input.name,
        ...countryDefaults(input.country),
        ...(input.currency === undefined ? {} : { baseCurrency: input.currency }),
        ...(input['time-zone'] === undefined ? {} : { timeZone: input['time-zone'] }),
      },
    );
    const name = input['owner-name'] ?? input.owner.split('@', 1)[0] ?? input.owner;
    const owner = await accounts.addOwner(business.id, { email: input.owner, name, password: null });
    const person = { email: owner.email, name: owner.name, role: 'owner' as const };
    const signIn = await signInLink(settings.publicUrl, accounts, business, person);
    const { secret, key } = await apiKeys.make({
      businessId: business.id,
      name: 'Command line',
      scopes: API_SCOPES,
      createdBy: owner.id,
    });
    return {
      lines: [
        `${business.name} is set up (${business.id}).`,
        `Sign in as ${owner.email}, within a day: ${signIn}`,
        `API key, shown only now: ${secret}`,
      ],
      json: {
        tenantId: business.id,
        name: business.name,
        owner: owner.email,
        signIn,
        apiKey: secret,
        apiKeyId: key.id,
      },
    };
  },
});

export const linkTenant = command({
  name: 'tenant link',
  summary: 'Make a sign-in link for somebody who belongs to a business',
  options: { owner: 'EMAIL', tenant: 'ID' },
  input: z.strictObject({ owner: email, tenant: z.string().optional() }),
  work: async ({ owner, tenant }, { settings, rooms }) => {
    const open = await rooms();
    for await (const business of businessesOf(open, tenant)) {
      const member = (await open.accounts.team(business.id)).find(({ user }) => user.email === owner.toLowerCase());
      if (member === undefined) continue;
      const { user, membership } = member;
      const person = { email: user.email, name: user.name, role: membership.role };
      const signIn = await signInLink(settings.publicUrl, open.accounts, business, person);
      return {
        lines: [`Sign in to ${business.name}, within a day: ${signIn}`],
        json: { tenantId: business.id, name: business.name, owner: user.email, signIn },
      };
    }
    throw new BridgeError('BB_NOT_FOUND', { kind: 'member of a business', id: owner });
  },
});

export const listTenants = command({
  name: 'tenant list',
  summary: 'List the businesses',
  options: {},
  input: z.strictObject({}),
  work: async (_input, { rooms }) => {
    const tenants: { tenantId: string; name: string; country: string }[] = [];
    for await (const { id, name, country } of businessesOf(await rooms(), undefined))
      tenants.push({ tenantId: id, name, country });
    return {
      lines: tenants.length === 0 ? ['There is no business yet.'] : tenants.map((t) => `${t.tenantId}  ${t.name}`),
      json: { tenants },
    };
  },
});

/** All of them, or the one that was named. */
export async function* businessesOf({ billing }: CliRooms, tenant: string | undefined): AsyncIterable<Business> {
  if (tenant !== undefined) {
    yield await billing.businesses.get(tenant);
    return;
  }
  let after: string | undefined;
  do {
    const page = await billing.businesses.list({ limit: 200, ...(after === undefined ? {} : { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}

const signInLink = async (
  publicUrl: string,
  accounts: CliRooms['accounts'],
  business: Business,
  person: { readonly email: string; readonly name: string; readonly role: Role },
): Promise<string> => {
  const token = await accounts.makeLink({ kind: 'signIn', businessId: business.id, ...person });
  return `${publicUrl}/enter/${token}`;
};
