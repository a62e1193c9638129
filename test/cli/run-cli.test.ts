// The command line as an operator uses it: words in, lines or JSON out, an exit code that scripts can trust.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CliAnswer, COMMANDS, runCli } from '../../src/cli/run-cli';
import { API_SCOPES } from '../../src/web/access';
import { type ApiWorld, createApiClient, openApiWorld } from '../support/api';

let world: ApiWorld;
let opened: number;
beforeAll(async () => {
  world = await openApiWorld();
});
beforeEach(() => {
  opened = 0;
});
afterAll(() => world.close());

const cli = (line: string, distributed?: { mongodbUri: string; redisUrl: string }): Promise<CliAnswer> =>
  runCli(line.split(' '), {
    settings: { dataDir: world.folder, publicUrl: 'https://billing.example.com', distributed },
    clock: world.clock,
    rooms: async () => {
      opened++;
      return world;
    },
  });
const json = async (line: string): Promise<Record<string, unknown>> => JSON.parse((await cli(`${line} --json`)).out);

describe('tenant', () => {
  test('create prints a link that opens the door once and a key that works', async () => {
    const made = await json('tenant create --name Acme --owner Jo@Example.com --country GB');
    expect(made).toMatchObject({ name: 'Acme', owner: 'jo@example.com' });
    const key = await world.apiKeys.recognise(String(made.apiKey));
    expect(key).toMatchObject({ businessId: made.tenantId, scopes: API_SCOPES });
    const created = await createApiClient(world.url, String(made.apiKey)).call('POST /customers', {
      body: { name: 'A' },
    });
    expect(created.status).toBe(201);

    const [, token = ''] = /^https:\/\/billing\.example\.com\/enter\/(.+)$/.exec(String(made.signIn)) ?? [];
    const person = { name: 'Jo', password: null };
    expect((await world.accounts.useLink(token, person)).user.email).toBe('jo@example.com');
    await expect(world.accounts.useLink(token, person)).rejects.toThrow('used before');
  });

  test('create starts with what is usual in the country, unless told otherwise', async () => {
    const { tenantId } = await json(
      'tenant create --name Kaito --owner k@example.com --country JP --time-zone Asia/Seoul',
    );
    expect(await world.billing.businesses.get(String(tenantId))).toMatchObject({
      baseCurrency: 'JPY',
      timeZone: 'Asia/Seoul',
      taxRounding: 'perRate',
    });
  });

  test('create names the option that is missing or wrong, and makes nothing', async () => {
    const before = (await world.billing.businesses.list({ limit: 500 })).items.length;
    expect(await cli('tenant create --owner jo@example.com --country GB')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('--name'),
    });
    expect(await cli('tenant create --name A --owner jo --country GB')).toMatchObject({
      code: 2,
      err: expect.stringContaining('owner: enter one e-mail address'),
    });
    expect(await cli('tenant create --name A --owner jo@example.com --country XX')).toMatchObject({ code: 2 });
    expect((await world.billing.businesses.list({ limit: 500 })).items).toHaveLength(before);
  });

  test('link lets somebody in who belongs to a business, and nobody else', async () => {
    await cli('tenant create --name Linked --owner lin@example.com --country GB');
    expect(await json('tenant link --owner LIN@example.com')).toMatchObject({
      name: 'Linked',
      signIn: expect.stringMatching(/\/enter\/.{20,}/),
    });
    expect(await cli('tenant link --owner stranger@example.com')).toMatchObject({ code: 1, out: '' });
  });

  test('list shows the businesses', async () => {
    const { tenantId } = await json('tenant create --name Listed --owner li@example.com --country GB');
    expect((await cli('tenant list')).out).toContain(`${tenantId}  Listed`);
  });
});

describe('sync', () => {
  test('plans, runs and reconciles one connection', async () => {
    expect(await cli('sync run')).toMatchObject({ code: 1, err: expect.stringContaining('No ledger is connected') });
    const { tenantId: made } = await json('tenant create --name Bridged --owner br@example.com --country GB');
    const tenantId = String(made);
    const actor = { id: 'cli', name: 'Command line' };
    const request = { tenantId, provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor } as const;
    const connectionId = (await world.sync.connections.begin(request)).id;
    const ref = { tenantId, connectionId };
    const choices = { revenue: '200', taxCodes: {}, paymentAccounts: {} };
    await world.sync.mapping.save(ref, { choices, actor });
    while ((await world.sync.importStep(connectionId)).more);
    await world.billing.customers.create({ tenantId, actor: { kind: 'system', ...actor } }, { name: 'Carried Ltd' });

    const { plan } = (await json('sync plan')) as { plan: { hash: string; counts: object[] } };
    expect(plan.counts).toEqual([{ kind: 'contact', op: 'create', side: 'external', count: 1 }]);
    expect(await cli('sync run')).toMatchObject({ code: 1, err: expect.stringContaining('not active') });
    await world.sync.plans.approve(ref, plan.hash, actor);

    const run = await cli(`sync run --tenant ${tenantId} --connection ${connectionId}`);
    expect(run).toMatchObject({ code: 0, out: expect.stringContaining('1 written to the ledger') });
    expect(run.out).toContain('All is at rest.');
    expect(await json('sync run')).toMatchObject({ left: 0, runs: [{ counts: { external: { created: 0 } } }] });
    expect(await json('reconcile')).toMatchObject({ isEqual: true, connectionId });
    expect((await cli('reconcile')).out).toContain('Both sides agree.');
  });

  test('knows no connection that does not exist', async () => {
    expect(await cli('reconcile --connection con_nobody')).toMatchObject({
      code: 1,
      err: expect.stringContaining('con_nobody'),
    });
  });
});

describe('backup', () => {
  test('copies the documents without opening the house, and never over a file', async () => {
    const target = path.join(world.folder, 'copies', 'one.sqlite');
    expect(await json(`backup --to ${target}`)).toMatchObject({ file: target });
    expect(existsSync(target)).toBe(true);
    expect(opened).toBe(0);
    expect(await cli(`backup --to ${target}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('exists already'),
    });
  });

  test('sends operators of the distributed store elsewhere', async () => {
    const distributed = { mongodbUri: 'mongodb://db', redisUrl: 'redis://cache' };
    expect(await cli('backup', distributed)).toMatchObject({ code: 1, err: expect.stringContaining('mongodump') });
  });
});

describe('words', () => {
  test('explains every command, and each by itself', async () => {
    const { out, code } = await cli('--help');
    expect(code).toBe(0);
    for (const { name } of COMMANDS) expect(out).toContain(`billbridge ${name}`);
    expect((await cli('backup --help')).out).toContain('[--to FILE]');
  });

  test('refuses what it does not understand, with exit code 2', async () => {
    expect(await cli('make coffee')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('make coffee') });
    expect(await cli('backup --where x')).toMatchObject({ code: 2, err: expect.stringContaining("'--where'") });
  });

  test('says failures as JSON where JSON was asked for', async () => {
    const answer = await cli('tenant link --owner stranger@example.com --json');
    expect(JSON.parse(answer.out)).toMatchObject({ error: { code: 'BB_NOT_FOUND' } });
  });
});
