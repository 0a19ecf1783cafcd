import { createSubscriber } from 'svelte/reactivity';
import { on } from 'svelte/events';
import type { PositionState } from '../connection/protocol';
import { app } from './app.svelte';

/** Redrawing the bar at every frame would cost more than playing the music. */
const TICK_MS = 250;

const tick = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});
const visibility = createSubscriber((update) => on(document, 'visibilitychange', update));

/** The position `since_ms` after `anchor` was received. */
export function extrapolate(anchor: PositionState, since_ms: number, duration_s: number): number {
  const moved_s = anchor.running ? Math.max(0, since_ms) / 1000 : 0;
  const position_s = anchor.position_s + moved_s;
  return duration_s > 0 ? Math.min(position_s, duration_s) : position_s;
}

/** Exact position in the track, in seconds. Advances only while playing and visible. */
export function position_s(): number {
  const { position, positionReceivedAt_ms, player } = app;
  visibility();
  if (position.running && !document.hidden) tick();
  return extrapolate(position, performance.now() - positionReceivedAt_ms, player.duration_s);
}

/** Resolution of a drawn bar. */
const BAR_STEPS = 250;

/** The position rounded for display: to whole seconds, and finer in tracks shorter than the bar has steps. */
export function displayPosition_s(): number {
  const perSecond = Math.ceil(BAR_STEPS / (app.player.duration_s || BAR_STEPS));
  return Math.floor(position_s() * perSecond) / perSecond;
}
