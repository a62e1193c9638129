// An accountant answers by link what is to happen to a record in a closed period: once, about that record alone, within the link's days,
// and never for another house. Only "I have opened it" does something by itself.
import { afterEach, describe, expect, it } from '@jest/globals';
import { questionTokens } from '../../../src/sync/problems/question-documents';
import { ACTOR, contact, invoice, openSyncWorld, type SyncWorld } from '../../support/sync-world';

const DAY_MS = 86_400_000;
const BY_JANE = { name: 'Jane Doe', comment: '' } as const;
let world: SyncWorld;
afterEach(() => world.close());

/** INV-1 is dated in a month that the ledger has closed. */
const asked = async () => {
  world = await openSyncWorld();
  const customer = world.billing.user.create('contact', contact('Acme'));
  await world.approve();
  await world.settle();
  world.clock.advance(2 * 3_600_000);
  world.ledger.setLockDate('2026-03-01');
  const invoiceId = world.billing.user.create('invoice', invoice('INV-1', customer));
  await world.settle();
  const ref = world.ref();
  const [problem] = (await world.sync.problems.list(ref)).items;
  if (problem === undefined) throw new Error('nothing is held up');
  const request = { problemId: problem.id, meantFor: 'jane@ledgers.example', actor: ACTOR };
  return { ref, problem, invoiceId, request, ...(await world.sync.questions.create(ref, request)) };
};
const numbersInLedger = () =>
  world.ledger.live('invoice').map(({ projection }) => (projection.atoms as { number?: string }).number);

describe('a question about a closed period', () => {
  it('shows that record, its customer and the answers it can have', async () => {
    const { token } = await asked();
    expect(await world.sync.questions.look(token)).toMatchObject({
      link: { state: 'open' },
      connection: { organisation: { lockedThrough: '2026-03-01' } },
      asked: {
        problem: { code: 'periodLocked', local: { name: 'INV-1', amountMinor: 12_000, date: '2026-03-01' } },
        customer: 'Acme',
        verdicts: ['opened', 'openPeriod', 'talkFirst'],
      },
    });
  });

  it('sends the record across once the accountant has moved the lock date and says so', async () => {
    const { ref, problem, token } = await asked();
    world.ledger.setLockDate(null);
    expect((await world.sync.questions.answer(token, { ...BY_JANE, verdict: 'opened' }))?.state).toBe('answered');
    expect(world.nudges.at(-1)).toBe('answered');
    await world.settle();
    expect(numbersInLedger()).toEqual(['INV-1']);
    expect(await world.sync.questions.list(ref, problem.id)).toMatchObject([
      { state: 'answered', answer: { verdict: 'opened', name: 'Jane Doe' } },
    ]);
    const { items } = await world.sync.policies.log(ref);
    expect(items.map(({ who, what }) => [who, what])).toEqual(
      expect.arrayContaining([
        ['Jane Doe', 'retried'],
        ['Jane Doe', 'answered by link: the period is open, try again'],
      ]),
    );
  });

  it('stays held up, with the answer to be seen, where the lock date did not move after all', async () => {
    const { ref, problem, token } = await asked();
    await world.sync.questions.answer(token, { ...BY_JANE, verdict: 'opened' });
    await world.settle();
    expect(numbersInLedger()).toEqual([]);
    expect(await world.sync.problems.get(ref, problem.id)).toMatchObject({ code: 'periodLocked' });
    expect((await world.sync.questions.look(token))?.link.state).toBe('answered');
  });

  it.each(['openPeriod', 'talkFirst'] as const)(
    'writes nothing and asks for no run when the answer is %s',
    async (verdict) => {
      const { ref, problem, token } = await asked();
      const before = [world.ledger.log.length, world.nudges.length];
      await world.sync.questions.answer(token, { verdict, name: 'Jane Doe', comment: 'From April on' });
      await world.settle();
      expect([world.ledger.log.length, world.nudges.length]).toEqual(before);
      expect(numbersInLedger()).toEqual([]);
      expect((await world.sync.questions.list(ref, problem.id))[0]?.answer).toMatchObject({
        ...{ verdict, name: 'Jane Doe', comment: 'From April on' },
      });
    },
  );

  it('is answered once', async () => {
    const { token } = await asked();
    await world.sync.questions.answer(token, { verdict: 'talkFirst', name: 'Jane', comment: 'Call me' });
    const nudges = world.nudges.length;
    const again = await world.sync.questions.answer(token, { ...BY_JANE, verdict: 'opened' });
    expect(again?.answer).toMatchObject({ verdict: 'talkFirst', name: 'Jane' });
    expect(world.nudges).toHaveLength(nudges);
  });

  it('is answered once where two press at the same time', async () => {
    const { ref, token } = await asked();
    const [one, two] = await Promise.all(
      ['One', 'Two'].map((name) => world.sync.questions.answer(token, { verdict: 'openPeriod', name, comment: '' })),
    );
    expect(one?.answer).toEqual(two?.answer);
    const { items } = await world.sync.policies.log(ref);
    expect(items.filter(({ what }) => what.startsWith('answered by link'))).toHaveLength(1);
  });

  it('takes no answer that it does not offer', async () => {
    const { token } = await asked();
    await expect(world.sync.questions.answer(token, { ...BY_JANE, verdict: 'adjustment' })).rejects.toThrow(
      'choose one of the answers',
    );
    expect((await world.sync.questions.look(token))?.link.state).toBe('open');
  });

  it('is closed, and says nothing of the record, once the problem is over', async () => {
    const { ref, problem, token } = await asked();
    world.ledger.setLockDate(null);
    await world.sync.problems.retry(ref, problem.id, ACTOR);
    await world.settle();
    expect(numbersInLedger()).toEqual(['INV-1']);
    const seen = await world.sync.questions.look(token);
    expect([seen?.link.state, seen?.asked]).toEqual(['closed', undefined]);
    const late = await world.sync.questions.answer(token, { ...BY_JANE, verdict: 'opened' });
    expect([late?.state, late?.answer]).toEqual(['closed', undefined]);
    await expect(world.sync.questions.create(ref, requestFor(problem.id))).rejects.toThrow('any more');
  });

  it('asks about the difference where the record stands in the closed month already', async () => {
    world = await openSyncWorld();
    const customer = world.billing.user.create('contact', contact('Acme'));
    const invoiceId = world.billing.user.create('invoice', invoice('INV-1', customer));
    await world.approve();
    await world.settle();
    world.clock.advance(2 * 3_600_000);
    world.ledger.setLockDate('2026-03-01');
    world.billing.user.edit('invoice', invoiceId, invoice('INV-1', customer, 20_000));
    await world.settle();
    const [problem] = (await world.sync.problems.list(world.ref())).items;
    const { token } = await world.sync.questions.create(world.ref(), requestFor(problem?.id ?? ''));
    expect((await world.sync.questions.look(token))?.asked?.verdicts).toEqual(['opened', 'adjustment', 'talkFirst']);
  });

  it('gives nothing when it is wrong, tampered with, expired or revoked', async () => {
    const { ref, problem, token, link, request } = await asked();
    const tampered = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    const yes = { ...BY_JANE, verdict: 'openPeriod' } as const;
    for (const wrong of ['', 'x', tampered]) {
      expect(await world.sync.questions.look(wrong)).toBeUndefined();
      expect(await world.sync.questions.answer(wrong, yes)).toBeUndefined();
    }
    const second = await world.sync.questions.create(ref, request);
    await world.sync.questions.revoke(ref, problem.id, link.id);
    expect(await world.sync.questions.look(token)).toBeUndefined();
    expect(await world.sync.questions.answer(token, yes)).toBeUndefined();
    const createdMs = Date.parse(second.link.createdAt);
    world.clock.advance(createdMs + 14 * DAY_MS - 1 - world.clock.now().getTime());
    expect((await world.sync.questions.look(second.token))?.link.state).toBe('open');
    world.clock.advance(1);
    expect(await world.sync.questions.answer(second.token, yes)).toBeUndefined();
  });

  it('cannot be made, seen or revoked from another house, nor under another problem', async () => {
    const { ref, problem, link, request } = await asked();
    const other = { ...ref, tenantId: 'ten_other' };
    await expect(world.sync.questions.list(other, problem.id)).rejects.toThrow();
    await expect(world.sync.questions.revoke(other, problem.id, link.id)).rejects.toThrow();
    await expect(world.sync.questions.create(other, request)).rejects.toThrow();
    await expect(world.sync.questions.revoke(ref, 'lnk_other', link.id)).rejects.toThrow();
    expect(await world.sync.questions.list(ref, 'lnk_other')).toEqual([]);
  });

  it('is kept as a hash alone', async () => {
    const { token } = await asked();
    const { items } = await world.store.system.find(questionTokens, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items)).not.toContain(token);
  });
});

const requestFor = (problemId: string) => ({ problemId, meantFor: 'jane@ledgers.example', actor: ACTOR });
