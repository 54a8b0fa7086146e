/** A city as the simulator knows it: plain data, made from a seed. */
export interface City {
  readonly seed: number;
  readonly site: SimulatedSite;
  readonly lampTypes: readonly SimulatedLampType[];
  readonly cabinets: readonly SimulatedCabinet[];
  readonly lamps: readonly SimulatedLamp[];
}

export interface SimulatedSite {
  readonly address: string;
  readonly name: string;
  readonly timeZone: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface SimulatedLampType {
  readonly code: string;
  readonly name: string;
  readonly ratedPowerW: number;
  readonly standbyPowerW: number;
  readonly minLevelPercent: number;
  /** Power factor at full level. */
  readonly powerFactor: number;
  readonly ratedLifeH: number;
}

export interface SimulatedCabinet {
  readonly address: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface SimulatedLamp {
  readonly address: string;
  /** The device that speaks for it: a gateway's address, or the lamp's own. */
  readonly device: string;
  readonly lampType: string;
  readonly cabinet: string;
  readonly circuit: string;
  readonly phase: 'L1' | 'L2' | 'L3';
  readonly latitude: number;
  readonly longitude: number;
  readonly street: string;
  readonly pole: string;
  /** EN 13201 lighting class. */
  readonly roadClass: string;
  readonly mountingHeightM: number;
  readonly groups: readonly string[];
  /** Register, operating hours and switch-on counter when the simulation begins: the city has run for years. */
  readonly initialEnergyWh: number;
  readonly initialOperatingHours: number;
  readonly initialSwitchOnCount: number;
  /** Optional properties of the contract's reading that this controller does not send, as poorer ones do not. */
  readonly omits: readonly string[];
}
