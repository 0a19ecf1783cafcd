export interface MenuItem {
  label: string;
  do(): void;
  /** The present choice of several. */
  checked?: boolean;
  /** Starts a new group. */
  apart?: boolean;
}

export interface OpenMenu {
  items: MenuItem[];
  x: number;
  y: number;
}

/** The one menu that can be open. */
class Menu {
  open = $state.raw<OpenMenu>();
  #back: HTMLElement | null = null;

  /** At the pointer, or under the element that has the focus. */
  show(items: MenuItem[], at: MouseEvent | Element): void {
    this.#back = document.activeElement as HTMLElement | null;
    const box = at instanceof Element ? at.getBoundingClientRect() : undefined;
    const [x, y] = at instanceof Element ? [box?.left ?? 0, box?.bottom ?? 0] : [at.clientX, at.clientY];
    this.open = { items, x, y };
  }

  close(): void {
    this.open = undefined;
    this.#back?.focus();
  }
}

export const menu = new Menu();
