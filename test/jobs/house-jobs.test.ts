// The house's jobs on a real queue: which wish becomes which call of the bridge.
import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock';
import { createLogger } from '../../src/core/logger';
import { type JobWork, registerJobs, wishesOf } from '../../src/jobs/house-jobs';
import { createInProcessQueue } from '../../src/jobs/in-process/queue';

type Run = { readonly connectionId: string; readonly reason: string; readonly skipPoll: boolean | undefined };

const open = () => {
  const clock = systemClock();
  const logger = createLogger({ level: 'silent', now: clock.now, write: () => undefined });
  const runs: Run[] = [];
  const queue = createInProcessQueue({ clock, logger });
  const nothing = async (): Promise<void> => undefined;
  const work: JobWork = {
    sync: {
      importStep: async () => ({ more: false }),
      runOnce: async (connectionId, { reason, skipPoll }) => {
        runs.push({ connectionId, reason, skipPoll });
        return { left: 0 };
      },
      fullCompare: nothing,
      noteLocal: nothing,
      sweep: nothing,
      connections: { working: async () => [] },
    },
    pay: { workOffEvent: nothing, sweep: nothing },
    reminders: { runDue: nothing },
    mails: { sendWaiting: nothing },
    async *tenants() {},
    purgeSessions: nothing,
  };
  return { queue, runs, wishes: wishesOf(queue), register: () => registerJobs({ queue, work, clock, logger }) };
};

test('a person who asks for a look at the ledger gets it, though a run for a webhook waits already', async () => {
  const { queue, runs, wishes, register } = open();
  await register();
  await wishes.syncSoon('con_1', 'webhook');
  await wishes.syncSoon('con_1', 'person');
  await wishes.syncSoon('con_1', 'webhook');
  await queue.start();
  while (runs.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await queue.close();
  expect(runs).toEqual(
    expect.arrayContaining([
      { connectionId: 'con_1', reason: 'webhook', skipPoll: true },
      { connectionId: 'con_1', reason: 'person', skipPoll: false },
    ]),
  );
  expect(runs).toHaveLength(2);
});
