// Kills a process at its k-th await: from then on everything it touches throws, as if it were gone. What was committed stays.
import type { Scopes, Session, Store } from '../../src/store/port';
import type { BillingPort } from '../../src/sync/ports/billing-port';
import type { LedgerPort } from '../../src/sync/ports/ledger-port';

export class Killed extends Error {
  constructor() {
    super('the process was killed');
    this.name = 'Killed';
  }
}

export type KillSwitch = {
  /** The k-th await from now on is the last. */
  arm(k: number): void;
  disarm(): void;
  /** It lives to see its k-th effect committed, and no further; a kill between two effects leaves the same behind. 0: before the first. */
  armAfterEffect(k: number): void;
  /** Somebody does something of his own at the k-th await from now on. */
  interrupt(k: number, deed: () => void): void;
  /** Awaits passed since it was armed or disarmed. */
  count(): number;
  wasKilled(): boolean;
  /** One more await, for what has no wrapper here. */
  step(): void;
  ledger(port: LedgerPort): LedgerPort;
  billing(port: BillingPort): BillingPort;
  store(store: Store): Store;
};

export const createKillSwitch = (): KillSwitch => {
  let left = Number.POSITIVE_INFINITY;
  let passed = 0;
  let dead = false;
  let effectsLeft = Number.POSITIVE_INFINITY;
  let interruption: { left: number; readonly deed: () => void } | undefined;
  const meddle = (): void => {
    if (interruption === undefined || --interruption.left > 0) return;
    const { deed } = interruption;
    interruption = undefined;
    deed();
  };
  const step = (): void => {
    passed++;
    meddle();
    if (dead || --left <= 0) {
      dead = true;
      throw new Killed();
    }
  };
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    const result = await work();
    step(); // committed, and nobody lives to hear of it
    return result;
  };
  /** What is stored, sent or acknowledged, and stays. */
  const effect = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    if (effectsLeft <= 0) {
      dead = true;
      throw new Killed();
    }
    const result = await work();
    effectsLeft--;
    step();
    return result;
  };
  async function* aroundPages<T>(pages: AsyncIterable<T>): AsyncIterable<T> {
    step();
    for await (const page of pages) {
      step();
      yield page;
    }
  }
  const session = (real: Session, keep: typeof effect = effect): Session => ({
    get: (collection, id) => around(() => real.get(collection, id)),
    find: (collection, query) => around(() => real.find(collection, query)),
    count: (collection, query) => around(() => real.count(collection, query)),
    sum: (collection, query) => around(() => real.sum(collection, query)),
    insert: (collection, draft) => keep(() => real.insert(collection, draft)),
    update: (collection, document) => keep(() => real.update(collection, document)),
    remove: (collection, id, revision) => keep(() => real.remove(collection, id, revision)),
  });
  const scopes = (real: Scopes, keep: typeof effect = effect): Scopes => ({
    system: session(real.system, keep),
    forTenant: (tenantId) => session(real.forTenant(tenantId), keep),
  });
  return {
    arm: (k) => {
      left = k;
      passed = 0;
      dead = false;
    },
    disarm: () => {
      left = Number.POSITIVE_INFINITY;
      effectsLeft = Number.POSITIVE_INFINITY;
      passed = 0;
      dead = false;
      interruption = undefined;
    },
    armAfterEffect: (k) => {
      effectsLeft = k;
      passed = 0;
      dead = false;
    },
    interrupt: (k, deed) => {
      interruption = { left: k, deed };
    },
    count: () => passed,
    wasKilled: () => dead,
    step,
    ledger: (real) => ({
      provider: real.provider,
      calls: () => real.calls(),
      capabilities: real.capabilities,
      organisation: () => around(() => real.organisation()),
      chart: () => around(() => real.chart()),
      changes: (kind, since) => aroundPages(real.changes(kind, since)),
      list: (kind, options) => aroundPages(real.list(kind, options)),
      read: (kind, ids, purpose) => around(() => real.read(kind, ids, purpose)),
      findByNaturalKey: (kind, keys, purpose) => around(() => real.findByNaturalKey(kind, keys, purpose)),
      write: (requests, signal) => effect(() => real.write(requests, signal)),
      normalise: (kind, projection) => real.normalise(kind, projection),
      objections: (kind, projection) => real.objections(kind, projection),
      editableAtoms: (kind, record) => real.editableAtoms(kind, record),
    }),
    billing: (real) => ({
      read: (kind, ids) => around(() => real.read(kind, ids)),
      list: (kind, options) => aroundPages(real.list(kind, options)),
      findCandidates: (kind, key) => around(() => real.findCandidates(kind, key)),
      write: (write) => effect(() => real.write(write)),
      effectOf: (key) => around(() => real.effectOf(key)),
      pendingChanges: (limit) => around(() => real.pendingChanges(limit)),
      acknowledge: (sequences) => effect(() => real.acknowledge(sequences)),
      lastEdits: (kind, id) => around(() => real.lastEdits(kind, id)),
      newId: (kind) => real.newId(kind),
      normalise: (kind, projection) => real.normalise(kind, projection),
    }),
    // Inside a transaction a kill rolls back; around it, it does or does not commit.
    store: (real) => ({
      ...scopes(real),
      transaction: (work) => effect(() => real.transaction((inside) => work(scopes(inside, around)))),
      ping: () => real.ping(),
      close: () => real.close(),
    }),
  };
};
