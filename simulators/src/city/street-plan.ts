import type { Random } from '../random.js';
import { streetName } from './street-names.js';

/** Metres east (x) and north (y) of the centre. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export type StreetClass = 'main' | 'ring' | 'collector' | 'residential' | 'park';

export interface Street {
  readonly name: string;
  readonly class: StreetClass;
  readonly path: readonly Point[];
}

/** Residential streets lie this far apart, m. */
const BLOCK_M = 110;

/**
 * A town of some `radiusM`: main roads run out from the centre, a ring crosses them half-way, a slightly irregular grid of
 * residential streets fills what lies between, one square of it is a park. Streets come in the order in which a town would light
 * them: main roads first.
 */
export function streetPlan(radiusM: number, random: Random): Street[] {
  const named = streetName(random.fork('names'));
  return [
    ...mainRoads(radiusM, random.fork('main'), named),
    ...park(random.fork('park')),
    ...grid(radiusM, random.fork('grid'), named),
  ];
}

function mainRoads(radiusM: number, random: Random, named: (kind: StreetClass) => string): Street[] {
  const count = radiusM < 300 ? 3 : 5;
  const turn = random.between(0, Math.PI);
  const roads: Street[] = [];
  for (let index = 0; index < count; index += 1) {
    const heading = turn + (index * 2 * Math.PI) / count + random.between(-0.15, 0.15);
    let [x, y, direction] = [0, 0, heading];
    const path: Point[] = [{ x, y }];
    for (let lengthM = 0; lengthM < radiusM * 1.15; lengthM += 60) {
      direction += random.between(-0.06, 0.06) + (heading - direction) * 0.2;
      x += 60 * Math.cos(direction);
      y += 60 * Math.sin(direction);
      path.push({ x, y });
    }
    roads.push({ name: named('main'), class: 'main', path });
  }
  if (radiusM >= 300) {
    const ring: Point[] = [];
    const steps = 72;
    for (let step = 0; step <= steps; step += 1) {
      const angle = (step * 2 * Math.PI) / steps;
      const r = radiusM * 0.55 * (1 + 0.05 * Math.sin(3 * angle + turn));
      ring.push({ x: r * Math.cos(angle), y: r * Math.sin(angle) });
    }
    roads.push({ name: named('ring'), class: 'ring', path: ring });
  }
  return roads;
}

/** Paths of the park, south-east of the centre. */
function park(random: Random): Street[] {
  const [cx, cy] = [BLOCK_M * 1.5, -BLOCK_M * 1.5];
  return [0, 1].map((index) => {
    const path: Point[] = [];
    for (let step = 0; step <= 8; step += 1) {
      const along = (step / 8 - 0.5) * BLOCK_M * 1.6;
      const across = Math.sin(step * 0.9 + random.between(-0.1, 0.1)) * 14;
      path.push(index === 0 ? { x: cx + along, y: cy + across } : { x: cx + across, y: cy + along });
    }
    return { name: `Parcul Mihai Eminescu, aleea ${index + 1}`, class: 'park' as const, path };
  });
}

function grid(radiusM: number, random: Random, named: (kind: StreetClass) => string): Street[] {
  const streets: Street[] = [];
  const lines = Math.floor(radiusM / BLOCK_M);
  const bend = random.between(0.0002, 0.0004);
  for (let line = -lines; line <= lines; line += 1) {
    for (const isEastWest of [true, false]) {
      const offset = line * BLOCK_M + random.between(-18, 18);
      const half = Math.sqrt(Math.max(0, radiusM ** 2 - offset ** 2));
      // Long streets are several streets: names change, and some blocks have none.
      for (let from = -half; from < half - 60;) {
        const lengthM = Math.min(half - from, BLOCK_M * random.integer(2, 5));
        if (random.next() < 0.85 && lengthM >= 60) {
          const isCollector = line % 4 === 0;
          const path: Point[] = [];
          for (let along = from; along <= from + lengthM + 1; along += 40) {
            const across = offset + bend * along * along * (line < 0 ? -1 : 1) * 0.25;
            path.push(isEastWest ? { x: along, y: across } : { x: across, y: along });
          }
          const kind = isCollector ? 'collector' : 'residential';
          streets.push({ name: named(kind), class: kind, path });
        }
        from += lengthM;
      }
    }
  }
  return streets.sort((a, b) => fromCentre(a) - fromCentre(b));
}

function fromCentre({ path }: Street): number {
  const middle = path[Math.floor(path.length / 2)] ?? { x: 0, y: 0 };
  return Math.hypot(middle.x, middle.y);
}
