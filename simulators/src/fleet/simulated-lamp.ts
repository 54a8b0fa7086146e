import type { Reading } from '#libs/protocol';
import type { SimulatedLamp, SimulatedLampType, SimulatedSite } from '../city/city.js';
import { advance, initialState, read, setLevel } from '../luminaire/luminaire.js';
import type { LuminaireSpec, LuminaireState } from '../luminaire/model.js';
import { hash } from '../random.js';
import type { LevelPlan } from './level-plan.js';

/** A lamp's state between runs. */
export interface LampSnapshot {
  readonly state: LuminaireState;
  readonly sequence: number;
}

/** A reading as it is sent, with the truth behind it. */
export interface TrueReading {
  readonly reading: Reading;
  readonly timeMs: number;
  /** The register before rounding. */
  readonly trueEnergyWh: number;
}

/** One luminaire with its controller: follows its plan, or an override until that expires, at the very instants they name. */
export class LampController {
  private readonly spec: LuminaireSpec;
  private state: LuminaireState;
  private sequence: number;
  private override: { readonly untilMs: number } | undefined;
  private nextChangeMs: number | undefined;

  constructor(
    readonly lamp: SimulatedLamp,
    type: SimulatedLampType,
    site: SimulatedSite,
    private plan: LevelPlan,
    startMs: number,
    resume: LampSnapshot | undefined,
  ) {
    const { ratedPowerW, standbyPowerW, minLevelPercent, powerFactor } = type;
    const { latitude, longitude } = site;
    this.spec = {
      ratedPowerW,
      standbyPowerW,
      minLevelPercent,
      powerFactor,
      latitude,
      longitude,
      seed: hash(lamp.address),
    };
    this.sequence = resume?.sequence ?? 0;
    this.state =
      resume?.state ??
      setLevel(
        this.spec,
        initialState(this.spec, startMs, {
          energyWh: lamp.initialEnergyWh,
          operatingHours: lamp.initialOperatingHours,
          switchOnCount: lamp.initialSwitchOnCount,
        }),
        plan.levelAt(startMs),
        0,
        startMs,
      );
    this.nextChangeMs = plan.nextAfter(this.state.atMs)?.atMs;
  }

  /** Lets time pass up to an instant, through every change of level on the way. */
  advanceTo(ms: number): void {
    for (;;) {
      const endMs = this.override?.untilMs ?? Number.POSITIVE_INFINITY;
      const changeMs = this.nextChangeMs ?? Number.POSITIVE_INFINITY;
      if (Math.min(endMs, changeMs) > ms) break;
      if (endMs <= changeMs) this.endOverride(endMs);
      else this.changeByPlan(changeMs);
    }
    this.state = advance(this.spec, this.state, ms);
  }

  /** The level holds until `untilMs`, whatever the plan says; `undefined` goes back to the plan at once. */
  command(levelPercent: number | undefined, fadeS: number, untilMs: number, atMs: number): void {
    this.advanceTo(atMs);
    if (levelPercent === undefined) return this.endOverride(atMs);
    this.override = { untilMs };
    this.state = setLevel(this.spec, this.state, levelPercent, fadeS, atMs);
  }

  /** Runs another plan from an instant on. */
  follow(plan: LevelPlan, atMs: number): void {
    this.advanceTo(atMs);
    this.plan = plan;
    this.nextChangeMs = plan.nextAfter(atMs)?.atMs;
    if (this.override === undefined) this.state = setLevel(this.spec, this.state, plan.levelAt(atMs), 0, atMs);
  }

  /** What the controller reports at an instant, rounded as controllers do. */
  readingAt(ms: number): TrueReading {
    this.advanceTo(ms);
    const measured = read(this.spec, this.state);
    const reading: Record<string, unknown> = {
      lamp: this.lamp.address,
      time: new Date(ms).toISOString(),
      sequence: this.sequence,
      lightLevelPercent: rounded(measured.lightLevelPercent, 1),
      activePowerW: rounded(measured.activePowerW, 1),
      supplyVoltageV: rounded(measured.supplyVoltageV, 1),
      supplyCurrentA: rounded(measured.supplyCurrentA, 3),
      powerFactor: rounded(measured.powerFactor, 2),
      activeEnergyWh: rounded(measured.activeEnergyWh, 2),
      operatingHours: rounded(measured.operatingHours, 2),
      switchOnCount: measured.switchOnCount,
      temperatureC: rounded(measured.temperatureC, 1),
    };
    for (const property of this.lamp.omits) delete reading[property];
    this.sequence = (this.sequence + 1) % 2 ** 32;
    return { reading: reading as Reading, timeMs: ms, trueEnergyWh: measured.activeEnergyWh };
  }

  snapshot(): LampSnapshot {
    return { state: this.state, sequence: this.sequence };
  }

  private endOverride(atMs: number): void {
    this.override = undefined;
    this.state = setLevel(this.spec, this.state, this.plan.levelAt(atMs), 0, atMs);
  }

  private changeByPlan(atMs: number): void {
    const change = this.plan.nextAfter(atMs - 1);
    if (change !== undefined && this.override === undefined) {
      this.state = setLevel(this.spec, this.state, change.levelPercent, change.fadeS, atMs);
    }
    this.nextChangeMs = this.plan.nextAfter(atMs)?.atMs;
  }
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
