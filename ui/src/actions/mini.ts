import { transport } from '../transport';

const [WIDTH_PX, HEIGHT_PX] = [360, 120];

/** Opens the mini player, or brings it to the front: a window of the app, or of the browser. */
export function openMini(): void {
  if (transport.openMini) void transport.openMini();
  else window.open('#/mini', 'auralis-mini', `popup,width=${WIDTH_PX},height=${HEIGHT_PX}`);
}
