// What a model run found: the invariant by its number and a sentence. Thrown at once, so that shrinking keeps to one fault at a time.
import { canonicalJson } from '../../../src/core/json';

export type InvariantName = `I${number}`;

export class Finding extends Error {
  constructor(
    readonly invariant: InvariantName,
    readonly says: string,
  ) {
    super(`${invariant}: ${says}`);
    this.name = 'Finding';
  }
}

/** `says` is asked only where it fails. */
export const holds = (invariant: InvariantName, condition: boolean, says: () => string): void => {
  if (!condition) throw new Finding(invariant, says());
};

export const holdsEqual = (invariant: InvariantName, found: unknown, wanted: unknown, what: string): void =>
  holds(
    invariant,
    canonicalJson(found as never) === canonicalJson(wanted as never),
    () => `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`,
  );
