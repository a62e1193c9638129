// Writes of the bridge to invoices and credit notes: the ledger's number and amounts, checked by billing to the cent.
import type {
  LedgerCreditNoteChanges,
  LedgerCreditNoteInput,
  LedgerInvoiceChanges,
  LedgerInvoiceInput,
} from '../../billing/inputs';
import { type BridgeError, refused } from '../../core/errors';
import type { CreditNoteAtoms, InvoiceAtoms, RecordStatus } from '../../sync/records';
import type { Writer } from './port-types';
import { creditNoteRecord, invoiceRecord } from './projections';

export const writeInvoice: Writer<'invoice'> = async ({ billing, context, write }) => {
  const { localId, expectedRevision, projection, atoms } = write;
  const { invoices } = billing;
  switch (write.op) {
    case 'create': {
      const input: LedgerInvoiceInput = {
        ...wholeClaim(projection.status, projection.atoms),
        ...projection.atoms.dates,
      };
      return invoiceRecord(await invoices.createFromLedger(context, input, { id: localId }));
    }
    case 'update': {
      const dates = atoms.includes('dates') ? projection.atoms.dates : {};
      const changes: LedgerInvoiceChanges = { ...changedClaim(projection.status, projection.atoms, atoms), ...dates };
      return invoiceRecord(await invoices.updateFromLedger(context, localId, changes, expectedRevision));
    }
    case 'void':
      return invoiceRecord(await invoices.void(context, localId, { reason: reasonOf(write.source) }, expectedRevision));
    case 'archive':
    case 'unarchive':
      throw neverArchived('Invoices');
  }
};

export const writeCreditNote: Writer<'creditNote'> = async ({ billing, context, write }) => {
  const { localId, expectedRevision, projection, atoms } = write;
  const { creditNotes } = billing;
  switch (write.op) {
    case 'create': {
      const input: LedgerCreditNoteInput = {
        ...wholeClaim(projection.status, projection.atoms),
        ...projection.atoms.dates,
      };
      return creditNoteRecord(await creditNotes.createFromLedger(context, input, { id: localId }));
    }
    case 'update': {
      const dates = atoms.includes('dates') ? projection.atoms.dates : {};
      const changes: LedgerCreditNoteChanges = {
        ...changedClaim(projection.status, projection.atoms, atoms),
        ...dates,
      };
      return creditNoteRecord(await creditNotes.updateFromLedger(context, localId, changes, expectedRevision));
    }
    case 'void':
      return creditNoteRecord(
        await creditNotes.void(context, localId, { reason: reasonOf(write.source) }, expectedRevision),
      );
    case 'archive':
    case 'unarchive':
      throw neverArchived('Credit notes');
  }
};

type ClaimAtoms = InvoiceAtoms | CreditNoteAtoms;

const wholeClaim = (status: RecordStatus, atoms: ClaimAtoms) => {
  if (status !== 'live' && status !== 'draft') {
    throw refused('A cancelled document is not brought into billing.', 'Enter it anew if it is still owed.');
  }
  return {
    customerId: atoms.contact.id,
    number: atoms.number,
    status: status === 'live' ? ('issued' as const) : ('draft' as const),
    reference: atoms.reference,
    accounts: atoms.accounts,
    ...moneyOf(atoms),
  };
};

/** Only the atoms named; and a draft that the ledger has issued is issued here. */
const changedClaim = (status: RecordStatus, atoms: ClaimAtoms, names: readonly string[]) => ({
  ...(status === 'live' ? { status: 'issued' as const } : {}),
  ...(names.includes('number') ? { number: atoms.number } : {}),
  ...(names.includes('contact') ? { customerId: atoms.contact.id } : {}),
  ...(names.includes('reference') ? { reference: atoms.reference } : {}),
  ...(names.includes('accounts') ? { accounts: atoms.accounts } : {}),
  ...(names.includes('moneyBlock') ? moneyOf(atoms) : {}),
});

const moneyOf = ({ moneyBlock }: ClaimAtoms) => {
  const { currency, taxMode, lines, netMinor, taxMinor, totalMinor } = moneyBlock;
  return { currency, taxMode, lines, netMinor, taxMinor, totalMinor };
};

const reasonOf = (source: string): string => `Cancelled in ${source}`;

const neverArchived = (what: string): BridgeError =>
  refused(`${what} are never archived.`, 'Void the document instead.');
