// Lists: `{ items, next }`. `next` goes back as `after`; null says that this was the last page.
import { z } from 'zod';

export const MAX_PAGE = 500;

export const PageQuery = z.strictObject({
  limit: z.coerce
    .number(`enter a limit from 1 to ${MAX_PAGE}`)
    .int(`enter a limit from 1 to ${MAX_PAGE}`)
    .min(1, `enter a limit from 1 to ${MAX_PAGE}`)
    .max(MAX_PAGE, `enter a limit from 1 to ${MAX_PAGE}`)
    .default(50),
  after: z.string().max(2_000, 'send the `next` of the page before').optional().meta({
    description: 'The `next` of the page before',
  }),
});

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable().meta({ description: 'Null on the last page' }) });

export const pageReply = <S, T>(
  page: { readonly items: readonly S[]; readonly next?: string },
  show: (item: S) => T,
): { readonly body: { items: T[]; next: string | null } } => ({
  body: { items: page.items.map(show), next: page.next ?? null },
});

/** What somebody typed into a search; control characters are in no name or number. */
export const searchText = (limit: number) =>
  z
    .string()
    .max(limit, `keep the search to ${limit} characters`)
    .refine((text) => !/\p{Cc}/u.test(text), 'leave control characters out of the search');

/** Without the fields that are undefined: a query says nothing about what it leaves out. */
export const given = <T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as never;
