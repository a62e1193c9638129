import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Body, DAY, HOUR, MINUTE, type Rehearsal, rehearse } from './client';

/** An app that checks signatures as it should, unless a test makes it answer otherwise. */
type Receiver = {
  readonly url: string;
  readonly bodies: string[];
  answer: (isSigned: boolean) => { status: number; text?: string };
  close(): Promise<unknown>;
};
const listen = async (key: string): Promise<Receiver> => {
  const bodies: string[] = [];
  const receiver = {
    bodies,
    answer: (isSigned: boolean): { status: number; text?: string } => ({ status: isSigned ? 200 : 401 }),
  };
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const isSigned = createHmac('sha256', key).update(raw).digest('base64') === request.headers['x-xero-signature'];
    if (isSigned) bodies.push(raw.toString('utf8'));
    const { status, text = '' } = receiver.answer(isSigned);
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}/webhooks/xero`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
};

let rehearsal: Rehearsal;
let receiver: Receiver;
beforeEach(async () => {
  receiver = await listen('signing-key');
  rehearsal = await rehearse({ webhookKey: 'signing-key', webhookUrl: receiver.url });
});
afterEach(async () => {
  await rehearsal.sandbox.close();
  await receiver.close();
});

const received = (): Body[] => receiver.bodies.map((body) => JSON.parse(body));
const events = (): string[] =>
  received().flatMap(({ events: list }) =>
    list.map((event: Body) => `${event.eventCategory} ${event.eventType} ${event.resourceId}`),
  );
const books = () => rehearsal.sandbox.books();
const lines = [{ description: 'Plan', unitAmount: '10' }];

describe('what is told', () => {
  test('contacts, invoices and credit notes, made by a person or by the app; no payment', async () => {
    const { contactId } = books().enterCustomer({ name: 'Ada' });
    const { id: first } = books().enterInvoice({ contactId, lines });
    const { id: note } = books().enterCreditNote({ contactId, lines });
    await rehearsal.sandbox.flushWebhooks();
    expect(events()).toEqual([`CONTACT CREATE ${contactId}`, `INVOICE CREATE ${first}`, `CREDITNOTE CREATE ${note}`]);
    expect(received()[0].events[2].data).toEqual({ Type: 'ACCRECCREDIT', Status: 'AUTHORISED' });

    receiver.bodies.length = 0;
    books().recordPayment({ documentId: first, amount: '4' });
    await rehearsal.sandbox.flushWebhooks();
    expect(events()).toEqual([]);
    books().recordPayment({ documentId: first, amount: '8' }); // now it is PAID, which is a change of the invoice
    await rehearsal.api('POST', '/Contacts', { Contacts: [{ ContactID: contactId, FirstName: 'Ada' }] });
    books().archiveCustomer(contactId);
    await rehearsal.sandbox.flushWebhooks();
    expect(events()).toEqual([`INVOICE UPDATE ${first}`, `CONTACT UPDATE ${contactId}`, `CONTACT UPDATE ${contactId}`]);
  });

  test('thin events with a tenant, an address and a time without zone, in a body that cannot be re-serialised', async () => {
    const { contactId } = books().enterCustomer({ name: 'Ada' });
    await rehearsal.sandbox.flushWebhooks();
    const [body] = received();
    expect(body.events[0]).toEqual({
      resourceUrl: `${rehearsal.sandbox.url}/api.xro/2.0/Contacts/${contactId}`,
      resourceId: contactId,
      tenantId: rehearsal.tenantId,
      tenantType: 'ORGANISATION',
      eventCategory: 'CONTACT',
      eventType: 'CREATE',
      eventDateUtc: '2026-11-20T09:00:00.250',
    });
    expect(body).toMatchObject({ firstEventSequence: 1, lastEventSequence: 1 });
    expect(receiver.bodies[0]).toContain('"firstEventSequence": 1');
    expect(receiver.bodies[0]).not.toBe(JSON.stringify(body));
  });

  test('a refused batch tells nothing, and an organisation that is not connected is not heard of', async () => {
    await rehearsal.api('PUT', '/Contacts', { Contacts: [{ Name: 'A' }, { Name: 'A' }] });
    const [{ id } = { id: '' }] = rehearsal.sandbox.grants.allConnections();
    rehearsal.sandbox.grants.disconnect(id);
    books().enterCustomer({ name: 'Unheard' });
    await rehearsal.sandbox.flushWebhooks();
    expect(events()).toEqual([]);
  });

  test('one event for a record that changes twice in one batch, and none of what was undone in it', async () => {
    const { contactId } = books().enterCustomer({ name: 'Ada' });
    await rehearsal.sandbox.flushWebhooks();
    receiver.bodies.length = 0;
    books().state.together(() => {
      books().changePhone(contactId, '020 1');
      // The contact is changed a second time inside an invoice that is then refused.
      expect(() =>
        books().state.together(() => {
          books().changePhone(contactId, '020 2');
          books().enterInvoice({ contactId, lines: [] });
        }),
      ).toThrow('line items');
    });
    await rehearsal.sandbox.flushWebhooks();
    expect(events()).toEqual([`CONTACT UPDATE ${contactId}`]);
    expect(
      books()
        .contact(contactId)
        .phones.map((phone) => phone.PhoneNumber),
    ).toContain('020 1');
  });

  test('arrives by itself, without a flush', async () => {
    const arrived = new Promise<void>((resolve) => {
      receiver.answer = (isSigned) => {
        resolve();
        return { status: isSigned ? 200 : 401 };
      };
    });
    books().enterCustomer({ name: 'Ada' });
    await arrived;
    expect(events()).toHaveLength(1);
  });
});

describe('intent to receive', () => {
  test('is proved by 200 to right and 401 to wrong signatures', async () => {
    const answers = await rehearsal.sandbox.webhooks.intentToReceive();
    expect(answers.map(({ signed, status }) => [signed, status])).toEqual([
      ['right', 200],
      ['wrong', 401],
      ['right', 200],
      ['wrong', 401],
    ]);
    expect(rehearsal.sandbox.webhooks.state()).toBe('ok');
    expect(received().every((body) => body.events.length === 0)).toBe(true);
  });

  test.each([
    ['takes everything', () => ({ status: 200 })],
    ['answers with a body', (isSigned: boolean) => ({ status: isSigned ? 200 : 401, text: 'ok' })],
  ])('fails an app that %s', async (_what, answer) => {
    receiver.answer = answer;
    await rehearsal.sandbox.webhooks.intentToReceive();
    expect(rehearsal.sandbox.webhooks.state()).toBe('disabled');
  });
});

describe('failure', () => {
  test('is repeated at once, then every quarter of an hour, in order and complete', async () => {
    let attempts = 0;
    receiver.answer = () => {
      attempts += 1;
      return { status: 500 };
    };
    books().enterCustomer({ name: 'A' });
    await rehearsal.sandbox.flushWebhooks();
    expect([attempts, rehearsal.sandbox.webhooks.state()]).toEqual([2, 'retrying']);
    await rehearsal.sandbox.flushWebhooks();
    expect(attempts).toBe(2); // not due yet
    books().enterCustomer({ name: 'B' });
    receiver.answer = () => ({ status: 200 });
    receiver.bodies.length = 0;
    rehearsal.clock.advance(15 * MINUTE);
    await rehearsal.sandbox.flushWebhooks();
    expect(received()).toMatchObject([{ firstEventSequence: 1, lastEventSequence: 2 }]);
    expect(rehearsal.sandbox.webhooks.state()).toBe('ok');
  });

  test('for a day disables the webhook; what happened for 31 days is replayed once it is healthy', async () => {
    receiver.answer = () => ({ status: 500 });
    books().enterCustomer({ name: 'Old' });
    await rehearsal.sandbox.flushWebhooks();
    rehearsal.clock.advance(DAY);
    await rehearsal.sandbox.flushWebhooks();
    expect(rehearsal.sandbox.webhooks.state()).toBe('disabled');
    rehearsal.clock.advance(20 * DAY);
    const { contactId } = books().enterCustomer({ name: 'Young' });
    receiver.answer = (isSigned) => ({ status: isSigned ? 200 : 401 });
    receiver.bodies.length = 0;
    rehearsal.clock.advance(10 * DAY + HOUR);
    await rehearsal.sandbox.webhooks.intentToReceive();
    await rehearsal.sandbox.flushWebhooks();
    expect(events()).toEqual([`CONTACT CREATE ${contactId}`]);
  });
});

describe('faults', () => {
  const afterFault = async (name: string): Promise<string[]> => {
    rehearsal.sandbox.faults.set({ name, times: 1 });
    for (const customer of ['A', 'B']) books().enterCustomer({ name: customer });
    await rehearsal.sandbox.flushWebhooks();
    return events();
  };
  const ids = (): string[] =>
    books()
      .contacts()
      .map(({ contactId }) => `CONTACT CREATE ${contactId}`);

  test('lost', async () => expect(await afterFault('webhook-lost')).toEqual([]));
  test('duplicated', async () => expect(await afterFault('webhook-duplicate')).toEqual([...ids(), ...ids()]));
  test('reordered', async () => expect(await afterFault('webhook-reordered')).toEqual(ids().reverse()));
  test('wrongly signed', async () => expect(await afterFault('webhook-missigned')).toEqual([]));
  test('late: after what happened later', async () => {
    expect(await afterFault('webhook-late')).toEqual([]);
    const { contactId } = books().enterCustomer({ name: 'C' });
    await rehearsal.sandbox.flushWebhooks();
    await rehearsal.sandbox.flushWebhooks();
    expect(events()).toEqual([`CONTACT CREATE ${contactId}`, ...ids().slice(0, 2)]);
  });
});
