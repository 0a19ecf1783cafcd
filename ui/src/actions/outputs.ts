import type { MenuItem } from '../lib/menu.svelte';
import { m } from '../messages';
import { sections } from '../store/sections.svelte';
import type { OutputId } from '../transport/protocol';
import { dispatch } from './commands';

/** The output of one's own choice; without one, the system's. */
export const chooseOutput = (output: OutputId | null) =>
  dispatch({ do: 'choose_output', ...(output !== null && { output }) });

/** The outputs that can be chosen. */
export function outputItems(): MenuItem[] {
  const { available } = sections.outputs;
  const { output: chosen } = sections.settings;
  return [
    { label: m.settings.systemOutput, checked: chosen === null, do: () => void chooseOutput(null) },
    ...available.map(({ id, name }, index) => ({
      label: name,
      apart: index === 0,
      checked: id === chosen,
      do: () => void chooseOutput(id),
    })),
  ];
}
