import { expect, test } from '@jest/globals';
import { createLogger } from '../../src/core/logger';

const logInto = (lines: string[], secrets: readonly string[] = []) =>
  createLogger({
    level: 'info',
    now: () => new Date('2026-03-01T00:00:00Z'),
    write: (line) => lines.push(line),
    secrets,
  });

test('writes one JSON object a line with its fields', () => {
  const lines: string[] = [];
  logInto(lines).with({ room: 'sync' }).info('run ended', { created: 3 });
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    at: '2026-03-01T00:00:00.000Z',
    level: 'info',
    message: 'run ended',
    room: 'sync',
    created: 3,
  });
});

test('cuts out secrets by the name of their field, however deep', () => {
  const lines: string[] = [];
  logInto(lines).info('call', {
    request: { headers: { Authorization: 'Bearer abc', accept: 'json' } },
    refresh_token: 'x',
    list: [{ password: 'y' }],
  });
  expect(lines[0]).not.toMatch(/Bearer abc|"x"|"y"/);
  expect(lines[0]).toContain('"accept":"json"');
});

test('cuts out known secrets wherever they hide, in messages of errors too', () => {
  const lines: string[] = [];
  logInto(lines, ['sk_live_secret_1']).error('failed with sk_live_secret_1', {
    error: new Error('url?key=sk_live_secret_1'),
  });
  expect(lines[0]).not.toContain('sk_live_secret_1');
});

test('writes of a vendor error only name, message and stack', () => {
  const lines: string[] = [];
  const error = Object.assign(new Error('refused'), {
    config: { headers: { Cookie: 'abc' } },
    response: { data: 'raw' },
  });
  logInto(lines).error('vendor', { error });
  expect(lines[0]).not.toMatch(/raw|abc/);
});

test('keeps quiet below its level', () => {
  const lines: string[] = [];
  logInto(lines).debug('nothing');
  expect(lines).toEqual([]);
});
