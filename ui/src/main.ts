import { flushSync, mount } from 'svelte';
import { onFilesDropped } from './actions/file-drops';
import { restoreView } from './actions/persist-view';
import App from './App.svelte';
import { connection, type ConnectionListener } from './connection';
import { panels } from './lib/panels.svelte';
import { m, setLanguage } from './messages';
import { app } from './store/app.svelte';
import { commandErrors, isApiError } from './store/command-errors.svelte';

const listener: ConnectionListener = {
  onHello(hello) {
    const first = app.session === '';
    app.hello(hello);
    void setLanguage(hello.view.settings.language);
    if (first) restoreView();
    flushSync();
    exposeStateForTests();
    document.documentElement.dataset.ready = 'true';
  },
  onUpdate(update) {
    app.update(update);
    if (update.type === 'settings') void setLanguage(update.data.language);
    exposeStateForTests();
  },
  onDisconnected: () => app.disconnected(),
  disconnectedText: () => m.connection.lost,
  onUnpaired(linkRejected) {
    // Before the first connection, the language setting is not known.
    if (app.session === '') void setLanguage('');
    const reason = linkRejected ? 'linkRejected' : app.session === '' ? 'new' : 'ended';
    app.connectionProblem = { kind: 'unpaired', reason };
  },
  onFailed(error) {
    if (app.session === '') void setLanguage('');
    app.connectionProblem = { kind: 'failed', error };
  },
  onFilesDraggedOver: (over) => (panels.filesDraggedOver = over),
  onFilesDropped,
};

/** Writes the session and revision that are shown to the DOM, where tests of the whole app read them. */
function exposeStateForTests(): void {
  const { dataset } = document.documentElement;
  dataset.session = app.session;
  dataset.rev = String(app.rev);
}

// The one place for errors that nothing else handles.
addEventListener('unhandledrejection', (event) => {
  if (!isApiError(event.reason)) return;
  event.preventDefault();
  commandErrors.add(event.reason);
});

mount(App, { target: document.body });
connection.open(listener);
