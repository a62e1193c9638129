import { describe, expect, test } from '@jest/globals';
import { byFault, classify, faultIn } from '../../../src/connectors/quickbooks/classify';

const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const fault = (code: string, Message = '', Detail = '', type = 'ValidationFault') => ({
  Fault: { Error: [{ Message, Detail, code }], type },
  time: '2026-11-20T01:00:00.000-08:00',
});
const gateway = (code: string) => ({
  fault: { error: [{ message: 'm', detail: 'd', code, element: null }], type: 'A' },
});
const expired =
  '<IntuitResponse><Fault type="AUTHENTICATION"><Error code="3200"><Message>x</Message></Error></Fault></IntuitResponse>';

const CLOSED = 'Account Period Closed, Cannot Update Through Services API';

describe('what may be concluded from an answer of QuickBooks', () => {
  test.each([
    ['no connection was made', { silence: 'unreached' } as const, 'turnedAway', 'transient'],
    ['the answer was lost', { silence: 'lost' } as const, 'unknown', 'transient'],
    ['a 200 that ends in the middle', answer(200, '{"Invoice":{"Id'), 'unknown', 'transient'],
    ['a 200 that is HTML', answer(200, '<html>'), 'unknown', 'transient'],
    ['a 200 with a sentence of a lapsed company', answer(200, 'Your subscription has ended.'), 'unknown', 'auth'],
    [
      'a 200 that contains an error',
      answer(200, fault('6000', 'A business validation error')),
      'refused',
      'validation',
    ],
    ['a 200 that contains a throttle', answer(200, fault('3001')), 'turnedAway', 'throttled'],
    ['500 with HTML, which may have been committed', answer(500, '<html>'), 'unknown', 'transient'],
    ['502 of a gateway', answer(502, 'Bad Gateway'), 'unknown', 'transient'],
    ['503 with HTML', answer(503, '<!DOCTYPE html>'), 'unknown', 'transient'],
    ['500 with a fault', answer(500, fault('10000', 'x', 'y', 'SystemFault')), 'unknown', 'transient'],
    ['400 of the system', answer(400, fault('10000', 'x', 'y', 'SystemFault')), 'unknown', 'transient'],
    ['429', answer(429, fault('3001')), 'turnedAway', 'throttled'],
    ['429 with a padded code', answer(429, fault('003001')), 'turnedAway', 'throttled'],
    ['429 that says nothing', answer(429), 'turnedAway', 'throttled'],
    ['401 of the gateway', answer(401, gateway('3200')), 'turnedAway', 'auth'],
    ['401 as XML', answer(401, expired), 'turnedAway', 'auth'],
    ['401 that says nothing', answer(401), 'turnedAway', 'auth'],
    ['401 of a user who lost access', answer(401, fault('120')), 'turnedAway', 'auth'],
    ['403 of a disconnected app', answer(403, gateway('3100')), 'turnedAway', 'auth'],
    ['403 as HTML', answer(403, '<html>'), 'turnedAway', 'auth'],
    ['6190 of an ended subscription', answer(400, fault('6190')), 'turnedAway', 'auth'],
    ['404 with HTML', answer(404, '<html>'), 'refused', 'notFound'],
    ['610', answer(400, fault('610', 'Object Not Found')), 'refused', 'notFound'],
    ['5010', answer(400, fault('5010', 'Stale Object Error')), 'refused', 'stale'],
    ['5010 that is a closed period', answer(400, fault('5010', 'Stale Object Error', CLOSED)), 'refused', 'locked'],
    ['6210', answer(400, fault('6210', CLOSED)), 'refused', 'locked'],
    ['6200', answer(400, fault('6200', 'x')), 'refused', 'locked'],
    ['6140', answer(400, fault('6140', 'Duplicate Document Number Error')), 'refused', 'duplicate'],
    [
      '6210 that is a taken number',
      answer(400, fault('6210', 'Duplicate Document Number Error')),
      'refused',
      'duplicate',
    ],
    ['6240', answer(400, fault('6240', 'Duplicate Name Exists Error')), 'refused', 'duplicate'],
    [
      '6240 of a bad sign',
      answer(400, fault('6240', 'x', 'The name contains an invalid character')),
      'refused',
      'validation',
    ],
    ['6540', answer(400, fault('6540', 'Deposited Transaction cannot be changed')), 'refused', 'validation'],
    ['6000', answer(400, fault('6000', 'Business Validation Error')), 'refused', 'validation'],
    ['6000 unexpected', answer(400, fault('6000', 'x', 'An unexpected error occurred')), 'refused', 'transient'],
    ['2050', answer(400, fault('2050', 'Invalid String')), 'refused', 'validation'],
    ['4000', answer(400, fault('4000', 'Error parsing query')), 'refused', 'bug'],
    ['500 (the code)', answer(400, fault('500', 'Unsupported Operation')), 'refused', 'bug'],
    ['1040', answer(400, fault('1040', 'Batch size exceeded')), 'refused', 'bug'],
    ['400 that is no JSON', answer(400, 'Bad Request'), 'refused', 'validation'],
    ['a code nobody has seen', answer(400, fault('77777', 'Something new')), 'refused', 'validation'],
  ] as const)('%s', (_, wire, effect, problemClass) => {
    expect(classify(wire)).toMatchObject({ verdict: 'failed', effect, problem: { class: problemClass } });
  });

  test('a 200 with an object and no fault is an answer, whatever is in it', () => {
    expect(classify(answer(200, { QueryResponse: {} }))).toEqual({ verdict: 'answered', json: { QueryResponse: {} } });
  });

  test('only a token that has run out is worth a second try', () => {
    expect(classify(answer(401, gateway('3200')))).toHaveProperty('tokenExpired', true);
    expect(classify(answer(401, expired))).toHaveProperty('tokenExpired', true);
    for (const wire of [answer(401, fault('120')), answer(403, gateway('3100')), answer(400, fault('6190'))]) {
      expect(classify(wire)).not.toHaveProperty('tokenExpired');
    }
  });

  test('a 429 waits as told, and a minute where nothing is told', () => {
    expect(classify(answer(429, fault('3001')))).toMatchObject({ problem: { retryAfterMs: 60_000 } });
    expect(classify(answer(429, fault('3001'), { 'retry-after': '30' }))).toMatchObject({
      problem: { retryAfterMs: 30_000 },
    });
    expect(classify(answer(429, '', { 'retry-after': 'soon' }))).toMatchObject({ problem: { retryAfterMs: 60_000 } });
  });

  test('a failure carries the id by which Intuit finds the call', () => {
    const wire = answer(400, fault('2050'), { intuit_tid: '1-abc' });
    expect(classify(wire)).toMatchObject({ problem: { requestId: '1-abc', code: '2050' } });
  });

  test('an item of a batch is judged as a call is', () => {
    const item = faultIn({ bId: '1', ...fault('5010', 'Stale Object Error') });
    expect(item && byFault(200, item)).toMatchObject({ effect: 'refused', problem: { class: 'stale' } });
    expect(faultIn({ bId: '1', Invoice: {} })).toBeUndefined();
  });

  test('a taken name is told in a sentence that says where names are unique', () => {
    const verdict = classify(answer(400, fault('6240', 'Duplicate Name Exists Error')));
    expect(verdict).toMatchObject({ problem: { message: expect.stringMatching(/customer, supplier or employee/) } });
  });
});
