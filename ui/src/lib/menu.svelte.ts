export interface MenuItem {
  label: string;
  do?(): void;
  /** Opens another menu in its place. */
  more?(): MenuItem[] | Promise<MenuItem[]>;
  /** The present choice of several. */
  checked?: boolean | undefined;
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
    this.#back ??= document.activeElement as HTMLElement | null;
    const box = at instanceof Element ? at.getBoundingClientRect() : undefined;
    const [x, y] = at instanceof Element ? [box?.left ?? 0, box?.bottom ?? 0] : [at.clientX, at.clientY];
    this.showAt(items, x, y);
  }

  showAt(items: MenuItem[], x: number, y: number): void {
    this.open = { items, x, y };
  }

  /** Another menu where this one is. */
  async replace(items: MenuItem[] | Promise<MenuItem[]>): Promise<void> {
    const { open } = this;
    const next = await items;
    if (open && this.open === open) this.open = { ...open, items: next };
  }

  close(): void {
    this.open = undefined;
    this.#back?.focus();
    this.#back = null;
  }
}

export const menu = new Menu();
