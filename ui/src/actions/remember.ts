import { formatRoute, parseRoute } from '../lib/route';
import { panels } from '../lib/panels.svelte';
import { router } from '../lib/router.svelte';
import { small } from '../lib/screen';
import { sections } from '../store/sections.svelte';
import type { SettingsPatch } from '../transport/protocol';
import { changeSettings } from './commands';

const WAIT_MS = 800;
/** The core refuses longer ones; a search that long is not worth coming back to. */
const LONGEST_VIEW = 200;

/** Opens what was open last. Once, at the start: afterwards each window goes its own way. */
export function restoreView(): void {
  panels.queue = sections.settings.queue_open && !small.current;
  if (location.hash === '') router.replace(parseRoute(sections.settings.view));
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells the core what is open, for the next start. */
export function rememberView(): void {
  const route = formatRoute(router.route);
  // On a small screen the panel covers the view, so what it is there says nothing about the next start.
  const patch: SettingsPatch = small.current ? {} : { queue_open: panels.queue };
  if (route.length <= LONGEST_VIEW) patch.view = route;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const { settings } = sections;
    const { queue_open = settings.queue_open, view = settings.view } = patch;
    const differs = queue_open !== settings.queue_open || view !== settings.view;
    if (sections.connected && differs) void changeSettings(patch);
  }, WAIT_MS);
}
