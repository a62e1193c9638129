// What a link may still do, state by state.
import { describe, expect, it } from '@jest/globals';
import { expiryOf, stateOfLink } from '../../../src/sync/write-plan/approval-rules';

const NOW = '2026-03-02T09:00:00.000Z';
const link = { planHash: 'a', expiresAt: '2026-03-16T09:00:00.000Z' };
const waiting = { latestHash: 'a', isApproved: false, isInReview: true };
const answer = { verdict: 'approved' as const, name: 'Ann', comment: '', at: NOW };

describe('the state of a link to approve a plan', () => {
  it.each([
    ['is open while its plan waits', {}, {}, 'open'],
    ['is gone at the instant it expires', { expiresAt: NOW }, {}, 'gone'],
    ['is gone once revoked, whatever was answered', { revokedAt: NOW, answer }, {}, 'gone'],
    ['is replaced by a newer plan, also after an answer', { answer }, { latestHash: 'b' }, 'replaced'],
    ['is replaced where no plan stands', {}, { latestHash: undefined }, 'replaced'],
    ['is answered once', { answer }, { isApproved: true, isInReview: false }, 'answered'],
    ['is closed where the house approved the plan itself', {}, { isApproved: true, isInReview: false }, 'closed'],
    ['is closed where the connection is not in review', {}, { isInReview: false }, 'closed'],
  ])('%s', (_words, change, plan, state) => {
    expect(stateOfLink({ ...link, ...change }, { ...waiting, ...plan }, NOW)).toBe(state);
  });

  it('lasts for fourteen days', () => {
    expect(expiryOf(new Date(NOW)).toISOString()).toBe('2026-03-16T09:00:00.000Z');
  });
});
