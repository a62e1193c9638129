// The whole house with its web face on a real store and a loopback port, people of every role signed in, and the two ways to visit it: a
// plain HTTP client that keeps cookies and hides nothing, and Chromium. Knows no page.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { readSettings } from '../../config/settings';
import { textOf } from '../../demo/browser';
import { compose, type House } from '../../src/compose';
import { type Clock, type SimulatedClock, simulatedClock } from '../../src/core/clock';
import { idSource } from '../../src/core/ids';
import { createLogger } from '../../src/core/logger';
import type { Role } from '../../src/web/access';
import { createSessions } from '../../src/web/auth/sessions';
import { businessInput, OWNER, START } from './billing';

export type WebClient = {
  readonly cookies: Map<string, string>;
  get(pathname: string, headers?: Record<string, string>): Promise<WebAnswer>;
  /** Posts fields with a form token of this visitor, unless `_form` is among them. */
  post(pathname: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<WebAnswer>;
};
export type WebAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly location: string | null;
  readonly html: string;
  /** What a person reads. */
  readonly text: string;
};

export type WebHouse = {
  readonly url: string;
  readonly house: House;
  readonly clock: SimulatedClock;
  readonly logs: readonly string[];
  /** A new business of its own, with an owner. */
  business(name?: string): Promise<Tenant>;
  stranger(): WebClient;
  close(): Promise<void>;
};
export type Tenant = {
  readonly tenantId: string;
  /** Signed in, with that role in the business; the same person each time. */
  as(role: Role): Promise<WebClient>;
  /** The session cookie of a new sign-in of that person. */
  session(role: Role): Promise<string>;
  emailOf(role: Role): string;
};

export type WebHouseOptions = {
  /** Default: a clock that stands still on the morning of 2 March 2026. */
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  /** Run the jobs, as an import or a run needs it. */
  readonly withJobs?: boolean;
  readonly port?: number;
};

export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export const openWebHouse = async (options: WebHouseOptions = {}): Promise<WebHouse> => {
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(path.join(tmpdir(), 'bb-web-'));
  const standing = simulatedClock(START);
  const clock = options.clock ?? standing;
  const settings = readSettings({ PORT: String(port), DATA_DIR: folder, ...options.environment });
  const logs: string[] = [];
  const logger = createLogger({
    level: 'warn',
    now: clock.now,
    write: (line) => logs.push(line),
    secrets: settings.secrets,
  });
  const house = await compose({ settings, clock, logger });
  if (options.withJobs) await house.startJobs();
  const server = await listen(house, port);
  const url = `http://localhost:${port}`;
  const sessions = createSessions(house.backing.store, clock.now, idSource(clock.now));
  return {
    url,
    house,
    clock: standing,
    logs,
    stranger: () => createWebClient(url),
    business: async (name = 'Analytical Engines') => {
      const business = await house.billing.businesses.create({ actor: OWNER }, businessInput({ name }));
      const people = new Map<Role, string>();
      const emailOf = (role: Role): string => `${role}@${business.id.replace(/\W/g, '')}.example`;
      const personOf = async (role: Role): Promise<string> => {
        const known = people.get(role);
        if (known !== undefined) return known;
        const person = { email: emailOf(role), name: `Robin ${role}` };
        const link = { kind: 'invitation', businessId: business.id, role, ...person } as const;
        const { user } = await house.accounts.useLink(await house.accounts.makeLink(link), {
          ...person,
          password: null,
        });
        people.set(role, user.id);
        return user.id;
      };
      const session = async (role: Role): Promise<string> =>
        (await sessions.start(await personOf(role), business.id)).token;
      await personOf('owner');
      return {
        tenantId: business.id,
        emailOf,
        session,
        as: async (role) => {
          const client = createWebClient(url);
          client.cookies.set('bb_session', await session(role));
          return client;
        },
      };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await house.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const listen = (house: House, port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server: Server = house.web().listen(port, '127.0.0.1', () => resolve(server));
  });

export const createWebClient = (url: string): WebClient => {
  const cookies = new Map<string, string>();
  const send = async (pathname: string, init: RequestInit, headers: Record<string, string>): Promise<WebAnswer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(pathname, url), {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0\b/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const html = await response.text();
    const { status, headers: answered } = response;
    return { status, headers: answered, location: answered.get('location'), html, text: textOf(html) };
  };
  const client: WebClient = {
    cookies,
    get: (pathname, headers = {}) => send(pathname, { method: 'GET' }, headers),
    post: async (pathname, fields = {}, headers = {}) => {
      const page = '_form' in fields ? undefined : await client.get(cookies.has('bb_session') ? '/account' : '/signin');
      const token = page === undefined ? {} : { _form: tokenIn(page.html) };
      const body = new URLSearchParams({ ...token, ...fields }).toString();
      return send(
        pathname,
        { method: 'POST', body },
        { 'content-type': 'application/x-www-form-urlencoded', origin: url, ...headers },
      );
    },
  };
  return client;
};

export const tokenIn = (html: string): string => /name="_form" value="([^"]+)"/.exec(html)?.[1] ?? '';

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium' });
