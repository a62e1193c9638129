// Asking for a certificate: the page answers at once, however long the ledger takes, shows how far it is and looks again by itself; what a
// job could not do is said and tried again.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LedgerUnavailable } from '../../../../src/sync/ports/ledger-port';
import { type Desk, openDesk } from '../../../support/desk';
import type { WebClient } from '../../../support/web';

let desk: Desk;
let owner: WebClient;
let list: Desk['ledger']['port']['list'];
let letGo: () => void = () => undefined;
beforeAll(async () => {
  desk = await openDesk();
  owner = await desk.tenant.as('owner');
  list = desk.ledger.port.list;
  await desk.customers(['Acme Ltd', 'Beta Ltd', 'Core Ltd']);
});
afterAll(() => desk.close());

const address = () => `${desk.base}/certificate`;
const replaceList = (made: typeof list): void => void Object.assign(desk.ledger.port, { list: made });
const work = () => desk.sync.certificates.workOff(desk.ref.connectionId);

/** A ledger that shows its customers and then takes its time. */
const stuckAfterContacts = (): Promise<void> =>
  new Promise((reached) => {
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    replaceList(async function* (kind, options) {
      if (kind !== 'contact') {
        reached();
        await gate;
      }
      yield* list(kind, options);
    });
  });

it('answers at once and asks nothing of the ledger, from either button', async () => {
  replaceList(() => {
    throw new Error('the page must not read the ledger');
  });
  for (const button of ['certificate', 'compare']) {
    const answer = await owner.post(`${desk.base}/${button}`);
    expect({ button, status: answer.status, to: answer.location }).toEqual({ button, status: 303, to: address() });
  }
  const { html, text } = await owner.get(address());
  expect(html).toMatch(/<meta http-equiv="refresh" content="3">/);
  expect(text).toContain('Both books are being compared');
  expect(text).toContain('It begins in a moment.');
  expect(html).not.toContain('Compare both books now');
  replaceList(list);
});

it('shows what is read so far, and the certificate when it is made', async () => {
  const reached = stuckAfterContacts();
  const done = work();
  await reached;
  expect((await owner.get(address())).text).toMatch(/customers 3 read/i);
  expect((await owner.post(address())).status).toBe(303);
  letGo();
  await done;
  replaceList(list);
  const { html, text } = await owner.get(address());
  expect(html).not.toContain('http-equiv="refresh"');
  expect(text).toContain('Both books agree to the cent');
  expect(text).toContain('asked for by Robin owner');
  expect(html).toContain('Compare both books now');
  expect((await desk.sync.certificates.list(desk.ref)).items).toHaveLength(1);
  await work();
  expect((await desk.sync.certificates.list(desk.ref)).items).toHaveLength(1);
});

it('says why it did not work yet, tries again, and in the end leaves it to the person', async () => {
  await owner.post(address());
  replaceList(() => {
    throw new LedgerUnavailable({ class: 'transient', message: 'The ledger sent a page of advertisements.' });
  });
  await expect(work()).rejects.toThrow('could not be asked');
  const waiting = await owner.get(address());
  expect(waiting.text).toContain('The ledger sent a page of advertisements.');
  expect(waiting.text).toContain('It is tried again by itself.');
  expect(await desk.sync.certificates.isAsked(desk.ref.connectionId)).toBe(true);
  for (let i = 0; i < 3; i++) await expect(work()).rejects.toThrow('could not be asked');
  await work();
  expect(await desk.sync.certificates.isAsked(desk.ref.connectionId)).toBe(false);
  const failed = await owner.get(address());
  expect(failed.html).not.toContain('http-equiv="refresh"');
  expect(failed.text).toContain('The books could not be compared. ');
  replaceList(list);
  await owner.post(address());
  await work();
  expect(await desk.sync.certificates.asked(desk.ref)).toBeUndefined();
  expect((await desk.sync.certificates.list(desk.ref)).items).toHaveLength(2);
});

it('counts as asked for while it runs, so that a sweep finds it again after a kill', async () => {
  await owner.post(address());
  const reached = stuckAfterContacts();
  const lost = work();
  await reached;
  expect(await desk.sync.certificates.isAsked(desk.ref.connectionId)).toBe(true);
  letGo();
  await lost;
  replaceList(list);
  expect(await desk.sync.certificates.isAsked(desk.ref.connectionId)).toBe(false);
});
