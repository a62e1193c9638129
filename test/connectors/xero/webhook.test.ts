import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { verifyXeroWebhook } from '../../../src/connectors/xero/webhook';

const KEY = 'webhook-key/+as=text';
const sign = (body: string, key: string = KEY): string => createHmac('sha256', key).update(body).digest('base64');
const happenedAt = '2025-12-02T00:44:09.923Z';
const event = (more: object = {}) => ({
  resourceUrl: 'https://api.xero.com/api.xro/2.0/Invoices/r-1',
  resourceId: 'r-1',
  tenantId: 'o-1',
  tenantType: 'ORGANISATION',
  eventCategory: 'INVOICE',
  eventType: 'UPDATE',
  eventDateUtc: '2025-12-02T00:44:09.923',
  ...more,
});
// Real bodies have odd blanks: written anew they would have another signature.
const bodyOf = (events: unknown): string =>
  `{"events": ${JSON.stringify(events)},"lastEventSequence": 1,"firstEventSequence": 1, "entropy": "RYMNEGOXJGHOOSTMUTSX"}`;
const verify = (body: string, signature: string | undefined, key: string | undefined = KEY) =>
  verifyXeroWebhook(key, Buffer.from(body), { 'x-xero-signature': signature });

describe('a webhook of Xero', () => {
  test('is accepted over its raw bytes, and only ids and their moments come out', () => {
    const body = bodyOf([
      event(),
      event({ eventCategory: 'CONTACT', resourceId: 'r-2' }),
      event({ eventCategory: 'CREDITNOTE', resourceId: 'r-3' }),
    ]);
    expect(verify(body, sign(body))).toEqual({
      verdict: 'accept',
      hints: [
        { organisationId: 'o-1', kind: 'invoice', externalId: 'r-1', happenedAt },
        { organisationId: 'o-1', kind: 'contact', externalId: 'r-2', happenedAt },
        { organisationId: 'o-1', kind: 'creditNote', externalId: 'r-3', happenedAt },
      ],
    });
    expect(JSON.stringify(JSON.parse(body))).not.toBe(body);
  });

  test('answers the test of an address right: no events, some of them mis-signed on purpose', () => {
    const body = bodyOf([]);
    expect(verify(body, sign(body))).toEqual({ verdict: 'accept', hints: [] });
    expect(verify(body, sign(body, 'another-key'))).toEqual({ verdict: 'reject' });
  });

  test.each([
    ['no signature', undefined],
    ['an empty one', ''],
    ['a short one', 'AAAA'],
    ['text that is no base64', '!!!'],
    ['that of another body', sign('{}')],
    [
      'that of a key taken for base64',
      createHmac('sha256', Buffer.from(KEY, 'base64'))
        .update(bodyOf([event()]))
        .digest('base64'),
    ],
  ])('is rejected with %s', (_, signature) => {
    expect(verify(bodyOf([event()]), signature)).toEqual({ verdict: 'reject' });
  });

  test('is rejected where no key is set', () => {
    expect(verifyXeroWebhook(undefined, Buffer.from('{}'), { 'x-xero-signature': sign('{}', '') })).toEqual({
      verdict: 'reject',
    });
  });

  test('finds its signature whatever the case of the header’s name', () => {
    const body = bodyOf([event()]);
    expect(verifyXeroWebhook(KEY, Buffer.from(body), { 'X-Xero-Signature': sign(body) }).verdict).toBe('accept');
  });

  test('tells of overpayments and prepayments as the payments they are, known by their own ids', () => {
    const body = bodyOf([
      event({ eventCategory: 'OVERPAYMENT', resourceId: 'r-1' }),
      event({ eventCategory: 'PREPAYMENT', resourceId: 'r-2' }),
    ]);
    expect(verify(body, sign(body))).toMatchObject({
      hints: [
        { kind: 'payment', externalId: 'overpayment/r-1' },
        { kind: 'payment', externalId: 'prepayment/r-2' },
      ],
    });
  });

  test('gives no hint for what it does not know or cannot read, and keeps the others', () => {
    const body = bodyOf([
      event({ eventCategory: 'SUBSCRIPTION' }),
      { strange: true },
      null,
      event({ resourceId: 'r-9' }),
    ]);
    expect(verify(body, sign(body))).toMatchObject({ hints: [{ externalId: 'r-9' }] });
    for (const odd of ['[]', 'null', '{"events":7}', 'no json']) {
      expect(verify(odd, sign(odd))).toEqual({ verdict: 'accept', hints: [] });
    }
  });
});
