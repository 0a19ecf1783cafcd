import { panels } from '../lib/panels.svelte';
import { formatRoute, parseRoute } from '../lib/route';
import { router } from '../lib/router.svelte';
import { phoneLayout } from '../lib/screen';
import { app } from '../store/app.svelte';
import type { SettingsPatch } from '../connection/protocol';
import { changeSettings } from './commands';

const SAVE_DELAY_MS = 800;
/** The core rejects longer routes; a search that long is not worth restoring. */
const MAX_ROUTE_LENGTH = 200;

/** Restores the last view at start. Afterwards each window has its own. */
export function restoreView(): void {
  if (!phoneLayout.current) panels.side = app.settings.panel;
  if (location.hash === '') router.replace(parseRoute(app.settings.view));
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Saves the open view for the next start. */
export function persistView(): void {
  if (router.route.view === 'mini') return;
  const view = formatRoute(router.route);
  // On a phone the panel covers the view, so it is not restored.
  const patch: SettingsPatch = phoneLayout.current ? {} : { panel: panels.side };
  if (view.length <= MAX_ROUTE_LENGTH) patch.view = view;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const now = app.settings;
    const differs = (patch.panel ?? now.panel) !== now.panel || (patch.view ?? now.view) !== now.view;
    if (app.connected && differs) void changeSettings(patch);
  }, SAVE_DELAY_MS);
}
