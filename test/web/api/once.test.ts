// The answers that the API keeps: what happens to a request that died half-way.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createOnce } from '../../../src/web/api/once';
import { type ApiTenant, type ApiWorld, openApiWorld } from '../../support/api';

let world: ApiWorld;
let tenant: ApiTenant;
beforeAll(async () => {
  world = await openApiWorld();
  tenant = await world.tenant();
});
afterAll(() => world.close());

test('a request that died is not repeated at once, and is done again after a while', async () => {
  const once = createOnce(world.parts);
  const request = { tenantId: tenant.tenantId, key: 'api:died', fingerprint: { a: 1 } };
  const done = { kind: 'json', status: 200, headers: {}, body: { said: 'done' } } as const;
  let isBegun = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    isBegun = resolve;
  });
  let wakeUp = (): void => undefined;
  const late = { ...done, body: { said: 'late' } };
  const sleeper = once.answer(request, () => {
    isBegun();
    return new Promise((resolve) => {
      wakeUp = () => resolve(late);
    });
  });
  await begun;

  await expect(once.answer(request, async () => done)).rejects.toThrow('being worked on');
  world.clock.advance(3 * 60_000);
  expect(await once.answer(request, async () => done)).toEqual({ answer: done, isReplay: false });
  const never = (): never => {
    throw new Error('done twice');
  };
  expect(await once.answer(request, never)).toEqual({ answer: done, isReplay: true });
  // It was not dead after all: it gets its own answer, and the kept one stays.
  wakeUp();
  expect(await sleeper).toEqual({ answer: late, isReplay: false });
  expect(await once.answer(request, never)).toEqual({ answer: done, isReplay: true });
});
