import { flushSync, mount } from 'svelte';
import { dropped } from './actions/dropped';
import { restoreView } from './actions/remember';
import App from './App.svelte';
import { panels } from './lib/panels.svelte';
import { speak } from './messages';
import { sections } from './store/sections.svelte';
import { transport, type Client } from './transport';

const client: Client = {
  hello(hello) {
    const first = sections.session === '';
    sections.hello(hello);
    void speak(hello.view.settings.language);
    if (first) restoreView();
    flushSync();
    tell();
    document.documentElement.dataset.ready = 'true';
  },
  message(message) {
    sections.message(message);
    if (message.type === 'settings') void speak(message.data.language);
    tell();
  },
  lost: () => sections.lost(),
  filesHeld: (held) => (panels.dropTarget = held),
  filesDropped: dropped,
};

/** What is shown, for tests of the whole app. */
function tell(): void {
  const { dataset } = document.documentElement;
  dataset.session = sections.session;
  dataset.rev = String(sections.rev);
}

mount(App, { target: document.body });
transport.attach(client);
