import { createSubscriber } from 'svelte/reactivity';
import { on } from 'svelte/events';
import type { PositionState } from '../transport/protocol';
import { sections } from './sections.svelte';

/** A quarter of a second: redrawing a bar at every frame costs more than playing the music. */
const TICK_MS = 250;

const tick = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});
const visibility = createSubscriber((update) => on(document, 'visibilitychange', update));

/** Where the listener is `since_ms` after an anchor came. */
export function extrapolate(anchor: PositionState, since_ms: number, duration_s: number): number {
  const moved_s = anchor.running ? Math.max(0, since_ms) / 1000 : 0;
  const position_s = anchor.position_s + moved_s;
  return duration_s > 0 ? Math.min(position_s, duration_s) : position_s;
}

/** Seconds into the track, now. Moves only while it runs and someone can see it. */
export function position_s(): number {
  const { position, anchored_ms, player } = sections;
  visibility();
  if (position.running && !document.hidden) tick();
  return extrapolate(position, performance.now() - anchored_ms, player.duration_s);
}

/** So many steps are as fine as a bar is drawn. */
const STEPS = 250;

/** The same for what is drawn: it moves with the second, and in short tracks as often as a bar moves by a pixel or two. */
export function shown_s(): number {
  const perSecond = Math.ceil(STEPS / (sections.player.duration_s || STEPS));
  return Math.floor(position_s() * perSecond) / perSecond;
}
