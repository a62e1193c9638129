// The conflict desk in the whole house: what a person reads about a clash, and what pressing a button does to both books.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Desk, type DeskPair, openDesk } from '../../../support/desk';
import type { WebClient } from '../../../support/web';

let desk: Desk;
let owner: WebClient;
beforeAll(async () => {
  desk = await openDesk();
  owner = await desk.tenant.as('owner');
});
afterAll(() => desk.close());

const listed = () => owner.get(`${desk.base}/problems?state=conflict`);
/** What the list carries for each tick: problem to what was shown. */
const picks = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/name="(pick\[[^"]+\])" value="([^"]+)"/g)].map(([, name, value]) => [name, value]),
  );
const problemOf = async (pair: DeskPair): Promise<string> => {
  const { items } = await desk.sync.problems.list(desk.ref);
  return items.find(({ local }) => local?.id === pair.here)?.id ?? '';
};
const addressOf = async (pair: DeskPair): Promise<string> => `${desk.base}/problems/${await problemOf(pair)}`;
const shownAs = (html: string): string => /name="shownAs" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe('one conflict', () => {
  it('shows both values, who changed them and when, and says what is not known', async () => {
    const acme = await desk.customer('Acme Ltd');
    await desk.change(acme, { name: 'Acme plc' }, { name: 'ACME Group' });
    await desk.work();
    const { status, text } = await owner.get(await addressOf(acme));
    expect(status).toBe(200);
    expect(text).toContain('Acme plc');
    expect(text).toContain('ACME Group');
    expect(text).toMatch(/Changed 2 Mar 2026, \d\d:\d\d, by Bea/);
    expect(text).toMatch(/Record last changed 2 Mar 2026, \d\d:\d\d, by whom is not known/);
  });

  it('takes each field as chosen, and says that it is decided until it is carried', async () => {
    const pair = await desk.customer('Two Fields Ltd');
    await desk.change(pair, { name: 'Here', email: 'here@two.example' }, { name: 'There', email: 'there@two.example' });
    await desk.work();
    const address = await addressOf(pair);
    const { html } = await owner.get(address);
    const answer = { act: 'takeChosen', shownAs: shownAs(html), 'take[name]': 'ledger', 'take[email]': 'billing' };
    expect((await owner.post(address, answer)).status).toBe(303);
    expect((await owner.get(address)).text).toContain('You have decided.');
    await desk.work();
    expect(await desk.here(pair)).toMatchObject({ name: 'There', email: 'here@two.example' });
    expect(desk.there(pair)).toMatchObject({ name: 'There', email: 'here@two.example' });
  });

  it('applies nothing where a value moved since it was shown, and shows those of today', async () => {
    const pair = await desk.customer('Mover Ltd');
    await desk.change(pair, { name: 'Mover plc' }, { name: 'Mover Group' });
    await desk.work();
    const address = await addressOf(pair);
    const { html } = await owner.get(address);
    desk.ledger.hands.edit('contact', pair.there, { name: 'Mover Holding' });
    await desk.work();
    const answer = await owner.post(address, { act: 'takeBilling', shownAs: shownAs(html) });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Nothing was applied: a value has moved since you looked.');
    expect(answer.text).toContain('Mover Holding');
    await desk.work();
    expect(desk.there(pair).name).toBe('Mover Holding');
  });

  it('keeps both values in the log of decisions, with who took which', async () => {
    const { status, text } = await owner.get(`${desk.base}/decisions`);
    expect(status).toBe(200);
    expect(text).toContain('Robin owner');
    expect(text).toContain('here@two.example');
    expect(text).toContain('there@two.example');
  });

  it('leads from one conflict to the next, and from the last to the list', async () => {
    const own = await openDesk();
    const person = await own.tenant.as('owner');
    for (const name of ['First Ltd', 'Second Ltd']) {
      const pair = await own.customer(name);
      await own.change(pair, { name: `${name} here` }, { name: `${name} there` });
    }
    await own.work();
    const { items } = await own.sync.problems.list(own.ref);
    const [first, second] = items.map(({ id }) => `${own.base}/problems/${id}`) as [string, string];
    expect((await person.get(second)).text).toContain('2 of 2');
    expect((await person.get(second)).html).toContain(`href="${first}">Next conflict`);
    const decided = await person.post(second, { act: 'takeBilling' });
    expect(decided.location).toBe(first);
    expect((await person.get(first)).text).toContain('The value here is carried to the ledger. This is the next one.');
    expect((await person.post(first, { act: 'takeBilling' })).location).toBe(`${own.base}/problems`);
    await own.close();
  });

  it('asks for a choice where none was made, and keeps those who may not decide from deciding', async () => {
    const pair = await desk.customer('Undecided Ltd');
    await desk.change(pair, { name: 'A' }, { name: 'B' });
    await desk.work();
    const address = await addressOf(pair);
    const { html } = await owner.get(address);
    const answer = await owner.post(address, { act: 'takeChosen', shownAs: shownAs(html) });
    expect([answer.status, answer.text.includes('Nothing was chosen.')]).toEqual([422, true]);
    const viewer = await desk.tenant.as('viewer');
    const seen = await viewer.get(address);
    expect([seen.status, seen.html.includes('<input type="radio"')]).toEqual([200, false]);
    expect((await viewer.post(address, { act: 'takeBilling' })).status).toBe(403);
  });
});

describe('many conflicts', () => {
  it('are ticked in the list and answered together; what moved is named and asked anew', async () => {
    const pairs: DeskPair[] = [];
    for (const name of ['Bulk one', 'Bulk two', 'Bulk three']) pairs.push(await desk.customer(name));
    for (const [i, pair] of pairs.entries()) await desk.change(pair, { name: `Here ${i}` }, { name: `There ${i}` });
    await desk.work();
    const [first, second, moved] = pairs as [DeskPair, DeskPair, DeskPair];
    const ticked = picks((await listed()).html);
    const chosen = Object.fromEntries(
      await Promise.all(
        pairs.map(async (pair) => {
          const name = `pick[${await problemOf(pair)}]`;
          return [name, ticked[name] ?? ''] as const;
        }),
      ),
    );
    desk.ledger.hands.edit('contact', moved.there, { name: 'Moved' });
    await desk.work();
    const answer = await owner.post(`${desk.base}/problems`, { act: 'takeLedger', ...chosen });
    expect(answer.location).toBe(`${desk.base}/problems?state=conflict`);
    const { text } = await listed();
    expect(text).toContain('2 decided: the values of the ledger are taken over here.');
    expect(text).toContain('1 is asked anew, because a value has moved since: Here 2.');
    expect(text).toContain('You have decided; it is carried with the next run.');
    await desk.work();
    expect((await desk.here(first)).name).toBe('There 0');
    expect((await desk.here(second)).name).toBe('There 1');
    expect((await desk.here(moved)).name).toBe('Here 2');
  });

  it('are all ticked by a link, so that no script is needed', async () => {
    const all = await owner.get(`${desk.base}/problems?state=conflict&all=1`);
    const boxes = [...all.html.matchAll(/<input type="checkbox" name="pick\[[^>]*>/g)].map(([box]) => box);
    expect(boxes.length).toBeGreaterThan(1);
    expect(boxes.every((box) => box.includes(' checked'))).toBe(true);
    const none = await listed();
    expect(none.html).not.toMatch(/name="pick\[[^>]* checked/);
  });

  it('say in words that nothing was ticked, or too much, and change nothing', async () => {
    const empty = await owner.post(`${desk.base}/problems`, { act: 'takeLedger' });
    expect([empty.status, empty.text.includes('No conflict was ticked.')]).toEqual([422, true]);
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`pick[lnk_${i}]`, 'x']));
    const answer = await owner.post(`${desk.base}/problems`, { act: 'takeLedger', ...many });
    expect([answer.status, answer.text.includes('Tick 500 at most.')]).toEqual([422, true]);
  });

  it('cannot be answered by somebody of another business', async () => {
    const other = await (await desk.web.business('Other Ltd')).as('owner');
    expect((await other.get(`${desk.base}/problems`)).status).toBe(404);
    const ticked = picks((await listed()).html);
    expect((await other.post(`${desk.base}/problems`, { act: 'takeLedger', ...ticked })).status).toBe(404);
  });
});
