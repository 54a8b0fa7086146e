import { describe, expect, it } from '@jest/globals';
import { SitePrograms, type ControlProgram } from '#libs/schedules';
import type { SampledLamp } from '#libs/storage';
import { sampleLighting } from './sample-lighting.js';

const place = { latitude: 47.75, longitude: 26.67, timeZone: 'Europe/Bucharest' };
const program: ControlProgram = {
  activePeriods: [
    { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
  ],
  switchPoints: [],
  minimumLevelPercent: 0,
};
const programs = new SitePrograms(
  place,
  new Map([['FULL', program]]),
  new Map([[1, { rules: [], defaultProgram: 'FULL' }]]),
);
const models = [{ lampTypeId: 1, ratedPowerW: 50, standbyPowerW: 0, powerCurve: [[50, 60]] as [number, number][] }];
const midnight = Date.parse('2026-11-25T22:00:00Z');
const noon = Date.parse('2026-11-25T10:00:00Z');
const lamp: SampledLamp = {
  segmentId: 1,
  lampTypeId: 1,
  calendarId: 1,
  floorPercent: 10,
  readAtMs: midnight,
  overrideLevelPercent: null,
  isCurrent: true,
  isLit: true,
  isUnavailable: false,
  lightLevelPercent: 100,
  activePowerW: 48,
};
const sampleOf = (lamps: SampledLamp[]) => sampleLighting(lamps, models, programs);

describe('sampleLighting', () => {
  it('holds what lamps show against their calendar, and against an override before that', () => {
    expect(sampleOf([lamp])[0]).toMatchObject({
      comparedLamps: 1,
      wantedLevelSum: 100,
      reportedLevelSum: 100,
      expectedPowerW: 50,
      comparedPowerW: 48,
    });
    expect(sampleOf([{ ...lamp, readAtMs: noon }])[0]).toMatchObject({ wantedLevelSum: 0, expectedPowerW: 0 });
    // The driver's curve: at half of its light it draws 60 %.
    expect(sampleOf([{ ...lamp, overrideLevelPercent: 50 }])[0]).toMatchObject({
      wantedLevelSum: 50,
      expectedPowerW: 30,
    });
  });

  it('holds a reading against what was wanted when it was taken: a step of the program since is no difference', () => {
    const sunset = Date.parse('2026-11-25T14:25:00Z');
    const before = { ...lamp, readAtMs: sunset - 300_000, lightLevelPercent: 0, activePowerW: 0 };
    const after = { ...lamp, readAtMs: sunset + 300_000 };
    expect(sampleOf([before, after, before])[0]).toMatchObject({
      comparedLamps: 3,
      wantedLevelSum: 100,
      reportedLevelSum: 100,
      expectedPowerW: 50,
    });
  });

  it('takes no reading for a value that is too old, but counts the lamp', () => {
    expect(sampleOf([{ ...lamp, isCurrent: false, isUnavailable: true }])[0]).toEqual({
      ...{ segmentId: 1, lamps: 1, currentLamps: 0, litLamps: 0, unavailableLamps: 1, comparedLamps: 0 },
      ...{ wantedLevelSum: 0, reportedLevelSum: 0, powerW: 0, comparedPowerW: 0, expectedPowerW: 0 },
    });
  });

  it('compares only what can be: lamps without a calendar or a reported level stand beside', () => {
    const samples = sampleOf([
      { ...lamp, calendarId: null },
      { ...lamp, lightLevelPercent: null },
      { ...lamp, activePowerW: null },
    ]);
    expect(samples[0]).toMatchObject({
      lamps: 3,
      currentLamps: 3,
      comparedLamps: 1,
      powerW: 96,
      comparedPowerW: 48,
      expectedPowerW: 50,
    });
  });

  it('keeps segments apart', () => {
    expect(sampleOf([lamp, { ...lamp, segmentId: 2 }, lamp]).map(({ segmentId, lamps }) => [segmentId, lamps])).toEqual(
      [
        [1, 2],
        [2, 1],
      ],
    );
  });
});
