// Pages of lists: how many documents a page may have, whatever a query string asks for.
import type { Query } from '../store/port';
import type { PageRequest } from './service';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

export const pageOf = ({ limit = DEFAULT_LIMIT, after }: PageRequest): Pick<Query, 'limit' | 'after'> => ({
  limit: Number.isFinite(limit) ? Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT) : DEFAULT_LIMIT,
  ...(after === undefined ? {} : { after }),
});
