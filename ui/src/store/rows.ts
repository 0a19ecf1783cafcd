import { connection } from '../connection';
import type { ListQuery } from '../connection/protocol';
import { ListRows } from './list-rows.svelte';
import { app } from './app.svelte';

const MAX_CACHED_LISTS = 24;

const lists = new Map<string, ListRows<ListQuery>>();

/** The rows of a list. The same list gives the same object, so going back shows its rows at once. */
export function rowsOf<L extends ListQuery>(list: L): ListRows<L> {
  const key = JSON.stringify(list);
  const rows =
    lists.get(key) ?? new ListRows<ListQuery>(list, (of, offset, limit) => connection.getRows({ of, offset, limit }));
  lists.delete(key);
  lists.set(key, rows);
  for (const old of lists.keys()) {
    if (lists.size <= MAX_CACHED_LISTS) break;
    lists.delete(old);
  }
  return rows as unknown as ListRows<L>;
}

/** Version key of a list's data; a change triggers a reload. */
export function versionKey(list: ListQuery): string {
  const { session, connectionCount, queue, library } = app;
  // Queue rows contain tracks, so they depend on the library, too.
  const queueRevision = list.list === 'queue' ? queue.revision : 0;
  // A scan may fail on other files than the last one without changing a track.
  const scanDuration_s = list.list === 'scan_failures' ? library.last_scan?.seconds : 0;
  return `${session} ${connectionCount} ${queueRevision} ${library.revision} ${scanDuration_s}`;
}
