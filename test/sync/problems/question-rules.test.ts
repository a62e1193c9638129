import { describe, expect, it } from '@jest/globals';
import {
  expiryOf,
  type ProblemNow,
  type Standing,
  stateOfQuestion,
  verdictsFor,
} from '../../../src/sync/problems/question-rules';

const NOW = '2026-03-10T09:00:00.000Z';
const LATER = '2026-03-20T09:00:00.000Z';
const answer = { verdict: 'talkFirst', name: 'Jane', comment: 'Call me', at: NOW } as const;
const locked: ProblemNow = { code: 'periodLocked', isConnected: true };

describe('a question about a closed period', () => {
  it.each([
    ['waits for an answer', {}, locked, 'open'],
    ['shows its answer', { answer }, locked, 'answered'],
    ['shows its answer when the problem is over', { answer }, { ...locked, code: undefined }, 'answered'],
    ['is closed once nothing is wrong', {}, { ...locked, code: undefined }, 'closed'],
    ['is closed once something else is wrong', {}, { ...locked, code: 'frozen' }, 'closed'],
    ['is closed where the ledger was disconnected', {}, { ...locked, isConnected: false }, 'closed'],
    ['is gone once revoked', { revokedAt: NOW }, locked, 'gone'],
    ['is gone once revoked, answered or not', { revokedAt: NOW, answer }, locked, 'gone'],
    ['is gone in the moment it expires', { expiresAt: NOW }, locked, 'gone'],
  ] as const)('%s', (_words, change, problem, state) => {
    expect(stateOfQuestion({ expiresAt: LATER, ...change }, problem, NOW)).toBe(state);
  });

  it('lives for 14 days', () => {
    expect(expiryOf(new Date(NOW)).toISOString()).toBe('2026-03-24T09:00:00.000Z');
  });

  it.each([
    ['invoice', true, false, ['opened', 'openPeriod', 'talkFirst']],
    ['creditNote', true, false, ['opened', 'openPeriod', 'talkFirst']],
    ['payment', true, false, ['opened', 'openPeriod', 'talkFirst']],
    ['invoice', true, true, ['opened', 'adjustment', 'talkFirst']],
    ['creditNote', true, true, ['opened', 'adjustment', 'talkFirst']],
    ['payment', true, true, ['opened', 'talkFirst']],
    ['allocation', true, false, ['opened', 'talkFirst']],
    ['refund', true, false, ['opened', 'talkFirst']],
    ['invoice', false, true, ['opened', 'talkFirst']],
  ] as const)('offers for a %s (here: %s, in the ledger: %s) %j', (kind, isHere, isInLedger, verdicts) => {
    const standing: Standing = { kind, isHere, isInLedger };
    expect(verdictsFor(standing)).toEqual(verdicts);
  });
});
