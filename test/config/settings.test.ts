import { expect, test } from '@jest/globals';
import { readSettings, SettingsError } from '../../config/settings';

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

test('starts with nothing set: embedded, on loopback, at the real hosts', () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({ port: 3000, host: '127.0.0.1', publicUrl: 'http://localhost:3000', role: 'all' });
  expect(settings.distributed).toBeUndefined();
  expect(settings.xero.apiUrl).toBe('https://api.xero.com');
});

test('takes an empty value for an absent one, as shells and .env files write it', () => {
  expect(readSettings({ XERO_CLIENT_ID: '', PORT: '' }).port).toBe(3000);
});

test.each([
  [{ PORT: '80a' }, 'PORT is no port number, for example 3000'],
  [{ PORT: '70000' }, 'PORT is above the highest port, 65535'],
  [{ PUBLIC_URL: 'billing.example.com' }, 'PUBLIC_URL is no http(s) address, for example https://billing.example.com'],
  [{ PUBLIC_URL: 'javascript:alert(1)' }, 'PUBLIC_URL is no http(s) address, for example https://billing.example.com'],
  [{ ROLE: 'both' }, 'ROLE is none of all, web, worker'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is none of debug, info, warn, error, silent'],
  [{ XERO_CLIENT_SECRET: 'short' }, 'XERO_CLIENT_SECRET is too short to be a real secret (8 characters at least)'],
  [
    { SMTP_URL: 'smtp://localhost:25' },
    'MAIL_FROM has to be set with SMTP_URL, for example Harbour Books <billing@example.com>',
  ],
  [
    { REDIS_URL: 'redis://localhost' },
    'MONGODB_URI and REDIS_URL belong together: set both to run distributed, neither to run embedded',
  ],
  [{ ROLE: 'worker' }, 'ROLE worker needs distributed mode: set MONGODB_URI and REDIS_URL, or leave ROLE out'],
])('refuses %j by name, with a right example', (environment, problem) => {
  expect(problemsOf(environment as Record<string, string>)).toEqual([problem]);
});

test('names every wrong value at once', () => {
  expect(problemsOf({ PORT: 'x', ROLE: 'y', MAIL_FROM: 'nobody' })).toHaveLength(3);
});

test('refuses an encryption key of the wrong length and reads a right one', () => {
  expect(problemsOf({ ENCRYPTION_KEYS: 'a:c2hvcnQ=' })[0]).toContain('ENCRYPTION_KEYS is no list of id:base64 keys');
  const key = Buffer.alloc(32, 7);
  const settings = readSettings({
    ENCRYPTION_KEYS: `2026a:${key.toString('base64')},2025:${Buffer.alloc(32, 8).toString('base64')}`,
  });
  expect(settings.encryptionKeys?.map(({ id }) => id)).toEqual(['2026a', '2025']);
});

test('lists every secret it was given, the mail password included, for the log to cut out', () => {
  const settings = readSettings({
    STRIPE_SECRET_KEY: 'sk_test_1234567',
    XERO_CLIENT_SECRET: 'xero-secret-1',
    SMTP_URL: 'smtps://user:p%40ssword9@mail.example.com',
    MAIL_FROM: 'a@example.com',
  });
  expect(settings.secrets).toEqual(['xero-secret-1', 'sk_test_1234567', 'p@ssword9']);
});
