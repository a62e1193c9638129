// The send endpoint: no mail leaves this rehearsal, but the document remembers that it was sent, and to whom.
import type { Books } from '../books/books';
import { missing, notFound, unsupported } from '../books/refusal';

export const sendDocument = (books: Books, name: string, id: string, sendTo: string | undefined): void => {
  if (name !== 'Invoice' && name !== 'CreditMemo') throw unsupported(`send of ${name}`);
  const table = books.ledger.tables[name];
  const document = table.get(id);
  if (!document) throw notFound(`${name} ${id}`);
  const Address = sendTo ?? document.BillEmail?.Address;
  if (!Address) throw missing('BillEmail');
  table.update(id, { ...document, BillEmail: { Address }, EmailStatus: 'EmailSent' }, 'Emailed');
};
