import { dialogs } from '../lib/dialogs.svelte';
import { connection } from '../connection';

/** Asks for a file to open. A browser asks for a path on the computer that plays. */
export function fileToRead(label: string, extensions: string[]): Promise<string | null> {
  return connection.chooseFile ? connection.chooseFile(extensions) : askForPath(label, '');
}

/** Asks where to save a file. */
export function fileToWrite(label: string, name: string): Promise<string | null> {
  return connection.chooseSavePath ? connection.chooseSavePath(name) : askForPath(label, `/tmp/${name}`);
}

function askForPath(label: string, path: string): Promise<string | null> {
  return new Promise((onClose) => (dialogs.path = { label, path, onClose }));
}
