import type { FaultPolicy } from './fault-state.js';

/** Faults of one lamp: TALQ 2.7.1's lamp monitor events, to the letter, and `dimmingFailure` of its actuator. */
export const LAMP_FAULTS = [
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
] as const;
/** Faults of a device, and of what feeds or connects many: ours, where TALQ has no name. */
export const OTHER_FAULTS = [
  'communicationFailure',
  'programMismatch',
  'clockDrift',
  'circuitOutage',
  'cabinetOutage',
  'platformOutage',
] as const;

/** What only a device can know, of a lamp or of itself; passed through as it says it. TALQ 2.7.1's names. */
export const REPORTED_FAULTS = [
  'lampVoltageTooHigh',
  'lampVoltageTooLow',
  'switchingErrorOn',
  'switchingErrorOff',
  'contactorError',
  'circuitBreakerTripped',
  'cabinetDoorOpen',
  'invalidCalendar',
  'invalidProgram',
  'deviceMalfunction',
  'batteryShutdown',
] as const;
export const FAULT_KINDS = [...LAMP_FAULTS, ...OTHER_FAULTS, ...REPORTED_FAULTS] as const;

export type LampFaultKind = (typeof LAMP_FAULTS)[number];
export type ReportedFaultKind = (typeof REPORTED_FAULTS)[number];
export type FaultKind = (typeof FAULT_KINDS)[number];
export type Severity = 'critical' | 'major' | 'minor' | 'warning';

interface FaultDescription {
  readonly severity: Severity;
  /** What it is, for people. */
  readonly title: string;
  /** Where a crew looks first. */
  readonly likelyCause: string;
  /** What a crew brings. */
  readonly bring: string;
  /** Reports of the device that have to show it, and to show it gone. */
  readonly holdOnReports: number;
  readonly holdOffReports: number;
}

const described = (
  severity: Severity,
  title: string,
  likelyCause: string,
  bring: string,
  holdOnReports = 2,
  holdOffReports = 2,
): FaultDescription => ({ severity, title, likelyCause, bring, holdOnReports, holdOffReports });

export const FAULTS: Readonly<Record<FaultKind, FaultDescription>> = {
  lampFailure: described('major', 'Lamp is dark', 'LED module or driver', 'a luminaire or driver of its type, a lift'),
  lampPowerTooHigh: described(
    'minor',
    'Lamp draws too much power',
    'driver, or the lamp type in the inventory is wrong',
    'a power meter, a driver',
    3,
    3,
  ),
  lampPowerTooLow: described(
    'minor',
    'Lamp draws too little power',
    'some of its LEDs are dark, or its driver derates',
    'an LED module, a driver',
    3,
    3,
  ),
  lampUnexpectedOn: described(
    'minor',
    'Lamp burns by day',
    'its controller lost its program',
    'a laptop with the controller’s tool',
  ),
  dimmingFailure: described(
    'minor',
    'Lamp does not follow its level',
    'dimming line or driver',
    'a driver, a DALI tester',
    3,
  ),
  relayFailure: described(
    'major',
    'Relay is stuck: the lamp cannot be switched off',
    'welded relay in the controller',
    'a controller',
  ),
  cyclingFailure: described(
    'major',
    'Lamp goes on and off',
    'lamp at its end of life, or a loose contact',
    'a luminaire of its type',
    1,
    4,
  ),
  supplyVoltageTooHigh: described(
    'major',
    'Supply voltage is too high',
    'lost neutral, or transformer tap',
    'a voltmeter; tell the grid operator',
  ),
  supplyVoltageTooLow: described(
    'minor',
    'Supply voltage is too low',
    'bad joint, overload, or transformer tap',
    'a voltmeter; tell the grid operator',
  ),
  currentTooHigh: described('major', 'Lamp draws too much current', 'driver', 'a driver', 3, 3),
  currentTooLow: described(
    'minor',
    'Lamp draws too little current',
    'LED module or driver',
    'an LED module, a driver',
    3,
    3,
  ),
  powerFactorTooLow: described('minor', 'Power factor is too low', 'driver’s capacitor', 'a driver', 3, 3),
  highTemperature: described(
    'major',
    'Control gear is too hot',
    'blocked cooling, or driver',
    'cleaning gear, a driver',
  ),
  controlGearCommFailure: described(
    'minor',
    'Controller cannot speak with the driver',
    'DALI line or driver',
    'a DALI tester, a driver',
  ),
  supplyLoss: described(
    'major',
    'Lamp has lost its supply',
    'fuse in the pole, or its cable',
    'fuses, a cable tester',
    1,
    2,
  ),
  leakageDetected: described(
    'critical',
    'Current leaks to earth: danger',
    'cable or water in the pole',
    'an insulation tester; keep people away',
    1,
    3,
  ),
  communicationFailure: described(
    'minor',
    'Device is not heard',
    'radio, SIM card, or its own supply',
    'a controller, a laptop',
    1,
    1,
  ),
  programMismatch: described(
    'minor',
    'Device does not run its program',
    'its store or its firmware',
    'a laptop with the controller’s tool',
    1,
    1,
  ),
  clockDrift: described(
    'minor',
    'Device’s clock is wrong',
    'no time from the network, or a dead battery',
    'a controller',
    2,
    2,
  ),
  circuitOutage: described(
    'critical',
    'Circuit has no supply',
    'breaker or cable of the circuit',
    'fuses, a cable locator',
    1,
    1,
  ),
  cabinetOutage: described(
    'critical',
    'Cabinet has no supply',
    'main breaker, or the grid',
    'fuses; ask the grid operator',
    1,
    1,
  ),
  platformOutage: described(
    'critical',
    'Most of the city is not heard',
    'broker, network, or Felinar itself',
    'nothing: call the administrator',
    1,
    1,
  ),
  lampVoltageTooHigh: described(
    'minor',
    'Driver’s output voltage is too high',
    'LED module or driver',
    'a driver',
    1,
    1,
  ),
  lampVoltageTooLow: described(
    'minor',
    'Driver’s output voltage is too low',
    'LEDs with a short circuit, or driver',
    'an LED module, a driver',
    1,
    1,
  ),
  switchingErrorOn: described(
    'major',
    'Controller could not switch the lamp on',
    'relay in the controller',
    'a controller',
    1,
    1,
  ),
  switchingErrorOff: described(
    'major',
    'Controller could not switch the lamp off',
    'relay in the controller',
    'a controller',
    1,
    1,
  ),
  contactorError: described('critical', 'Contactor does not follow', 'contactor or its coil', 'a contactor', 1, 1),
  circuitBreakerTripped: described(
    'critical',
    'Circuit breaker has tripped',
    'short circuit or overload on the circuit',
    'an insulation tester, fuses',
    1,
    1,
  ),
  cabinetDoorOpen: described('major', 'Cabinet door is open', 'crew at work, or a break-in', 'a padlock', 1, 1),
  invalidCalendar: described(
    'minor',
    'Device refuses its calendar',
    'firmware or its store',
    'a laptop with the controller’s tool',
    1,
    1,
  ),
  invalidProgram: described(
    'minor',
    'Device refuses its program',
    'firmware or its store',
    'a laptop with the controller’s tool',
    1,
    1,
  ),
  deviceMalfunction: described('major', 'Device reports that it is broken', 'the device itself', 'a controller', 1, 1),
  batteryShutdown: described(
    'minor',
    'Device’s battery is empty',
    'battery, or a long loss of supply',
    'a battery',
    1,
    1,
  ),
};

/** Comes back within this: the same fault, ms. A lamp that fails each evening is one fault, not thirty. */
const REOPEN_WITHIN_MS = 36 * 3_600_000;

/** How long a fault of a kind has to hold, counted in reports of its device. */
export function policyOf(kind: FaultKind, reportingIntervalS: number): FaultPolicy {
  const { holdOnReports, holdOffReports } = FAULTS[kind];
  const intervalMs = reportingIntervalS * 1000;
  return {
    holdOnMs: (holdOnReports - 1) * intervalMs,
    sightings: holdOnReports,
    // A little less than the full count: reports do not come to the second.
    holdOffMs: (holdOffReports - 0.5) * intervalMs,
    reopenWithinMs: REOPEN_WITHIN_MS,
  };
}
