import type { ApiError } from '../connection/protocol';
import { app } from './app.svelte';

const MAX_ERRORS = 4;

/** Errors of this client's own commands, until dismissed. */
class CommandErrors {
  list = $state.raw<{ id: number; error: ApiError }[]>([]);
  #last = 0;

  add(error: ApiError): void {
    // A lost connection is shown by itself.
    if (!app.connected) return;
    const others = this.list.filter((shown) => shown.error.message !== error.message);
    this.list = [...others, { id: ++this.#last, error }].slice(-MAX_ERRORS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((shown) => shown.id !== id);
  }
}

export const commandErrors = new CommandErrors();

export const isApiError = (value: unknown): value is ApiError =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
