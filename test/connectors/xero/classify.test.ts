import { describe, expect, test } from '@jest/globals';
import { budgetAnswerOf, classify, classOfMessages } from '../../../src/connectors/xero/classify';

const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const refusal = (message: string) => ({
  ErrorNumber: 10,
  Type: 'ValidationException',
  Message: 'A validation exception occurred',
  Elements: [{ InvoiceNumber: 'BB-1', ValidationErrors: [{ Message: message }] }],
});
const detail = (Detail: string, Status = 401) => ({ Type: null, Title: 'Unauthorized', Status, Detail });

describe('what may be concluded from an answer of Xero', () => {
  test.each([
    ['no connection was made', { silence: 'unreached' } as const, 'turnedAway', 'transient'],
    ['the answer was lost', { silence: 'lost' } as const, 'unknown', 'transient'],
    ['a 200 that ends in the middle', answer(200, '{"Invoices":[{"Inv'), 'unknown', 'transient'],
    ['a 200 that is HTML', answer(200, '<html>'), 'unknown', 'transient'],
    ['500, which may have been committed', answer(500, detail('An error occurred', 500)), 'unknown', 'transient'],
    ['502 of a gateway', answer(502, 'Bad Gateway'), 'unknown', 'transient'],
    ['503 with HTML', answer(503, '<!DOCTYPE html>'), 'unknown', 'transient'],
    ['503 with plain text', answer(503, 'The Organisation is offline'), 'unknown', 'transient'],
    ['501', answer(501), 'unknown', 'transient'],
    ['429', answer(429, '', { 'x-rate-limit-problem': 'minute', 'retry-after': '7' }), 'turnedAway', 'throttled'],
    ['429 that says nothing', answer(429), 'turnedAway', 'throttled'],
    ['401 TokenExpired', answer(401, detail('TokenExpired: token expired at …')), 'turnedAway', 'auth'],
    ['401 of an unknown token', answer(401, detail('AuthenticationUnsuccessful')), 'turnedAway', 'auth'],
    ['401 of a missing scope', answer(401, detail('AuthorizationUnsuccessful')), 'turnedAway', 'auth'],
    ['403 after a disconnect', answer(403, detail('AuthenticationUnsuccessful', 403)), 'turnedAway', 'auth'],
    ['404 with plain text', answer(404, 'The resource you’re looking for cannot be found'), 'refused', 'notFound'],
    ['409', answer(409), 'refused', 'transient'],
    ['412', answer(412), 'refused', 'validation'],
    ['400 of a taken number', answer(400, refusal('Invoice # must be unique.')), 'refused', 'duplicate'],
    [
      '400 of bad JSON',
      answer(400, { Type: 'PostDataInvalidException', Message: 'JSON was invalid' }),
      'refused',
      'validation',
    ],
    ['400 that is no JSON', answer(400, 'Bad Request'), 'refused', 'validation'],
  ] as const)('%s', (_, wire, effect, problemClass) => {
    expect(classify(wire)).toMatchObject({ verdict: 'failed', effect, problem: { class: problemClass } });
  });

  test('a 200 that can be read is an answer, whatever is in it', () => {
    expect(classify(answer(200, { Status: 'OK', Invoices: [] }))).toEqual({
      verdict: 'answered',
      json: { Status: 'OK', Invoices: [] },
    });
    expect(classify(answer(204))).toEqual({ verdict: 'answered', json: {} });
  });

  test('only a token that ran out or is unknown is worth a fresh one; a missing scope is not', () => {
    expect(classify(answer(401, detail('TokenExpired: x')))).toHaveProperty('tokenExpired', true);
    expect(classify(answer(401, detail('AuthenticationUnsuccessful')))).toHaveProperty('tokenExpired', true);
    expect(classify(answer(401, detail('AuthorizationUnsuccessful')))).not.toHaveProperty('tokenExpired');
    expect(classify(answer(403, detail('AuthenticationUnsuccessful', 403)))).not.toHaveProperty('tokenExpired');
  });

  test('a refusal keeps Xero’s own sentences, each once', () => {
    const twice = {
      Elements: [
        { ValidationErrors: [{ Message: 'A.' }, { Message: 'B.' }] },
        { ValidationErrors: [{ Message: 'A.' }] },
      ],
    };
    expect(classify(answer(400, twice))).toMatchObject({ problem: { message: 'A. B.' } });
  });

  test.each([
    ['minute', 'minute'],
    ['Minute', 'minute'],
    ['DAY', 'day'],
    ['concurrent', 'concurrent'],
    ['appminute', 'app'],
    ['app-minute', 'app'],
    ['AppMinute', 'app'],
    ['', 'minute'],
  ])('the limit named "%s" is %s', (problem, limit) => {
    expect(budgetAnswerOf(answer(429, '', { 'x-rate-limit-problem': problem }))).toEqual({ limit });
  });

  test('the budget hears what is left and how long to wait', () => {
    const headers = { 'x-minlimit-remaining': '12', 'x-daylimit-remaining': '4321', 'retry-after': '66975' };
    expect(budgetAnswerOf(answer(200, {}, headers))).toEqual({ minuteRemaining: 12, dayRemaining: 4321 });
    expect(budgetAnswerOf(answer(429, '', { ...headers, 'x-rate-limit-problem': 'day' }))).toEqual({
      minuteRemaining: 12,
      dayRemaining: 4321,
      retryAfterMs: 66_975_000,
      limit: 'day',
    });
    expect(budgetAnswerOf(answer(200, {}, { 'x-minlimit-remaining': 'many' }))).toEqual({});
  });

  test.each([
    ['Invoice # must be unique.', 'duplicate'],
    [
      'The contact name X is already assigned to another contact. The contact name must be unique across all active contacts.',
      'duplicate',
    ],
    ['The contact with the specified contact details already exists', 'duplicate'],
    ['The document date cannot be before the period lock date, currently set at 31 March 2026', 'locked'],
    ['… cannot be edited as it is currently dated before the end of year lock date', 'locked'],
    ['Invoice not of valid status for modification', 'validation'],
    ['This document cannot be edited as it has a payment or credit note allocated to it', 'validation'],
    ['Payment amount exceeds the amount outstanding on this document', 'validation'],
    ['Payments can only be made against Authorised documents', 'validation'],
    ['Only Status accepted for updates', 'validation'],
    ['To update fields on a paid invoice line item, you must supply a LineItemID', 'validation'],
    ['Organisation is not subscribed to currency USD', 'unsupported'],
    ["Account code '200' has been archived.", 'validation'],
    ["The TaxType code 'X' cannot be used with account code '200'.", 'validation'],
    ['You have reached the limit of invoices you can approve', 'unsupported'],
    ['Invoice could not be found', 'notFound'],
  ])('"%s" is %s', (message, problemClass) => {
    expect(classOfMessages([message])).toBe(problemClass);
  });
});
