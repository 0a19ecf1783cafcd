import { transport } from '../transport';
import type { ListQuery } from '../transport/protocol';
import { ListRows } from './list-rows.svelte';
import { sections } from './sections.svelte';

const MOST_LISTS = 24;

const lists = new Map<string, ListRows<ListQuery>>();

/** The rows of a list: the same object for the same list, so that going back shows at once what was there. */
export function rowsOf<L extends ListQuery>(list: L): ListRows<L> {
  const key = JSON.stringify(list);
  const rows =
    lists.get(key) ?? new ListRows<ListQuery>(list, (of, offset, limit) => transport.query({ of, offset, limit }));
  lists.delete(key);
  lists.set(key, rows);
  for (const old of lists.keys()) {
    if (lists.size <= MOST_LISTS) break;
    lists.delete(old);
  }
  return rows as unknown as ListRows<L>;
}

/** Names the state of the world that a list shows; it changes when the list may look different. */
export function stampOf(list: ListQuery): string {
  const { session, hellos, queue, library } = sections;
  // The queue's rows name tracks, so they change with the library, too.
  const queueRevision = list.list === 'queue' ? queue.revision : 0;
  // A scan that fails on other files than the last one may leave the tracks as they were.
  const scanned = list.list === 'scan_failures' ? library.last_scan?.seconds : 0;
  return `${session} ${hellos} ${queueRevision} ${library.revision} ${scanned}`;
}
