import { MediaQuery } from 'svelte/reactivity';

/** The sidebar shows icons only. */
export const iconSidebar = new MediaQuery('width < 1000px');
/** The layout for phones and narrow windows. The stylesheets repeat these widths: a media query cannot read a token. */
export const phoneLayout = new MediaQuery('width < 640px');

/** Margin at the sides of a view; the token `--page-margin`. */
export const pageMargin_px = {
  get current(): number {
    return phoneLayout.current ? 16 : 24;
  },
};
