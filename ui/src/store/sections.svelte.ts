import type { Hello, StateUpdate, AppState } from '../transport/protocol';

const NOTHING: AppState = {
  player: {
    transport: 'stopped',
    entry: null,
    track: null,
    duration_s: 0,
    volume: 0,
    muted: false,
    shuffle: false,
    repeat: 'none',
  },
  position: { position_s: 0, running: false },
  queue: { revision: 0, length: 0, current: null, edited_by: null, undo: 0, undo_edit: null, redo: 0, redo_edit: null },
  library: { revision: 0, tracks: 0, albums: 0, artists: 0, roots: 0, scan: null, undo_tags: 0, last_scan: null },
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
    remote: { enabled: false, port: 8765, lan: false },
    desktop: {
      close_to_tray: false,
      start_hidden: false,
      notifications: true,
      stay_awake: true,
      tray_explained: false,
    },
    scrobbling: { enabled: false, server: '', token: '' },
  },
  remote: { state: 'off' },
  desktop: { windows: false, tray: false },
  scrobbling: { waiting: 0, problem: null },
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

/** What the core sent last, a section each. Nothing here is ever edited, only replaced. */
export class Sections {
  player = $state.raw(NOTHING.player);
  position = $state.raw(NOTHING.position);
  queue = $state.raw(NOTHING.queue);
  library = $state.raw(NOTHING.library);
  output = $state.raw(NOTHING.output);
  outputs = $state.raw(NOTHING.outputs);
  signal = $state.raw(NOTHING.signal);
  mastering = $state.raw(NOTHING.mastering);
  export = $state.raw(NOTHING.export);
  settings = $state.raw(NOTHING.settings);
  remote = $state.raw(NOTHING.remote);
  desktop = $state.raw(NOTHING.desktop);
  scrobbling = $state.raw(NOTHING.scrobbling);
  notices = $state.raw(NOTHING.notices);

  /** Changes when the core restarts; empty before the first hello. */
  session = $state.raw('');
  version = $state.raw('');
  /** Whether the files and doors of the machine that plays are this client's to work with. */
  thisMachine = $state.raw(true);
  /** How often the core was met. After each time, what was asked before is asked again. */
  hellos = $state.raw(0);
  /** Whether the core can be reached now. */
  connected = $state.raw(false);
  /** When the position was received, on the clock of `performance.now()`. */
  anchored_ms = $state.raw(0);

  #rev = 0;
  #waiting: { rev: number; session: string; resolve: () => void }[] = [];

  hello(hello: Hello): void {
    Object.assign(this, hello.view);
    this.anchored_ms = performance.now();
    this.session = hello.session;
    this.version = hello.version;
    this.thisMachine = hello.capabilities.this_machine;
    this.hellos += 1;
    this.connected = true;
    this.#reach(hello.rev);
  }

  message(message: StateUpdate): void {
    if (message.session !== this.session || message.rev <= this.#rev) return;
    Object.assign(this, { [message.type]: message.data });
    if (message.type === 'position') this.anchored_ms = performance.now();
    this.#reach(message.rev);
  }

  lost(): void {
    this.connected = false;
    this.#waiting.splice(0).forEach(({ resolve }) => resolve());
  }

  get rev(): number {
    return this.#rev;
  }

  /** Until the interface shows what a command caused. */
  reached(rev: number): Promise<void> {
    if (rev <= this.#rev || !this.connected) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ rev, session: this.session, resolve }));
  }

  #reach(rev: number): void {
    this.#rev = rev;
    const over = (wait: { rev: number; session: string }) => wait.rev <= rev || wait.session !== this.session;
    const reached = this.#waiting.filter(over);
    this.#waiting = this.#waiting.filter((wait) => !over(wait));
    reached.forEach(({ resolve }) => resolve());
  }
}

export const sections = new Sections();
