/** What the luminaire model offers to the fleet. All instants are ms since the epoch, all levels percent. */

/** What does not change while a luminaire stands, unless something in it breaks: from then on it is another one. */
export interface LuminaireSpec {
  readonly ratedPowerW: number;
  readonly standbyPowerW: number;
  readonly minLevelPercent: number;
  /** Power factor at full level. */
  readonly powerFactor: number;
  /** Makes its noise its own, and reproducible. */
  readonly seed: number;
  /** For the ambient temperature and the evening's sag. */
  readonly latitude: number;
  readonly longitude: number;
  /** What it draws while lit in proportion to a sound one; 1 when absent. */
  readonly litPowerScale?: number;
  /** Its terminals are so much over what they should be; below when negative. */
  readonly supplyOffsetV?: number;
  /** The housing of a lit one settles so much warmer: its cooling is blocked. */
  readonly litHeatK?: number;
}

/** A luminaire at one instant. Plain JSON, so that it can be saved. */
export interface LuminaireState {
  readonly atMs: number;
  /** The level it came from and goes to; a fade is linear between the two instants. */
  readonly fromLevelPercent: number;
  readonly toLevelPercent: number;
  readonly fadeStartMs: number;
  readonly fadeEndMs: number;
  /** Switched on at; null while it is off. */
  readonly litSinceMs: number | null;
  readonly supplied: boolean;
  /** The register, unrounded: the exact integral of the power. */
  readonly energyWh: number;
  readonly operatingHours: number;
  readonly switchOnCount: number;
  readonly temperatureC: number;
}

/** What its controller measures at an instant, unrounded. */
export interface LuminaireReading {
  readonly lightLevelPercent: number;
  readonly activePowerW: number;
  readonly supplyVoltageV: number;
  readonly supplyCurrentA: number;
  readonly powerFactor: number;
  readonly activeEnergyWh: number;
  readonly operatingHours: number;
  readonly switchOnCount: number;
  readonly temperatureC: number;
}
