import type { ApiError } from '../connection/protocol';

const MAX_ERRORS = 4;

/** Errors of this client's own commands, until dismissed. */
class CommandErrors {
  list = $state.raw<{ id: number; error: ApiError }[]>([]);
  #last = 0;

  add(error: ApiError): void {
    const others = this.list.filter((shown) => shown.error.message !== error.message);
    this.list = [...others, { id: ++this.#last, error }].slice(-MAX_ERRORS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((shown) => shown.id !== id);
  }
}

export const commandErrors = new CommandErrors();
