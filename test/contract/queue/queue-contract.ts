// What every Queue must do. Waits are for events, never for luck: `eventually` polls a condition up to a generous limit.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobHandler, Queue } from '../../../src/jobs/port';

export type QueueHarness = {
  /** A queue on the same backing as the others of this harness (in process: its own). */
  open(): Queue;
  end(): Promise<void>;
};

export const eventually = async (holds: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> => {
  const until = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('the awaited condition never came true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** A promise and the hand that resolves it. */
export const gate = (): { readonly opened: Promise<void>; open(): void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
};

export const describeQueue = (name: string, setUp: () => Promise<QueueHarness>): void => {
  describe(`queue ${name}`, () => {
    let harness: QueueHarness;
    let queue: Queue;
    const seen: string[] = [];
    const note: JobHandler = async ({ key, attempt }) => {
      seen.push(`${key}#${attempt}`);
    };

    beforeEach(async () => {
      seen.length = 0;
      harness = await setUp();
      queue = harness.open();
    });
    afterEach(async () => {
      await queue.close();
      await harness.end();
    });

    test('runs a job with its key and payload', async () => {
      let payload: unknown;
      queue.process('look', { concurrency: 1 }, async (job) => {
        payload = { name: job.name, key: job.key, payload: job.payload, attempt: job.attempt };
      });
      await queue.start();
      await queue.enqueue('look', 'a', { id: 'inv_1' });
      await eventually(() => payload !== undefined);
      expect(payload).toEqual({ name: 'look', key: 'a', payload: { id: 'inv_1' }, attempt: 1 });
    });

    test('keeps jobs that were enqueued before the workers started', async () => {
      await queue.enqueue('look', 'early', {});
      queue.process('look', { concurrency: 1 }, note);
      await queue.start();
      await eventually(() => seen.length === 1);
    });

    test('takes a second enqueue of a waiting key for the same job', async () => {
      queue.process('look', { concurrency: 1 }, note);
      await queue.enqueue('look', 'a', {});
      await queue.enqueue('look', 'a', {});
      await queue.enqueue('look', 'b', {});
      await queue.start();
      await eventually(() => seen.includes('b#1'));
      await eventually(async () => (await queue.counts()).waiting === 0 && (await queue.counts()).running === 0);
      expect(seen.filter((entry) => entry === 'a#1')).toHaveLength(1);
    });

    test('keeps a wish that comes while the job runs and runs it after, never beside', async () => {
      const begun = gate();
      const release = gate();
      let atOnce = 0;
      let most = 0;
      queue.process('look', { concurrency: 5 }, async ({ key }) => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        seen.push(key);
        if (seen.length === 1) {
          begun.open();
          await release.opened;
        }
        atOnce -= 1;
      });
      await queue.start();
      await queue.enqueue('look', 'a', {});
      await begun.opened;
      await queue.enqueue('look', 'a', {});
      await queue.enqueue('look', 'a', {});
      release.open();
      await eventually(() => seen.length === 2);
      expect(most).toBe(1);
    });

    test('does not put off a wish for now by one for later that comes while the job runs', async () => {
      const begun = gate();
      const release = gate();
      queue.process('look', { concurrency: 2 }, async ({ key }) => {
        seen.push(key);
        if (seen.length > 1) return;
        begun.open();
        await release.opened;
      });
      await queue.start();
      await queue.enqueue('look', 'a', {});
      await begun.opened;
      await queue.enqueue('look', 'a', {});
      await queue.enqueue('look', 'a', {}, { runAt: new Date(Date.now() + 3_600_000) });
      release.open();
      await eventually(() => seen.length === 2);
    });

    test('runs no job before its time, and an earlier time wins', async () => {
      queue.process('look', { concurrency: 2 }, note);
      await queue.start();
      await queue.enqueue('look', 'later', {}, { runAt: new Date(Date.now() + 3_600_000) });
      await queue.enqueue('look', 'moved', {}, { runAt: new Date(Date.now() + 3_600_000) });
      await queue.enqueue('look', 'soon', {}, { runAt: new Date(Date.now() + 50) });
      await queue.enqueue('look', 'moved', {}, { runAt: new Date(Date.now() + 60) });
      await eventually(() => seen.includes('soon#1') && seen.includes('moved#1'));
      expect(seen).not.toContain('later#1');
      expect((await queue.counts()).waiting).toBe(1);
    });

    test('tries a failed job again with its attempt counted, and gives up after the last', async () => {
      queue.process('look', { concurrency: 1 }, async (job, signal) => {
        await note(job, signal);
        if (job.key === 'lost' || job.attempt < 3) throw new Error('not this time');
      });
      await queue.start();
      await queue.enqueue('look', 'third', {});
      await queue.enqueue('look', 'lost', {}, { attempts: 2 });
      await eventually(() => seen.includes('third#3'));
      await eventually(async () => (await queue.counts()).failed === 1);
      expect(seen.filter((entry) => entry.startsWith('lost'))).toEqual(['lost#1', 'lost#2']);
    });

    test('takes a given-up job anew when it is enqueued again', async () => {
      let isHealed = false;
      queue.process('look', { concurrency: 1 }, async (job, signal) => {
        if (!isHealed) throw new Error('broken');
        await note(job, signal);
      });
      await queue.start();
      await queue.enqueue('look', 'a', {}, { attempts: 1 });
      await eventually(async () => (await queue.counts()).failed === 1);
      isHealed = true;
      await queue.enqueue('look', 'a', {});
      await eventually(() => seen.length === 1);
    });

    test('runs at most `concurrency` jobs of a name at once', async () => {
      let atOnce = 0;
      let most = 0;
      let done = 0;
      const full = gate();
      queue.process('look', { concurrency: 3 }, async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        if (atOnce === 3) full.open();
        await full.opened;
        atOnce -= 1;
        done += 1;
      });
      await queue.start();
      for (let i = 0; i < 9; i++) await queue.enqueue('look', `k${i}`, {});
      await eventually(() => done === 9);
      expect(most).toBe(3);
    });

    test('enqueues by cron', async () => {
      queue.process('tick', { concurrency: 1 }, note);
      await queue.every('tick', '* * * * * *');
      await queue.start();
      await eventually(() => seen.length >= 2);
      expect(new Set(seen)).toEqual(new Set(['every#1']));
    });

    test('waits for a running job when it closes', async () => {
      const begun = gate();
      let isDone = false;
      queue.process('look', { concurrency: 1 }, async () => {
        begun.open();
        await new Promise((resolve) => setTimeout(resolve, 100));
        isDone = true;
      });
      await queue.start();
      await queue.enqueue('look', 'a', {});
      await begun.opened;
      await queue.close();
      expect(isDone).toBe(true);
    });

    test('answers a ping and refuses after close', async () => {
      await queue.ping();
      await queue.close();
      await expect(queue.enqueue('look', 'a', {})).rejects.toThrow('closed');
    });
  });
};
