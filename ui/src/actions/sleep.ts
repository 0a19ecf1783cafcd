import type { MenuItem } from '../lib/menu.svelte';
import { m } from '../messages';
import { app } from '../store/app.svelte';
import type { SleepTimer } from '../connection/protocol';
import { setSleepTimer } from './commands';

const MINUTES = [15, 30, 45, 60, 90];

/** The menu of the sleep timer; a running one is ticked, with the minutes that are left. */
export function sleepItems(): MenuItem[] {
  const now = app.player.sleep;
  const item = (label: string, timer: SleepTimer, checked: boolean): MenuItem => ({
    label,
    checked,
    action: () => void setSleepTimer(timer),
  });
  const left = now?.end === 'minutes' ? now.minutes : undefined;
  return [
    item(m.sleep.off, { end: 'off' }, now === null),
    item(m.sleep.track, { end: 'end_of_track' }, now?.end === 'end_of_track'),
    item(m.sleep.album, { end: 'end_of_album' }, now?.end === 'end_of_album'),
    ...(left !== undefined && !MINUTES.includes(left) ? [item(m.sleep.minutes(left), { end: 'minutes', minutes: left }, true)] : []),
    ...MINUTES.map((minutes) => item(m.sleep.minutes(minutes), { end: 'minutes', minutes }, left === minutes)),
  ];
}
