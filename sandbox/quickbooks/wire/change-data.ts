// Change data capture: everything of the named entities that changed since an instant, deleted rows as their gravestones, at most
// 1000 objects over all entities and 30 days back. There is no paging: what does not fit is silently missing.
import type { Books } from '../books/books';
import type { Entity } from '../books/entities';
import type { Json } from '../books/input';
import { businessRule, missing, queryNotValid, unsupported } from '../books/refusal';
import { stampOf } from '../books/time';
import type { ListView } from './query-runner';

export const MOST_CHANGES = 1000;
const DAY_MS = 86_400_000;
const WINDOW_MS = 30 * DAY_MS;

export const changeData = (
  books: Books,
  request: { readonly entities: string | undefined; readonly changedSince: string | undefined },
  nowMs: number,
  view: ListView,
  most: number = MOST_CHANGES,
): Json => {
  if (!request.entities) throw missing('entities');
  if (!request.changedSince) throw missing('changedSince');
  // A plus sign that was not encoded arrives as a space.
  const since = Date.parse(request.changedSince);
  if (Number.isNaN(since)) throw queryNotValid(`changedSince ${request.changedSince} is not a date`);
  if (since < nowMs - WINDOW_MS) throw businessRule('changedSince must be within the last 30 days.', 'changedSince');
  let left = most;
  const responses = request.entities.split(',').map((name) => {
    const entity = books.entities.get(name.trim().toLowerCase());
    if (!entity?.inChangeData) throw unsupported(`change data capture of ${name}`);
    const shown = [...live(entity, since, view), ...gravestones(entity, since)].slice(0, left).map((show) => show());
    left -= shown.length;
    return shown.length === 0 ? {} : { [entity.name]: shown, startPosition: 1, maxResults: shown.length };
  });
  return { CDCResponse: [{ QueryResponse: responses }] };
};

/** Shown only if there is room: writing a record out costs more than finding it. */
type Shown = () => Json;

const live = (entity: Entity, since: number, view: ListView): Shown[] => {
  const fromSecond = since - (since % 1000);
  const found: Shown[] = [];
  for (const row of entity.table.rows()) {
    const record = view(row);
    if (record && Date.parse(record.MetaData.LastUpdatedTime) >= fromSecond) found.push(() => entity.present(record));
  }
  return found;
};

const gravestones = (entity: Entity, since: number): Shown[] =>
  entity.table
    .gravestones()
    .filter((grave) => grave.removedMs >= since)
    .map((grave) => () => ({
      domain: 'QBO',
      status: 'Deleted',
      Id: grave.id,
      MetaData: { LastUpdatedTime: stampOf(new Date(grave.removedMs)) },
    }));
