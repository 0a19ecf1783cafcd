/** Sends one value at a time. Of the values that arrive meanwhile, only the last is sent. */
export function sendLatest<T>(send: (value: T) => Promise<unknown>): (value: T) => Promise<void> {
  let sending: Promise<void> | undefined;
  let next: { value: T } | undefined;

  async function drain(): Promise<void> {
    while (next) {
      const { value } = next;
      next = undefined;
      await send(value);
    }
    sending = undefined;
  }

  return (value) => {
    next = { value };
    return (sending ??= drain());
  };
}
