import { connection } from '../connection';
import { router } from '../lib/router.svelte';

const [WIDTH_PX, HEIGHT_PX] = [360, 120];

/** Opens the mini player in its own window, or brings it to the front. */
export function openMiniPlayer(): void {
  if (connection.showMiniPlayer) void connection.showMiniPlayer();
  else window.open('#/mini', 'auralis-mini', `popup,width=${WIDTH_PX},height=${HEIGHT_PX}`);
}

/** Leaves the mini player for the main window; in a browser, for the page that opened it. */
export function leaveMiniPlayer(): void {
  if (connection.showMainWindow) void connection.showMainWindow();
  else if (window.opener) window.close();
  else location.hash = '#/songs';
}

export function toggleMiniPlayer(): void {
  if (router.route.view === 'mini') leaveMiniPlayer();
  else openMiniPlayer();
}
