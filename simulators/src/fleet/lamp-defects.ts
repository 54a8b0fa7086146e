/** What can be wrong with a lamp: in its luminaire, in its controller, and in what that reports. Pure. */
import type { DeviceEventName, LevelReason } from '#libs/protocol';
import type { LuminaireReading, LuminaireSpec } from '../luminaire/model.js';
import { isInSecondPhase, type Cycle } from './cycle.js';
import type { LevelPlan } from './level-plan.js';

/** All that is wrong with a lamp at one instant; what is absent is sound. */
export interface LampDefects {
  /** Neither light nor more than standby power, whatever it is sent. */
  readonly isDead?: boolean;
  /** A welded relay: off does not reach it, and without a dimming signal it gives full light; while it should be lit it is like any other. */
  readonly isStuckOn?: boolean;
  /** The level that it has whenever it is lit. */
  readonly stuckPercent?: number;
  /** Goes on and off by itself: lit in the first phase, dark in the second. */
  readonly cycling?: Cycle;
  /** The fuse in its pole: dark, and silent. */
  readonly isUnsupplied?: boolean;
  readonly litPowerScale?: number;
  readonly supplyOffsetV?: number;
  readonly powerFactorScale?: number;
  readonly litHeatK?: number;
  /** What its controller does instead of its plan. */
  readonly ownWill?: { readonly levelPercent: number; readonly reason: LevelReason };
  /** The meter is wrong; power and current are what they were. */
  readonly reportedPowerScale?: number;
  readonly reportedCurrentScale?: number;
  /** What the controller itself detects. */
  readonly events?: readonly DeviceEventName[];
}

export const SOUND_LAMP: LampDefects = {};

/** Several at once: factors multiply, offsets add up, events join; of two of another kind the later one holds. */
export function togetherOnLamp(all: readonly LampDefects[]): LampDefects {
  return all.reduce(
    (before, next) => ({
      ...before,
      ...next,
      ...combined(
        before,
        next,
        ['litPowerScale', 'powerFactorScale', 'reportedPowerScale', 'reportedCurrentScale'],
        product,
      ),
      ...combined(before, next, ['supplyOffsetV', 'litHeatK'], sum),
      ...(before.events && next.events ? { events: [...new Set([...before.events, ...next.events])] } : {}),
    }),
    SOUND_LAMP,
  );
}

/** The luminaire that a sound one has become. */
export function brokenSpec(spec: LuminaireSpec, defects: LampDefects): LuminaireSpec {
  const { litPowerScale = 1, supplyOffsetV = 0, litHeatK = 0, powerFactorScale = 1 } = defects;
  return { ...spec, litPowerScale, supplyOffsetV, litHeatK, powerFactor: spec.powerFactor * powerFactorScale };
}

/** The level that a luminaire goes to when its controller aims at one. */
export function obeyedPercent(aimPercent: number, defects: LampDefects, atMs: number): number {
  if (defects.isDead === true) return 0;
  if (aimPercent === 0) return defects.isStuckOn === true ? 100 : 0;
  if (defects.cycling && isInSecondPhase(defects.cycling, atMs)) return 0;
  return defects.stuckPercent ?? aimPercent;
}

/** What is measured, as it is reported. */
export function asReported(measured: LuminaireReading, defects: LampDefects): LuminaireReading {
  const { reportedPowerScale = 1, reportedCurrentScale = 1 } = defects;
  if (reportedPowerScale === 1 && reportedCurrentScale === 1) return measured;
  return {
    ...measured,
    activePowerW: measured.activePowerW * reportedPowerScale,
    supplyCurrentA: measured.supplyCurrentA * reportedCurrentScale,
  };
}

/** The plan of a controller that does one thing only. */
export function ownWillPlan({ levelPercent, reason }: NonNullable<LampDefects['ownWill']>): LevelPlan {
  return { levelAt: () => levelPercent, reasonAt: () => reason, nextAfter: () => undefined };
}

type NumberKey =
  'litPowerScale' | 'powerFactorScale' | 'reportedPowerScale' | 'reportedCurrentScale' | 'supplyOffsetV' | 'litHeatK';

function combined(
  a: LampDefects,
  b: LampDefects,
  keys: readonly NumberKey[],
  combine: (x: number, y: number) => number,
): LampDefects {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const [x, y] = [a[key], b[key]];
      return x === undefined || y === undefined ? [] : [[key, combine(x, y)]];
    }),
  );
}

const product = (x: number, y: number) => x * y;
const sum = (x: number, y: number) => x + y;
