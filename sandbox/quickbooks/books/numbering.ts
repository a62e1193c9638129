// Document numbers. The service numbers where the company lets it; otherwise the writer does, and a repeated number is refused
// unless the writer insists.
import type { Ledger, WriteOptions } from './ledger';
import type { SalesDocument, SalesKind } from './records';
import { duplicateNumber } from './refusal';

const lastNumber = new WeakMap<Ledger, number>();

export const documentNumber = (
  ledger: Ledger,
  kind: SalesKind,
  request: {
    readonly wanted: string | undefined;
    readonly auto: boolean;
    readonly existing: SalesDocument | undefined;
    readonly options: WriteOptions;
  },
): string | undefined => {
  const { wanted, existing } = request;
  const numbersItself = !ledger.company.preferences.customTxnNumbers;
  if (wanted === undefined || wanted === '' || wanted === 'AUTO_GENERATE') {
    if (existing?.DocNumber !== undefined && numbersItself) return existing.DocNumber;
    return numbersItself || request.auto || wanted === 'AUTO_GENERATE' ? nextNumber(ledger) : undefined;
  }
  if (numbersItself && ledger.company.overridesNumbers && wanted !== existing?.DocNumber) return nextNumber(ledger);
  const other = ledger.indexes.withNumber(kind, wanted).find((id) => id !== existing?.Id);
  if (other !== undefined && request.options.allowDuplicateNumber !== true) throw duplicateNumber(wanted, kind, other);
  return wanted;
};

const nextNumber = (ledger: Ledger): string => {
  let number = (lastNumber.get(ledger) ?? ledger.company.firstDocNumber - 1) + 1;
  const isTaken = (text: string): boolean =>
    ledger.indexes.withNumber('Invoice', text).length + ledger.indexes.withNumber('CreditMemo', text).length > 0;
  while (isTaken(String(number))) number += 1;
  lastNumber.set(ledger, number);
  return String(number);
};
