import { describe, expect, it } from '@jest/globals';
import type { ControlProgram } from '../control-program.js';
import { unlitNights } from './unlit-nights.js';

const BOTOSANI = { latitude: 47.7487, longitude: 26.6694, timeZone: 'Europe/Bucharest' };
const OULU = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const sun = (kind: 'civilDusk' | 'civilDawn', offsetMinutes = 0) => ({ anchor: { kind }, offsetMinutes });
const clock = (time: string) => ({ anchor: { kind: 'clock' as const, time }, offsetMinutes: 0 });
const program = (own: Partial<ControlProgram>): ControlProgram => ({
  activePeriods: [],
  switchPoints: [],
  minimumLevelPercent: 0,
  ...own,
});
const off = { at: clock('12:00'), levelPercent: 0, fadeS: 0 };
const dusk = { from: sun('civilDusk', 30), to: sun('civilDawn', -30) };

describe('nights without any light', () => {
  it.each([
    ['always off', program({ switchPoints: [off] }), BOTOSANI, 366],
    ['lit at noon alone', program({ activePeriods: [{ from: clock('12:30'), to: clock('13:30') }] }), BOTOSANI, 366],
    ['full light', program({}), BOTOSANI, 0],
    ['from dusk to dawn', program({ activePeriods: [dusk] }), BOTOSANI, 0],
    ['in the evening alone', program({ activePeriods: [{ from: clock('16:00'), to: clock('23:30') }] }), BOTOSANI, 0],
    ['from dusk to dawn where nights are white', program({ activePeriods: [dusk] }), OULU, 0],
  ])('%s: %s', (_, own, place, nights) => {
    expect(unlitNights(own, place, '2026-01-01')).toHaveLength(nights);
  });

  it('are found where they are: an evening by the clock that summer does not reach', () => {
    const dates = unlitNights(
      program({ activePeriods: [{ from: clock('17:00'), to: clock('20:30') }] }),
      BOTOSANI,
      '2026-01-01',
    );
    expect(dates[0]?.startsWith('2026-04') || dates[0]?.startsWith('2026-05')).toBe(true);
    expect(dates).toContain('2026-06-21');
    expect(dates).not.toContain('2026-12-21');
  });

  it('always off: not where it is not dark', () => {
    const dates = unlitNights(program({ switchPoints: [off] }), OULU, '2026-01-01');
    expect(dates).toContain('2026-12-21');
    expect(dates).not.toContain('2026-06-21');
  });
});
