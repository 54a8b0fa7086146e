import { describe, expect, it } from '@jest/globals';
import { judgeLevel, type ReportedLevel, type WantedLevel } from './judge-level.js';

const nowMs = Date.parse('2026-11-25T21:00:00Z');
const MINUTE_MS = 60_000;
const limits = { minLevelPercent: 10, ratedPowerW: 50, standbyPowerW: 0.5 };
const habit = { intervalS: 300, staleAfterS: 900 };
const wanted = (levelPercent: number, sinceMin: number): WantedLevel => ({
  levelPercent,
  fadeS: 60,
  sinceMs: nowMs - sinceMin * MINUTE_MS,
});
const reported = (
  lightLevelPercent: number | null,
  agoMin: number,
  parts: Partial<ReportedLevel> = {},
): ReportedLevel => ({
  ...{ atMs: nowMs - agoMin * MINUTE_MS, lightLevelPercent, levelReason: 'calendar', activePowerW: null },
  levelInEffectPercent: lightLevelPercent,
  ...parts,
});
const judged = (want: WantedLevel | undefined, report: ReportedLevel | undefined) =>
  judgeLevel(want, report, limits, habit, nowMs);

describe('judgeLevel', () => {
  it('knows what shows', () => {
    expect(judged(wanted(50, 60), reported(50, 3))).toEqual({ status: 'applied' });
    // The driver cannot hold 5 %.
    expect(judged(wanted(5, 60), reported(10, 3))).toEqual({ status: 'applied' });
  });

  it('waits for the first reading after the fade, but not for ever', () => {
    expect(judged(wanted(50, 2), reported(100, 3)).status).toBe('pending');
    expect(judged(wanted(50, 2), reported(80, 1)).status).toBe('pending');
    expect(judged(wanted(50, 20), reported(100, 14.5)).status).toBe('notApplied');
  });

  it('says whose fault it may be', () => {
    expect(judged(wanted(50, 60), reported(100, 3, { levelInEffectPercent: 50 }))).toEqual({
      status: 'notApplied',
      problem: 'the controller aims at 50 %, but the lamp shows 100 %: look at its driver',
    });
    expect(judged(wanted(50, 60), reported(100, 3, { levelReason: 'default' }))).toEqual({
      status: 'notApplied',
      problem: 'the controller aims at 100 % (default) instead of 50 %',
    });
    expect(judged(wanted(50, 60), reported(100, 3, { levelInEffectPercent: null }))).toMatchObject({
      problem: 'the lamp shows 100 % instead of 50 %',
    });
  });

  it('does not take an old reading for a value', () => {
    expect(judged(wanted(50, 60), reported(50, 16))).toMatchObject({ status: 'unknown' });
    expect(judged(wanted(50, 60), undefined)).toMatchObject({ status: 'unknown' });
    expect(judged(undefined, reported(50, 1))).toMatchObject({ status: 'unknown' });
  });
});
