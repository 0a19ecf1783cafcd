import { MediaQuery } from 'svelte/reactivity';

/** The sidebar shows icons only. */
export const folded = new MediaQuery('width < 1000px');
/** A phone, or a narrow window. The stylesheets name the same widths: a media query cannot read a token. */
export const small = new MediaQuery('width < 640px');

/** What stands free at the sides of a view; the token `--inset`. */
export const inset_px = {
  get current(): number {
    return small.current ? 16 : 24;
  },
};
