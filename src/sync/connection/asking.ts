// A person waits for the answer of the ledger: where it gives none, a sentence and what to do about it.
import { BridgeError } from '../../core/errors';
import { LedgerUnavailable } from '../ports/ledger-port';

export const asking = async <T>(ledgerName: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    const { problem } = error;
    throw new BridgeError('BB_CONNECT_FAILED', {
      reason: `${ledgerName} could not be asked: ${problem.message}`,
      remedy:
        problem.class === 'auth' ? `Connect ${ledgerName} again.` : 'Wait a minute and try again. Nothing was changed.',
    });
  }
};
