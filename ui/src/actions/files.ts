import { dialogs } from '../lib/dialogs.svelte';
import { transport } from '../transport';

/** A file that is there: by the system's dialog; in a browser, whose files are not the player's, by its path. */
export function fileToRead(label: string, endings: string[]): Promise<string | null> {
  return transport.chooseFile ? transport.chooseFile(endings) : typed(label, '');
}

/** A file that is to be written. */
export function fileToWrite(label: string, name: string): Promise<string | null> {
  return transport.chooseTarget ? transport.chooseTarget(name) : typed(label, `/tmp/${name}`);
}

function typed(label: string, path: string): Promise<string | null> {
  return new Promise((chosen) => (dialogs.path = { label, path, chosen }));
}
