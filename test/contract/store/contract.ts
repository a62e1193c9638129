// The Store port's contract. Every engine passes all of it: see sqlite.test.ts and mongo.test.ts beside this file.
import { type OpenStore, useStore } from './bed';
import { documentsContract } from './documents';
import { lifecycleContract, type OpenPlace } from './lifecycle';
import { pagingContract } from './paging';
import { queriesContract } from './queries';
import { tenantsContract } from './tenants';
import { transactionsContract } from './transactions';

export const storeContract = (open: OpenStore, newPlace: OpenPlace): void => {
  const bed = useStore(open);
  documentsContract(bed);
  queriesContract(bed);
  pagingContract(bed);
  tenantsContract(bed);
  transactionsContract(bed);
  lifecycleContract(newPlace);
};
