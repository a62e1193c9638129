// In a file of its own: here the library must not be loaded at all.
import { expect, jest, test } from '@jest/globals';
import { createQuickBooksProvider } from '../../../src/connectors/quickbooks/provider';
import { createInProcessBudget } from '../../../src/connectors/rate-budget/in-process';
import { simulatedClock } from '../../../src/core/clock';

jest.mock('node-quickbooks', () => {
  throw new Error('node-quickbooks was loaded');
});

test('starting, leading to the consent and taking webhooks need no library, and no call', () => {
  const clock = simulatedClock(new Date('2026-11-20T09:00:00.000Z'));
  const quiet = () => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, with: () => logger };
  const nowhere = 'http://127.0.0.1:1';
  const provider = createQuickBooksProvider({
    settings: {
      clientId: 'id',
      clientSecret: 'secret',
      apiUrl: nowhere,
      authorizeUrl: `${nowhere}/connect`,
      oauthUrl: nowhere,
      revokeUrl: nowhere,
      userinfoUrl: nowhere,
    },
    vault: {
      save: async () => 'grt_1',
      accessToken: async () => ({ ok: true, value: 'token' }),
      invalidate: async () => undefined,
      forget: async () => ({ revoked: false }),
      health: async () => ({ state: 'usable' }),
    },
    budget: createInProcessBudget({ clock }),
    clock,
    logger,
  });
  expect(provider.consentUrl({ state: 's', redirectUri: 'http://localhost/cb' })).toContain('client_id=id');
  expect(provider.verifyWebhook(Buffer.from('{}'), {})).toEqual({ verdict: 'reject' });
  const port = provider.open({
    tenantId: 'ten_1',
    connectionId: 'con_1',
    organisationId: '9130350000000000001',
    grantId: 'grt_1',
    mapping: () => undefined,
  });
  expect(port.capabilities).toMatchObject({ paymentUnit: 'payment', hasPreconditions: true, linesBookTo: 'item' });
  expect(port.capabilities.batchSize('invoice')).toBe(30);
});
