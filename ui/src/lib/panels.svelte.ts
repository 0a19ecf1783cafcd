/** What of the interface itself is open. View state, each window's own. */
class Panels {
  queue = $state(false);
  shortcuts = $state(false);
  /** Folders are held over the window. */
  dropTarget = $state(false);
}

export const panels = new Panels();
