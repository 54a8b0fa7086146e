import type { LevelReason, Reading } from '#libs/protocol';
import type { SimulatedLamp, SimulatedLampType, SimulatedSite } from '../city/city.js';
import { advance, initialState, read, setLevel, setSupply } from '../luminaire/luminaire.js';
import type { LuminaireSpec, LuminaireState } from '../luminaire/model.js';
import { hash } from '../random.js';
import { nextTurnMs } from './cycle.js';
import type { DeviceClock } from './device-clock.js';
import { asReported, brokenSpec, obeyedPercent, ownWillPlan, SOUND_LAMP, type LampDefects } from './lamp-defects.js';
import type { LevelChange, LevelPlan } from './level-plan.js';

/** A lamp's state between runs. */
export interface LampSnapshot {
  readonly state: LuminaireState;
  readonly sequence: number;
}

/** A reading as it is sent, with the truth behind it. */
export interface TrueReading {
  readonly reading: Reading;
  /** The true instant; the reading's time is what the device's clock showed. */
  readonly timeMs: number;
  /** The register before rounding. */
  readonly trueEnergyWh: number;
}

/** What a lamp is at: for its controller, and for somebody in the street. */
export interface LampLevels {
  readonly levelInEffectPercent: number;
  readonly reason: LevelReason;
  readonly physicalPercent: number;
}

/** An override; `undefined` instead of a level releases it. */
export interface LevelOrder {
  readonly levelPercent: number | undefined;
  readonly fadeS: number;
  /** By the device's clock. */
  readonly untilMs: number;
}

export interface LampControllerOptions {
  readonly lamp: SimulatedLamp;
  readonly type: SimulatedLampType;
  readonly site: SimulatedSite;
  readonly plan: LevelPlan;
  readonly clock: DeviceClock;
  readonly startMs: number;
  readonly resume?: LampSnapshot | undefined;
}

type SupplyCut = 'device' | 'own';

/** All of it at one instant. Instants are true ones, but for those said to be of the device's clock. */
interface ControllerState {
  readonly luminaire: LuminaireState;
  readonly aimPercent: number;
  readonly reason: LevelReason;
  readonly override: { readonly untilMs: number; readonly endMs: number } | undefined;
  /** What the plan does next, by the device's clock, and when that is. */
  readonly next: LevelChange | undefined;
  readonly nextMs: number;
}

/** One luminaire with its controller: follows its plan, or an override until that expires, at the very instants they name. */
export class LampController {
  readonly lamp: SimulatedLamp;
  private readonly soundSpec: LuminaireSpec;
  private spec: LuminaireSpec;
  private readonly clock: DeviceClock;
  private ownPlan: LevelPlan;
  private plan: LevelPlan;
  private defects = SOUND_LAMP;
  /** Who has cut its supply: its device's, or its own. */
  private readonly cuts = new Set<SupplyCut>();
  private state: ControllerState;
  private sequence: number;
  private lastReadingMs = Number.NEGATIVE_INFINITY;

  constructor({ lamp, type, site, plan, clock, startMs, resume }: LampControllerOptions) {
    this.lamp = lamp;
    this.soundSpec = specOf(lamp, type, site);
    this.spec = this.soundSpec;
    this.clock = clock;
    this.ownPlan = plan;
    this.plan = plan;
    this.sequence = resume?.sequence ?? 0;
    const luminaire = resume?.state ?? newLuminaire(this.spec, lamp, startMs);
    const still = { aimPercent: luminaire.toLevelPercent, reason: 'default' as const, override: undefined };
    this.state = this.settled({ ...still, luminaire, next: undefined, nextMs: Infinity }, luminaire.atMs);
    if (!luminaire.supplied) this.restoreSupply(startMs);
  }

  /** When it made its last reading. */
  get lastReadMs(): number {
    return this.lastReadingMs;
  }

  /** Whether there is a supply, and with it something that can report. */
  get isSupplied(): boolean {
    return this.cuts.size === 0;
  }

  /** Lets time pass up to an instant, through every change of level on the way. */
  advanceTo(ms: number): void {
    this.state = this.after(this.state, ms);
  }

  /** Obeys an override or its release. A new override has a fade of its own, also on the way to the same level. */
  command({ levelPercent, fadeS, untilMs }: LevelOrder, atMs: number): void {
    this.advanceTo(atMs);
    if (levelPercent === undefined) {
      this.state = this.released(this.state, fadeS, atMs);
      return;
    }
    const luminaire = this.sent(this.state.luminaire, levelPercent, fadeS, atMs);
    const override = { untilMs, endMs: this.clock.trueMsOf(untilMs) };
    this.state = { ...this.state, luminaire, aimPercent: levelPercent, reason: 'override', override };
  }

  /** Runs another plan from an instant on. */
  follow(plan: LevelPlan, atMs: number): void {
    this.advanceTo(atMs);
    this.ownPlan = plan;
    this.plan = this.defects.ownWill === undefined ? plan : ownWillPlan(this.defects.ownWill);
    this.state = this.settled(this.state, atMs);
  }

  /** All that is wrong with it from an instant on. */
  setDefects(defects: LampDefects, atMs: number): void {
    this.advanceTo(atMs);
    const before = this.defects;
    this.defects = defects;
    this.spec = brokenSpec(this.soundSpec, defects);
    const { aimPercent, luminaire } = this.state;
    if (obeyedPercent(aimPercent, before, atMs) !== obeyedPercent(aimPercent, defects, atMs)) {
      this.state = { ...this.state, luminaire: this.sent(luminaire, aimPercent, 0, atMs) };
    }
    if (before.ownWill !== defects.ownWill) this.follow(this.ownPlan, atMs);
    if (defects.isUnsupplied === true) this.cutSupply(atMs, 'own');
    else this.restoreSupply(atMs, 'own');
  }

  /** The device's clock has been set: what holds by the new time holds at once. */
  clockSet(atMs: number): void {
    this.state = this.settled(this.state, atMs);
  }

  /** Dark, and an override forgotten; the plan is kept. */
  cutSupply(atMs: number, cut: SupplyCut = 'device'): void {
    this.cuts.add(cut);
    this.advanceTo(atMs);
    const luminaire = setSupply(this.spec, this.state.luminaire, false, atMs);
    this.state = this.settled({ ...this.state, luminaire, override: undefined }, atMs);
  }

  /** Back with the level of its plan, unless its supply is cut in another way too. */
  restoreSupply(atMs: number, cut: SupplyCut = 'device'): void {
    this.cuts.delete(cut);
    if (!this.isSupplied) return;
    this.advanceTo(atMs);
    this.state = { ...this.state, luminaire: setSupply(this.spec, this.state.luminaire, true, atMs) };
  }

  /** What it is at, at an instant not before the last; nothing moves by being looked at. Without supply it aims at nothing. */
  levelsAt(ms: number): LampLevels {
    const { luminaire, aimPercent, reason } = this.after(this.state, ms);
    const physicalPercent = read(this.spec, luminaire).lightLevelPercent;
    return { levelInEffectPercent: luminaire.supplied ? aimPercent : 0, reason, physicalPercent };
  }

  /** What the controller reports at an instant, rounded as controllers do. */
  readingAt(ms: number): TrueReading {
    this.advanceTo(ms);
    const measured = asReported(read(this.spec, this.state.luminaire), this.defects);
    const reading: Record<string, unknown> = {
      lamp: this.lamp.address,
      time: new Date(this.clock.at(ms)).toISOString(),
      sequence: this.sequence,
      lightLevelPercent: rounded(measured.lightLevelPercent, 1),
      levelInEffectPercent: this.state.aimPercent,
      levelReason: this.state.reason,
      activePowerW: rounded(measured.activePowerW, 1),
      supplyVoltageV: rounded(measured.supplyVoltageV, 1),
      supplyCurrentA: rounded(measured.supplyCurrentA, 3),
      powerFactor: rounded(measured.powerFactor, 2),
      activeEnergyWh: rounded(measured.activeEnergyWh, 2),
      operatingHours: rounded(measured.operatingHours, 2),
      switchOnCount: measured.switchOnCount,
      temperatureC: rounded(measured.temperatureC, 1),
    };
    if (this.defects.events !== undefined) reading['events'] = this.defects.events;
    for (const property of this.lamp.omits) delete reading[property];
    this.sequence = (this.sequence + 1) % 2 ** 32;
    this.lastReadingMs = ms;
    return { reading: reading as Reading, timeMs: ms, trueEnergyWh: measured.activeEnergyWh };
  }

  snapshot(): LampSnapshot {
    return { state: this.state.luminaire, sequence: this.sequence };
  }

  private after(before: ControllerState, ms: number): ControllerState {
    let state = before;
    for (;;) {
      const endMs = state.override?.endMs ?? Number.POSITIVE_INFINITY;
      const { cycling } = this.defects;
      const cycleMs = cycling === undefined ? Number.POSITIVE_INFINITY : nextTurnMs(cycling, state.luminaire.atMs);
      if (Math.min(endMs, state.nextMs, cycleMs) > ms) break;
      if (cycleMs < Math.min(endMs, state.nextMs)) state = this.cycled(state, cycleMs);
      else state = endMs <= state.nextMs ? this.released(state, 0, endMs) : this.changed(state);
    }
    return { ...state, luminaire: advance(this.spec, state.luminaire, ms) };
  }

  /** What the luminaire makes of a level that its controller sends it to. */
  private sent(luminaire: LuminaireState, levelPercent: number, fadeS: number, atMs: number): LuminaireState {
    return setLevel(this.spec, luminaire, obeyedPercent(levelPercent, this.defects, atMs), fadeS, atMs);
  }

  /** Goes on or off by itself. */
  private cycled(state: ControllerState, atMs: number): ControllerState {
    return { ...state, luminaire: this.sent(state.luminaire, state.aimPercent, 0, atMs) };
  }

  /** By the plan and the clock as they are now. */
  private settled(before: ControllerState, atMs: number): ControllerState {
    const nowMs = this.clock.at(atMs);
    const state = this.scheduled(before, this.plan.nextAfter(nowMs));
    const { override } = state;
    if (override === undefined || override.untilMs <= nowMs) return this.released(state, 0, atMs);
    return { ...state, override: { ...override, endMs: this.clock.trueMsOf(override.untilMs) } };
  }

  private released(state: ControllerState, fadeS: number, atMs: number): ControllerState {
    const nowMs = this.clock.at(atMs);
    const free = { ...state, override: undefined };
    return this.aimed(free, this.plan.levelAt(nowMs), this.plan.reasonAt(nowMs), fadeS, atMs);
  }

  /** Through the next change of the plan. */
  private changed(state: ControllerState): ControllerState {
    const { next, nextMs } = state;
    if (next === undefined) return state;
    const scheduled = this.scheduled(state, this.plan.nextAfter(next.atMs));
    if (state.override !== undefined) return scheduled;
    return this.aimed(scheduled, next.levelPercent, this.plan.reasonAt(next.atMs), next.fadeS, nextMs);
  }

  private scheduled(state: ControllerState, next: LevelChange | undefined): ControllerState {
    return { ...state, next, nextMs: next === undefined ? Infinity : this.clock.trueMsOf(next.atMs) };
  }

  /** A level that it aims at already is left alone: a fade on its way there goes on. */
  private aimed(
    state: ControllerState,
    aimPercent: number,
    reason: LevelReason,
    fadeS: number,
    atMs: number,
  ): ControllerState {
    if (aimPercent === state.aimPercent) return { ...state, reason };
    return { ...state, aimPercent, reason, luminaire: this.sent(state.luminaire, aimPercent, fadeS, atMs) };
  }
}

function specOf(lamp: SimulatedLamp, type: SimulatedLampType, site: SimulatedSite): LuminaireSpec {
  const { ratedPowerW, standbyPowerW, minLevelPercent, powerFactor } = type;
  const { latitude, longitude } = site;
  return { ratedPowerW, standbyPowerW, minLevelPercent, powerFactor, latitude, longitude, seed: hash(lamp.address) };
}

function newLuminaire(spec: LuminaireSpec, lamp: SimulatedLamp, startMs: number): LuminaireState {
  return initialState(spec, startMs, {
    energyWh: lamp.initialEnergyWh,
    operatingHours: lamp.initialOperatingHours,
    switchOnCount: lamp.initialSwitchOnCount,
  });
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
