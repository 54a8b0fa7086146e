import { expectedPowerW, type PowerModel } from '#libs/energy';
import type { SitePrograms } from '#libs/schedules';
import type { LightingSample, SampledLamp, StoredPowerModel } from '#libs/storage';

/**
 * What the lamps of a site do, by segment. Levels are compared where a lamp reports one and it is known which it should have had when its
 * reading was taken (an override goes before the calendar); powers where a lamp reports one and that level is known.
 */
export function sampleLighting(
  lamps: readonly SampledLamp[],
  models: readonly StoredPowerModel[],
  programs: SitePrograms,
): LightingSample[] {
  const wanted = wantedLevels(programs);
  const expected = expectedPowers(models);
  return [...Map.groupBy(lamps, ({ segmentId }) => segmentId)].map(([segmentId, own]) => {
    const sample = { segmentId, ...NOTHING, lamps: own.length };
    for (const lamp of own) {
      sample.unavailableLamps += lamp.isUnavailable ? 1 : 0;
      if (!lamp.isCurrent) continue;
      const level = wanted(lamp);
      sample.currentLamps += 1;
      sample.litLamps += lamp.isLit ? 1 : 0;
      sample.powerW += lamp.activePowerW ?? 0;
      if (level === undefined) continue;
      if (lamp.lightLevelPercent !== null) {
        sample.comparedLamps += 1;
        sample.wantedLevelSum += level;
        sample.reportedLevelSum += lamp.lightLevelPercent;
      }
      if (lamp.activePowerW !== null) {
        sample.comparedPowerW += lamp.activePowerW;
        sample.expectedPowerW += expected(lamp.lampTypeId, level);
      }
    }
    return sample;
  });
}

const NOTHING = {
  currentLamps: 0,
  litLamps: 0,
  unavailableLamps: 0,
  comparedLamps: 0,
  wantedLevelSum: 0,
  reportedLevelSum: 0,
  powerW: 0,
  comparedPowerW: 0,
  expectedPowerW: 0,
};

/** The levels of lamps when their readings were taken. A calendar and floor are asked once for each span of one level. */
function wantedLevels(programs: SitePrograms) {
  const known = new Map<string, LevelSpan[]>();
  return ({ readAtMs, overrideLevelPercent, calendarId, floorPercent }: SampledLamp): number | undefined => {
    if (overrideLevelPercent !== null) return overrideLevelPercent;
    if (calendarId === null || readAtMs === null) return undefined;
    const key = `${calendarId} ${floorPercent}`;
    const spans = known.get(key) ?? [];
    let span = spans.find(({ sinceMs, untilMs }) => sinceMs <= readAtMs && readAtMs < untilMs);
    if (span === undefined) {
      span = programs.levelAt(calendarId, floorPercent, readAtMs);
      known.set(key, [...spans, span]);
    }
    return span.levelPercent;
  };
}

interface LevelSpan {
  readonly levelPercent: number;
  readonly sinceMs: number;
  readonly untilMs: number;
}

function expectedPowers(models: readonly StoredPowerModel[]) {
  const byType = new Map(models.map((model) => [model.lampTypeId, powerModel(model)]));
  const known = new Map<string, number>();
  return (lampTypeId: number, levelPercent: number): number => {
    const key = `${lampTypeId} ${levelPercent}`;
    const model = byType.get(lampTypeId);
    const powerW = known.get(key) ?? (model === undefined ? 0 : expectedPowerW(levelPercent, model));
    known.set(key, powerW);
    return powerW;
  };
}

function powerModel({ ratedPowerW, standbyPowerW, powerCurve }: StoredPowerModel): PowerModel {
  return {
    ratedPowerW,
    standbyPowerW,
    powerCurve: powerCurve.map(([levelPercent, powerPercent]) => ({ levelPercent, powerPercent })),
  };
}
