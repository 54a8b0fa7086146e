import { describe, expect, it } from '@jest/globals';
import { addDays, localNoonMs } from '#libs/kernel';
import fc from 'fast-check';
import type { ActivePeriod, Anchor, AnchoredTime, ControlProgram, SwitchPoint } from './control-program.js';
import { places, programs } from '../test/arbitraries.js';
import { darkSpans, levelAt, nightCurve } from './night-curve.js';
import { instantOf, nightOf } from './resolve-anchor.js';

const botosani = { latitude: 47.7486, longitude: 26.6694, timeZone: 'Europe/Bucharest' };
const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const tromso = { latitude: 69.6492, longitude: 18.9553, timeZone: 'Europe/Oslo' };
const quito = { latitude: -0.1807, longitude: -78.4678, timeZone: 'America/Guayaquil' };
const auckland = { latitude: -36.8485, longitude: 174.7633, timeZone: 'Pacific/Auckland' };

const at = (anchor: Anchor, offsetMinutes = 0): AnchoredTime => ({ anchor, offsetMinutes });
const clock = (time: string) => at({ kind: 'clock', time });
const point = (time: AnchoredTime, levelPercent: number, fadeS = 0): SwitchPoint => ({ at: time, levelPercent, fadeS });
const sunsetToSunrise: ActivePeriod = { from: at({ kind: 'sunset' }), to: at({ kind: 'sunrise' }) };
const program = (parts: Partial<ControlProgram>): ControlProgram => ({
  activePeriods: [sunsetToSunrise],
  switchPoints: [],
  minimumLevelPercent: 10,
  ...parts,
});
const partNight = program({ switchPoints: [point(clock('23:00'), 50), point(clock('05:00'), 100)] });
/** Levels and when they begin, in UTC. */
const shape = (of: ControlProgram, place: typeof oulu, date: string) =>
  nightCurve(of, place, date).segments.map(({ fromMs, levelPercent }) => [
    new Date(fromMs).toISOString().slice(11, 16),
    levelPercent,
  ]);

describe('nightCurve', () => {
  it('is off outside the active period, and begins the evening with the level that held in the morning', () => {
    expect(shape(partNight, botosani, '2026-11-24')).toEqual([
      ['10:00', 0],
      ['14:27', 100],
      ['21:00', 50],
      ['03:00', 100],
      ['05:33', 0],
    ]);
  });

  it('keeps to wall time on both nights on which the clocks change', () => {
    const levels = (date: string) => shape(partNight, botosani, date).slice(2, 4);
    expect(levels('2026-10-24')).toEqual([
      ['20:00', 50],
      ['03:00', 100],
    ]);
    expect(levels('2026-03-28')).toEqual([
      ['21:00', 50],
      ['02:00', 100],
    ]);
  });

  it('takes a repeated time the first time, and a skipped one at the jump', () => {
    const night = (date: string) => nightOf(botosani, date);
    // 03:30 comes twice on 25 October (00:30 and 01:30 UTC), and not at all on 29 March (03:00 becomes 04:00 at 01:00 UTC).
    expect(instantOf(clock('03:30'), night('2026-10-24'))).toBe(Date.parse('2026-10-25T00:30:00Z'));
    expect(instantOf(clock('03:30'), night('2026-03-28'))).toBe(Date.parse('2026-03-29T01:00:00Z'));
  });

  it('gives a lamp nothing to do when its day has no sunset, and light all along when it has no sunrise', () => {
    expect(shape(partNight, tromso, '2026-06-21')).toEqual([['10:00', 0]]);
    expect(shape(partNight, tromso, '2026-12-21').map(([, level]) => level)).toEqual([100, 50, 100]);
  });

  it('lights Oulu in June from after midnight, and not at all when it waits for civil dusk', () => {
    expect(shape(partNight, oulu, '2026-06-20')).toEqual([
      ['09:00', 0],
      ['21:21', 50],
      ['23:18', 0],
    ]);
    const civil = program({ activePeriods: [{ from: at({ kind: 'civilDusk' }), to: at({ kind: 'civilDawn' }) }] });
    expect(shape(civil, oulu, '2026-06-20')).toEqual([['09:00', 0]]);
  });

  it('leaves morning lights off in summer instead of burning them all day', () => {
    const morning = program({ activePeriods: [{ from: clock('06:00'), to: at({ kind: 'sunrise' }) }] });
    expect(shape(morning, botosani, '2026-06-21')).toEqual([['09:00', 0]]);
    expect(shape(morning, botosani, '2026-12-21').map(([, level]) => level)).toEqual([0, 100, 0]);
  });

  it('centres part-night dimming between dusk and dawn', () => {
    const centred = program({
      switchPoints: [
        point(at({ kind: 'virtualMidnight' }, -120), 30),
        point(at({ kind: 'virtualMidnight' }, 180), 100),
      ],
    });
    const { segments } = nightCurve(centred, botosani, '2026-11-24');
    const [, evening, dimmed, morning] = segments;
    if (evening === undefined || dimmed === undefined || morning === undefined) throw new Error('too few segments');
    expect(dimmed.toMs - dimmed.fromMs).toBe(5 * 3_600_000);
    expect(evening.toMs - evening.fromMs - (morning.toMs - morning.fromMs)).toBe(3_600_000);
  });

  it('takes the later of two points at one instant, and raises levels to the minimum but never lights what is off', () => {
    const both = program({
      switchPoints: [
        point(clock('22:00'), 5),
        point(clock('22:00'), 3),
        point(clock('23:00'), 0),
        point(clock('05:00'), 80),
      ],
    });
    expect(shape(both, botosani, '2026-11-24').map(([, level]) => level)).toEqual([0, 80, 10, 0, 80, 0]);
  });

  const dates = fc.integer({ min: 0, max: 1500 }).map((day) => addDays('2026-01-01', day));
  it('is ordered and without gaps, for any program on any night at any place', () => {
    fc.assert(
      fc.property(programs, places, dates, (any, place, date) => {
        const { segments, startMs, endMs } = nightCurve(any, place, date);
        expect(startMs).toBe(localNoonMs(date, place.timeZone));
        expect(endMs).toBe(localNoonMs(addDays(date, 1), place.timeZone));
        expect(segments[0]?.fromMs).toBe(startMs);
        expect(segments.at(-1)?.toMs).toBe(endMs);
        for (const [index, segment] of segments.entries()) {
          expect(segment.toMs).toBeGreaterThan(segment.fromMs);
          expect(segment.levelPercent === 0 || segment.levelPercent >= any.minimumLevelPercent).toBe(true);
          const next = segments[index + 1];
          if (next !== undefined)
            expect([next.fromMs, next.levelPercent === segment.levelPercent]).toEqual([segment.toMs, false]);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('evaluated at an instant is the switch points walked to it', () => {
    fc.assert(
      fc.property(
        programs,
        places,
        dates,
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (any, place, date, share) => {
          const curve = nightCurve(any, place, date);
          const ms = Math.floor(curve.startMs + share * (curve.endMs - curve.startMs));
          expect(levelAt(curve, ms)).toBe(walked(any, place, date, ms));
        },
      ),
      { numRuns: 400 },
    );
  });

  /** The rules of control-program.ts once more, as a person would follow them at one instant. */
  function walked(any: ControlProgram, place: typeof oulu, date: string, ms: number): number {
    const night = nightOf(place, date);
    const isActive =
      any.activePeriods.length === 0 ||
      any.activePeriods.some(({ from, to }) => {
        const [fromMs, toMs] = [instantOf(from, night), instantOf(to, night)];
        return fromMs !== undefined && toMs !== undefined && fromMs <= ms && ms < toMs;
      });
    if (!isActive) return 0;
    let level: number | undefined;
    let levelMs = Number.NEGATIVE_INFINITY;
    let lastOfNight: { atMs: number; levelPercent: number } | undefined;
    for (const { at: time, levelPercent } of any.switchPoints) {
      const atMs = instantOf(time, night);
      if (atMs === undefined) continue;
      if (atMs <= ms && atMs >= levelMs) [level, levelMs] = [levelPercent, atMs];
      if (lastOfNight === undefined || atMs >= lastOfNight.atMs) lastOfNight = { atMs, levelPercent };
    }
    const set = level ?? lastOfNight?.levelPercent ?? 100;
    return set === 0 ? 0 : Math.max(set, any.minimumLevelPercent);
  }
});

describe('darkSpans', () => {
  it('is empty for a program that lights from sunset to sunrise, anywhere on any date', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(botosani, oulu, tromso, quito, auckland),
        fc.integer({ min: 0, max: 1500 }),
        (place, day) => {
          const date = addDays('2026-01-01', day);
          expect(darkSpans(nightCurve(partNight, place, date), nightOf(place, date))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says when part-night lighting leaves the street dark', () => {
    const off = program({ switchPoints: [point(clock('00:30'), 0), point(clock('05:00'), 100)] });
    const spans = darkSpans(nightCurve(off, botosani, '2026-11-24'), nightOf(botosani, '2026-11-24'));
    expect(spans).toEqual([{ fromMs: Date.parse('2026-11-24T22:30:00Z'), toMs: Date.parse('2026-11-25T03:00:00Z') }]);
  });
});
