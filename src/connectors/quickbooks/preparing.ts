// From requests to what is sent: the body of each, with Id, SyncToken and only the fields of its atoms, or the reason why it is not sent at
// all. Reads what a body needs of the records that stand there; several requests share these calls.
import {
  type LedgerProblem,
  LedgerUnavailable,
  type WriteOutcome,
  type WriteRequest,
} from '../../sync/ports/ledger-port';
import type { Atoms, AtomsOf, Projection, RecordKind } from '../../sync/records';
import { InvoiceAnswer, Row } from './answers';
import type { RecordEntity, WriteVerb } from './api';
import { contactBody } from './contact-projection';
import { creditMemoBody, type DocumentWrite, invoiceBody, type StandingLine } from './document-body';
import { ENTITY } from './kinds';
import type { Known } from './mapped';
import { objectionsTo } from './objections';
import { refused } from './outcomes';
import { allocationBody, isPartOfPayment, paymentBody } from './payment-projection';
import type { Reader } from './reading';
import type { EntityBody } from './wire';

export type Prepared<K extends RecordKind> = {
  readonly request: WriteRequest<K>;
  readonly verb: WriteVerb;
  readonly entity: RecordEntity;
  readonly body: EntityBody;
};
type Preparation<K extends RecordKind> = Prepared<K> | WriteOutcome<K>;

/** Fails with LedgerUnavailable where what is needed could not be read: then nothing was sent. */
export const prepare = async <K extends RecordKind>(
  known: Known,
  reader: Reader,
  requests: readonly WriteRequest<K>[],
): Promise<readonly Preparation<K>[]> => {
  const standing = await readStanding(reader, requests);
  return requests.map((request) => {
    const problem = sendingProblem(known, request);
    return problem === undefined ? prepareOne(known, request, standing) : refused(request, problem);
  });
};

// ---- what stands there now ----

/** Raw rows by entity and id. */
type Standing = ReadonlyMap<string, unknown>;

const readStanding = async (reader: Reader, requests: readonly WriteRequest[]): Promise<Standing> => {
  const rows = new Map<string, unknown>();
  const read = async (entity: RecordEntity, ids: readonly string[], purpose: 'sync' | 'resolve'): Promise<void> => {
    if (ids.length === 0) return;
    for (const [id, row] of await reader.rowsById(entity, ids, { purpose })) rows.set(`${entity} ${id}`, row);
  };
  const idsOf = (wanted: (request: WriteRequest) => boolean): readonly string[] =>
    requests.flatMap((request) => (wanted(request) && request.externalId !== undefined ? [request.externalId] : []));

  // Whether money sits on an invoice decides its void: that is asked of each alone.
  await read(
    'Invoice',
    idsOf(({ kind, op }) => kind === 'invoice' && op === 'void'),
    'resolve',
  );
  for (const kind of ['invoice', 'creditNote'] as const) {
    const rewritten = idsOf((request) => request.kind === kind && request.op === 'update' && rewritesLines(request));
    await read(ENTITY[kind], rewritten, 'sync');
    // A row of another version may be a list's mistake about the very lines that we are to keep.
    const moved = requests.filter(
      ({ externalId, precondition }) =>
        externalId !== undefined &&
        rewritten.includes(externalId) &&
        tokenOf(rows.get(`${ENTITY[kind]} ${externalId}`)) !== precondition,
    );
    await read(
      ENTITY[kind],
      moved.map(({ externalId }) => externalId as string),
      'resolve',
    );
  }
  const invoices = requests.flatMap(({ kind, op, projection }) =>
    kind === 'allocation' && op === 'create' ? [(projection.atoms as AtomsOf['allocation']).allocation.invoice.id] : [],
  );
  await read('Invoice', invoices, 'sync');
  return rows;
};

const rewritesLines = ({ atoms }: WriteRequest): boolean => atoms.includes('moneyBlock') || atoms.includes('accounts');
const tokenOf = (row: unknown): string | undefined => Row.safeParse(row).data?.SyncToken;

const standingLines = (row: unknown, precondition: string | undefined): readonly StandingLine[] => {
  if (tokenOf(row) !== precondition) return [];
  const lines = (row as { readonly Line?: unknown }).Line;
  if (!Array.isArray(lines)) return [];
  return lines.flatMap(({ Id, SalesItemLineDetail }: { Id?: unknown; SalesItemLineDetail?: unknown }) =>
    typeof Id === 'string' && typeof SalesItemLineDetail === 'object' && SalesItemLineDetail !== null
      ? [{ Id, SalesItemLineDetail: SalesItemLineDetail as EntityBody }]
      : [],
  );
};

// ---- why it is not sent ----

const sendingProblem = (known: Known, request: WriteRequest): LedgerProblem | undefined => {
  const { kind, op, atoms, externalId, precondition, projection } = request;
  if (op === 'create') return objectionsTo(known, kind, projection as Projection<never>)[0];
  if (externalId === undefined || precondition === undefined || precondition === '') return withoutVersion;
  if (op === 'void' && kind === 'creditNote') return voidedByPeople;
  if (kind === 'allocation' && isPartOfPayment(externalId)) return partOfPayment;
  if (op === 'unarchive' && kind !== 'contact') return cannot('bring it back', kind);
  if (op !== 'update') return undefined;
  if (kind === 'allocation') return cannot('change it', kind);
  const isWhole = kind === 'contact' || kind === 'payment' || rewritesLines(request) || atoms.includes('number');
  return isWhole ? objectionsTo(known, kind, projection as Projection<never>)[0] : undefined;
};

const withoutVersion: LedgerProblem = {
  class: 'bug',
  code: 'withoutVersion',
  message: 'A change was to be sent without the version of the record that it is based on.',
};
const voidedByPeople: LedgerProblem = {
  class: 'unsupported',
  code: 'voidedByPeople',
  message:
    'QuickBooks lets only people void a credit memo: open it there, choose More and Void, and it is void here too.',
};
const partOfPayment: LedgerProblem = {
  class: 'unsupported',
  code: 'partOfPayment',
  message: 'This credit was used together with money in one payment of QuickBooks: change that payment there.',
};
const cannot = (what: string, kind: RecordKind): LedgerProblem => ({
  class: 'unsupported',
  code: 'unsupported',
  message: `QuickBooks has no way to ${what} (${kind}).`,
});

// ---- bodies ----

const prepareOne = <K extends RecordKind>(
  known: Known,
  request: WriteRequest<K>,
  standing: Standing,
): Preparation<K> => {
  const entity = ENTITY[request.kind];
  const row = standing.get(`${entity} ${request.externalId}`);
  const base = { Id: request.externalId, SyncToken: request.precondition };
  switch (request.op) {
    case 'create': {
      const body = createBody(known, request, standing);
      return 'class' in body ? refused(request, body as LedgerProblem) : { request, verb: 'create', entity, body };
    }
    case 'update':
      return { request, verb: 'update', entity, body: { ...base, sparse: true, ...updateBody(known, request, row) } };
    case 'unarchive': {
      // An inactive name may have grown a suffix.
      const named = { ...request, atoms: [...new Set(['name', ...request.atoms])] };
      const body = { ...base, sparse: true, Active: true, ...updateBody(known, named, row) };
      return { request, verb: 'update', entity, body };
    }
    case 'void': {
      if (request.kind === 'contact') {
        return { request, verb: 'update', entity, body: { ...base, sparse: true, Active: false } };
      }
      const problem = request.kind === 'invoice' ? moneyOn(row) : undefined;
      if (problem !== undefined) return refused(request, problem);
      const isPayment = entity === 'Payment';
      return { request, verb: 'void', entity, body: { ...base, ...(isPayment ? { sparse: true } : {}) } };
    }
  }
};

const createBody = (known: Known, request: WriteRequest, standing: Standing): EntityBody | LedgerProblem => {
  const write = { tag: request.tag, isNew: true, atoms: request.atoms };
  if (request.kind !== 'allocation') return bodyOf(known, request, write);
  const projection = request.projection as Projection<AtomsOf['allocation']>;
  const invoice = InvoiceAnswer.safeParse(standing.get(`Invoice ${projection.atoms.allocation.invoice.id}`)).data;
  if (invoice === undefined) return invoiceMissing;
  const currency = invoice.CurrencyRef?.value ?? known.organisation?.baseCurrency ?? '';
  return allocationBody(known, projection, { customerId: invoice.CustomerRef.value, currency }, write);
};
const invoiceMissing: LedgerProblem = {
  class: 'validation',
  code: 'invoiceMissing',
  message: 'The invoice that the credit is for is not in QuickBooks.',
};

const updateBody = (known: Known, request: WriteRequest, row: unknown): EntityBody =>
  bodyOf(known, request, {
    tag: request.tag,
    isNew: false,
    atoms: request.atoms,
    standing: rewritesLines(request) ? standingLines(row, request.precondition) : [],
  });

const bodyOf = (known: Known, { kind, projection }: WriteRequest, write: DocumentWrite): EntityBody => {
  const given = projection as Projection<Atoms> as Projection<never>;
  switch (kind) {
    case 'contact':
      return contactBody(known, given, write);
    case 'invoice':
      return invoiceBody(known, given, write);
    case 'creditNote':
      return creditMemoBody(known, given, write);
    case 'payment':
      return paymentBody(known, given, write);
    case 'allocation':
    case 'refund':
      throw new LedgerUnavailable(cannot('change it', kind)); // refused before
  }
};

/** QuickBooks would void a paid invoice and quietly free its money. A payment in between moves the SyncToken, so that none slips by. */
const moneyOn = (row: unknown): LedgerProblem | undefined => {
  if (row === undefined) return gone;
  const invoice = InvoiceAnswer.safeParse(row).data;
  if (invoice === undefined) return notReadable;
  return invoice.Balance == null || invoice.Balance.eq(invoice.TotalAmt) ? undefined : paid;
};
const gone: LedgerProblem = { class: 'notFound', code: '610', message: 'This invoice is not in QuickBooks any more.' };
const notReadable: LedgerProblem = {
  class: 'bug',
  code: 'notUnderstood',
  message: 'QuickBooks shows this invoice in a form that is not understood, so it was not voided.',
};
const paid: LedgerProblem = {
  class: 'validation',
  code: 'hasMoney',
  message:
    'A payment or credit is allocated to this invoice in QuickBooks: remove it there first, or issue a credit note.',
};
