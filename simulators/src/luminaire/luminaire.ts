/**
 * A luminaire as a pure function of what was done to it and when. Between commands nothing is stepped: the register is
 * the integral in closed form, so it does not matter how often it is looked at. Time does not run backwards: an
 * earlier instant leaves a state as it is.
 */
import { litEnergyJ, litPowerW } from './driver-curve.js';
import { powerFactorAt, supplyCurrentA, supplyVoltageV } from './mains.js';
import { type LuminaireReading, type LuminaireSpec, type LuminaireState } from './model.js';
import { ambientC, settleC } from './temperature.js';

const MS_PER_H = 3_600_000;
const J_PER_WH = 3_600;

/** What the counters stood at. */
export interface LuminaireStart {
  readonly energyWh: number;
  readonly operatingHours: number;
  readonly switchOnCount: number;
}

/** Supplied, off, and as warm as the air. */
export function initialState(spec: LuminaireSpec, atMs: number, start: LuminaireStart): LuminaireState {
  return {
    atMs,
    fromLevelPercent: 0,
    toLevelPercent: 0,
    fadeStartMs: atMs,
    fadeEndMs: atMs,
    litSinceMs: null,
    supplied: true,
    energyWh: start.energyWh,
    operatingHours: start.operatingHours,
    switchOnCount: start.switchOnCount,
    temperatureC: ambientC(spec, atMs),
  };
}

/** The same luminaire at a later instant. */
export function advance(spec: LuminaireSpec, state: LuminaireState, toMs: number): LuminaireState {
  if (!(toMs > state.atMs)) return state;
  if (state.litSinceMs === null) return unlit(spec, state, toMs);
  if (state.atMs >= state.fadeEndMs) return lit(spec, state, state.litSinceMs, toMs);
  if (toMs < state.fadeEndMs) return lit(spec, state, state.litSinceMs, toMs);
  const faded = endOfFade(lit(spec, state, state.litSinceMs, state.fadeEndMs));
  return advance(spec, faded, toMs);
}

/**
 * Sends it to a level within `fadeS` seconds; 0 is off. As in IEC 62386-102 (DALI) it is never lit below its lowest
 * level: lower ones are raised to it, a fade from off begins at it, and a fade to off goes down to it and then off.
 * Without a supply the level is kept for its return.
 */
export function setLevel(
  spec: LuminaireSpec,
  state: LuminaireState,
  levelPercent: number,
  fadeS: number,
  atMs: number,
): LuminaireState {
  if (!Number.isFinite(levelPercent) || !Number.isFinite(fadeS)) {
    throw new RangeError(`Not a level and a fade: ${levelPercent} %, ${fadeS} s`);
  }
  const now = advance(spec, state, atMs);
  const to = levelPercent <= 0 ? 0 : Math.min(100, Math.max(spec.minLevelPercent, levelPercent));
  if (!now.supplied) return { ...now, ...steady(to, now.atMs) };
  if (now.litSinceMs === null) return to === 0 ? now : switchOn(spec, now, to, fadeS);
  return sendTo(now, levelOf(spec, now), to, fadeS);
}

/** Takes away its supply, or gives it back. It returns at once to the level it had or was sent to, which is a switching on. */
export function setSupply(spec: LuminaireSpec, state: LuminaireState, supplied: boolean, atMs: number): LuminaireState {
  const now = advance(spec, state, atMs);
  if (now.supplied === supplied) return now;
  const level = now.toLevelPercent;
  const changed = { ...now, ...steady(level, now.atMs), supplied, litSinceMs: null };
  return supplied && level > 0 ? switchOn(spec, changed, level, 0) : changed;
}

/** What its controller measures at the state's instant. The power is the register's derivative (from the right, where it jumps). */
export function read(spec: LuminaireSpec, state: LuminaireState): LuminaireReading {
  const lightLevelPercent = levelOf(spec, state);
  const activePowerW = powerOf(spec, state, lightLevelPercent);
  const voltage = state.supplied ? supplyVoltageV(spec, state.atMs) : 0;
  const powerFactor = powerFactorAt(spec, activePowerW);
  return {
    lightLevelPercent,
    activePowerW,
    supplyVoltageV: voltage,
    supplyCurrentA: supplyCurrentA(activePowerW, voltage, powerFactor),
    powerFactor,
    activeEnergyWh: state.energyWh,
    operatingHours: state.operatingHours,
    switchOnCount: state.switchOnCount,
    temperatureC: state.temperatureC,
  };
}

function powerOf(spec: LuminaireSpec, state: LuminaireState, levelPercent: number): number {
  if (!state.supplied) return 0;
  if (state.litSinceMs === null) return spec.standbyPowerW;
  return litPowerW(spec, levelPercent, (state.atMs - state.litSinceMs) / 1000);
}

function levelOf(spec: LuminaireSpec, state: LuminaireState): number {
  return state.litSinceMs === null ? 0 : levelAt(spec, state, state.atMs);
}

/** The level of a lit luminaire; a fade to off ends at the lowest one. */
function levelAt(spec: LuminaireSpec, state: LuminaireState, atMs: number): number {
  const to = state.toLevelPercent === 0 ? spec.minLevelPercent : state.toLevelPercent;
  if (atMs >= state.fadeEndMs) return to;
  const done = (atMs - state.fadeStartMs) / (state.fadeEndMs - state.fadeStartMs);
  return state.fromLevelPercent + (to - state.fromLevelPercent) * done;
}

function unlit(spec: LuminaireSpec, state: LuminaireState, toMs: number): LuminaireState {
  const powerW = state.supplied ? spec.standbyPowerW : 0;
  return elapsed(spec, state, toMs, (powerW * (toMs - state.atMs)) / MS_PER_H, state.operatingHours);
}

/** Within a fade, or after it. */
function lit(spec: LuminaireSpec, state: LuminaireState, litSinceMs: number, toMs: number): LuminaireState {
  const durationMs = toMs - state.atMs;
  const from = levelAt(spec, state, state.atMs);
  const to = levelAt(spec, state, toMs);
  const energyJ = litEnergyJ(spec, from, to, (state.atMs - litSinceMs) / 1000, durationMs / 1000);
  return elapsed(spec, state, toMs, energyJ / J_PER_WH, state.operatingHours + durationMs / MS_PER_H);
}

function elapsed(
  spec: LuminaireSpec,
  state: LuminaireState,
  toMs: number,
  energyWh: number,
  operatingHours: number,
): LuminaireState {
  const meanPowerW = (energyWh * MS_PER_H) / (toMs - state.atMs);
  return {
    atMs: toMs,
    fromLevelPercent: state.fromLevelPercent,
    toLevelPercent: state.toLevelPercent,
    fadeStartMs: state.fadeStartMs,
    fadeEndMs: state.fadeEndMs,
    litSinceMs: state.litSinceMs,
    supplied: state.supplied,
    energyWh: state.energyWh + energyWh,
    operatingHours,
    switchOnCount: state.switchOnCount,
    temperatureC: settleC(spec, state.temperatureC, state.atMs, toMs, meanPowerW),
  };
}

function endOfFade(state: LuminaireState): LuminaireState {
  const to = state.toLevelPercent;
  return { ...state, fromLevelPercent: to, litSinceMs: to === 0 ? null : state.litSinceMs };
}

function switchOn(spec: LuminaireSpec, state: LuminaireState, to: number, fadeS: number): LuminaireState {
  const on = { ...state, litSinceMs: state.atMs, switchOnCount: state.switchOnCount + 1 };
  return sendTo(on, spec.minLevelPercent, to, fadeS);
}

function sendTo(state: LuminaireState, from: number, to: number, fadeS: number): LuminaireState {
  if (fadeS > 0 && from !== to) {
    return {
      ...state,
      fromLevelPercent: from,
      toLevelPercent: to,
      fadeStartMs: state.atMs,
      fadeEndMs: state.atMs + fadeS * 1000,
    };
  }
  return { ...state, ...steady(to, state.atMs), litSinceMs: to === 0 ? null : state.litSinceMs };
}

function steady(
  levelPercent: number,
  atMs: number,
): Pick<LuminaireState, 'fromLevelPercent' | 'toLevelPercent' | 'fadeStartMs' | 'fadeEndMs'> {
  return { fromLevelPercent: levelPercent, toLevelPercent: levelPercent, fadeStartMs: atMs, fadeEndMs: atMs };
}
