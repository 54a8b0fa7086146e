import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { nightEvents, type Crossing, type Place } from '../src/index.js';

interface AlmanacNight extends Place {
  readonly place: string;
  readonly date: string;
  /** To the minute; null when it does not happen. */
  readonly sunset: string | null;
  readonly civilDusk: string | null;
  readonly civilDawn: string | null;
  readonly sunrise: string | null;
}

const nights = JSON.parse(readFileSync('libs/astronomy/test/almanac.json', 'utf8')) as AlmanacNight[];
const EVENTS = ['sunset', 'civilDusk', 'civilDawn', 'sunrise'] as const;

/** Seconds beside the almanac; 0 when both say that it does not happen, infinite when only one does. */
function offByS(crossing: Crossing, almanac: string | null): number {
  if (crossing.kind !== 'at') return almanac === null ? 0 : Number.POSITIVE_INFINITY;
  return almanac === null ? Number.POSITIVE_INFINITY : Math.abs(crossing.ms - Date.parse(almanac)) / 1000;
}

describe('the almanac (make_almanac.py)', () => {
  it.each([...new Set(nights.map(({ place }) => place))])('%s: every event within a minute', (name) => {
    const own = nights.filter(({ place }) => place === name);
    expect(own.length).toBeGreaterThan(25);
    const off = own.flatMap((night) => {
      const events = nightEvents(night, night.date);
      return EVENTS.map((event) => ({ date: night.date, event, offS: offByS(events[event], night[event]) }));
    });
    expect(off.filter(({ offS }) => offS > 60)).toEqual([]);
  });

  it('has nights of every kind', () => {
    const missing = (event: (typeof EVENTS)[number]) => nights.filter((night) => night[event] === null).length;
    expect(missing('sunset')).toBeGreaterThan(3);
    expect(missing('civilDusk')).toBeGreaterThan(missing('sunset') - 3);
  });
});
