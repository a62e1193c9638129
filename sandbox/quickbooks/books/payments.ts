// Payments: money of one customer over many invoices and credit memos. Whatever a payment settles, and whatever it lets go, gets a
// new SyncToken, as the service does it.
import { dec, decimalsOf, round, toNumber } from './arithmetic';
import { openOf, unappliedOf } from './balances';
import { UNDEPOSITED_ID } from './chart';
import { type Json, merged, parseInput } from './input';
import {
  bodyOf,
  checkOpenPeriod,
  checkWritable,
  type Ledger,
  resolve,
  rowAtVersion,
  today,
  type WriteOptions,
} from './ledger';
import type { PaymentLine, SettledType } from './links';
import type { Customer, Payment } from './records';
import { businessRule, deposited, notFound, unsupported } from './refusal';
import { type PaymentInput, paymentShape } from './shapes';
import type { Draft } from './table';
import { currencyOf, rateOf, voidedNote } from './transactions';

export const createPayment = (ledger: Ledger, input: unknown, options: WriteOptions): Payment => {
  checkWritable(ledger);
  const draft = build(ledger, bodyOf(input), undefined);
  checkOpenPeriod(ledger, options, draft.TxnDate);
  const payment = ledger.tables.Payment.insert(draft);
  ledger.indexes.setCustomer('Payment', payment.Id, payment.CustomerRef.value);
  relink(ledger, payment.Id, [], payment.Line);
  return payment;
};

export const updatePayment = (ledger: Ledger, input: unknown, options: WriteOptions): Payment => {
  const { body, existing } = existingPayment(ledger, input, options);
  const draft = build(ledger, body, existing);
  checkOpenPeriod(ledger, options, draft.TxnDate);
  const payment = ledger.tables.Payment.update(existing.Id, draft);
  ledger.indexes.setCustomer('Payment', payment.Id, payment.CustomerRef.value);
  relink(ledger, payment.Id, existing.Line, payment.Line);
  return payment;
};

export const voidPayment = (ledger: Ledger, input: unknown, options: WriteOptions): Payment => {
  const { existing } = existingPayment(ledger, input, options);
  const PrivateNote = voidedNote(existing.PrivateNote);
  const emptied = { ...existing, TotalAmt: 0, Line: [], PrivateNote, isVoid: true };
  const payment = ledger.tables.Payment.update(existing.Id, emptied, 'Void');
  relink(ledger, payment.Id, existing.Line, []);
  return payment;
};

export const deletePayment = (ledger: Ledger, input: unknown, options: WriteOptions): string => {
  const { existing } = existingPayment(ledger, input, options);
  ledger.indexes.setCustomer('Payment', existing.Id, undefined);
  ledger.tables.Payment.remove(existing.Id);
  relink(ledger, existing.Id, existing.Line, []);
  return existing.Id;
};

const existingPayment = (ledger: Ledger, input: unknown, options: WriteOptions) => {
  checkWritable(ledger);
  const body = bodyOf(input);
  const existing = rowAtVersion(ledger.tables.Payment, body);
  if (existing.isDeposited) throw deposited();
  checkOpenPeriod(ledger, options, existing.TxnDate);
  return { body, existing };
};

/** Moves the links, and touches every document whose open amount moved, except the one that is about to change by itself. */
export const relink = (
  ledger: Ledger,
  paymentId: string,
  before: readonly PaymentLine[],
  after: readonly PaymentLine[],
  exceptKey?: string,
): void => {
  ledger.links.set(paymentId, after);
  const amounts = (lines: readonly PaymentLine[]): Map<string, number> =>
    new Map(lines.map((line) => [keyOf(line), line.Amount]));
  const [was, is] = [amounts(before), amounts(after)];
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    if (was.get(key) === is.get(key) || key === exceptKey) continue;
    const [kind, id] = key.split(':') as [SettledType, string];
    if (ledger.tables[kind].get(id)) ledger.tables[kind].touch(id);
  }
};
export const keyOf = (line: PaymentLine): string => `${line.LinkedTxn[0]?.TxnType}:${line.LinkedTxn[0]?.TxnId}`;

const build = (ledger: Ledger, body: Json, existing: Payment | undefined): Draft<Payment> => {
  const before = existing && body.sparse === true ? writtenPart(existing) : undefined;
  const parsed = parseInput(paymentShape, merged(body, before));
  const { Id: _id, SyncToken: _token, sparse: _sparse, Line, ...input } = parsed;
  const customer = resolve(
    ledger.tables.Customer,
    input.CustomerRef,
    input.CustomerRef.value !== existing?.CustomerRef.value,
  );
  const currency = currencyOf(ledger, input.CurrencyRef?.value, customer);
  const decimals = decimalsOf(currency);
  const total = round(dec(input.TotalAmt), decimals);
  if (total.lt(0)) throw businessRule('The amount of a payment cannot be negative.', 'TotalAmt');
  if (input.PaymentMethodRef) resolve(ledger.tables.PaymentMethod, input.PaymentMethodRef);
  const lines = gather(Line ?? [], decimals);
  for (const line of lines) checkLine(ledger, line, customer, existing);
  const draft = {
    ...input,
    TotalAmt: toNumber(total),
    Line: lines,
    TxnDate: input.TxnDate ?? today(ledger),
    currency,
    isVoid: false,
    isDeposited: false,
    DepositToAccountRef: { value: depositAccount(ledger, input) },
    ...(ledger.company.multicurrency && { ExchangeRate: input.ExchangeRate ?? rateOf(ledger, currency) }),
  };
  if (unappliedOf(draft).lt(0)) {
    throw businessRule(
      'The amount received plus the customer credits cannot be less than the selected charges.',
      'TotalAmt',
    );
  }
  return draft;
};

const writtenPart = (payment: Payment): Json => {
  const { currency: _currency, isVoid: _isVoid, isDeposited: _isDeposited, ...written } = payment;
  return written;
};

const OTHER_TYPES = ['JournalEntry', 'Expense', 'Check', 'CreditCardCredit'];

/** One line per document; lines that name the same document twice are put together. */
const gather = (lines: NonNullable<PaymentInput['Line']>, decimals: number): PaymentLine[] => {
  const byDocument = new Map<string, PaymentLine>();
  for (const line of lines) {
    const link = line.LinkedTxn[0];
    if (!link) continue;
    if (OTHER_TYPES.includes(link.TxnType))
      throw unsupported(`payment of a ${link.TxnType} (not part of this rehearsal)`);
    if (link.TxnType !== 'Invoice' && link.TxnType !== 'CreditMemo') {
      throw businessRule(`Transactions of type ${link.TxnType} cannot be linked to a payment.`, 'LinkedTxn');
    }
    const key = `${link.TxnType}:${link.TxnId}`;
    const amount = round(dec(line.Amount), decimals);
    if (amount.lt(0)) throw businessRule('The amount of a payment line cannot be negative.', 'Line.Amount');
    const Amount = toNumber(amount.plus(dec(byDocument.get(key)?.Amount)));
    byDocument.set(key, { Amount, LinkedTxn: [{ TxnId: link.TxnId, TxnType: link.TxnType }] });
  }
  return [...byDocument.values()];
};

const checkLine = (ledger: Ledger, line: PaymentLine, customer: Customer, existing: Payment | undefined): void => {
  const link = line.LinkedTxn[0];
  if (!link) return;
  const document = ledger.tables[link.TxnType].get(link.TxnId);
  if (!document) throw notFound(`${link.TxnType} ${link.TxnId}`);
  if (!belongsTo(ledger, document.CustomerRef.value, customer.Id)) {
    throw businessRule('The linked transaction belongs to another customer.', 'LinkedTxn');
  }
  const own = existing?.Line.find((before) => keyOf(before) === keyOf(line))?.Amount;
  const open = openOf(ledger, link.TxnType, link.TxnId).plus(dec(own));
  if (dec(line.Amount).gt(open)) {
    throw businessRule(
      `You can't apply more than the open balance of the transaction (${open.toFixed(2)}).`,
      'Line.Amount',
    );
  }
};

/** Invoices of sub-customers may be paid by the parent. */
const belongsTo = (ledger: Ledger, ownerId: string, payerId: string): boolean => {
  let owner = ledger.tables.Customer.get(ownerId);
  while (owner && owner.Id !== payerId) owner = owner.ParentRef && ledger.tables.Customer.get(owner.ParentRef.value);
  return owner !== undefined;
};

const depositAccount = (
  ledger: Ledger,
  input: { readonly DepositToAccountRef?: { readonly value: string } | undefined },
): string => {
  if (!input.DepositToAccountRef) return UNDEPOSITED_ID;
  const account = resolve(ledger.tables.Account, input.DepositToAccountRef);
  if (account.AccountType !== 'Bank' && account.AccountType !== 'Other Current Asset') {
    throw businessRule('The account must be a bank or other current asset account.', 'DepositToAccountRef');
  }
  return account.Id;
};
