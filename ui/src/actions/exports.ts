import { dialogs } from '../lib/dialogs.svelte';
import type { MenuItem } from '../lib/menu.svelte';
import { m } from '../messages';
import { sections } from '../store/sections.svelte';
import type { TrackSelection } from '../transport/protocol';

/** TrackSelection as new files, where this machine's are the client's to work with. `album`: what they are taken for at first. */
export const exportItems = (tracks: TrackSelection, album = false): MenuItem[] =>
  sections.thisMachine ? [{ label: m.export.title, do: () => (dialogs.export = { tracks, album }) }] : [];
