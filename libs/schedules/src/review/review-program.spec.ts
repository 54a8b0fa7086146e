import { describe, expect, it } from '@jest/globals';
import type { Anchor, ControlProgram } from '../control-program.js';
import { reviewProgram } from './review-program.js';

const botosani = { latitude: 47.7486, longitude: 26.6694, timeZone: 'Europe/Bucharest' };
const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const at = (anchor: Anchor, offsetMinutes = 0) => ({ anchor, offsetMinutes });
const clock = (time: string) => at({ kind: 'clock', time });
const night = { from: at({ kind: 'sunset' }), to: at({ kind: 'sunrise' }) };
const program = (parts: Partial<ControlProgram>): ControlProgram => ({
  activePeriods: [night],
  switchPoints: [],
  minimumLevelPercent: 0,
  ...parts,
});
const review = (of: ControlProgram, place = botosani) =>
  Object.fromEntries(
    reviewProgram(of, place, '2026-01-01', 365).map(({ code, at: where, nights }) => [
      `${code} ${where}`.trim(),
      nights,
    ]),
  );

describe('reviewProgram', () => {
  it('has nothing to say of a sound program', () => {
    const sound = program({
      switchPoints: [
        { at: clock('23:00'), levelPercent: 50, fadeS: 60 },
        { at: clock('05:00'), levelPercent: 100, fadeS: 60 },
      ],
    });
    expect(reviewProgram(sound, botosani, '2026-01-01', 365)).toEqual([]);
  });

  it('warns of the classic: on at 06:00, off at sunrise', () => {
    const morning = program({
      activePeriods: [
        { from: at({ kind: 'sunset' }), to: clock('23:00') },
        { from: clock('06:00'), to: at({ kind: 'sunrise' }) },
      ],
    });
    const warnings = reviewProgram(morning, botosani, '2026-01-01', 365);
    const empty = warnings.find(({ code }) => code === 'periodEmpty');
    expect(empty).toMatchObject({ at: '/activePeriods/1' });
    // The sun rises before six from mid-April on; summer time makes it later by an hour.
    expect(empty?.dates[0]?.slice(0, 7)).toBe('2026-04');
    expect(warnings.find(({ code }) => code === 'darkAtNight')?.nights).toBe(365);
  });

  it('warns of fixed hours that burn in broad daylight, and says when', () => {
    const fixed = program({ activePeriods: [{ from: clock('17:00'), to: clock('07:30') }] });
    const warnings = reviewProgram(fixed, botosani, '2026-01-01', 365);
    const [byDay] = warnings;
    expect(byDay).toMatchObject({ code: 'litByDay' });
    expect(byDay?.nights).toBeGreaterThan(200);
    expect(warnings.map(({ code }) => code)).toContain('darkAtNight');
  });

  it('warns of points that coincide, change nothing or never fire', () => {
    const muddled = program({
      switchPoints: [
        { at: clock('22:00'), levelPercent: 80, fadeS: 0 },
        { at: clock('22:00'), levelPercent: 50, fadeS: 0 },
        { at: clock('02:00'), levelPercent: 50, fadeS: 0 },
        { at: clock('13:00'), levelPercent: 100, fadeS: 0 },
        { at: clock('04:00'), levelPercent: 100, fadeS: 0 },
      ],
    });
    expect(review(muddled)).toEqual({
      'pointsCoincide /switchPoints/1': 365,
      'pointNeverFires /switchPoints/0': 365,
      'pointChangesNothing /switchPoints/2': 365,
      'pointNeverFires /switchPoints/3': 365,
    });
  });

  it('knows the nights without civil dusk of the north', () => {
    const civil = program({ activePeriods: [{ from: at({ kind: 'civilDusk' }), to: at({ kind: 'civilDawn' }) }] });
    const warnings = reviewProgram(civil, oulu, '2026-01-01', 365);
    expect(warnings).toEqual([expect.objectContaining({ code: 'periodEmpty', at: '/activePeriods/0' })]);
    // From mid-May to the end of July.
    expect(warnings[0]?.dates[0]?.slice(0, 7)).toBe('2026-05');
    expect(warnings[0]?.nights).toBeGreaterThan(60);
    expect(warnings[0]?.nights).toBeLessThan(100);
  });

  it('takes back what takes itself back within minutes', () => {
    const blink = program({
      switchPoints: [
        { at: clock('22:00'), levelPercent: 50, fadeS: 0 },
        { at: clock('22:03'), levelPercent: 100, fadeS: 0 },
      ],
    });
    expect(review(blink)['pointsCancel /switchPoints/0']).toBe(365);
  });

  it('sees on and off that do not alternate, only where lamps are on and off', () => {
    const off = (time: string) => ({ at: clock(time), levelPercent: 0, fadeS: 0 });
    const on = (time: string) => ({ at: clock(time), levelPercent: 100, fadeS: 0 });
    // In winter 19:00 falls into the dark after an "on" of sunset; two offs in a row every night.
    const muddled = program({
      switchPoints: [
        on('17:00'),
        off('23:00'),
        { at: at({ kind: 'virtualMidnight' }), levelPercent: 0, fadeS: 0 },
        on('05:00'),
      ],
    });
    const found = review(muddled);
    expect(
      Object.keys(found)
        .filter((key) => key.startsWith('notAlternating') || key.startsWith('pointChangesNothing'))
        .sort(),
    ).toEqual(expect.arrayContaining([expect.stringMatching(/switchPoints\/[12]/)]));
    const levels = program({
      switchPoints: [
        { at: clock('22:00'), levelPercent: 70, fadeS: 0 },
        { at: clock('00:00'), levelPercent: 50, fadeS: 0 },
        { at: clock('05:00'), levelPercent: 100, fadeS: 0 },
      ],
    });
    expect(review(levels)).toEqual({});
  });

  it('names the nights on which an absolute time falls before sunset, and points change their order', () => {
    const mixed = program({
      switchPoints: [
        { at: at({ kind: 'sunset' }, 30), levelPercent: 80, fadeS: 0 },
        { at: clock('22:00'), levelPercent: 50, fadeS: 0 },
        { at: clock('05:00'), levelPercent: 100, fadeS: 0 },
      ],
    });
    const warnings = reviewProgram(mixed, oulu, '2026-01-01', 365);
    const order = warnings.find(({ code }) => code === 'orderChanges');
    expect(order).toMatchObject({
      at: '/switchPoints/1',
      message: expect.stringMatching(/^Switch point 2 .22:00, to 50 %. comes before switch point 1/),
    });
    // Sunset passes 21:30 in the last days of April.
    expect(order?.dates[0]?.slice(0, 7)).toBe('2026-04');
    const early = warnings.find(({ code }) => code === 'pointBeforePeriod');
    expect(early?.at).toBe('/switchPoints/1');
    expect(early?.nights).toBeGreaterThan(40);
  });

  it('names both changes of the clock where they hit a time', () => {
    const unlucky = program({
      switchPoints: [
        { at: clock('03:30'), levelPercent: 50, fadeS: 0 },
        { at: clock('05:00'), levelPercent: 100, fadeS: 0 },
      ],
    });
    const clocks = reviewProgram(unlucky, botosani, '2026-01-01', 365).filter(({ code }) => code.startsWith('clock'));
    expect(clocks.map(({ code, at: where, dates }) => [code, where, dates])).toEqual([
      ['clockSkipped', '/switchPoints/0', ['2026-03-28']],
      ['clockRepeated', '/switchPoints/0', ['2026-10-24']],
    ]);
  });

  it('says what an offset cannot do', () => {
    const long = program({ activePeriods: [{ from: at({ kind: 'sunset' }, -600), to: at({ kind: 'sunrise' }) }] });
    expect(review(long)['clipped /activePeriods/0/from']).toBe(365);
  });

  it('says in each message what it is and what to do', () => {
    const program3 = program({
      activePeriods: [{ from: clock('17:00'), to: clock('07:30') }],
      switchPoints: [{ at: clock('13:00'), levelPercent: 10, fadeS: 0 }],
    });
    for (const { message, nights } of reviewProgram(program3, botosani, '2026-01-01', 365)) {
      expect(message.length).toBeGreaterThan(40);
      expect(nights).toBeGreaterThan(0);
    }
  });
});
