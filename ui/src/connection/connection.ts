import type { ApiError, Command, EngineDiagnostics, Hello, StateUpdate, PairingLink, DataRequest, RowPage, DataReply, RowQuery } from './protocol';

/** Callbacks for what comes from the core, and for files dragged over the window. */
export interface ConnectionListener {
  /** The complete state: first, and again after every reconnection. */
  onHello(hello: Hello): void;
  onUpdate(update: StateUpdate): void;
  /** The connection was lost; reconnecting. */
  onDisconnected(): void;
  /** The text of the errors of requests that a lost connection ends. */
  disconnectedText(): string;
  /** The player does not accept this device. `linkRejected` if the last pairing link was not valid; retrying. */
  onUnpaired(linkRejected: boolean): void;
  /** The state could not be read; retrying. */
  onFailed(error: ApiError): void;
  /** Files or folders of this machine are dragged over the window, or no longer. */
  onFilesDraggedOver(over: boolean): void;
  /** Absolute paths of the files that were dropped, and where. */
  onFilesDropped(paths: string[], x_px: number, y_px: number): void;
}

/** The connection to the core. Every rejection is an `ApiError`. */
export interface Connection {
  open(listener: ConnectionListener): void;
  /** Resolves with the revision that the command caused. */
  dispatch(command: Command): Promise<number>;
  getRows(query: RowQuery): Promise<RowPage>;
  getData(request: DataRequest): Promise<DataReply>;
  diagnostics(): Promise<EngineDiagnostics>;
  /** The link that pairs another device; `renew` unpairs all that were paired before. */
  pairingLink(renew: boolean): Promise<PairingLink>;
  coverUrl(hash: string, size_px: number): string;
  /** The system's folder dialog. A browser has none that returns paths. */
  chooseFolder?(): Promise<string | null>;
  /** Opens the mini player in its own window. A browser opens a popup instead. */
  showMiniPlayer?(): Promise<void>;
  /** Opens the main window, or brings it to the front. */
  showMainWindow?(): Promise<void>;
  /** Whether this window stays above others; sets it first if `on` is given. */
  alwaysOnTop?(on?: boolean): Promise<boolean>;
  quit?(): Promise<void>;
  /** The system's dialog to open a file. */
  chooseFile?(extensions: string[]): Promise<string | null>;
  /** The system's dialog to save a file. */
  chooseSavePath?(name: string): Promise<string | null>;
}
