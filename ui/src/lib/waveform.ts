/** About as many points as a wide bar has pixels. */
const MAX_POINTS = 600;
const MAX_LEVEL = 255;

/** SVG path data of the outline of levels (0 to 255), mirrored at y = 1. Each level is one unit wide. */
export function outline(levels: readonly number[]): string {
  const step = Math.max(1, Math.ceil(levels.length / MAX_POINTS));
  const points: { x: number; height: number }[] = [];
  for (let x = 0; x < levels.length; x += step)
    points.push({ x, height: Math.max(0.04, Math.max(...levels.slice(x, x + step)) / MAX_LEVEL) });
  const line = (sign: 1 | -1) => points.map(({ x, height }) => `${x} ${(1 + sign * height).toFixed(2)}`);
  return points.length > 0 ? `M${line(-1).join('L')}L${line(1).reverse().join('L')}Z` : '';
}
