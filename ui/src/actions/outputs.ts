import type { MenuItem } from '../lib/menu.svelte';
import { m } from '../messages';
import { app } from '../store/app.svelte';
import type { OutputId } from '../connection/protocol';
import { dispatch } from './commands';

/** The output that plays in all rooms. */
export const ROOMS_OUTPUT = 'rooms';

/** Chooses an output; `null` follows the system. */
export const chooseOutput = (output: OutputId | null) =>
  dispatch({ do: 'choose_output', ...(output !== null && { output }) });

/** The name of an output, in the listener's language where it is ours. */
export const outputName = (id: OutputId, name: string): string => (id === ROOMS_OUTPUT ? m.rooms.output : name);

/** The menu of outputs. */
export function outputItems(): MenuItem[] {
  const { available } = app.outputs;
  const { output: chosen } = app.settings;
  return [
    { label: m.settings.systemOutput, checked: chosen === null, action: () => void chooseOutput(null) },
    ...available.map(({ id, name }, index) => ({
      label: outputName(id, name),
      startsGroup: index === 0,
      checked: id === chosen,
      action: () => void chooseOutput(id),
    })),
  ];
}
