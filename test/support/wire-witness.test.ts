// The witness is worth something only if it speaks up: each kind of wrong body is shown to it once.
import { expect, it } from '@jest/globals';
import { FAULTS as QUICKBOOKS_FAULTS } from '../../sandbox/quickbooks/faults';
import { FAULTS as XERO_FAULTS } from '../../sandbox/xero/faults';
import { describeWithQuickBooksSchema } from './quickbooks-schema';
import { NOT_AS_DOCUMENTED, type WatchedExchange, type WatchedLedger, watchWire } from './wire-witness';
import { describeWithXeroSchema } from './xero-schema';

const PUT = { method: 'PUT', path: '/api.xro/2.0/Contacts' };
const verdictOn = (ledger: WatchedLedger, ...exchanges: readonly Partial<WatchedExchange>[]): string => {
  const witness = watchWire(ledger);
  for (const exchange of exchanges) {
    witness.onExchange({
      method: 'GET',
      path: ledger === 'xero' ? '/api.xro/2.0/Contacts?page=1' : '/v3/company/1/customer/7?minorversion=75',
      requestBody: undefined,
      status: 200,
      responseBody: ledger === 'xero' ? { Contacts: [] } : { time: '2026-03-02T03:04:05.678-08:00' },
      faults: [],
      ...exchange,
    });
  }
  expect(witness.checked()).toBeGreaterThan(0);
  try {
    witness.expectValid();
    return 'valid';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

it('names only faults that exist, each with its reason', () => {
  expect(Object.keys(XERO_FAULTS)).toEqual(expect.arrayContaining(Object.keys(NOT_AS_DOCUMENTED.xero)));
  expect(Object.keys(QUICKBOOKS_FAULTS)).toEqual(expect.arrayContaining(Object.keys(NOT_AS_DOCUMENTED.quickbooks)));
});

describeWithXeroSchema('what is said to Xero and by it', () => {
  it.each<readonly [string, Partial<WatchedExchange>, RegExp]>([
    ['an answer as documented', {}, /^valid$/],
    [
      'a text for a number',
      { responseBody: { Contacts: [{ Name: 12 }] } },
      /GET .*Contacts.* → 200: \/Contacts\/0\/Name must be string/,
    ],
    [
      'a field that nobody documented',
      { responseBody: { Contacts: [{ Nom: 'Ada' }] } },
      /additional properties \(Nom\)/,
    ],
    ['HTML with 200', { responseBody: '<html></html>' }, /→ 200: the body is text, no JSON/],
    ['an address that does not exist', { path: '/api.xro/2.0/Kontakte' }, /Kontakte is not in Xero's OpenAPI document/],
    ['a query that does not exist', { path: '/api.xro/2.0/Contacts?seite=1' }, /no query parameter seite/],
    [
      'a request with a wrong body',
      { ...PUT, requestBody: { Contacts: [{ Name: ['Ada'] }] } },
      /PUT \/api.xro\/2.0\/Contacts: \/Contacts\/0\/Name must be string/,
    ],
    ['a request whose body is missing', PUT, /PUT \/api.xro\/2.0\/Contacts: the body must be object/],
    ['a request that was turned away unread', { ...PUT, status: 429, responseBody: '' }, /^valid$/],
  ])('%s', (_name, exchange, verdict) => {
    expect(verdictOn('xero', {}, exchange)).toMatch(verdict);
  });

  it('lets an answer pass that a fault has broken on purpose, and the request that met it not', () => {
    const broken = { ...PUT, requestBody: { Contacts: [{ Name: 7 }] }, responseBody: '{"Conta' };
    expect(verdictOn('xero', { responseBody: '{"Conta', faults: ['truncated-answer'] })).toBe('valid');
    expect(verdictOn('xero', { ...broken, faults: ['truncated-answer'] })).toMatch(/Name must be string/);
    expect(verdictOn('xero', { responseBody: '{"Conta', faults: ['slow'] })).toMatch(/no JSON/);
  });

  it('says each mistake once and how often it was made', () => {
    const wrong = { responseBody: { Contacts: [{ Name: 12 }] } };
    expect(verdictOn('xero', wrong, wrong, wrong).match(/must be string.*/g)).toEqual(['must be string (3 times)']);
  });
});

describeWithQuickBooksSchema('what is said to QuickBooks and by it', () => {
  const path = '/v3/company/1/customer?minorversion=75';
  it.each<readonly [string, Partial<WatchedExchange>, RegExp]>([
    ['an answer as documented', {}, /^valid$/],
    ['a number for a text', { responseBody: { Customer: { DisplayName: 12 } } }, /DisplayName: 12 is no xs:string/],
    ['a field that nobody documented', { responseBody: { Customer: { Nom: 'Ada' } } }, /has no field Nom/],
    ['HTML with 200', { responseBody: '<html></html>' }, /→ 200: the body is text, no JSON/],
    ['an entity that does not exist', { path: '/v3/company/1/kunde/7' }, /knows no entity kunde/],
    [
      'a request with a wrong body',
      { method: 'POST', path, requestBody: { DisplayName: { Ada: 1 } } },
      /POST \/v3\/company\/1\/customer DisplayName: .* is no xs:string/,
    ],
  ])('%s', (_name, exchange, verdict) => {
    expect(verdictOn('quickbooks', {}, exchange)).toMatch(verdict);
  });
});
