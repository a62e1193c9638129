// The small forms: dates, tags, conditions, texts, countries.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countryCode, countryName } from '../../../src/connectors/xero/countries';
import {
  parseDocumentDate,
  parseInstant,
  parseLockDate,
  secondBefore,
  toModifiedSince,
} from '../../../src/connectors/xero/dates';
import {
  contactNumberOf,
  linkOf,
  readContactNumber,
  readReference,
  referenceWithTag,
  tagOfLink,
} from '../../../src/connectors/xero/tags';
import { cut } from '../../../src/connectors/xero/text';
import { ianaZoneOf } from '../../../src/connectors/xero/time-zones';
import { textIs, whereGroups } from '../../../src/connectors/xero/where';

describe('dates', () => {
  test.each([
    ['/Date(1518685950940+0000)/', '2018-02-15T09:12:30.940Z'],
    ['/Date(1552327126164)/', '2019-03-11T17:58:46.164Z'],
    ['/Date(-62135596800000+0000)/', '0001-01-01T00:00:00.000Z'],
    ['2025-12-02T00:44:09.923', '2025-12-02T00:44:09.923Z'],
    ['2019-11-14T18:10:38Z', '2019-11-14T18:10:38.000Z'],
    ['', undefined],
    ['/Date()/', undefined],
    ['/Date(999999999999999)/', '33658-09-27T01:46:39.999Z'],
    ['yesterday', undefined],
  ])('the instant %s', (text, expected) => {
    // Years of five digits have a sign in ISO; such a stamp is nonsense and yet must not throw.
    expect(parseInstant(text)?.replace(/^\+0/, '')).toBe(expected);
  });

  test.each([
    ['2018-10-20T00:00:00', '2018-10-20'],
    ['2018-10-20', '2018-10-20'],
    ['/Date(1539993600000+0000)/', '2018-10-20'],
    ['2018-02-30T00:00:00', undefined],
    ['', undefined],
  ])('the document date %s is never shifted', (text, expected) => expect(parseDocumentDate(text)).toBe(expected));

  test('a lock date may be midnight of UTC or of the organisation', () => {
    expect(parseLockDate('/Date(1546214400000+0000)/', 'Pacific/Auckland')).toBe('2018-12-31');
    expect(parseLockDate('/Date(1546167600000+0000)/', 'Pacific/Auckland')).toBe('2018-12-31');
    expect(parseLockDate('nonsense', 'UTC')).toBeUndefined();
  });

  test('a moment for If-Modified-Since has whole seconds', () => {
    expect(toModifiedSince('2026-01-02T03:04:05.678Z')).toBe('2026-01-02T03:04:05');
    expect(secondBefore('2026-01-02T03:04:05.678Z', 1)).toBe('2026-01-02T03:04:04.000Z');
  });

  test('time zones are known by Windows’ names', () => {
    expect(ianaZoneOf('NEWZEALANDSTANDARDTIME')).toBe('Pacific/Auckland');
    expect(ianaZoneOf('GMTSTANDARDTIME')).toBe('Europe/London');
    expect(ianaZoneOf('MARSSTANDARDTIME')).toBeUndefined();
  });
});

describe('tags', () => {
  test.each([
    ['cus_01abc', 'bb:cus_01abc:0', 'cus_01abc'],
    ['cus_01abc', 'bb:cus_01abc:2', 'cus_01abc~2'],
    [null, 'bb:cus_01abc:0', 'bb:cus_01abc:0'],
  ])('a contact %s with %s has the number %s, and is read back', (externalRef, tag, number) => {
    expect(contactNumberOf(externalRef, tag)).toBe(number);
    expect(readContactNumber(number)).toEqual({ externalRef, tag });
  });

  test('a number of another app is no tag', () => {
    expect(readContactNumber('ACME-17')).toEqual({ externalRef: 'ACME-17' });
    expect(contactNumberOf('ACME-17', 'bb:cus_01abc:0')).toBe('ACME-17');
  });

  test('an invoice links back to its tag, and to nobody else’s page', () => {
    const url = linkOf('https://app.example', 'bb:inv_1:3');
    expect(url).not.toMatch(/\s/);
    expect(tagOfLink(url)).toBe('bb:inv_1:3');
    for (const other of ['', 'https://shop.example/orders/1', 'https://x/open/%E0%A4%A', 'https://x/open/hello']) {
      expect(tagOfLink(other)).toBeUndefined();
    }
  });

  test('a reference carries the tag behind what people wrote, whatever that is', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ minLength: 1 }), { nil: null }), (text) => {
        const written = text === null || text.trim() === '' ? null : text.trim();
        const read = readReference(referenceWithTag(written, 'bb:pay_01a:12'));
        expect(read).toEqual({ reference: written, tag: 'bb:pay_01a:12' });
      }),
    );
    expect(readReference('CHQ 17 [paid]')).toEqual({ reference: 'CHQ 17 [paid]' });
    expect(readReference('')).toEqual({ reference: null });
  });
});

describe('conditions', () => {
  test.each([
    ["O'Brien", `Name=="O'Brien"`],
    ['back\\slash', 'Name=="back\\\\slash"'],
    ['say "hi"', 'Name=="say \\"hi\\""'],
    ['" OR Name!="', 'Name=="\\" OR Name!=\\""'],
  ])('the name %s cannot leave its quotation marks', (name, condition) => expect(textIs('Name', name)).toBe(condition));

  test('no group grows longer than an address may be, and none is lost', () => {
    const tests = Array.from({ length: 200 }, (_, i) => textIs('InvoiceNumber', `${'Ü'.repeat(i % 200)}${i}`));
    const groups = whereGroups(tests);
    expect(groups.flat()).toEqual(tests);
    for (const group of groups) expect(encodeURIComponent(group.join(' OR ')).length).toBeLessThan(4_000);
    expect(whereGroups([])).toEqual([]);
  });
});

describe('texts', () => {
  test('are cut between characters, not inside one', () => {
    expect(cut(`${'a'.repeat(9)}😀`, 10)).toBe('a'.repeat(9));
    expect(cut('  Cafe\u0301  ', 10)).toBe('Café');
    expect(cut('abc def', 4)).toBe('abc');
  });

  test('countries survive the way there and back', () => {
    for (const code of ['GB', 'US', 'NZ', 'AU', 'DE', 'CI', 'BA', 'KR', 'TR', 'CW']) {
      expect([code, countryCode(countryName(code))]).toEqual([code, code]);
      expect(countryName(code)).toMatch(/^[A-Za-z ]+$/); // all that Xero takes
    }
    expect([countryCode('UK'), countryCode('united kingdom'), countryCode('USA'), countryCode('Narnia')]).toEqual([
      'GB',
      'GB',
      'US',
      null,
    ]);
  });
});
