import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createCallContext } from '../../src/core/call-context';

describe('a call context', () => {
  it('is seen by everything that its work calls, and by nothing beside it', async () => {
    const context = createCallContext<string>();
    const deep = async () => {
      await turn();
      return context.current();
    };
    const [first, beside, second] = await Promise.all([
      context.run('first', deep),
      deep(),
      context.run('second', async () => [await deep(), await context.run('inner', deep), await deep()]),
    ]);
    expect([first, beside, second]).toEqual(['first', undefined, ['second', 'inner', 'second']]);
    expect(context.current()).toBeUndefined();
  });

  it('is of use again after work that failed, and ends where work outlives it', async () => {
    const context = createCallContext<string>();
    await expect(context.run('failing', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    let outliving: Promise<string | undefined> | undefined;
    await context.run('over', async () => {
      outliving = turn().then(() => context.current());
    });
    expect(await outliving).toBeUndefined();
    expect(await context.run('again', async () => context.current())).toBe('again');
  });
});
