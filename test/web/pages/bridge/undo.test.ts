// Taking a run back, as pages: looked at before anything is written, pressed by the owner alone, followed to its end.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Desk, type DeskPair, openDesk } from '../../../support/desk';
import type { WebClient } from '../../../support/web';

let desk: Desk;
let owner: WebClient;
let acme: DeskPair;
let first: string;
let run: string;
beforeAll(async () => {
  desk = await openDesk();
  owner = await desk.tenant.as('owner');
  acme = await desk.customer('Acme Ltd');
  first = await desk.wrote('Acme Ltd');
  await desk.customer('Bolt Ltd');
  run = await desk.wrote('Bolt Ltd');
});
afterAll(() => desk.close());

const runPage = (id = run): string => `${desk.base}/runs/${id}`;
const field = (html: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? '';
const look = async (id = run) => {
  const asked = await owner.post(`${runPage(id)}/undo`);
  expect([asked.status, asked.location]).toEqual([303, `${runPage(id)}/undo`]);
  return owner.get(`${runPage(id)}/undo`);
};

describe('a run taken back', () => {
  it('is offered on its page, to the owner alone', async () => {
    expect((await owner.get(runPage())).html).toContain('Take this run back');
    for (const role of ['bookkeeper', 'accountant', 'viewer'] as const) {
      const other = await desk.tenant.as(role);
      expect((await other.get(runPage())).html).not.toContain('Take this run back');
      expect((await other.post(`${runPage()}/undo`)).status).toBe(403);
      const read = await other.get(`${runPage()}/undo`);
      expect([
        read.status,
        read.text.includes('Only the owner'),
        read.html.includes('<button class="button main"'),
      ]).toEqual([200, true, false]);
    }
  });

  it('says first what would happen, and writes nothing', async () => {
    const before = desk.ledger.log.length;
    const { status, text, html } = await look();
    expect(status).toBe(200);
    expect(text).toContain('1 of 1 record can be taken back');
    expect(text).toContain('1 customer archived');
    expect(text).toContain('Nothing is written yet');
    expect(html).toContain('Take 1 record back');
    expect(desk.ledger.log).toHaveLength(before);
  });

  it('refuses another plan than the one shown, one of another run, and one of another business', async () => {
    const { html } = await look();
    const undo = field(html, 'undo');
    const hash = field(html, 'hash');
    const wrong = await owner.post(`${runPage()}/undo/approve`, { undo, hash: 'another' });
    expect([wrong.status, wrong.text.includes('not what was shown')]).toEqual([409, true]);
    expect((await owner.post(`${runPage(first)}/undo/approve`, { undo, hash })).status).toBe(404);
    expect((await owner.post(`${runPage()}/undo/approve`, { undo: '<x>', hash })).status).toBe(404);
    const foreign = await (await desk.web.business('Other Ltd')).as('owner');
    expect((await foreign.get(`${runPage()}/undo`)).status).toBe(404);
    expect((await foreign.post(`${runPage()}/undo/approve`, { undo, hash })).status).toBe(404);
  });

  it('goes on by itself once approved, counts while it goes, and says what was done', async () => {
    const { html } = await look();
    const form = { undo: field(html, 'undo'), hash: field(html, 'hash') };
    expect((await owner.post(`${runPage()}/undo/approve`, form)).location).toBe(`${runPage()}/undo`);
    const going = await owner.get(`${runPage()}/undo`);
    expect(going.text).toContain('0 of 1 record');
    expect(going.html).toContain('<progress value="0" max="1"');
    expect(going.html).not.toContain('Look again');
    expect((await owner.get(runPage())).text).toContain('This run is being taken back');
    await desk.work();
    const done = await owner.get(`${runPage()}/undo`);
    expect(done.text).toContain('1 record was taken back');
    expect(done.text).toContain('Approved by Robin owner');
    expect(done.text).toContain('Done : archived in');
    const viewer = await desk.tenant.as('viewer');
    expect((await viewer.get(runPage())).text).toContain('This run was taken back');
    expect(desk.ledger.live('contact').map(({ externalId }) => externalId)).toEqual([acme.there]);
  });

  it('copies again what was cancelled on the owner’s word, and once', async () => {
    const { html, text } = await owner.get(`${runPage()}/undo`);
    expect(text).toContain('What was cancelled is not copied again by itself');
    const undo = field(html, 'undo');
    expect((await owner.post(`${runPage(first)}/undo/again`, { undo })).status).toBe(404);
    expect((await owner.post(`${runPage()}/undo/again`, { undo })).location).toBe(`${runPage()}/undo`);
    const after = await owner.get(`${runPage()}/undo`);
    expect(after.text).toContain('Copied again since: Robin owner');
    expect(after.html).not.toContain('/undo/again');
    expect((await owner.post(`${runPage()}/undo/again`, { undo })).status).toBe(409);
    await desk.work();
    expect(desk.ledger.live('contact')).toHaveLength(2);
  });

  it('says of what stays why, and offers nothing where nothing can be done', async () => {
    desk.ledger.hands.edit('contact', acme.there, { phone: '+44 1' });
    await desk.work();
    const { text, html } = await look(first);
    expect(text).toContain('Nothing of this run can be taken back');
    expect(text).toContain('the phone number changed since');
    expect(html).not.toContain('/undo/approve');
  });

  it('says what moved between the look and the work', async () => {
    const cole = await desk.customer('Cole Ltd');
    const id = await desk.wrote('Cole Ltd');
    const { html } = await look(id);
    desk.ledger.hands.edit('contact', cole.there, { phone: '+44 2' });
    await owner.post(`${runPage(id)}/undo/approve`, { undo: field(html, 'undo'), hash: field(html, 'hash') });
    await desk.work();
    const { text } = await owner.get(`${runPage(id)}/undo`);
    expect(text).toContain('1 record was left as it is');
    expect(text).toContain('Left as it is : the phone number changed since');
    expect(text).toContain('Nothing was taken back');
  });
});
