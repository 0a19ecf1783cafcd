import type { Panel } from '../connection/protocol';

/** Open panels and overlays; local to each window. */
class Panels {
  side = $state<Panel>('none');
  /** What Now playing shows beside the cover. */
  besideCover = $state<'lyrics' | 'next' | 'nothing'>('next');
  shortcuts = $state(false);
  /** Files are dragged over the window. */
  filesDraggedOver = $state(false);

  toggle(panel: Panel): void {
    this.side = this.side === panel ? 'none' : panel;
  }
}

export const panels = new Panels();
