// Idempotency: a request id that was seen gets the first answer again, and nothing is executed; so a record that was deleted in
// between still comes back as it was created. A refusal is thrown and so never kept: the same id may succeed later.
import { badLength } from '../books/refusal';
import type { Answer } from './fault-body';

export const LONGEST_REQUEST_ID = 50;
export const LONGEST_BATCH_REQUEST_ID = 36;
export const LONGEST_BATCH_ITEM_ID = 10;

export type Replays = {
  /** Runs the write once per key. */
  once(key: string, write: () => Answer): Answer;
  forget(): void;
};

export const createReplays = (): Replays => {
  const answers = new Map<string, Answer>();
  return {
    once: (key, write) => {
      const known = answers.get(key);
      if (known) return known;
      const answer = write();
      answers.set(key, answer);
      return answer;
    },
    forget: () => answers.clear(),
  };
};

export const checkRequestId = (id: string, longest: number): void => {
  if (id.length > longest) throw badLength('requestid', 1, longest, id.length);
};
