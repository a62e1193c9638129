// A ledger in memory that behaves as badly as real ones: own clock, lossy normalisation, lists that lag, unique numbers, lock dates,
// answers that get lost after the books were changed. It implements LedgerPort; `hands` is the bookkeeper at its screen.
// Over 300 lines: it is one small world, and its rules only make sense together.
import type { Clock } from '../../src/core/clock';
import type { JsonValue } from '../../src/core/json';
import {
  type ChangePage,
  type ExternalRecord,
  type LedgerCapabilities,
  type LedgerPort,
  type LedgerProblem,
  LedgerUnavailable,
  type NaturalKey,
  type Organisation,
  type Reading,
  type WriteOutcome,
  type WriteRequest,
} from '../../src/sync/ports/ledger-port';
import {
  type AllocationAtoms,
  type AtomsOf,
  type ContactAtoms,
  type InvoiceAtoms,
  isMoneyKind,
  type PaymentAtoms,
  type Projection,
  type RecordKind,
  type RecordStatus,
  type RefundAtoms,
} from '../../src/sync/records';

type Kept = {
  readonly kind: RecordKind;
  readonly id: string;
  status: RecordStatus | 'deleted' | 'merged';
  atoms: Record<string, JsonValue>;
  tag?: string;
  mergedInto?: string;
  changedAtMs: number;
  version: number;
  reconciled: boolean;
  /** Broken on purpose: reading it gives an answer that nobody understands. */
  garbled?: boolean;
  readonly history: Shown[];
};

type Shown = { readonly atMs: number; readonly record: ExternalRecord | undefined; readonly byHand: boolean };

export type WriteFault =
  | 'commitThenTimeout'
  | 'drop'
  | 'throttled'
  | 'errorBeforeCommit'
  | 'errorAfterCommit'
  | 'stale'
  | 'revoked'
  | 'notSent'
  | 'answersButDropsChange';
export type ReadFault = 'throttled' | 'down' | 'revoked' | 'emptyList' | 'partialPage' | 'truncated' | 'unread';

export type WriteLogEntry = {
  readonly key: string;
  readonly op: WriteRequest['op'];
  readonly kind: RecordKind;
  readonly id: string | undefined;
  readonly applied: boolean;
  readonly atoms: readonly string[];
  /** Before and after, of an applied write. */
  readonly before?: Projection;
  readonly after?: Projection;
};

export type MemoryLedgerOptions = {
  readonly clock: Clock;
  readonly organisation?: Partial<Organisation>;
  readonly capabilities?: Partial<LedgerCapabilities>;
  /** Its clock against ours. */
  readonly skewMs?: number;
  readonly lagMs?: number;
  readonly pageSize?: number;
  /** Idempotency keys are remembered this long. */
  readonly keyLifeMs?: number;
  readonly hasExternalRef?: boolean;
  /** Look-ups by tag, number or name lag like lists do. */
  readonly lookUpLags?: boolean;
};

const TAX_RATES = new Set(['standard', 'reduced', 'none']);
const ACCOUNTS = new Set(['200', '260']);
const KINDS: readonly RecordKind[] = ['contact', 'invoice', 'creditNote', 'payment', 'allocation', 'refund'];

export const createMemoryLedger = (options: MemoryLedgerOptions) => {
  const { clock, skewMs = 137_000, keyLifeMs = 6 * 60_000, hasExternalRef = true } = options;
  const records = new Map<string, Kept>();
  const keys = new Map<string, { readonly outcome: WriteOutcome; readonly atMs: number }>();
  const log: WriteLogEntry[] = [];
  const takenNames = new Set<string>();
  const touches: { readonly kind: RecordKind; readonly externalId: string }[] = [];
  let isByHand = true;
  const calls: Record<string, number> = {};
  const writeFaults: WriteFault[] = [];
  const readFaults: ReadFault[] = [];
  let lagMs = options.lagMs ?? 0;
  let serial = 0;
  let organisation: Organisation = {
    id: 'org-1',
    name: 'Memory Ltd',
    baseCurrency: 'GBP',
    currencies: ['GBP', 'EUR', 'JPY'],
    country: 'GB',
    timeZone: 'Europe/London',
    taxScheme: 'lineTax',
    isDemo: false,
    notices: [],
    ...options.organisation,
  };
  const capabilities: LedgerCapabilities = {
    paymentUnit: 'allocation',
    hasPreconditions: true,
    canEditPayments: false,
    webhookKinds: ['contact', 'invoice', 'creditNote'],
    kinds: KINDS,
    batchSize: () => 50,
    hardTimeoutMs: 60_000,
    linesBookTo: 'account',
    ...options.capabilities,
  };

  const nowMs = (): number => clock.now().getTime() + skewMs;
  const keyOf = (kind: RecordKind, id: string): string => `${kind}:${id}`;
  const find = (kind: RecordKind, id: string): Kept | undefined => records.get(keyOf(kind, id));
  const ofKind = (kind: RecordKind): Kept[] => [...records.values()].filter((record) => record.kind === kind);
  const isLive = (record: Kept): boolean => record.status === 'live' || record.status === 'draft';

  const allocatedTo = (kind: RecordKind, id: string): number => {
    let total = 0;
    for (const record of records.values()) {
      if (record.status !== 'live') continue;
      if (record.kind === 'payment') {
        const { payment } = record.atoms as unknown as PaymentAtoms;
        if (kind === 'invoice') for (const a of payment.allocations) if (a.invoice.id === id) total += a.amountMinor;
        if (kind === 'payment' && record.id === id) for (const a of payment.allocations) total += a.amountMinor;
      }
      if (record.kind === 'allocation') {
        const { allocation } = record.atoms as unknown as AllocationAtoms;
        if (kind === 'invoice' && allocation.invoice.id === id) total += allocation.amountMinor;
        if (kind === 'creditNote' && allocation.creditNote.id === id) total += allocation.amountMinor;
      }
      if (record.kind === 'refund') {
        const { refund } = record.atoms as unknown as RefundAtoms;
        if (kind === 'creditNote' && refund.creditNote.id === id) total += refund.amountMinor;
      }
    }
    return total;
  };
  const amountOf = (record: Kept): number =>
    (record.atoms as unknown as Partial<InvoiceAtoms>).moneyBlock?.totalMinor ??
    (record.atoms as unknown as Partial<PaymentAtoms>).payment?.amountMinor ??
    (record.atoms as unknown as Partial<RefundAtoms>).refund?.amountMinor ??
    0;

  const present = (record: Kept): ExternalRecord | undefined => {
    if (record.status === 'deleted' || record.status === 'merged') return undefined;
    const allocatedMinor = allocatedTo(record.kind, record.id);
    return {
      kind: record.kind,
      externalId: record.id,
      version: `v${record.version}`,
      precondition: `v${record.version}`,
      projection: { status: record.status, atoms: structuredClone(record.atoms) } as never,
      guards: { allocatedMinor, openMinor: amountOf(record) - allocatedMinor, reconciled: record.reconciled },
      changedAt: new Date(record.changedAtMs).toISOString(),
      ...(record.tag === undefined ? {} : { tag: record.tag }),
    };
  };
  const touch = (record: Kept): void => {
    record.version++;
    record.changedAtMs = nowMs();
    record.history.push({ atMs: nowMs(), record: present(record), byHand: isByHand });
    touches.push({ kind: record.kind, externalId: record.id });
  };
  /** As a list shows it: what was true `lagMs` ago. */
  const lagged = (record: Kept): ExternalRecord | undefined => {
    if (lagMs === 0) return present(record);
    const seen = record.history.filter(({ atMs }) => atMs <= nowMs() - lagMs).at(-1);
    return seen?.record;
  };
  const readingOf = (record: Kept | undefined): Reading => {
    if (record === undefined) return { state: 'absent', reason: 'notFound' };
    if (record.garbled) {
      return {
        state: 'unread',
        problem: { class: 'bug', message: 'the answer has no total' },
        raw: `{"Garbled":"${record.id}"}`,
      };
    }
    if (record.status === 'merged') {
      return { state: 'absent', reason: 'merged', ...(record.mergedInto ? { mergedInto: record.mergedInto } : {}) };
    }
    const found = present(record);
    return found ? { state: 'present', record: found } : { state: 'absent', reason: 'deleted' };
  };

  const normalise: LedgerPort['normalise'] = (kind, projection) => {
    const atoms = { ...(projection.atoms as Record<string, JsonValue>) };
    const cut = (value: JsonValue | undefined, length: number): JsonValue =>
      typeof value === 'string'
        ? value.normalize('NFC').trim().replace(/\s+/g, ' ').slice(0, length).trimEnd() || null
        : (value ?? null);
    if (kind === 'contact') {
      atoms.name = cut(atoms.name, 60);
      atoms.phone = typeof atoms.phone === 'string' ? cut(atoms.phone.replace(/\s/g, ''), 20) : null;
      if (!hasExternalRef) atoms.externalRef = null;
      atoms.currency = null;
    }
    if (kind === 'invoice' || kind === 'creditNote') {
      atoms.reference = cut(atoms.reference, 30);
      const accounts = (atoms.accounts as JsonValue[] | undefined) ?? [];
      atoms.accounts = accounts.map((account) => (account === '200' ? null : account));
    }
    return { status: projection.status, atoms } as never;
  };

  const refuse = (request: WriteRequest, cls: LedgerProblem['class'], message: string): WriteOutcome => ({
    ref: request.ref,
    result: 'refused',
    problem: { class: cls, message },
  });

  const lockedOut = (request: WriteRequest, atoms: Record<string, JsonValue>): WriteOutcome | undefined => {
    const dates = atoms.dates as { issueDate?: string } | undefined;
    const day =
      dates?.issueDate ??
      (atoms.payment as { date?: string } | undefined)?.date ??
      (atoms.allocation as { date?: string } | undefined)?.date ??
      (atoms.refund as { date?: string } | undefined)?.date;
    if (organisation.lockedThrough && day && day <= organisation.lockedThrough) {
      return refuse(
        request,
        'locked',
        `The document date cannot be before the period lock date ${organisation.lockedThrough}`,
      );
    }
    return undefined;
  };

  const checkDocument = (
    request: WriteRequest,
    atoms: Record<string, JsonValue>,
    own?: Kept,
  ): WriteOutcome | undefined => {
    const { kind } = request;
    const locked = lockedOut(request, atoms);
    if (locked) return locked;
    const customer = (atoms.contact as { id?: string } | undefined)?.id;
    const isMoved = request.op === 'create' || request.atoms.includes('contact');
    if (customer !== undefined && isMoved && find('contact', customer)?.status !== 'live') {
      return refuse(request, 'validation', 'The contact is not active.');
    }
    const others = ofKind(kind).filter((other) => other !== own && other.status !== 'merged');
    if (kind === 'invoice' || kind === 'creditNote') {
      if (others.some((other) => other.status !== 'deleted' && other.atoms.number === atoms.number)) {
        return refuse(request, 'duplicate', 'Invoice # must be unique.');
      }
    }
    if (kind === 'contact' && takenNames.has(String(atoms.name))) {
      return refuse(request, 'duplicate', `The name ${String(atoms.name)} is used by a supplier.`);
    }
    if (kind === 'contact' && others.some((other) => isLive(other) && other.atoms.name === atoms.name)) {
      return refuse(
        request,
        'duplicate',
        `The contact name ${String(atoms.name)} is already assigned to another contact.`,
      );
    }
    if (kind === 'payment') {
      const { payment } = atoms as unknown as PaymentAtoms;
      for (const { invoice, amountMinor } of payment.allocations) {
        const target = find('invoice', invoice.id);
        const mine = own
          ? ((own.atoms as unknown as PaymentAtoms).payment.allocations.find((a) => a.invoice.id === invoice.id)
              ?.amountMinor ?? 0)
          : 0;
        if (target?.status !== 'live') return refuse(request, 'validation', 'The invoice is not open.');
        if (amountMinor > amountOf(target) - allocatedTo('invoice', invoice.id) + mine) {
          return refuse(request, 'validation', 'Payment amount exceeds the amount outstanding on this document.');
        }
      }
    }
    if (kind === 'refund') {
      const { refund } = atoms as unknown as RefundAtoms;
      const note = find('creditNote', refund.creditNote.id);
      if (note?.status !== 'live' || refund.amountMinor > amountOf(note) - allocatedTo('creditNote', note.id)) {
        return refuse(request, 'validation', 'The refund exceeds the remaining credit.');
      }
    }
    if (kind === 'allocation') {
      const { allocation } = atoms as unknown as AllocationAtoms;
      const [invoice, credit] = [find('invoice', allocation.invoice.id), find('creditNote', allocation.creditNote.id)];
      if (!invoice || !credit || allocation.amountMinor > amountOf(invoice) - allocatedTo('invoice', invoice.id)) {
        return refuse(request, 'validation', 'The allocation exceeds what is open.');
      }
    }
    return undefined;
  };

  const touchParents = (record: Kept): void => {
    for (const kind of ['invoice', 'creditNote'] as const) {
      for (const parent of ofKind(kind)) {
        if (JSON.stringify(record.atoms).includes(`"id":"${parent.id}"`) && record.kind !== 'contact') touch(parent);
      }
    }
  };

  const add = (
    kind: RecordKind,
    atoms: Record<string, JsonValue>,
    status: RecordStatus,
    tag: string | undefined,
  ): Kept => {
    const record: Kept = {
      kind,
      id: `${kind.slice(0, 3)}-${String(++serial).padStart(5, '0')}`,
      status,
      atoms: structuredClone(atoms),
      changedAtMs: 0,
      version: 0,
      reconciled: false,
      history: [],
      ...(tag === undefined ? {} : { tag }),
    };
    records.set(keyOf(kind, record.id), record);
    touch(record);
    if (isMoneyKind(kind)) touchParents(record);
    return record;
  };

  const apply = (request: WriteRequest, isSilent: boolean): WriteOutcome => {
    const { kind, op } = request;
    const normal = normalise(kind, request.projection as never) as Projection;
    const done = (record: Kept): WriteOutcome => ({
      ref: request.ref,
      result: 'done',
      record: present(record) as ExternalRecord,
    });
    if (op === 'create') {
      const atoms = normal.atoms as Record<string, JsonValue>;
      const refusal = checkDocument(request, atoms);
      return refusal ?? done(add(kind, atoms, normal.status, request.tag));
    }
    const record = request.externalId === undefined ? undefined : find(kind, request.externalId);
    if (!record || record.status === 'deleted' || record.status === 'merged')
      return refuse(request, 'notFound', 'No such record.');
    if (
      capabilities.hasPreconditions &&
      request.precondition !== undefined &&
      request.precondition !== `v${record.version}`
    ) {
      return refuse(request, 'stale', 'Stale object error.');
    }
    if (kind === 'payment' && record.status === 'void') return refuse(request, 'validation', 'The payment is void.');
    if (op === 'unarchive') {
      record.status = 'live';
      touch(record);
      return done(record);
    }
    if (op === 'void') {
      if ((kind === 'invoice' || kind === 'creditNote') && allocatedTo(kind, record.id) > 0) {
        return refuse(request, 'validation', 'A payment is applied to this document.');
      }
      if (record.reconciled) return refuse(request, 'validation', 'It is reconciled.');
      const locked = lockedOut(request, record.atoms);
      if (locked) return locked;
      record.status = kind === 'contact' ? 'archived' : 'void';
      touch(record);
      if (isMoneyKind(kind)) touchParents(record);
      return done(record);
    }
    const next = { ...record.atoms };
    for (const atom of request.atoms) next[atom] = (normal.atoms as Record<string, JsonValue>)[atom] ?? null;
    const refusal = checkDocument(request, next, record);
    if (refusal) return refusal;
    if (!isSilent) record.atoms = structuredClone(next);
    touch(record);
    if (isMoneyKind(kind)) touchParents(record);
    return done(record);
  };

  const FAILED: Record<'throttled' | 'down' | 'revoked', LedgerProblem> = {
    throttled: { class: 'throttled', message: 'The ledger asks us to wait.', retryAfterMs: 60_000 },
    down: { class: 'transient', message: 'The ledger is offline.', retryAfterMs: 30_000 },
    revoked: { class: 'auth', message: 'The sign-in to the ledger is gone.' },
  };
  let isRevoked = false;
  let isDown = false;
  const count = (name: string): void => {
    calls[name] = (calls[name] ?? 0) + 1;
  };
  const gate = (): ReadFault | undefined => {
    if (isRevoked) throw new LedgerUnavailable(FAILED.revoked);
    if (isDown) throw new LedgerUnavailable(FAILED.down);
    const fault = readFaults.shift();
    if (fault === 'throttled' || fault === 'down' || fault === 'revoked') throw new LedgerUnavailable(FAILED[fault]);
    return fault;
  };

  const writeOne = (request: WriteRequest): WriteOutcome => {
    const fault = isRevoked ? 'revoked' : isDown ? 'drop' : writeFaults.shift();
    const unknown = (message: string): WriteOutcome => ({
      ref: request.ref,
      result: 'unknown',
      problem: { class: 'transient', message },
    });
    const record = (outcome: WriteOutcome, before: Projection | undefined): WriteOutcome => {
      const applied = outcome.result === 'done';
      log.push({
        key: request.idempotencyKey,
        op: request.op,
        kind: request.kind,
        id: applied ? outcome.record.externalId : request.externalId,
        applied,
        atoms: request.atoms,
        ...(before ? { before } : {}),
        ...(applied ? { after: outcome.record.projection } : {}),
      });
      return outcome;
    };
    if (fault === 'notSent' || fault === 'throttled' || fault === 'revoked') {
      return { ref: request.ref, result: 'notSent', problem: FAILED[fault === 'revoked' ? 'revoked' : 'throttled'] };
    }
    if (fault === 'drop' || fault === 'errorBeforeCommit') return record(unknown('connection reset'), undefined);
    if (fault === 'stale') return record(refuse(request, 'stale', 'Stale object error.'), undefined);
    const known = keys.get(request.idempotencyKey);
    if (known && nowMs() - known.atMs < keyLifeMs) return { ...known.outcome, ref: request.ref };
    const before = request.externalId ? find(request.kind, request.externalId) : undefined;
    const was = before && present(before)?.projection;
    isByHand = false;
    const outcome = record(apply(request, fault === 'answersButDropsChange'), was);
    isByHand = true;
    keys.set(request.idempotencyKey, { outcome, atMs: nowMs() });
    return fault === 'commitThenTimeout' || fault === 'errorAfterCommit' ? unknown('no answer in time') : outcome;
  };

  const pages = async function* <K extends RecordKind>(
    kind: K,
    wanted: (record: Kept) => boolean,
  ): AsyncIterable<ChangePage<K>> {
    const startMs = nowMs();
    count('list');
    const fault = gate();
    if (fault === 'truncated') {
      yield { readings: [], truncated: true };
      return;
    }
    const found =
      fault === 'emptyList'
        ? []
        : ofKind(kind)
            .filter(wanted)
            .toSorted((a, b) => a.changedAtMs - b.changedAtMs);
    const size = options.pageSize ?? 100;
    const total = { total: found.length };
    const next = new Date(startMs).toISOString();
    for (let from = 0; ; from += size) {
      const part = found.slice(from, from + size);
      const isLast = from + size >= found.length;
      if (from > 0) {
        count('list');
        gate();
      }
      const readings = part.flatMap((record) => {
        if (record.garbled) return [{ externalId: record.id, reading: readingOf(record) }];
        const seen = lagged(record);
        if (seen) return [{ externalId: record.id, reading: { state: 'present', record: seen } as Reading }];
        return lagMs === 0 ? [{ externalId: record.id, reading: readingOf(record) }] : [];
      });
      if (fault === 'partialPage') throw new LedgerUnavailable(FAILED.down);
      yield { readings: readings as never, ...(isLast ? { next } : {}), ...(from === 0 ? total : {}) };
      if (isLast) return;
    }
  };

  const port: LedgerPort = {
    provider: 'memory',
    capabilities,
    calls: () => Object.values(calls).reduce((sum, n) => sum + n, 0),
    organisation: async () => {
      count('organisation');
      gate();
      return organisation;
    },
    chart: async () => {
      count('chart');
      gate();
      return {
        accounts: [
          {
            id: 'acc-200',
            code: '200',
            name: 'Sales',
            use: 'revenue',
            currency: null,
            state: 'active',
            acceptsPayments: false,
            isSystem: false,
          },
          {
            id: 'acc-090',
            code: '090',
            name: 'Bank GBP',
            use: 'bank',
            currency: 'GBP',
            state: 'active',
            acceptsPayments: true,
            isSystem: false,
          },
        ],
        taxCodes: [
          { code: 'OUTPUT2', name: '20% VAT', percent: '20', state: 'active', forSales: true },
          { code: 'NONE', name: 'No VAT', percent: '0', state: 'active', forSales: true },
        ],
        items: [],
      };
    },
    changes: (kind, since) => pages(kind, (record) => record.changedAtMs >= Date.parse(since)),
    list: (kind) => pages(kind, (record) => record.status !== 'deleted' && record.status !== 'merged'),
    read: async (kind, ids) => {
      count('read');
      const fault = gate();
      const readings = ids.map((id): [string, Reading] => [
        id,
        fault === 'unread'
          ? { state: 'unread', problem: { class: 'bug', message: 'the answer is not JSON' }, raw: '<html>' }
          : readingOf(find(kind, id)),
      ]);
      return new Map(readings) as never;
    },
    findByNaturalKey: async (kind, wanted) => {
      count('find');
      gate();
      const found = wanted.map((key): [NaturalKey, ExternalRecord[]] => [
        key,
        ofKind(kind).flatMap((record) => {
          const number = key.by === 'tag' || key.by === 'number' ? key.number : undefined;
          const name = key.by === 'tag' || key.by === 'name' ? key.name : undefined;
          const fits =
            (key.by === 'tag' && record.tag === key.tag) ||
            (number !== undefined && record.atoms.number === number) ||
            (name !== undefined && String(record.atoms.name).toLowerCase() === name.trim().toLowerCase());
          const seen = !fits ? undefined : options.lookUpLags ? lagged(record) : present(record);
          return seen ? [seen] : [];
        }),
      ]);
      return new Map(found) as never;
    },
    write: async (requests, signal) => {
      if (requests.length === 0) return [];
      if (signal?.aborted) {
        const problem: LedgerProblem = { class: 'transient', message: 'It was called off before it was sent.' };
        return requests.map(({ ref }) => ({ ref, result: 'notSent', problem }));
      }
      count('write');
      return requests.map(writeOne) as never;
    },
    normalise,
    objections: (kind, projection) => objectionsTo(kind, projection.atoms as Record<string, JsonValue>),
    editableAtoms: (kind, record) => {
      const all = Object.keys(record.projection.atoms);
      if (kind === 'payment') {
        const isCredit = (record.projection.atoms as PaymentAtoms).payment.isCredit === true;
        return record.projection.status === 'live' && (capabilities.canEditPayments || isCredit) ? all : [];
      }
      if (kind === 'allocation' || kind === 'refund') return [];
      const isPaid = record.guards.allocatedMinor > 0;
      return isPaid ? all.filter((atom) => atom !== 'moneyBlock' && atom !== 'contact') : all;
    },
  };

  const objectionsTo = (kind: RecordKind, atoms: Record<string, JsonValue>): readonly LedgerProblem[] => {
    if (kind !== 'invoice' && kind !== 'creditNote') return [];
    const { number, moneyBlock, accounts } = atoms as unknown as InvoiceAtoms;
    const named: string[] = [];
    if (number.length > 255) named.push('The number has more than 255 characters.');
    if (!organisation.currencies.includes(moneyBlock.currency))
      named.push(`${moneyBlock.currency} is not switched on.`);
    for (const { taxRate } of moneyBlock.lines) {
      if (!TAX_RATES.has(taxRate) && !taxRate.startsWith('ledger:'))
        named.push(`The tax rate ${taxRate} is not mapped.`);
    }
    for (const account of accounts) {
      if (account !== null && !ACCOUNTS.has(account)) named.push(`There is no account ${account}.`);
    }
    return named.map((message) => ({ class: 'validation', message }));
  };

  const must = (kind: RecordKind, id: string): Kept => {
    const record = find(kind, id);
    if (!record) throw new Error(`no ${kind} ${id}`);
    return record;
  };

  return {
    port,
    log,
    calls,
    callCount: (): number => port.calls(),
    faults: { write: writeFaults, read: readFaults },
    setLag: (ms: number): void => {
      lagMs = ms;
    },
    setRevoked: (revoked: boolean): void => {
      isRevoked = revoked;
    },
    setDown: (down: boolean): void => {
      isDown = down;
    },
    forgetKeys: (): void => keys.clear(),
    /** Every change so far, in order: what webhooks would tell. */
    touches: touches as readonly { readonly kind: RecordKind; readonly externalId: string }[],
    /** All that a record ever was, and whether a person made it so. */
    history: (kind: RecordKind, id: string): readonly Shown[] => find(kind, id)?.history ?? [],
    ids: (kind: RecordKind): readonly string[] => ofKind(kind).map(({ id }) => id),
    setOrganisation: (change: Partial<Organisation>): void => {
      organisation = { ...organisation, ...change };
    },
    /** Of a supplier or an employee: no list shows it, and no customer may have it. */
    takeName: (name: string): void => void takenNames.add(name),
    setLockDate: (date: string | null): void => {
      const { lockedThrough: _lockedThrough, ...rest } = organisation;
      organisation = date === null ? rest : { ...rest, lockedThrough: date };
    },
    all: (kind: RecordKind): readonly ExternalRecord[] => ofKind(kind).flatMap((record) => present(record) ?? []),
    live: (kind: RecordKind): readonly ExternalRecord[] =>
      ofKind(kind).flatMap((record) => (isLive(record) ? (present(record) as ExternalRecord) : [])),
    get: (kind: RecordKind, id: string): ExternalRecord | undefined => {
      const record = find(kind, id);
      return record && present(record);
    },
    hands: {
      create: <K extends RecordKind>(kind: K, atoms: AtomsOf[K], status: RecordStatus = 'live'): string =>
        add(kind, atoms as unknown as Record<string, JsonValue>, status, undefined).id,
      edit: <K extends RecordKind>(kind: K, id: string, atoms: Partial<AtomsOf[K]>): void => {
        const record = must(kind, id);
        record.atoms = { ...record.atoms, ...(structuredClone(atoms) as Record<string, JsonValue>) };
        touch(record);
      },
      setStatus: (kind: RecordKind, id: string, status: RecordStatus | 'deleted'): void => {
        const record = must(kind, id);
        record.status = status;
        touch(record);
        if (isMoneyKind(kind)) touchParents(record);
      },
      merge: (id: string, into: string): void => {
        const record = must('contact', id);
        record.status = 'merged';
        record.mergedInto = into;
        touch(record);
        // As ledgers do: its documents belong to the survivor from now on.
        for (const other of records.values()) {
          const text = JSON.stringify(other.atoms);
          const moved = text.replaceAll(`{"$ref":"contact","id":"${id}"}`, `{"$ref":"contact","id":"${into}"}`);
          if (moved === text) continue;
          other.atoms = JSON.parse(moved) as Record<string, JsonValue>;
          touch(other);
        }
      },
      reconcile: (id: string): void => {
        const record = must('payment', id);
        record.reconciled = true;
        touch(record);
      },
      garble: (kind: RecordKind, id: string, garbled = true): void => {
        const record = must(kind, id);
        record.garbled = garbled;
        touch(record);
      },
    },
  };
};

export type MemoryLedger = ReturnType<typeof createMemoryLedger>;
export type { ContactAtoms, InvoiceAtoms };
