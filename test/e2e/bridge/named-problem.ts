// What has to hold while something is wrong with one record: one problem with a name, words and a way out, on a page that a person can read;
// every other record synced; and a certificate that names the difference.
import { expect } from '@jest/globals';
import type { ProblemView } from '../../../src/sync/service';
import { expectExplained, type World } from './world';

export type Named = {
  readonly kind: ProblemView['kind'];
  readonly code: string;
  /** Of the sentence and of the one thing to do. */
  readonly says: RegExp;
  readonly fix: RegExp;
};

/** The only problem there is. */
export const expectNamed = async (world: World, { kind, code, says, fix }: Named): Promise<ProblemView> => {
  const problems = await world.problems();
  expect(problems.map((problem) => ({ kind: problem.kind, code: problem.code, state: problem.state }))).toEqual([
    { kind, code, state: 'blocked' },
  ]);
  const [problem] = problems as readonly [ProblemView];
  expect(problem.message).toMatch(says);
  expect(problem.fix).toMatch(fix);
  expect(problem.message).not.toMatch(/undefined|\[object|ZodError|Error:/);
  expect(problem.actions).toContain('retry');
  await expectReadable(world, problem);
  await expectExplained(world);
  await expectCertified(world);
  return problem;
};

const expectReadable = async ({ ref, owner }: World, problem: ProblemView): Promise<void> => {
  const visitor = await owner();
  const base = `/connections/${ref.connectionId}/problems`;
  for (const address of [base, `${base}/${problem.id}`]) {
    const page = await visitor.get(address);
    expect({ address, status: page.status }).toEqual({ address, status: 200 });
    expect(plain(page.text)).toContain(plain(problem.message));
  }
  const page = await visitor.get(`${base}/${problem.id}`);
  expect(plain(page.text)).toContain(plain(problem.fix));
  expect(page.html).toMatch(/value="retry"/);
};

const plain = (text: string): string => text.replace(/\s+/g, ' ');

/** Nothing is left over that no cause explains, in no month, kind and currency. */
export const expectCertified = async (world: World): Promise<void> => {
  const { certificates } = world.house.sync;
  const made = await certificates.make(world.ref, { actor: { id: 'usr_owner', name: 'Olive Owner' } });
  expect(made).toMatchObject({ unexplained: 0, ourBug: 0 });
  expect(['equal', 'explained']).toContain(made.verdict);
};

/** As the button does it, once the cause is gone. */
export const retry = async (world: World, problem: Pick<ProblemView, 'id'>): Promise<void> => {
  const visitor = await world.owner();
  const answer = await visitor.post(`/connections/${world.ref.connectionId}/problems/${problem.id}`, { act: 'retry' });
  expect(answer.status).toBe(303);
  // As the job does that the answer wakes: a person has acted, so nothing is taken from memory.
  await world.house.sync.runOnce(world.ref.connectionId, { reason: 'answered' });
  await world.settle();
};
