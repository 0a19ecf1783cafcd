import { panels } from '../lib/panels.svelte';
import { formatRoute, parseRoute } from '../lib/route';
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
  if (!small.current) panels.side = sections.settings.panel;
  if (location.hash === '') router.replace(parseRoute(sections.settings.view));
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells the core what is open, for the next start. */
export function rememberView(): void {
  if (router.route.view === 'mini') return;
  const view = formatRoute(router.route);
  // On a small screen the panel covers the view, so what it is there says nothing about the next start.
  const patch: SettingsPatch = small.current ? {} : { panel: panels.side };
  if (view.length <= LONGEST_VIEW) patch.view = view;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const now = sections.settings;
    const differs = (patch.panel ?? now.panel) !== now.panel || (patch.view ?? now.view) !== now.view;
    if (sections.connected && differs) void changeSettings(patch);
  }, WAIT_MS);
}
