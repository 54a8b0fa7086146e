/** From when on something is a fault. Every figure can be set for a lamp type, a group and a lamp; these are the defaults. */
export interface Thresholds {
  /** Below this share of the expected power a lamp that should be lit is dark, percent. */
  readonly darkBelowPercent: number;
  /** Away from the expected power (TALQ `lampPowerTolerance`), percent: by the type's data, which are rough … */
  readonly powerTolerancePercent: number;
  /** … and by what this lamp has drawn so far, once that is known. */
  readonly baselineTolerancePercent: number;
  /** Above this share of the rated power over standby a lamp that should be off burns, percent. */
  readonly onAbovePercent: number;
  /** Away from the level that its controller aims at, percent of full output. */
  readonly dimmingTolerancePercent: number;
  /** EN 50160: 230 V ± 10 %. */
  readonly supplyVoltageHighV: number;
  readonly supplyVoltageLowV: number;
  /** Away from the current that its power and voltage make, percent. */
  readonly currentTolerancePercent: number;
  /** At half of full level and above; below it drivers may have less. */
  readonly powerFactorLow: number;
  readonly temperatureHighC: number;
  /** Switchings-on within an hour that the program does not ask for. */
  readonly cyclesPerHour: number;
  /** Warm-up: for so long after switching on its power is not judged, s. */
  readonly warmUpS: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  darkBelowPercent: 20,
  powerTolerancePercent: 30,
  baselineTolerancePercent: 15,
  onAbovePercent: 8,
  dimmingTolerancePercent: 10,
  supplyVoltageHighV: 253,
  supplyVoltageLowV: 207,
  currentTolerancePercent: 25,
  powerFactorLow: 0.8,
  temperatureHighC: 85,
  cyclesPerHour: 4,
  warmUpS: 600,
};

/** The most specific of several sets wins, figure by figure: lamp type, then groups, then the lamp. */
export function mergedThresholds(...sets: readonly Partial<Thresholds>[]): Thresholds {
  return Object.assign({}, DEFAULT_THRESHOLDS, ...sets) as Thresholds;
}
