/** What can be made to go wrong in a simulated city. Names are TALQ's where it has one. */
export const LAMP_INJECTIONS = [
  'lampFailure',
  'lampPowerTooHigh',
  'lampPowerTooLow',
  'lampUnexpectedOn',
  'dimmingFailure',
  'relayFailure',
  'cyclingFailure',
  'supplyVoltageTooHigh',
  'supplyVoltageTooLow',
  'currentTooHigh',
  'currentTooLow',
  'powerFactorTooLow',
  'highTemperature',
  'controlGearCommFailure',
  'supplyLoss',
  'leakageDetected',
  /** The firmware's meter is wrong: only the reported power is. */
  'wrongPower',
] as const;
export const DEVICE_INJECTIONS = ['communicationFailure', 'flappingRadio', 'clockDrift', 'programMismatch'] as const;
export const FEED_INJECTIONS = ['circuitOutage', 'cabinetOutage'] as const;
export const INJECTION_KINDS = [...LAMP_INJECTIONS, ...DEVICE_INJECTIONS, ...FEED_INJECTIONS] as const;

export type LampInjection = (typeof LAMP_INJECTIONS)[number];
export type DeviceInjection = (typeof DEVICE_INJECTIONS)[number];
export type FeedInjection = (typeof FEED_INJECTIONS)[number];
export type InjectionKind = LampInjection | DeviceInjection | FeedInjection;

/** The address of a circuit is that of its cabinet, a slash, and its own: `CAB-001/C2`. */
export interface FaultTarget {
  readonly kind: 'lamp' | 'device' | 'circuit' | 'cabinet';
  readonly address: string;
}

/** How it goes wrong; DEFAULT_PARAMETERS where absent. */
export interface FaultParameters {
  /** Of power, current or power factor: a multiple of what a sound one has. */
  readonly factor?: number;
  /** On the supply voltage. */
  readonly offsetV?: number;
  /** On the settled temperature while lit. */
  readonly heatK?: number;
  /** Where dimming is stuck. */
  readonly levelPercent?: number;
  /** Why a lamp is on unexpectedly. */
  readonly variant?: 'programLost' | 'overrideLeftOn';
  /** Of a cycling lamp. */
  readonly litS?: number;
  readonly darkS?: number;
  /** Of a flapping radio. */
  readonly lostS?: number;
  readonly heardS?: number;
  /** Of a wrong clock: ahead at the beginning, and gaining. */
  readonly offsetMs?: number;
  readonly driftPpm?: number;
  /** What a device with another program reports. */
  readonly programHash?: string;
  /** The gateway is not fed by the cabinet that is lost: it goes on, and its lamps are silent. */
  readonly gatewayIsElsewhere?: boolean;
}

/** Something goes wrong with a target after one instant and is put right at another; undefined: never. */
export interface FaultInjection {
  readonly kind: InjectionKind;
  /** A lamp fault of a device, circuit or cabinet is one of all its lamps; a device fault likewise. */
  readonly target: FaultTarget;
  readonly fromMs: number;
  readonly toMs: number | undefined;
  readonly parameters?: FaultParameters;
}

/** Each well beyond what a server may take for sound, and within what the contract can carry. */
export const DEFAULT_PARAMETERS: Readonly<Partial<Record<InjectionKind, FaultParameters>>> = {
  lampPowerTooHigh: { factor: 1.5 },
  lampPowerTooLow: { factor: 0.55 },
  wrongPower: { factor: 1.32 },
  currentTooHigh: { factor: 1.6 },
  currentTooLow: { factor: 0.5 },
  powerFactorTooLow: { factor: 0.7 },
  supplyVoltageTooHigh: { offsetV: 35 },
  supplyVoltageTooLow: { offsetV: -30 },
  highTemperature: { heatK: 90 },
  dimmingFailure: { levelPercent: 20 },
  lampUnexpectedOn: { variant: 'programLost' },
  cyclingFailure: { litS: 180, darkS: 60 },
  flappingRadio: { lostS: 240, heardS: 240 },
  clockDrift: { offsetMs: 600_000, driftPpm: 500 },
  programMismatch: { programHash: 'forgotten' },
};
