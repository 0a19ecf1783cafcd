/** What is carried by the pointer. */
export interface Carried {
  tracks: number[];
  /** The list that it was taken from, and its places there. */
  from?: { list: string; ids: number[] };
  /** What the listener sees at the pointer. */
  label: string;
}

/** What can be let go on. Registered by the action `dropTarget`. */
export interface Target {
  accepts(carried: Carried): boolean;
  drop(carried: Carried): void;
  /** The pointer is over it, at this height of the window; without one it has left. */
  over?(y_px: number | undefined): void;
}

const DRAG_AFTER_PX = 5;
const targets = new WeakMap<Element, Target>();

/**
 * Dragging by pointer events: HTML's own dragging does not work in a window that takes files. One thing is carried at a
 * time, through the whole window.
 */
class Drag {
  carried = $state.raw<Carried>();
  x_px = $state(0);
  y_px = $state(0);
  #target: Element | undefined;

  /** A pointer went down on something that can be carried; it is, as soon as the pointer has moved far enough. */
  press(down: PointerEvent, take: () => Carried | undefined): void {
    if (down.button !== 0) return;
    const { pointerId, clientX, clientY } = down;
    const ends = new AbortController();
    const { signal } = ends;
    const mine = (handle: (event: PointerEvent) => void) => (event: PointerEvent) => {
      if (event.pointerId === pointerId) handle(event);
    };
    const end = (drop: boolean) => {
      ends.abort();
      this.#end(drop);
    };
    const move = mine((event) => {
      if (!this.carried) {
        if (Math.hypot(event.clientX - clientX, event.clientY - clientY) < DRAG_AFTER_PX) return;
        const carried = take();
        if (!carried) return end(false);
        this.carried = carried;
      }
      this.#follow(event);
    });
    addEventListener('pointermove', move, { signal });
    addEventListener('pointerup', mine(() => end(true)), { signal });
    addEventListener('pointercancel', mine(() => end(false)), { signal });
    addEventListener('keydown', (event) => event.key === 'Escape' && end(false), { signal, capture: true });
  }

  #follow(event: PointerEvent): void {
    const { carried } = this;
    if (!carried) return;
    [this.x_px, this.y_px] = [event.clientX, event.clientY];
    const found = document.elementFromPoint(event.clientX, event.clientY)?.closest('[data-drop]') ?? undefined;
    const target = found && targets.get(found)?.accepts(carried) ? found : undefined;
    if (target !== this.#target) this.#leave();
    this.#target = target;
    if (target) {
      target.classList.add('drop-here');
      targets.get(target)?.over?.(event.clientY);
    }
  }

  #leave(): void {
    if (!this.#target) return;
    this.#target.classList.remove('drop-here');
    targets.get(this.#target)?.over?.(undefined);
  }

  #end(drop: boolean): void {
    const { carried } = this;
    const target = this.#target && targets.get(this.#target);
    this.carried = undefined;
    if (carried) swallowClick();
    if (carried && target && drop) target.drop(carried);
    this.#leave();
    this.#target = undefined;
  }
}

export const drag = new Drag();

/** The click that follows the letting go chooses nothing. */
function swallowClick(): void {
  const swallow = (click: Event) => click.stopPropagation();
  addEventListener('click', swallow, { capture: true });
  setTimeout(() => removeEventListener('click', swallow, { capture: true }));
}

/** Makes an element a place to let go on. */
export function dropTarget(node: HTMLElement, target: Target | undefined) {
  const set = (to: Target | undefined) => {
    node.toggleAttribute('data-drop', to !== undefined);
    if (to) targets.set(node, to);
    else targets.delete(node);
  };
  set(target);
  return { update: set };
}
