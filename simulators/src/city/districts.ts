import type { Random } from '../random.js';
import type { Point } from './street-plan.js';

const ROUNDS = 12;

/**
 * Divides points among `count` districts, each point to the nearest centre (Lloyd's algorithm, on points sampled where there are
 * many). `memberOf[i]` is the district of point i; no district is empty.
 */
export function districts(
  points: readonly Point[],
  count: number,
  random: Random,
): { centres: Point[]; memberOf: number[] } {
  let centres: Point[] = startingCentres(points, count, random);
  for (let round = 0; round < ROUNDS; round += 1) {
    const memberOf = assign(points, centres);
    const sums = centres.map(() => ({ x: 0, y: 0, n: 0 }));
    points.forEach(({ x, y }, index) => {
      const sum = sums[memberOf[index] ?? 0];
      if (sum === undefined) return;
      sum.x += x;
      sum.y += y;
      sum.n += 1;
    });
    centres = sums.map(({ x, y, n }, index) => (n === 0 ? (centres[index] as Point) : { x: x / n, y: y / n }));
  }
  return { centres, memberOf: assign(points, centres) };
}

/** Every (n/count)-th point of a list ordered along a spiral of cells: spread evenly, and all different. */
function startingCentres(points: readonly Point[], count: number, random: Random): Point[] {
  const first = random.integer(0, Math.max(0, Math.floor(points.length / count) - 1));
  return Array.from(
    { length: count },
    (_, index) => points[Math.min(points.length - 1, Math.floor((index * points.length) / count) + first)] as Point,
  );
}

/** The nearest centre of each point, found through a raster of cells so that 100,000 points and 2,400 centres take a second. */
function assign(points: readonly Point[], centres: readonly Point[]): number[] {
  const cellM = cellSize(points, centres.length);
  const cells = new Map<string, number[]>();
  centres.forEach(({ x, y }, index) => {
    const key = `${Math.floor(x / cellM)},${Math.floor(y / cellM)}`;
    cells.set(key, [...(cells.get(key) ?? []), index]);
  });
  return points.map((point) => nearest(point, centres, cells, cellM));
}

function nearest(
  point: Point,
  centres: readonly Point[],
  cells: ReadonlyMap<string, readonly number[]>,
  cellM: number,
): number {
  const [column, row] = [Math.floor(point.x / cellM), Math.floor(point.y / cellM)];
  let best = -1;
  let bestM = Number.POSITIVE_INFINITY;
  // Ring after ring of cells; a ring can hold nothing nearer than its distance.
  for (let ring = 0; best < 0 || (ring - 1) * cellM <= bestM; ring += 1) {
    for (let dx = -ring; dx <= ring; dx += 1) {
      const step = Math.abs(dx) === ring || ring === 0 ? 1 : 2 * ring;
      for (let dy = -ring; dy <= ring; dy += step) {
        for (const index of cells.get(`${column + dx},${row + dy}`) ?? []) {
          const centre = centres[index] as Point;
          const distanceM = Math.hypot(centre.x - point.x, centre.y - point.y);
          if (distanceM < bestM) [best, bestM] = [index, distanceM];
        }
      }
    }
  }
  return best;
}

function cellSize(points: readonly Point[], centres: number): number {
  let reachM = 1;
  for (const { x, y } of points) reachM = Math.max(reachM, Math.abs(x), Math.abs(y));
  return (2 * reachM) / Math.max(1, Math.ceil(Math.sqrt(centres)));
}
