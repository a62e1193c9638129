// In a file of its own: here the library must not be loaded at all.
import { expect, jest, test } from '@jest/globals';
import { createInProcessBudget } from '../../../src/connectors/rate-budget/in-process';
import { createXeroProvider } from '../../../src/connectors/xero/provider';
import { simulatedClock } from '../../../src/core/clock';

jest.mock('xero-node', () => {
  throw new Error('xero-node was loaded');
});

test('starting, leading to the consent and taking webhooks need no 39 MB of library', () => {
  const clock = simulatedClock(new Date('2026-11-20T09:00:00.000Z'));
  const quiet = () => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, with: () => logger };
  const provider = createXeroProvider({
    settings: {
      clientId: 'id',
      clientSecret: 'secret',
      apiUrl: 'http://x',
      identityUrl: 'http://x',
      loginUrl: 'http://x',
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
    organisationId: 'o-1',
    grantId: 'grt_1',
    mapping: () => undefined,
  });
  expect(port.capabilities.batchSize('invoice')).toBe(50);
});
