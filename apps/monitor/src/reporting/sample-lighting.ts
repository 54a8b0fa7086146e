import { expectedPowerW, type PowerModel } from '#libs/energy';
import type { SitePrograms } from '#libs/schedules';
import type { LightingSample, SampledLamp, StoredPowerModel } from '#libs/storage';

/**
 * What the lamps of a site do at an instant, by segment. Levels are compared where a lamp reports one and it is known which it should
 * have (an override goes before the calendar); powers where a lamp reports one and the level it should have is known.
 */
export function sampleLighting(
  lamps: readonly SampledLamp[],
  models: readonly StoredPowerModel[],
  programs: SitePrograms,
  atMs: number,
): LightingSample[] {
  const wanted = wantedLevels(programs, atMs);
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

/** Lamps of one calendar and floor are asked once. */
function wantedLevels(programs: SitePrograms, atMs: number) {
  const known = new Map<string, number>();
  return ({ overrideLevelPercent, calendarId, floorPercent }: SampledLamp): number | undefined => {
    if (overrideLevelPercent !== null) return overrideLevelPercent;
    if (calendarId === null) return undefined;
    const key = `${calendarId} ${floorPercent}`;
    const level = known.get(key) ?? programs.levelAt(calendarId, floorPercent, atMs).levelPercent;
    known.set(key, level);
    return level;
  };
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
