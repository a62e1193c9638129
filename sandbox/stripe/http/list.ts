// Lists as Stripe answers them: newest first, paged by the id after which, or before which, they go on.
import { noSuch } from '../books/refusal';
import type { Params } from './params';

type Row = { readonly id: string; readonly created?: number };
export type ListAnswer<T> = {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly url: string;
};

export const listAnswer = <T>(data: readonly T[], url: string, hasMore = false): ListAnswer<T> => ({
  object: 'list',
  data,
  has_more: hasMore,
  url,
});

export const page = <T extends Row>(rows: readonly T[], params: Params, url: string): ListAnswer<T> => {
  const limit = Math.min(Math.max(params.integer('limit') ?? 10, 1), 100);
  const after = params.text('starting_after');
  const before = params.text('ending_before');
  const within = rows.filter(createdFilter(params));
  if (before !== undefined) {
    const newer = within.slice(0, positionOf(within, before, 'ending_before'));
    return listAnswer(newer.slice(-limit), url, newer.length > limit);
  }
  const rest = after === undefined ? within : within.slice(positionOf(within, after, 'starting_after') + 1);
  return listAnswer(rest.slice(0, limit), url, rest.length > limit);
};

const positionOf = (rows: readonly Row[], id: string, param: string): number => {
  const position = rows.findIndex((row) => row.id === id);
  if (position < 0) throw noSuch('object', id, param);
  return position;
};

const createdFilter = (params: Params): ((row: Row) => boolean) => {
  const range = params.object('created');
  const [gt, gte, lt, lte] = (['gt', 'gte', 'lt', 'lte'] as const).map((name) => range?.integer(name));
  return ({ created = 0 }) =>
    (gt === undefined || created > gt) &&
    (gte === undefined || created >= gte) &&
    (lt === undefined || created < lt) &&
    (lte === undefined || created <= lte);
};
