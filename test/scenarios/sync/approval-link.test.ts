// An accountant approves the plan through a link: once, for exactly that plan, within its days, and never for another house.
import { afterEach, describe, expect, it } from '@jest/globals';
import { approvalTokens } from '../../../src/sync/write-plan/approval-documents';
import { ACTOR, contact, openSyncWorld, type SyncWorld } from '../../support/sync-world';

const DAY_MS = 86_400_000;
let world: SyncWorld;
afterEach(() => world.close());

const inReview = async () => {
  world = await openSyncWorld();
  world.ledger.hands.create('contact', contact('Kiln Ltd'));
  const ref = await world.connect();
  await world.sync.mapping.save(ref, {
    choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
    pulledKinds: ['contact'],
    actor: ACTOR,
  });
  while ((await world.sync.importStep(ref.connectionId)).more);
  const plan = await world.sync.plans.build(ref);
  return { ref, plan };
};
const linkFor = async (startsBy: 'approval' | 'owner' = 'approval') => {
  const { ref, plan } = await inReview();
  const request = { planHash: plan.hash, meantFor: 'ann@ledgers.example', startsBy, actor: ACTOR };
  return { ref, plan, request, ...(await world.sync.approvals.create(ref, request)) };
};
const YES = { verdict: 'approved', name: 'Ann Ledger', comment: '' } as const;

describe('a link to approve a plan', () => {
  it('shows exactly that plan and starts the work when it is approved, by name', async () => {
    const { ref, plan, token } = await linkFor();
    const seen = await world.sync.approvals.look(token);
    expect([seen?.plan.hash, seen?.link.state]).toEqual([plan.hash, 'open']);
    expect((await world.sync.approvals.answer(token, YES))?.state).toBe('answered');
    expect((await world.sync.connections.get(ref)).state).toBe('active');
    expect(await world.sync.plans.latest(ref)).toMatchObject({ approvedBy: 'Ann Ledger' });
    const { items } = await world.sync.policies.log(ref);
    expect(items).toMatchObject([{ who: 'Ann Ledger', what: 'approved the plan by link' }]);
  });

  it('is answered once', async () => {
    const { token } = await linkFor('owner');
    await world.sync.approvals.answer(token, { verdict: 'sentBack', name: 'Ann', comment: 'Wrong tax code' });
    const again = await world.sync.approvals.answer(token, YES);
    expect(again?.answer).toMatchObject({ verdict: 'sentBack', comment: 'Wrong tax code' });
  });

  it('leaves the start to the owner where he keeps it', async () => {
    const { ref, token } = await linkFor('owner');
    await world.sync.approvals.answer(token, YES);
    expect((await world.sync.connections.get(ref)).state).toBe('review');
    expect(await world.sync.approvals.list(ref)).toMatchObject([{ state: 'answered', answer: { name: 'Ann Ledger' } }]);
  });

  it('approves nothing once the plan was made anew, or would come out otherwise', async () => {
    const { ref, token } = await linkFor();
    await world.sync.mapping.save(ref, {
      choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-091' } },
      actor: ACTOR,
    });
    await expect(world.sync.approvals.answer(token, YES)).rejects.toThrow('changed since');
    expect((await world.sync.approvals.look(token))?.link.answer).toBeUndefined();
    world.clock.advance(1_000);
    await world.sync.plans.build(ref);
    expect((await world.sync.approvals.answer(token, YES))?.state).toBe('replaced');
    expect((await world.sync.connections.get(ref)).state).toBe('review');
  });

  it('gives nothing when it is wrong, tampered with, expired or revoked', async () => {
    const { ref, token, link, request } = await linkFor();
    const tampered = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const wrong of ['', 'x', tampered]) {
      expect(await world.sync.approvals.look(wrong)).toBeUndefined();
      expect(await world.sync.approvals.answer(wrong, YES)).toBeUndefined();
    }
    const second = await world.sync.approvals.create(ref, request);
    await world.sync.approvals.revoke(ref, link.id);
    expect(await world.sync.approvals.answer(token, YES)).toBeUndefined();
    world.clock.advance(14 * DAY_MS - 1);
    expect((await world.sync.approvals.look(second.token))?.link.state).toBe('open');
    world.clock.advance(1);
    expect(await world.sync.approvals.answer(second.token, YES)).toBeUndefined();
    expect((await world.sync.connections.get(ref)).state).toBe('review');
  });

  it('cannot be made for an older plan, nor seen or revoked from another house', async () => {
    const { ref, link, request } = await linkFor();
    await expect(world.sync.approvals.create(ref, { ...request, planHash: 'other' })).rejects.toThrow(
      'no longer waits',
    );
    const other = { ...ref, tenantId: 'ten_other' };
    await expect(world.sync.approvals.list(other)).rejects.toThrow();
    await expect(world.sync.approvals.revoke(other, link.id)).rejects.toThrow();
    await expect(world.sync.approvals.create(other, request)).rejects.toThrow();
  });

  it('is kept as a hash alone', async () => {
    const { token } = await linkFor();
    const { items } = await world.store.system.find(approvalTokens, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items)).not.toContain(token);
  });
});
