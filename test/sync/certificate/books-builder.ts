// Two books by hand: documents of either side and the links between them, with open balances worked out as each side would.
import type { CurrencyCode } from '../../../src/core/money';
import type { Books } from '../../../src/sync/certificate/books';
import { type Link, recordKey } from '../../../src/sync/links/link';
import type { LocalRecord } from '../../../src/sync/ports/billing-port';
import type { ExternalRecord } from '../../../src/sync/ports/ledger-port';
import type { RecordKind, RecordStatus } from '../../../src/sync/records';
import { contact, invoice, moneyBlock, payment } from '../../support/sync-world';

export type Doc = {
  readonly totalMinor: number;
  readonly date?: string;
  readonly status?: RecordStatus;
  readonly currency?: CurrencyCode;
  readonly paidMinor?: number;
};

export const openBooksByHand = (
  options: {
    readonly cutOverDate?: string;
    readonly apart?: readonly string[];
    readonly heldKinds?: readonly RecordKind[];
  } = {},
) => {
  const locals = new Map<RecordKind, Map<string, LocalRecord>>();
  const externals = new Map<RecordKind, Map<string, ExternalRecord>>();
  const links = new Map<string, Link>();
  const kinds: readonly RecordKind[] = ['contact', 'invoice', 'payment'];
  for (const kind of kinds) locals.set(kind, new Map()).get(kind) && externals.set(kind, new Map());
  const books: Books = {
    ...{ kinds, locals, externals, links },
    apart: new Set(options.apart ?? []),
    heldKinds: new Set(options.heldKinds ?? []),
    ...(options.cutOverDate === undefined ? {} : { cutOverDate: options.cutOverDate }),
  };
  const local = (kind: RecordKind, id: string, status: RecordStatus, atoms: object, openMinor = 0): void => {
    const record = {
      ...{ kind, localId: id, revision: 1, changedAt: '2026-03-01T00:00:00.000Z', changedBy: 'Ada' },
      projection: { status, atoms },
      guards: { allocatedMinor: 0, openMinor, reconciled: false },
    };
    locals.get(kind)?.set(id, record as unknown as LocalRecord);
  };
  const external = (kind: RecordKind, id: string, status: RecordStatus, atoms: object, openMinor = 0): void => {
    const record = {
      ...{ kind, externalId: id, version: 'v1' },
      projection: { status, atoms },
      guards: { allocatedMinor: 0, openMinor, reconciled: false },
    };
    externals.get(kind)?.set(id, record as unknown as ExternalRecord);
  };
  const document = (id: string, { totalMinor, date = '2026-03-01', currency = 'GBP' }: Doc) =>
    invoice(id.replace(/^\w-/, 'INV-'), 'c', 0, {
      moneyBlock: moneyBlock(totalMinor, { currency, taxMinor: 0, totalMinor }),
      dates: { issueDate: date, dueDate: date },
    });
  return {
    books,
    here: (id: string, doc: Doc): void =>
      local(
        'invoice',
        `l-${id}`,
        doc.status ?? 'live',
        document(`l-${id}`, doc),
        doc.totalMinor - (doc.paidMinor ?? 0),
      ),
    there: (id: string, doc: Doc): void =>
      external(
        'invoice',
        `x-${id}`,
        doc.status ?? 'live',
        document(`x-${id}`, doc),
        doc.totalMinor - (doc.paidMinor ?? 0),
      ),
    customerHere: (id: string, status: RecordStatus = 'live'): void => local('contact', `l-${id}`, status, contact(id)),
    customerThere: (id: string): void => external('contact', `x-${id}`, 'live', contact(id)),
    paidHere: (id: string, invoiceId: string, minor: number, date = '2026-03-02'): void =>
      local('payment', `l-${id}`, 'live', payment('c', `l-${invoiceId}`, minor, { date })),
    paidThere: (id: string, invoiceId: string, minor: number, date = '2026-03-02'): void =>
      external('payment', `x-${id}`, 'live', payment('c', `x-${invoiceId}`, minor, { date })),
    link: (kind: RecordKind, id: string, change: Partial<Link> = {}): void => {
      const link = {
        ...{ id: `lnk-${kind}-${id}`, revision: 1, tenantId: 't', connectionId: 'con', kind, state: 'linked' },
        ...{ localId: `l-${id}`, externalId: `x-${id}`, localRevision: 1, externalVersion: 'v1' },
        ...{ mapVersion: '1.1', generation: 0, held: [], restores: [], separateFrom: [] },
        ...change,
      } as unknown as Link;
      links.set(recordKey(kind, 'local', `l-${id}`), link).set(recordKey(kind, 'external', `x-${id}`), link);
    },
  };
};
