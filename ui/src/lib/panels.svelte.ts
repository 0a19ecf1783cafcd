import type { Panel } from '../transport/protocol';

/** What of the interface itself is open. View state, each window's own. */
class Panels {
  side = $state<Panel>('none');
  shortcuts = $state(false);
  /** The list that is shown can be narrowed. */
  filter = $state(false);
  /** Files are held over the window. */
  dropTarget = $state(false);

  toggle(panel: Panel): void {
    this.side = this.side === panel ? 'none' : panel;
  }
}

export const panels = new Panels();
