import type { ApiError } from '../transport/protocol';

const MOST = 4;

/** What this client's own commands were refused for, until dismissed. */
class Refusals {
  list = $state.raw<{ id: number; refusal: ApiError }[]>([]);
  #last = 0;

  add(refusal: ApiError): void {
    const others = this.list.filter((shown) => shown.refusal.message !== refusal.message);
    this.list = [...others, { id: ++this.#last, refusal }].slice(-MOST);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((shown) => shown.id !== id);
  }
}

export const refusals = new Refusals();
