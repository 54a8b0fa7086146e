import fc from 'fast-check';
import type { Anchor, ControlProgram } from '../src/index.js';

const botosani = { latitude: 47.7486, longitude: 26.6694, timeZone: 'Europe/Bucharest' };
const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const tromso = { latitude: 69.6492, longitude: 18.9553, timeZone: 'Europe/Oslo' };
const quito = { latitude: -0.1807, longitude: -78.4678, timeZone: 'America/Guayaquil' };
const auckland = { latitude: -36.8485, longitude: 174.7633, timeZone: 'Pacific/Auckland' };

/** Places all over the world, the awkward ones among them. */
export const places = fc.oneof(
  fc.constantFrom(botosani, oulu, tromso, quito, auckland),
  fc
    .tuple(
      fc.double({ min: -80, max: 80, noNaN: true }),
      fc.constantFrom('Europe/Bucharest', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Kiritimati'),
    )
    .map(([latitude, timeZone]) => ({
      latitude,
      longitude:
        { 'Europe/Bucharest': 26, 'Australia/Lord_Howe': 159, 'Asia/Kathmandu': 85, 'Pacific/Kiritimati': -157 }[
          timeZone
        ] ?? 0,
      timeZone,
    })),
);

const anchors = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([hour, minute]): Anchor => ({
    kind: 'clock',
    time: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
  })),
  fc.constantFrom<Anchor>(
    ...(['sunset', 'sunrise', 'civilDusk', 'civilDawn', 'solarMidnight', 'virtualMidnight'] as const).map((kind) => ({
      kind,
    })),
    { kind: 'sunAltitude', altitudeDeg: -3, half: 'evening' },
    { kind: 'sunAltitude', altitudeDeg: 5, half: 'morning' },
  ),
);
const times = fc.record({ anchor: anchors, offsetMinutes: fc.integer({ min: -300, max: 300 }) });
/** Any control program, sensible or not. */
export const programs: fc.Arbitrary<ControlProgram> = fc.record({
  activePeriods: fc.array(fc.record({ from: times, to: times }), { maxLength: 3 }),
  switchPoints: fc.array(
    fc.record({ at: times, levelPercent: fc.integer({ min: 0, max: 100 }), fadeS: fc.integer({ min: 0, max: 600 }) }),
    { maxLength: 6 },
  ),
  minimumLevelPercent: fc.integer({ min: 0, max: 40 }),
});
