import { connection } from '../connection';

const [WIDTH_PX, HEIGHT_PX] = [360, 120];

/** Opens the mini player in its own window, or brings it to the front. */
export function openMiniPlayer(): void {
  if (connection.showMiniPlayer) void connection.showMiniPlayer();
  else window.open('#/mini', 'auralis-mini', `popup,width=${WIDTH_PX},height=${HEIGHT_PX}`);
}
