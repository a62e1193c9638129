// What the forms do. Each action reads its form, asks the bookkeeper, and names the page to show next.
import { z } from 'zod';
import type { Bookkeeper } from '../books/bookkeeper';
import type { LineEntry } from '../books/entries';
import type { Grants } from '../identity/grants';
import { sectionOf } from './book-pages';

export type Form = Readonly<Record<string, string>>;
export type Action = (keeper: Bookkeeper, form: Form, grants: Grants) => string;

const text = (form: Form, name: string): string => (form[name] ?? '').trim();
/** Empty fields are not mentioned. */
const some = (form: Form, ...names: string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (text(form, name) === '' ? [] : [[name, text(form, name)]])));

const documentAt = (keeper: Bookkeeper, form: Form): string => {
  const document = keeper.document(text(form, 'documentId'));
  return `${sectionOf(document)}/${document.id}`;
};

const Choices = z.object({
  lineAmountTypes: z.enum(['Exclusive', 'Inclusive', 'NoTax']).default('Exclusive'),
  status: z.enum(['AUTHORISED', 'DRAFT']).default('AUTHORISED'),
});

const linesOf = (form: Form): LineEntry[] =>
  Object.keys(form)
    .flatMap((name) => /^description\.(\d+)$/.exec(name)?.[1] ?? [])
    .map((index) => ({
      description: text(form, `description.${index}`),
      unitAmount: text(form, `unitAmount.${index}`),
      ...(text(form, `quantity.${index}`) === '' ? {} : { quantity: text(form, `quantity.${index}`) }),
      ...(text(form, `accountCode.${index}`) === '' ? {} : { accountCode: text(form, `accountCode.${index}`) }),
      ...(text(form, `taxType.${index}`) === '' ? {} : { taxType: text(form, `taxType.${index}`) }),
      ...(text(form, `lineItemId.${index}`) === '' ? {} : { lineItemId: text(form, `lineItemId.${index}`) }),
    }))
    .filter(({ description, unitAmount }) => description !== '' || unitAmount !== '');

const enter =
  (kind: 'invoice' | 'creditNote'): Action =>
  (keeper, form) => {
    const entry = {
      contactId: text(form, 'contactId'),
      ...some(form, 'number', 'reference', 'date', 'dueDate', 'currency'),
      ...Choices.parse(form),
      lines: linesOf(form),
    };
    const document = kind === 'invoice' ? keeper.enterInvoice(entry) : keeper.enterCreditNote(entry);
    return `${sectionOf(document)}/${document.id}`;
  };

const onCustomer =
  (act: (keeper: Bookkeeper, id: string, form: Form) => void): Action =>
  (keeper, form) => {
    act(keeper, text(form, 'contactId'), form);
    return `customers/${text(form, 'contactId')}`;
  };
const onDocument =
  (act: (keeper: Bookkeeper, id: string, form: Form) => void): Action =>
  (keeper, form) => {
    act(keeper, text(form, 'documentId'), form);
    return documentAt(keeper, form);
  };
const then =
  (page: string, act: (keeper: Bookkeeper, form: Form, grants: Grants) => unknown): Action =>
  (keeper, form, grants) => {
    act(keeper, form, grants);
    return page;
  };

export const ACTIONS: Readonly<Record<string, Action>> = {
  'new-customer': (keeper, form) =>
    `customers/${keeper.enterCustomer({ name: text(form, 'name'), ...some(form, 'email', 'phone') }).contactId}`,
  'change-customer': onCustomer((keeper, id, form) =>
    keeper.changeCustomer(id, {
      name: text(form, 'name'),
      email: text(form, 'email'),
      phone: text(form, 'phone'),
      taxNumber: text(form, 'taxNumber'),
    }),
  ),
  'archive-customer': onCustomer((keeper, id) => keeper.archiveCustomer(id)),
  'restore-customer': onCustomer((keeper, id) => keeper.restoreCustomer(id)),
  'merge-customer': (keeper, form) => {
    keeper.mergeCustomers(text(form, 'contactId'), text(form, 'into'));
    return `customers/${text(form, 'into')}`;
  },
  'new-invoice': enter('invoice'),
  'new-creditNote': enter('creditNote'),
  'edit-document': onDocument((keeper, id, form) =>
    keeper.edit(id, {
      ...some(form, 'number', 'date', 'dueDate'),
      reference: text(form, 'reference'),
      lines: linesOf(form),
    }),
  ),
  approve: onDocument((keeper, id) => keeper.approve(id)),
  'delete-draft': onDocument((keeper, id) => keeper.deleteDraft(id)),
  void: onDocument((keeper, id) => keeper.voidInvoice(id)),
  pay: onDocument((keeper, id, form) =>
    keeper.recordPayment({
      documentId: id,
      amount: text(form, 'amount'),
      ...some(form, 'date', 'account', 'reference'),
    }),
  ),
  allocate: onDocument((keeper, id, form) => keeper.allocateCredit(id, text(form, 'invoiceId'), text(form, 'amount'))),
  'remove-payment': then('payments', (keeper, form) => keeper.removePayment(text(form, 'paymentId'))),
  'remove-allocation': then('credit-notes', (keeper, form) => keeper.removeAllocation(text(form, 'allocationId'))),
  'new-advance': then('payments', (keeper, form) =>
    keeper.enterAdvance(text(form, 'kind') === 'prepayment' ? 'prepayment' : 'overpayment', {
      contactId: text(form, 'contactId'),
      amount: text(form, 'amount'),
      ...some(form, 'date'),
    }),
  ),
  'allocate-advance': then('payments', (keeper, form) =>
    keeper.allocateAdvance(text(form, 'advanceId'), text(form, 'invoiceId'), text(form, 'amount')),
  ),
  'remove-advance-allocation': then('payments', (keeper, form) =>
    keeper.removeAdvanceAllocation(text(form, 'allocationId')),
  ),
  'void-advance': then('payments', (keeper, form) => keeper.voidAdvance(text(form, 'advanceId'))),
  reconcile: then('payments', (keeper, form) => keeper.reconcile(text(form, 'paymentId'))),
  lock: then('', (keeper, form) =>
    keeper.setLockDate({ period: text(form, 'period') || null, endOfYear: text(form, 'endOfYear') || null }),
  ),
  'add-currency': then('', (keeper, form) => keeper.addCurrency(text(form, 'code').toUpperCase(), text(form, 'rate'))),
  'archive-account': then('accounts', (keeper, form) => keeper.archiveAccount(text(form, 'accountId'))),
  'archive-tax-rate': then('accounts', (keeper, form) => keeper.archiveTaxRate(text(form, 'taxType'))),
  disconnect: then('connections', (_keeper, form, grants) => grants.disconnect(text(form, 'connectionId'))),
};
