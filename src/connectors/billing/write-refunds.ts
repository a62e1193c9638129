// Writes of the bridge to refunds: recorded and voided, never edited.
import { refused } from '../../core/errors';
import type { Writer } from './port-types';
import { refundRecord } from './projections';

export const writeRefund: Writer<'refund'> = async ({ billing, context, write }) => {
  const { localId, expectedRevision, projection, source } = write;
  switch (write.op) {
    case 'create': {
      const { creditNote, ...cash } = projection.atoms.refund;
      const input = { ...cash, creditNoteId: creditNote.id };
      return refundRecord(await billing.refunds.record(context, input, { id: localId }));
    }
    case 'update':
      throw refused('A refund is never edited.', 'Remove it in the ledger and record the right one.');
    case 'void': {
      const reason = `Removed in ${source}`;
      return refundRecord(await billing.refunds.void(context, localId, { reason }, expectedRevision));
    }
    case 'archive':
    case 'unarchive':
      throw refused('Refunds are never archived.', 'Void the refund instead.');
  }
};
