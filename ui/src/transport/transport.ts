import type { Command, Hello, Message, Rows, Window } from './protocol';

/** What the core, or the way to it, tells the interface. */
export interface Client {
  /** The whole truth: first, and again after every loss. */
  hello(hello: Hello): void;
  message(message: Message): void;
  /** The way is gone; it is looked for again. */
  lost(): void;
  /** Folders of this machine are held over the window, or no longer. */
  foldersHeld(held: boolean): void;
  /** Absolute paths that were let go over the window. */
  foldersDropped(paths: string[]): void;
}

/** The one way to the core. Whatever is refused rejects with a `Refusal`. */
export interface Transport {
  attach(client: Client): void;
  /** Resolves with the revision that the command caused. */
  dispatch(command: Command): Promise<number>;
  query(window: Window): Promise<Rows>;
  coverUrl(hash: string, size_px: number): string;
  /** The system's folder dialog. A browser has none that tells paths. */
  chooseFolder?(): Promise<string | null>;
}
