// The certificate as a page, a PDF and a CSV: made by those who decide, read by everybody of the business and by nobody else.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bridgeNeeds } from '../../../../src/web/pages/bridge/home-parts';
import { type Desk, openDesk } from '../../../support/desk';
import type { WebClient } from '../../../support/web';

let desk: Desk;
let owner: WebClient;
beforeAll(async () => {
  desk = await openDesk();
  owner = await desk.tenant.as('owner');
});
afterAll(() => desk.close());

const address = () => `${desk.base}/certificate`;
const latest = async () => {
  const found = await desk.sync.certificates.latest(desk.ref);
  if (found === undefined) throw new Error('no certificate was made');
  return found;
};
const file = async (end: string): Promise<string> =>
  `${desk.base}/certificates/${(await latest()).id}/certificate.${end}`;

describe('the page of the certificate', () => {
  it('says before the first one what will stand there', async () => {
    const { status, text } = await owner.get(address());
    expect(status).toBe(200);
    expect(text).toContain('No certificate yet');
    expect(text).toContain('One is made every night.');
  });

  it('says in its first sentence that both books agree', async () => {
    await desk.customer('Acme Ltd');
    await desk.sync.certificates.make(desk.ref, { actor: { id: 'usr_ada', name: 'Ada' } });
    const { html, text } = await owner.get(address());
    expect(html).toMatch(/<h1>Both books agree to the cent: 0 documents, nothing unexplained\.<\/h1>/);
    expect(text).toContain('asked for by Ada');
    expect(text).toContain('Equal');
  });

  it('names what differs, with its cause and the way to it', async () => {
    const acme = await desk.customer('Beta Ltd');
    await desk.change(acme, { email: 'here@beta.example' }, { email: 'there@beta.example' });
    await desk.work();
    desk.ledger.hands.create('contact', {
      ...desk.there(acme),
      name: '=HYPERLINK("http://x")',
      externalRef: null,
    });
    await desk.sync.certificates.make(desk.ref, { occasion: 'nightly' });
    const { html, text } = await owner.get(address());
    expect(text).toContain('Every difference has a named cause');
    expect(text).toContain('only in');
    expect(html).toContain(`href="${desk.base}/matches"`);
    expect(html).not.toContain('=HYPERLINK("http');
    expect(text).toContain('The time before the verdict was: equal.');
  });

  it('is told on the home page when the verdict became worse, until the next one says the same', async () => {
    const told = async () =>
      (await bridgeNeeds(desk.sync, desk.ref.tenantId)).filter(({ name }) => name === 'Both books');
    expect(await told()).toMatchObject([
      {
        words: ' were found to differ, here and in the ledger. Every difference has a named cause.',
        href: `${desk.base}/certificate`,
      },
    ]);
    await desk.sync.certificates.make(desk.ref, { occasion: 'nightly' });
    expect(await told()).toEqual([]);
  });

  it('keeps the history, and each earlier one can be read', async () => {
    const { items } = await desk.sync.certificates.list(desk.ref);
    expect(items.map(({ verdict, isNews }) => [verdict, isNews])).toEqual([
      ['explained', false],
      ['explained', true],
      ['equal', false],
    ]);
    const earlier = await owner.get(`${desk.base}/certificates/${items[2]?.id}`);
    expect(earlier.text).toContain('This is an earlier certificate.');
    expect(earlier.text).toContain('Both books agree to the cent');
  });

  it('is taken away as CSV that runs nothing, and as PDF', async () => {
    const csv = await owner.get(await file('csv'));
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, ...lines] = csv.html.trim().split('\r\n');
    expect(head).toMatch(/^month,kind,currency,count here,sum here,count ledger,sum ledger,difference,/);
    expect(lines.map((line) => line.split(',').slice(0, 7))).toEqual([['', 'contact', '', '2', '', '3', '']]);
    expect(csv.html).toMatch(/"'=HYPERLINK/);
    const pdf = await owner.get(await file('pdf'));
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.html.slice(0, 5)).toBe('%PDF-');
  });

  it('is made by the button, and by no viewer', async () => {
    const viewer = await desk.tenant.as('viewer');
    const { status, html } = await viewer.get(address());
    expect([status, html.includes('Compare both books now')]).toEqual([200, false]);
    expect((await viewer.post(address(), {})).status).toBe(403);
    expect((await owner.get(address())).html).toContain('Compare both books now');
  });

  it('does not exist for another business', async () => {
    const other = await (await desk.web.business('Other Ltd')).as('owner');
    for (const end of ['csv', 'pdf']) expect((await other.get(await file(end))).status).toBe(404);
    expect((await other.get(address())).status).toBe(404);
    expect((await other.post(address(), {})).status).toBe(404);
  });
});
