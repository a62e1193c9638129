// The books of one company: its lists, the entities that the wire serves, the changes that webhooks tell of, and the desk at
// which a bookkeeper works.

import { type Bookkeeper, createBookkeeper } from './bookkeeper';
import { openLists } from './chart';
import { type CompanyOptions, describeCompany } from './company';
import { createEntities, type Entity } from './entities';
import { createIndexes } from './indexes';
import type { Ledger } from './ledger';
import { createLinks } from './links';
import type { Change } from './table';
import { createTables } from './tables';

export type Books = Bookkeeper & {
  readonly realmId: string;
  readonly ledger: Ledger;
  /** By lower-case name, as in paths. */
  readonly entities: ReadonlyMap<string, Entity>;
  /** Told of every change from now on, whoever makes it. */
  onChange(listener: (change: Change) => void): void;
};

export const openBooks = (options: CompanyOptions, defaultRealmId: string, now: () => Date): Books => {
  const company = describeCompany(options, defaultRealmId);
  const listeners: ((change: Change) => void)[] = [];
  const tables = createTables(now, (change) => {
    for (const listener of listeners) listener(change);
  });
  const ledger: Ledger = {
    company,
    tables,
    links: createLinks(),
    indexes: createIndexes(),
    now,
    openedAt: now(),
  };
  openLists(company, tables);
  return {
    ...createBookkeeper(ledger),
    realmId: company.realmId,
    ledger,
    entities: createEntities(ledger),
    onChange: (listener) => void listeners.push(listener),
  };
};
