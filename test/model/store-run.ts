// Plays a list of operations on a real store and on the model, and compares every answer.
import { expect } from '@jest/globals';
import { DuplicateKeyError, type Scopes, type Store } from '../../src/store/port';
import { type Outcome, StoreModel } from './store-model';
import { type Operation, removeAll, type Step, stepOnModel, stepOnStore } from './store-operations';

export const play = async (store: Store, operations: readonly Operation[]): Promise<void> => {
  await removeAll(store);
  const model = new StoreModel();
  for (const operation of operations) {
    if (operation.do === 'transaction') await playTransaction(store, model, operation.steps, operation.fails);
    else await playStep(store, model, operation);
  }
};

/** True if the step was refused for a duplicate, which ends a transaction. */
const playStep = async (scopes: Scopes, model: StoreModel, step: Step): Promise<boolean> => {
  const before = model.snapshot();
  const expected = stepOnModel(model, step);
  const asBefore = new StoreModel();
  asBefore.restore(before);
  const real = await settled(stepOnStore(scopes, asBefore, step));
  compareOutcomes(real, expected);
  return 'refusal' in expected && expected.refusal === 'DuplicateKeyError';
};

const playTransaction = async (
  store: Store,
  model: StoreModel,
  steps: readonly Step[],
  fails: boolean,
): Promise<void> => {
  const before = model.snapshot();
  let isDuplicate = false;
  const real = await settled(
    store.transaction(async (scopes) => {
      model.restore(before); // this may be another run
      isDuplicate = false;
      for (const step of steps) {
        isDuplicate = await playStep(scopes, model, step);
        if (isDuplicate) return; // the refusal was caught: the transaction must fail all the same
      }
      if (fails) throw new Error('on purpose');
    }),
  );
  if (!isDuplicate && !fails) {
    expect(real).toEqual({ value: undefined });
    return;
  }
  model.restore(before);
  expect(real).toMatchObject({ refusal: { name: isDuplicate ? 'DuplicateKeyError' : 'Error' } });
};

type Settled = { readonly value: unknown } | { readonly refusal: unknown };

const settled = async (promise: Promise<unknown>): Promise<Settled> => {
  try {
    return { value: await promise };
  } catch (refusal) {
    return { refusal };
  }
};

const compareOutcomes = (real: Settled, expected: Outcome): void => {
  if ('value' in expected) {
    expect(real).toStrictEqual({ value: expected.value });
    return;
  }
  expect(real).toMatchObject({ refusal: { name: expected.refusal } });
  if ('refusal' in real && real.refusal instanceof DuplicateKeyError) {
    expect(expected.indexes).toContain(real.refusal.index); // either may be named where two are violated
  }
};
