import { dialogs } from '../lib/dialogs.svelte';
import type { MenuItem } from '../lib/menu.svelte';
import { m } from '../messages';
import { app } from '../store/app.svelte';
import type { TrackSelection } from '../connection/protocol';

/** The menu item that exports tracks, for local clients only. `album` is the initial value of "as one album". */
export const exportItems = (tracks: TrackSelection, album = false): MenuItem[] =>
  app.isLocal ? [{ label: m.export.title, action: () => (dialogs.export = { tracks, album }) }] : [];
