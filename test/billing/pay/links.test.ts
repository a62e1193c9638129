// The address in the mail: the same for every mail, found by its hash, unguessable, revocable, and never in a log.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { payLinks, payTokens } from '../../../src/billing/pay/documents';
import { createKeyring } from '../../../src/core/keyring';
import { findAll } from '../../../src/store/port';
import { KEYS, openPayWorld, type PayWorld, PUBLIC_URL, sessionOf, tokenOf } from './pay-world';

let world: PayWorld;
beforeEach(async () => {
  world = await openPayWorld();
});
afterEach(() => world.close());

const session = (address: string) => world.sandbox.account().sessions.get(sessionOf(address));
const storedLinks = async () => (await world.store.forTenant(world.tenantId).find(payLinks, {})).items;

describe('a pay link', () => {
  test('is the same in every mail, also where two mails are written at once', async () => {
    const invoice = await world.invoice(await world.customerOf());
    const links = await Promise.all([1, 2, 3].map(() => world.pay.linkOf(world.tenantId, invoice.id)));
    expect(new Set(links).size).toBe(1);
    expect(await world.pay.linkOf(world.tenantId, invoice.id)).toBe(links[0]);
    expect(links[0]).toMatch(new RegExp(`^${PUBLIC_URL}/pay/[\\w-]{43}$`));
    expect(await storedLinks()).toHaveLength(1);
  });

  test('is kept as a hash and sealed, never as it is', async () => {
    const { token } = await world.link();
    const tokens = await world.store.system.find(payTokens, {});
    expect(JSON.stringify([await storedLinks(), tokens.items])).not.toContain(token);
  });

  test.each([
    ['', 'empty'],
    ['x', 'short'],
    ['a'.repeat(43), 'unknown'],
    ['a'.repeat(5_000), 'long'],
    ['../../etc/passwd', 'a path'],
    [`${'a'.repeat(42)}\n`, 'with a line break'],
    ['%00'.repeat(15), 'encoded nothing'],
    ['{"$gt":""}', 'a query'],
    ['a'.repeat(43).replace('aaa', 'ａａａ'), 'wide letters'],
    ['__proto__', 'a name of the language'],
  ])('hostile token %#: %s (%s) leads nowhere', async (token) => {
    await world.link();
    expect(await world.pay.look(token)).toBeUndefined();
    expect(await world.pay.returned(token)).toBeUndefined();
    await expect(world.pay.begin(token)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
    expect(world.sandbox.requests.total()).toBe(0);
  });

  test('with one letter changed leads nowhere', async () => {
    const { token } = await world.link();
    const changed = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    expect(await world.pay.look(changed)).toBeUndefined();
    expect(await world.pay.look(token)).toBeDefined();
  });

  test('of a draft shows nothing, and nothing once the draft is removed', async () => {
    const draft = await world.billing.invoices.create(world.as(), {
      customerId: (await world.customerOf()).id,
      lines: [{ description: 'x', unitPrice: '9', taxRate: 'none' }],
    });
    const token = tokenOf(await world.pay.linkOf(world.tenantId, draft.id));
    expect(await world.pay.look(token)).toBeUndefined();
    await world.billing.invoices.remove(world.as(), draft.id);
    expect(await world.pay.look(token)).toBeUndefined();
    await expect(world.pay.begin(token)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
  });
});

describe('a revoked link', () => {
  test('leads nowhere, and the page that was opened from it has ended', async () => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    await world.pay.revoke(world.tenantId, invoice.id);
    expect(await world.pay.look(token)).toBeUndefined();
    await expect(world.pay.begin(token)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
    expect(session(address)).toMatchObject({ status: 'expired' });
  });

  test('is followed by another one, which can be paid', async () => {
    const { invoice, token } = await world.link();
    await world.pay.revoke(world.tenantId, invoice.id);
    await world.pay.revoke(world.tenantId, invoice.id);
    const next = tokenOf(await world.pay.linkOf(world.tenantId, invoice.id));
    expect(next).not.toBe(token);
    world.payAt(await world.pay.begin(next));
    await world.hear();
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid' });
    expect(await world.pay.look(token)).toBeUndefined();
  });

  test('does not lose a payment that was made through it', async () => {
    const { invoice, token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.pay.revoke(world.tenantId, invoice.id);
    await world.hear();
    expect(await world.payments()).toHaveLength(1);
  });
});

describe('keys of the installation', () => {
  const fresh = { id: 'k2', key: Buffer.alloc(32, 2) };

  test('rotated: the link stays the same, sealed anew, and outlives the old key', async () => {
    const { invoice, token } = await world.link();
    const rotated = world.rebuilt({ keyring: createKeyring([fresh, ...KEYS]) });
    expect(tokenOf(await rotated.linkOf(world.tenantId, invoice.id))).toBe(token);
    expect((await storedLinks())[0]?.sealedToken).toMatch(/^v1\.k2\./);
    const later = world.rebuilt({ keyring: createKeyring([fresh]) });
    expect(tokenOf(await later.linkOf(world.tenantId, invoice.id))).toBe(token);
  });

  test('lost: the mailed address still works, and the next mail gets one that leads to the same link', async () => {
    const { invoice, token } = await world.link();
    const pay = world.rebuilt({ keyring: createKeyring([fresh]) });
    const address = await pay.begin(token);
    const next = tokenOf(await pay.linkOf(world.tenantId, invoice.id));
    expect(next).not.toBe(token);
    expect(tokenOf(await pay.linkOf(world.tenantId, invoice.id))).toBe(next);
    expect(await pay.begin(next)).toBe(address);
    expect(await storedLinks()).toHaveLength(1);
    await pay.revoke(world.tenantId, invoice.id);
    expect(await pay.look(token)).toBeUndefined();
    expect(await pay.look(next)).toBeUndefined();
  });
});

test('neither tokens nor keys nor the payer’s mail reach a log, whatever goes wrong', async () => {
  const { invoice, token } = await world.link();
  for (const name of ['rateLimited', 'keyRevoked', 'accountDisconnected', 'errorBeforeCommit']) {
    world.sandbox.faults.set({ name });
    await world.pay.begin(token).catch(() => undefined);
    await world.pay.sweep(world.tenantId);
    world.sandbox.faults.clear();
    world.clock.advance(60_000);
  }
  world.payAt(await world.pay.begin(token));
  await world.hear();
  await world.pay.revoke(world.tenantId, invoice.id);
  expect(world.logs.length).toBeGreaterThan(3);
  const written = world.logs.join('\n');
  for (const secret of [token, world.sandbox.secretKey, world.sandbox.webhookSecret, 'sk_test', 'ada@example.com']) {
    expect(written).not.toContain(secret);
  }
});

test('links of two businesses never meet', async () => {
  const { invoice } = await world.link();
  const other = await world.billing.businesses.create(
    { actor: { kind: 'user', id: 'usr_2', name: 'Other' } },
    { name: 'Other', country: 'GB', timeZone: 'Europe/London', baseCurrency: 'GBP' },
  );
  const token = tokenOf(await world.pay.linkOf(other.id, invoice.id));
  expect(await world.pay.look(token)).toBeUndefined();
  const seen: string[] = [];
  for await (const link of findAll(world.store.forTenant(other.id), payLinks, {})) seen.push(link.invoiceId);
  expect(seen).toEqual([invoice.id]);
});
