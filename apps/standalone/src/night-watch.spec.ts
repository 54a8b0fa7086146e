import { describe, expect, it } from '@jest/globals';
import { mostLamps, sunEventsBetween } from './night-watch.js';

const botosani = { latitude: 47.7486, longitude: 26.6694, timeZone: 'Europe/Bucharest' };

describe('the watch of the night', () => {
  it('names what the sun does, each once, in order', () => {
    const words = (from: string, to: string) =>
      sunEventsBetween(botosani, Date.parse(from), Date.parse(to)).map((each) => each.words);
    expect(words('2026-11-25T12:00:00Z', '2026-11-26T09:00:00Z')).toEqual([
      'sunset',
      'civil dusk',
      'civil dawn',
      'sunrise',
    ]);
    expect(words('2026-11-25T14:00:00Z', '2026-11-25T14:10:00Z')).toEqual([]);
    expect(words('2026-11-26T04:30:00Z', '2026-11-26T11:00:00Z')).toEqual(['civil dawn', 'sunrise']);
  });

  it('says what most lamps do, and nothing when there is no majority', () => {
    const lamps = (levelPercent: number, count: number, reason = 'calendar') => ({
      levelPercent,
      reason,
      lamps: count,
    });
    expect(mostLamps([lamps(100, 80), lamps(50, 420)])?.words).toBe('420 of 500 lamps are at 50 % (by calendar)');
    expect(mostLamps([lamps(0, 10, 'default')])?.words).toBe('10 of 10 lamps are off (by the controllers’ default)');
    expect(mostLamps([lamps(100, 5), lamps(50, 5)])).toBeUndefined();
    expect(mostLamps([])).toBeUndefined();
  });
});
