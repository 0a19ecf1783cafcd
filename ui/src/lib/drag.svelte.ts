/** What is being dragged. */
export interface DragPayload {
  tracks: number[];
  /** The list that it comes from, and the ids of its rows there. */
  from?: { list: string; ids: number[] };
  /** Shown at the pointer. */
  label: string;
}

/** An element that accepts drops. Registered by the Svelte action `dropTarget`. */
export interface DropTarget {
  accepts(payload: DragPayload): boolean;
  drop(payload: DragPayload): void;
  /** The pointer is over the element, at this height in the window; `undefined` when it has left. */
  over?(y_px: number | undefined): void;
}

const DRAG_THRESHOLD_PX = 5;
const targets = new WeakMap<Element, DropTarget>();

/**
 * Drag and drop by pointer events. HTML drag and drop does not work in a Tauri window that accepts files. There is one payload
 * at a time for the whole window.
 */
class Drag {
  payload = $state.raw<DragPayload>();
  x_px = $state(0);
  y_px = $state(0);
  #target: Element | undefined;

  /** Starts a drag once the pressed pointer has moved far enough. `createPayload` may return `undefined` to prevent it. */
  startDrag(down: PointerEvent, createPayload: () => DragPayload | undefined): void {
    if (down.button !== 0) return;
    const { pointerId, clientX, clientY } = down;
    const ends = new AbortController();
    const { signal } = ends;
    const samePointer = (handle: (event: PointerEvent) => void) => (event: PointerEvent) => {
      if (event.pointerId === pointerId) handle(event);
    };
    const end = (drop: boolean) => {
      ends.abort();
      this.#end(drop);
    };
    const move = samePointer((event) => {
      if (!this.payload) {
        if (Math.hypot(event.clientX - clientX, event.clientY - clientY) < DRAG_THRESHOLD_PX) return;
        const payload = createPayload();
        if (!payload) return end(false);
        this.payload = payload;
      }
      this.#move(event);
    });
    addEventListener('pointermove', move, { signal });
    addEventListener('pointerup', samePointer(() => end(true)), { signal });
    addEventListener('pointercancel', samePointer(() => end(false)), { signal });
    addEventListener('keydown', (event) => event.key === 'Escape' && end(false), { signal, capture: true });
  }

  #move(event: PointerEvent): void {
    const { payload } = this;
    if (!payload) return;
    [this.x_px, this.y_px] = [event.clientX, event.clientY];
    const found = document.elementFromPoint(event.clientX, event.clientY)?.closest('[data-drop]') ?? undefined;
    const target = found && targets.get(found)?.accepts(payload) ? found : undefined;
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
    const { payload } = this;
    const target = this.#target && targets.get(this.#target);
    this.payload = undefined;
    if (payload) suppressClick();
    if (payload && target && drop) target.drop(payload);
    this.#leave();
    this.#target = undefined;
  }
}

export const drag = new Drag();

/** Suppresses the click that the browser sends after a drop. */
function suppressClick(): void {
  const suppress = (click: Event) => click.stopPropagation();
  addEventListener('click', suppress, { capture: true });
  setTimeout(() => removeEventListener('click', suppress, { capture: true }));
}

/** Makes an element accept drops. */
export function dropTarget(node: HTMLElement, target: DropTarget | undefined) {
  const set = (to: DropTarget | undefined) => {
    node.toggleAttribute('data-drop', to !== undefined);
    if (to) targets.set(node, to);
    else targets.delete(node);
  };
  set(target);
  return { update: set };
}
