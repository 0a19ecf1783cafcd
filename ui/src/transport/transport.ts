import type { Command, EngineDiagnostics, Hello, StateUpdate, PairingLink, DataRequest, RowPage, DataReply, RowQuery } from './protocol';

/** What the core, or the way to it, tells the interface. */
export interface Client {
  /** The whole truth: first, and again after every loss. */
  hello(hello: Hello): void;
  message(message: StateUpdate): void;
  /** The way is gone; it is looked for again. */
  lost(): void;
  /** Files or folders of this machine are held over the window, or no longer. */
  filesHeld(held: boolean): void;
  /** Absolute paths that were let go over the window, and where. */
  filesDropped(paths: string[], x_px: number, y_px: number): void;
}

/** The one way to the core. Whatever is refused rejects with a `Refusal`. */
export interface Transport {
  attach(client: Client): void;
  /** Resolves with the revision that the command caused. */
  dispatch(command: Command): Promise<number>;
  query(window: RowQuery): Promise<RowPage>;
  ask(question: DataRequest): Promise<DataReply>;
  diagnostics(): Promise<EngineDiagnostics>;
  /** What lets another device in; `renew` forgets those that were let in before. */
  pair(renew: boolean): Promise<PairingLink>;
  coverUrl(hash: string, size_px: number): string;
  /** The system's folder dialog. A browser has none that tells paths. */
  chooseFolder?(): Promise<string | null>;
  /** Opens the mini player in a window of its own. A browser does that by itself. */
  openMini?(): Promise<void>;
  /** Opens the whole window, or brings it to the front. */
  openMain?(): Promise<void>;
  /** Whether this window stays in front of others; with a value, from now on. */
  onTop?(on?: boolean): Promise<boolean>;
  quit?(): Promise<void>;
  /** The system's dialog for a file that is there. */
  chooseFile?(endings: string[]): Promise<string | null>;
  /** The system's dialog for a file to be written. */
  chooseTarget?(name: string): Promise<string | null>;
}
