// The house's jobs on a real queue: which wish becomes which call of the bridge.
import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock';
import { createLogger } from '../../src/core/logger';
import { type JobWork, registerJobs, wishesOf } from '../../src/jobs/house-jobs';
import { createInProcessQueue } from '../../src/jobs/in-process/queue';
import { createPollWishes, pollWishes } from '../../src/jobs/poll-wishes';
import { openTestStore } from '../support/store';

type Run = { readonly connectionId: string; readonly reason: string; readonly skipPoll: boolean | undefined };

const open = async () => {
  const { store, close } = await openTestStore([pollWishes]);
  const polls = createPollWishes(store);
  const clock = systemClock();
  const logger = createLogger({ level: 'silent', now: clock.now, write: () => undefined });
  const runs: Run[] = [];
  const taken: string[] = [];
  const certified: string[] = [];
  const queue = createInProcessQueue({ clock, logger });
  const nothing = async (): Promise<void> => undefined;
  const work: JobWork = {
    sync: {
      importStep: async () => ({ more: false }),
      runOnce: async (connectionId, { reason, skipPoll }) => {
        runs.push({ connectionId, reason, skipPoll });
        return { left: 0 };
      },
      certifyNightly: async (connectionId) => void certified.push(connectionId),
      certificates: {
        isAsked: async () => true,
        workOff: async (connectionId) => void certified.push(`asked ${connectionId}`),
      },
      noteLocal: nothing,
      sweep: nothing,
      connections: { working: async () => [] },
    },
    pay: { workOffEvent: nothing, sweep: nothing },
    payouts: {
      pull: async () => void taken.push('pull'),
      post: async (tenantId) => void taken.push(`post ${tenantId}`),
    },
    reminders: { runDue: nothing },
    mails: { sendWaiting: nothing },
    async *tenants() {
      yield 'ten_1';
    },
    purgeSessions: nothing,
  };
  return {
    queue,
    runs,
    taken,
    certified,
    polls,
    wishes: wishesOf(queue, polls),
    register: () => registerJobs({ queue, polls, work, clock, logger }),
    close,
  };
};

test('a person who asks for a look at the ledger gets it in the run that waits already, and only once', async () => {
  const { queue, runs, wishes, register, close } = await open();
  await register();
  await wishes.syncSoon('con_1', 'webhook');
  await wishes.syncSoon('con_1', 'person');
  await wishes.syncSoon('con_1', 'webhook');
  await queue.start();
  while (runs.length < 1) await new Promise((resolve) => setImmediate(resolve));
  await wishes.syncSoon('con_1', 'webhook');
  while (runs.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await queue.close();
  await close();
  expect(runs.map(({ skipPoll }) => skipPoll)).toEqual([false, true]);
});

test('a wish to poll is for one taker, and can be made twice without being two', async () => {
  const { polls, close } = await open();
  await polls.put('con_1', 'due');
  await polls.put('con_1', 'all');
  await polls.put('con_1', 'due');
  const taken = await Promise.all([polls.take('con_1'), polls.take('con_1'), polls.take('con_2')]);
  await close();
  expect(taken.filter(Boolean)).toEqual(['all']);
});

test('a payout that the gateway tells of is taken over and posted in one go', async () => {
  const { queue, taken, wishes, register, close } = await open();
  await register();
  await wishes.payoutsCame();
  await wishes.payoutsCame();
  await queue.start();
  while (taken.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await queue.close();
  await close();
  expect(taken).toEqual(['pull', 'post ten_1']);
});

test('the compare of the night leaves a certificate, and then asks the ledger for what changed meanwhile', async () => {
  const { queue, runs, certified, register, close } = await open();
  await register();
  await queue.enqueue('sync.compare', 'con_1', { connectionId: 'con_1' });
  await queue.start();
  while (runs.length < 1) await new Promise((resolve) => setImmediate(resolve));
  await queue.close();
  await close();
  expect(certified).toEqual(['con_1']);
  expect(runs).toEqual([{ connectionId: 'con_1', reason: 'compare', skipPoll: false }]);
});

test('a certificate that a person asked for is worked off by a job of its own', async () => {
  const { queue, certified, wishes, register, close } = await open();
  await register();
  await wishes.certificateSoon('con_1');
  await wishes.certificateSoon('con_1');
  await queue.start();
  while (certified.length < 1) await new Promise((resolve) => setImmediate(resolve));
  await queue.close();
  await close();
  expect(certified).toEqual(['asked con_1']);
});
