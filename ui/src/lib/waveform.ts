/** No more points than a wide bar has pixels. */
const MOST_POINTS = 600;
const FULL = 255;

/** The outline of levels (0 to 255) around a middle at 1, as path data of SVG; one unit a level. */
export function outline(levels: readonly number[]): string {
  const step = Math.max(1, Math.ceil(levels.length / MOST_POINTS));
  const points: { x: number; part: number }[] = [];
  for (let x = 0; x < levels.length; x += step)
    points.push({ x, part: Math.max(0.04, Math.max(...levels.slice(x, x + step)) / FULL) });
  const line = (sign: 1 | -1) => points.map(({ x, part }) => `${x} ${(1 + sign * part).toFixed(2)}`);
  return points.length > 0 ? `M${line(-1).join('L')}L${line(1).reverse().join('L')}Z` : '';
}
