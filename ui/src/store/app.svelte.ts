import type { ApiError, Hello, StateUpdate, AppState } from '../connection/protocol';

const EMPTY_STATE: AppState = {
  player: {
    transport: 'stopped',
    entry: null,
    track: null,
    duration_s: 0,
    volume: 0,
    muted: false,
    shuffle: false,
    repeat: 'none',
    sleep: null,
  },
  position: { position_s: 0, running: false },
  queue: { revision: 0, length: 0, current: null, edited_by: null, undo: 0, undo_edit: null, redo: 0, redo_edit: null, last_edit: null },
  library: { revision: 0, tracks: 0, albums: 0, artists: 0, roots: 0, scan: null, last_scan: null },
  output: { state: 'closed' },
  outputs: { available: [] },
  signal: null,
  settings: {
    theme: 'system',
    view: '',
    panel: 'none',
    language: '',
    shortcuts: {},
    output: null,
    loudness: 'auto',
    pre_amp_db: 0,
    crossfade_s: 0,
    remote: { enabled: false, port: 8765, lan: false, allow_unpaired_local: true },
    desktop: {
      close_to_tray: false,
      start_hidden: false,
      notifications: true,
      stay_awake: true,
      tray_explained: false,
    },
    scrobbling: { enabled: false, server: '', token: '' },
    rooms: {
      server: 'off',
      host: '',
      control_port: 1705,
      audio_port: 4953,
      buffer_ms: 300,
      network: true,
      this_computer: true,
    },
  },
  remote: { state: 'off' },
  desktop: { windows: false, tray: false },
  scrobbling: { waiting: 0, problem: null },
  rooms: { server: { state: 'off' }, rooms: [], streams: [] },
  mastering: {
    settings: { enabled: false, preset: 'adaptive', intensity: 1, night: 0 },
    comparing: false,
    heard: 'plain',
    steps: [],
    analysis: { analysed: 0, total: 0, running: false },
  },
  export: null,
  notices: [],
};

/** Why there is no connection, where waiting alone does not help. */
export type ConnectionProblem = { kind: 'unpaired'; reason: 'new' | 'ended' | 'linkRejected' } | { kind: 'failed'; error: ApiError };

/** The client's copy of the core's state, by section. Sections are replaced, never edited. */
export class AppStore {
  player = $state.raw(EMPTY_STATE.player);
  position = $state.raw(EMPTY_STATE.position);
  queue = $state.raw(EMPTY_STATE.queue);
  library = $state.raw(EMPTY_STATE.library);
  output = $state.raw(EMPTY_STATE.output);
  outputs = $state.raw(EMPTY_STATE.outputs);
  signal = $state.raw(EMPTY_STATE.signal);
  mastering = $state.raw(EMPTY_STATE.mastering);
  export = $state.raw(EMPTY_STATE.export);
  settings = $state.raw(EMPTY_STATE.settings);
  remote = $state.raw(EMPTY_STATE.remote);
  desktop = $state.raw(EMPTY_STATE.desktop);
  scrobbling = $state.raw(EMPTY_STATE.scrobbling);
  rooms = $state.raw(EMPTY_STATE.rooms);
  notices = $state.raw(EMPTY_STATE.notices);

  /** Changes when the core restarts; empty before the first hello. */
  session = $state.raw('');
  version = $state.raw('');
  /** Whether this client runs on the machine that plays, and so may use its files and settings. */
  isLocal = $state.raw(true);
  /** Number of (re)connections; part of the cache key, so lists reload after each. */
  connectionCount = $state.raw(0);
  /** Whether the connection is up. */
  connected = $state.raw(false);
  connectionProblem = $state.raw<ConnectionProblem>();
  /** When the position was received, on the clock of `performance.now()`. */
  positionReceivedAt_ms = $state.raw(0);

  #rev = 0;
  #waiters: { rev: number; session: string; resolve: () => void }[] = [];

  hello(hello: Hello): void {
    Object.assign(this, hello.view);
    this.positionReceivedAt_ms = performance.now();
    this.session = hello.session;
    this.version = hello.version;
    this.isLocal = hello.capabilities.this_machine;
    this.connectionCount += 1;
    this.connected = true;
    this.connectionProblem = undefined;
    this.#setRev(hello.rev);
  }

  update(update: StateUpdate): void {
    if (update.session !== this.session || update.rev <= this.#rev) return;
    Object.assign(this, { [update.type]: update.data });
    if (update.type === 'position') this.positionReceivedAt_ms = performance.now();
    this.#setRev(update.rev);
  }

  disconnected(): void {
    this.connected = false;
    this.#waiters.splice(0).forEach(({ resolve }) => resolve());
  }

  get rev(): number {
    return this.#rev;
  }

  /** Resolves when the state has reached `rev`, that is, when the outcome of a command is shown. */
  waitForRev(rev: number): Promise<void> {
    if (rev <= this.#rev || !this.connected) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ rev, session: this.session, resolve }));
  }

  #setRev(rev: number): void {
    this.#rev = rev;
    const isDone = (waiter: { rev: number; session: string }) => waiter.rev <= rev || waiter.session !== this.session;
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    done.forEach(({ resolve }) => resolve());
  }
}

export const app = new AppStore();
