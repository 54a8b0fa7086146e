/** What the measures of a lit lamp say of its driver, and of its supply. */
import type { Detector, Finding, LampFacts } from '../lamp-facts.js';
import type { LampFaultKind } from '../fault-kinds.js';
import { evidence } from '../evidence.js';
import { aimPercent, expectedW, hasBurntFor, isBurning, isSettled, isWarm, shown } from '../lamp-condition.js';

const unknown = (kind: LampFaultKind): Finding => ({ kind, signal: 'unknown', evidence: '' });
const clear = (kind: LampFaultKind): Finding => ({ kind, signal: 'clear', evidence: '' });

/** A baseline is believed from this many readings on. */
export const BASELINE_SAMPLES = 24;
/** Outside of the tolerance is a fault; well inside of it, by this share, is none; in between it stays as it is. */
const HYSTERESIS = 0.8;

/** What the lamp draws in proportion to what it should, by its type and, once known, by what it has drawn so far. Undefined when it cannot be judged. */
export function powerRatio(
  facts: LampFacts,
): { readonly ratio: number; readonly tolerance: number; readonly words: string } | undefined {
  const { activePowerW } = facts.reading;
  const aim = aimPercent(facts);
  if (activePowerW === undefined || aim === undefined || aim === 0 || !isSettled(facts) || !isWarm(facts))
    return undefined;
  const byType = expectedW(aim, facts);
  const { powerRatio: learnt, powerSamples } = facts.memory;
  const isLearnt = powerSamples >= BASELINE_SAMPLES;
  const expected = isLearnt ? byType * learnt : byType;
  const { baselineTolerancePercent, powerTolerancePercent } = facts.thresholds;
  return {
    ratio: activePowerW / Math.max(1e-9, expected),
    tolerance: (isLearnt ? baselineTolerancePercent : powerTolerancePercent) / 100,
    words: evidence(isLearnt ? 'powerUnlikeLamp' : 'powerUnlikeType', {
      powerW: shown(activePowerW),
      level: shown(aim),
      expectedW: shown(expected),
    }),
  };
}

export const lampPowerTooHigh: Detector = (facts) => {
  const kind = 'lampPowerTooHigh';
  const power = powerRatio(facts);
  if (power === undefined) return unknown(kind);
  if (power.ratio > 1 + power.tolerance) return { kind, signal: 'active', evidence: power.words };
  return power.ratio < 1 + power.tolerance * HYSTERESIS ? clear(kind) : unknown(kind);
};

export const lampPowerTooLow: Detector = (facts) => {
  const kind = 'lampPowerTooLow';
  const power = powerRatio(facts);
  if (power === undefined) return unknown(kind);
  if (power.ratio < 1 - power.tolerance) return { kind, signal: 'active', evidence: power.words };
  return power.ratio > 1 - power.tolerance * HYSTERESIS ? clear(kind) : unknown(kind);
};

/** The reading's current in proportion to what its power, voltage and power factor make. */
function currentRatio({ reading }: LampFacts): number | undefined {
  const { activePowerW, supplyVoltageV, supplyCurrentA, powerFactor } = reading;
  if (activePowerW === undefined || supplyVoltageV === undefined || supplyCurrentA === undefined) return undefined;
  if (powerFactor === undefined || Math.abs(powerFactor) < 0.1 || supplyVoltageV < 100) return undefined;
  const expectedA = activePowerW / (supplyVoltageV * Math.abs(powerFactor));
  // Meters of controllers count in milliamperes: small currents prove nothing.
  return expectedA < 0.05 ? undefined : supplyCurrentA / expectedA;
}

export const currentTooHigh: Detector = (facts) => {
  const kind = 'currentTooHigh';
  const ratio = currentRatio(facts);
  if (ratio === undefined) return unknown(kind);
  const tolerance = facts.thresholds.currentTolerancePercent / 100;
  if (ratio <= 1 + tolerance * HYSTERESIS) return clear(kind);
  if (ratio <= 1 + tolerance) return unknown(kind);
  return {
    kind,
    signal: 'active',
    evidence: evidence('currentAbove', {
      currentA: shown(facts.reading.supplyCurrentA ?? 0, 3),
      percent: shown(100 * (ratio - 1), 0),
    }),
  };
};

export const currentTooLow: Detector = (facts) => {
  const kind = 'currentTooLow';
  const ratio = currentRatio(facts);
  if (ratio === undefined) return unknown(kind);
  const tolerance = facts.thresholds.currentTolerancePercent / 100;
  if (ratio >= 1 - tolerance * HYSTERESIS) return clear(kind);
  if (ratio >= 1 - tolerance) return unknown(kind);
  return {
    kind,
    signal: 'active',
    evidence: evidence('currentBelow', {
      currentA: shown(facts.reading.supplyCurrentA ?? 0, 3),
      percent: shown(100 * (1 - ratio), 0),
    }),
  };
};

/** At half of full level and above: below it most drivers have less. */
export const powerFactorTooLow: Detector = (facts) => {
  const kind = 'powerFactorTooLow';
  const { powerFactor, lightLevelPercent } = facts.reading;
  const aim = aimPercent(facts);
  if (powerFactor === undefined || aim === undefined || aim < 50 || !isSettled(facts)) return unknown(kind);
  // A dark lamp's power factor is that of its standby supply.
  if (lightLevelPercent === 0) return unknown(kind);
  const low = facts.thresholds.powerFactorLow;
  if (Math.abs(powerFactor) >= low + 0.02) return clear(kind);
  if (Math.abs(powerFactor) >= low) return unknown(kind);
  return {
    kind,
    signal: 'active',
    evidence: evidence('powerFactorBelow', { factor: shown(powerFactor, 2), limit: low }),
  };
};

/** Voltages come back into the band by this before a fault clears, V. */
const VOLTAGE_HYSTERESIS_V = 2;

export const supplyVoltageTooHigh: Detector = ({ reading, thresholds }) => {
  const kind = 'supplyVoltageTooHigh';
  const volts = reading.supplyVoltageV;
  if (volts === undefined) return unknown(kind);
  if (volts > thresholds.supplyVoltageHighV)
    return {
      kind,
      signal: 'active',
      evidence: evidence('voltageAbove', { voltageV: shown(volts), limit: thresholds.supplyVoltageHighV }),
    };
  return volts < thresholds.supplyVoltageHighV - VOLTAGE_HYSTERESIS_V ? clear(kind) : unknown(kind);
};

export const supplyVoltageTooLow: Detector = ({ reading, thresholds }) => {
  const kind = 'supplyVoltageTooLow';
  const volts = reading.supplyVoltageV;
  // No voltage at all is a lost supply, or a meter that has none.
  if (volts === undefined || volts < 50) return unknown(kind);
  if (volts < thresholds.supplyVoltageLowV)
    return {
      kind,
      signal: 'active',
      evidence: evidence('voltageBelow', { voltageV: shown(volts), limit: thresholds.supplyVoltageLowV }),
    };
  return volts > thresholds.supplyVoltageLowV + VOLTAGE_HYSTERESIS_V ? clear(kind) : unknown(kind);
};

const TEMPERATURE_HYSTERESIS_C = 5;
/** A housing of some kilograms is as warm as it gets after this, ms: one and a half times its time constant. */
const HOUSING_WARMS_MS = 45 * 60_000;

/** A lamp that is dark, or has just been lit, is cool and says nothing of its cooling. */
export const highTemperature: Detector = (facts) => {
  const kind = 'highTemperature';
  const { reading, thresholds } = facts;
  const degrees = reading.temperatureC;
  if (degrees === undefined) return unknown(kind);
  if (degrees > thresholds.temperatureHighC)
    return {
      kind,
      signal: 'active',
      evidence: evidence('temperatureAbove', { temperatureC: shown(degrees), limit: thresholds.temperatureHighC }),
    };
  const isCool = degrees < thresholds.temperatureHighC - TEMPERATURE_HYSTERESIS_C;
  return isCool && (isBurning(facts) === undefined || hasBurntFor(HOUSING_WARMS_MS, facts))
    ? clear(kind)
    : unknown(kind);
};
