import { flushSync, mount } from 'svelte';
import { addRoot } from './actions/commands';
import { restoreView } from './actions/remember';
import App from './App.svelte';
import { panels } from './lib/panels.svelte';
import { sections } from './store/sections.svelte';
import { transport, type Client } from './transport';

const client: Client = {
  hello(hello) {
    const first = sections.session === '';
    sections.hello(hello);
    if (first) restoreView();
    flushSync();
    tell();
    document.documentElement.dataset.ready = 'true';
  },
  message(message) {
    sections.message(message);
    tell();
  },
  lost: () => sections.lost(),
  foldersHeld: (held) => (panels.dropTarget = held),
  foldersDropped: (paths) => paths.forEach((path) => void addRoot(path)),
};

/** What is shown, for tests of the whole app. */
function tell(): void {
  const { dataset } = document.documentElement;
  dataset.session = sections.session;
  dataset.rev = String(sections.rev);
}

mount(App, { target: document.body });
transport.attach(client);
