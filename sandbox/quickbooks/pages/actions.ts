// What the forms do: each reads its fields, calls the bookkeeper, and says which page to show next. A refusal of the books is for
// the page to show; nothing is caught here.

import { type LineEntry, lineBody } from '../books/bookkeeper';
import type { Books } from '../books/books';
import type { SalesKind } from '../books/records';
import { businessRule, missing } from '../books/refusal';

export type Form = URLSearchParams;
/** Returns the path of the page to show, below the company. */
type Action = (books: Books, form: Form, id: string) => string;

const text = (form: Form, name: string): string => (form.get(name) ?? '').trim();
const given = (form: Form, name: string): string | undefined => text(form, name) || undefined;

/** A decimal number as a person types it: `1,234.50`. */
const decimal = (form: Form, name: string): string => {
  const typed = text(form, name).replace(/[,\s]/g, '');
  if (!/^-?\d{1,12}(\.\d{1,7})?$/.test(typed))
    throw businessRule(`${name}: “${text(form, name)}” is no number. Write it like 1234.50.`);
  return typed;
};

const customerId = (books: Books, form: Form, name = 'customer'): string => {
  const typed = text(form, name);
  if (typed === '') throw missing('Customer');
  const owner = books.ledger.indexes.nameOwner(typed);
  if (owner?.entity !== 'Customer') throw businessRule(`There is no customer “${typed}”. Enter the customer first.`);
  return owner.id;
};

const MOST_LINES = 50;

const linesOf = (form: Form): LineEntry[] => {
  const lines: LineEntry[] = [];
  for (let number = 1; number <= MOST_LINES; number += 1) {
    if (given(form, `price${number}`) === undefined) continue;
    lines.push({
      unitPrice: decimal(form, `price${number}`),
      ...(given(form, `quantity${number}`) !== undefined && { quantity: decimal(form, `quantity${number}`) }),
      ...(given(form, `description${number}`) !== undefined && { description: text(form, `description${number}`) }),
      ...(given(form, `tax${number}`) !== undefined && { taxCode: text(form, `tax${number}`) }),
    });
  }
  if (lines.length === 0) throw missing('a line with a price');
  return lines;
};

const documentOf = (books: Books, form: Form) => ({
  customerId: customerId(books, form),
  lines: linesOf(form),
  ...(given(form, 'date') && { date: text(form, 'date') }),
  ...(given(form, 'dueDate') && { dueDate: text(form, 'dueDate') }),
  ...(given(form, 'number') && { number: text(form, 'number') }),
  ...(given(form, 'note') && { note: text(form, 'note') }),
});

const paymentOf = (form: Form, payer: string) => ({
  customerId: payer,
  amount: decimal(form, 'amount'),
  ...(given(form, 'date') && { date: text(form, 'date') }),
  ...(given(form, 'reference') && { reference: text(form, 'reference') }),
  ...(given(form, 'method') && { methodId: text(form, 'method') }),
  ...(given(form, 'account') && { accountId: text(form, 'account') }),
});

const CUSTOMER_ACTIONS: Readonly<Record<string, Action>> = {
  new: (books, form) => {
    const [email, phone, currency] = [given(form, 'email'), given(form, 'phone'), given(form, 'currency')];
    const id = books.enterCustomer({
      displayName: text(form, 'name'),
      ...(email && { email }),
      ...(phone && { phone }),
      ...(currency && { currency }),
    });
    return `customers/${id}`;
  },
  edit: (books, form, id) => {
    books.editCustomer(id, {
      DisplayName: text(form, 'name'),
      PrimaryEmailAddr: given(form, 'email') ? { Address: text(form, 'email') } : null,
      PrimaryPhone: given(form, 'phone') ? { FreeFormNumber: text(form, 'phone') } : null,
    });
    return `customers/${id}`;
  },
  inactive: (books, _form, id) => {
    books.makeInactive(id);
    return `customers/${id}`;
  },
  active: (books, _form, id) => {
    books.makeActive(id);
    return `customers/${id}`;
  },
  merge: (books, form, id) => {
    const into = customerId(books, form, 'into');
    books.mergeCustomers(id, into);
    return `customers/${into}`;
  },
};

const INVOICE_ACTIONS: Readonly<Record<string, Action>> = {
  new: (books, form) => `invoices/${books.enterInvoice(documentOf(books, form))}`,
  edit: (books, form, id) => {
    editInvoice(books, form, id);
    return `invoices/${id}`;
  },
  receive: (books, form, id) => {
    const invoice = books.ledger.tables.Invoice.get(id);
    const entry = paymentOf(form, invoice?.CustomerRef.value ?? '');
    books.recordPayment({ ...entry, invoices: [{ invoiceId: id, amount: entry.amount }] });
    return `invoices/${id}`;
  },
  void: (books, _form, id) => {
    books.voidInvoice(id);
    return `invoices/${id}`;
  },
  delete: (books, _form, id) => {
    books.deleteInvoice(id);
    return 'invoices';
  },
};

/** Lines keep their ids, in the order in which the form shows them; discounts stay. */
const editInvoice = (books: Books, form: Form, id: string): void => {
  const invoice = books.ledger.tables.Invoice.get(id);
  if (!invoice) throw missing('Invoice');
  const entries = linesOf(form);
  const items = invoice.Line.filter((line) => line.DetailType === 'SalesItemLineDetail');
  const others = invoice.Line.filter((line) => line.DetailType !== 'SalesItemLineDetail');
  const lines = entries.map((entry, index) => {
    const before = items[index];
    const itemId = before?.SalesItemLineDetail?.ItemRef?.value;
    const body = lineBody(books.ledger, { ...entry, ...(itemId && { itemId }) }, invoice.currency);
    return before?.Id === undefined ? body : { ...body, Id: before.Id };
  });
  books.editInvoice(id, {
    Line: [...lines, ...others],
    TxnDate: text(form, 'date'),
    DueDate: text(form, 'dueDate'),
    PrivateNote: given(form, 'note') ?? null,
  });
};

const CREDIT_MEMO_ACTIONS: Readonly<Record<string, Action>> = {
  new: (books, form) => `creditmemos/${books.enterCreditMemo(documentOf(books, form))}`,
  apply: (books, form, id) => {
    books.applyCredit(id, text(form, 'invoice'));
    return `creditmemos/${id}`;
  },
  void: (books, _form, id) => {
    books.voidCreditMemo(id);
    return `creditmemos/${id}`;
  },
  delete: (books, _form, id) => {
    books.deleteCreditMemo(id);
    return 'creditmemos';
  },
};

const PAYMENT_ACTIONS: Readonly<Record<string, Action>> = {
  receive: (books, form) => `payments/${books.recordPayment(paymentOf(form, customerId(books, form)))}`,
  void: (books, _form, id) => {
    books.voidPayment(id);
    return `payments/${id}`;
  },
  delete: (books, _form, id) => {
    books.deletePayment(id);
    return 'payments';
  },
  deposit: (books, _form, id) => {
    books.depositPayment(id);
    return `payments/${id}`;
  },
};

const SETTINGS_ACTIONS: Readonly<Record<string, Action>> = {
  close: (books, form) => {
    books.setClosingDate(given(form, 'closingDate'));
    return 'settings';
  },
  preferences: (books, form) => {
    books.setPreferences({
      customTxnNumbers: form.has('customTxnNumbers'),
      allowDiscount: form.has('allowDiscount'),
      autoApplyCredit: form.has('autoApplyCredit'),
      autoApplyPayments: form.has('autoApplyPayments'),
      subscription: form.has('lapsed') ? 'lapsed' : 'active',
    });
    return 'settings';
  },
};

const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  customers: CUSTOMER_ACTIONS,
  invoices: INVOICE_ACTIONS,
  creditmemos: CREDIT_MEMO_ACTIONS,
  payments: PAYMENT_ACTIONS,
  settings: SETTINGS_ACTIONS,
};

export const actionFor = (section: string, name: string): Action | undefined => {
  const actions = ACTIONS[section];
  return actions && Object.hasOwn(actions, name) ? actions[name] : undefined;
};

export const SALES_SECTIONS: Readonly<Record<string, SalesKind>> = { invoices: 'Invoice', creditmemos: 'CreditMemo' };
