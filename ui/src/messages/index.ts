import { en } from './en';

/** Every text that the interface shows, in the listener's language. */
export const m = en;
