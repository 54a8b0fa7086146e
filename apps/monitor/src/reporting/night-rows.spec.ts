import { describe, expect, it } from '@jest/globals';
import { darkHours, darkSpan, nightRow } from './night-rows.js';

const botosani = { latitude: 47.75, longitude: 26.67, timeZone: 'Europe/Bucharest' };
const tromso = { latitude: 69.65, longitude: 18.96, timeZone: 'Europe/Oslo' };
const HOUR = 3_600_000;

describe('nightRow', () => {
  it('has the sun of a night, noon to noon', () => {
    const { sunsetMs, sunriseMs, startsAtMs, endsAtMs, darkH } = nightRow(botosani, '2026-11-25');
    expect(new Date(startsAtMs).toISOString()).toBe('2026-11-25T10:00:00.000Z');
    expect(endsAtMs - startsAtMs).toBe(24 * HOUR);
    expect(sunsetMs).toBeGreaterThan(startsAtMs);
    expect(darkH).toBeCloseTo(((sunriseMs ?? 0) - (sunsetMs ?? 0)) / HOUR, 6);
    expect(darkH).toBeGreaterThan(14);
  });

  it('knows days without night and nights without day', () => {
    expect(nightRow(tromso, '2026-06-21')).toMatchObject({ sunsetMs: null, sunriseMs: null, darkH: 0 });
    expect(nightRow(tromso, '2026-12-21')).toMatchObject({ sunsetMs: null, sunriseMs: null, darkH: 24 });
  });
});

describe('darkHours', () => {
  it('make the darkness of a night when they are summed over its hours', () => {
    const { startsAtMs, darkH } = nightRow(botosani, '2026-11-25');
    const spans = ['2026-11-24', '2026-11-25'].map((night) => darkSpan(botosani, night));
    const parts = Array.from({ length: 24 }, (_, hour) =>
      darkHours(spans, startsAtMs + hour * HOUR, startsAtMs + (hour + 1) * HOUR),
    );
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(darkH, 6);
    expect(parts[0]).toBe(0);
    expect(parts[12]).toBe(1);
  });
});
