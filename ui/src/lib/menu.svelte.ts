export interface MenuItem {
  label: string;
  action?(): void;
  /** Opens another menu in place of this one. */
  submenu?(): MenuItem[] | Promise<MenuItem[]>;
  /** Whether this is the current choice; `undefined` where there is nothing to choose. */
  checked?: boolean | undefined;
  startsGroup?: boolean;
}

export interface OpenMenu {
  items: MenuItem[];
  x: number;
  y: number;
}

/** The menu that is open; there is at most one. */
class Menu {
  open = $state.raw<OpenMenu>();
  #returnFocus: HTMLElement | null = null;

  /** Opens a menu at the pointer, or below an element. */
  show(items: MenuItem[], at: MouseEvent | Element): void {
    this.#returnFocus ??= document.activeElement as HTMLElement | null;
    const box = at instanceof Element ? at.getBoundingClientRect() : undefined;
    const [x, y] = at instanceof Element ? [box?.left ?? 0, box?.bottom ?? 0] : [at.clientX, at.clientY];
    this.showAt(items, x, y);
  }

  showAt(items: MenuItem[], x: number, y: number): void {
    this.open = { items, x, y };
  }

  /** Shows other items in the same menu. */
  async replace(items: MenuItem[] | Promise<MenuItem[]>): Promise<void> {
    const { open } = this;
    const next = await items;
    if (open && this.open === open) this.open = { ...open, items: next };
  }

  close(): void {
    this.open = undefined;
    this.#returnFocus?.focus();
    this.#returnFocus = null;
  }
}

export const menu = new Menu();
