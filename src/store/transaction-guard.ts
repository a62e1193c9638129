// Notices the one mistake that would hang or break isolation: code inside a transaction that writes through the outer
// store, or nests a transaction, instead of using the scopes it was handed.
import { createCallContext } from '../core/call-context';

export type TransactionGuard = {
  /** Throws if the caller runs inside an open transaction of this store. */
  refuseInside(operation: string): void;
  run<R>(work: () => Promise<R>): Promise<R>;
};

export const createTransactionGuard = (): TransactionGuard => {
  // Work that was started inside and outlives the transaction keeps the context; `open` tells the two apart.
  const current = createCallContext<{ open: boolean }>();
  return {
    refuseInside: (operation) => {
      if (current.current()?.open) {
        throw new Error(`${operation} inside a transaction: use the scopes that the transaction was given`);
      }
    },
    run: async (work) => {
      const state = { open: true };
      try {
        return await current.run(state, work);
      } finally {
        state.open = false;
      }
    },
  };
};

/** The state of one run of a transaction: refuses operations after its end and after a failure that ends it. */
export type TransactionState = {
  check(): void;
  failed(error: unknown): void;
  /** What ended the transaction, if anything did. */
  failure(): unknown;
  /** No operation after this. */
  close(): void;
  /** Closes, and throws the failure that ended the transaction, even if `work` caught it. */
  end(): void;
};

export const createTransactionState = (): TransactionState => {
  let failure: unknown;
  let isOver = false;
  const check = (): void => {
    if (isOver) throw new Error('the transaction is over; its scopes cannot be used any more');
    if (failure !== undefined) throw failure;
  };
  return {
    check,
    failed: (error) => {
      failure ??= error;
    },
    failure: () => failure,
    close: () => {
      isOver = true;
    },
    end: () => {
      isOver = true;
      if (failure !== undefined) throw failure;
    },
  };
};
