import {
  currentTooHigh,
  currentTooLow,
  highTemperature,
  lampPowerTooHigh,
  lampPowerTooLow,
  powerFactorTooLow,
  supplyVoltageTooHigh,
  supplyVoltageTooLow,
} from './detectors/electrical.js';
import { cyclingFailure, dimmingFailure, lampFailure, lampUnexpectedOn, relayFailure } from './detectors/light.js';
import { LAMP_FAULTS, type LampFaultKind } from './fault-kinds.js';
import { evidence } from './evidence.js';
import type { Detector, Finding, LampFacts, LampMemory } from './lamp-facts.js';
import { learnt, noticed } from './memory.js';

const DETECTORS: readonly Detector[] = [
  lampFailure,
  lampUnexpectedOn,
  relayFailure,
  dimmingFailure,
  cyclingFailure,
  lampPowerTooHigh,
  lampPowerTooLow,
  currentTooHigh,
  currentTooLow,
  powerFactorTooLow,
  supplyVoltageTooHigh,
  supplyVoltageTooLow,
  highTemperature,
];

/**
 * What follows from a fault: a dark lamp draws no power, a lamp at the wrong level draws the wrong power. While the cause is there, the
 * consequence is no fault of its own: one alert for one real fault.
 */
const CONSEQUENCES: Readonly<Partial<Record<LampFaultKind, readonly LampFaultKind[]>>> = {
  supplyLoss: [
    'lampFailure',
    'lampPowerTooLow',
    'currentTooLow',
    'powerFactorTooLow',
    'supplyVoltageTooLow',
    'dimmingFailure',
    'cyclingFailure',
  ],
  lampFailure: ['lampPowerTooLow', 'currentTooLow', 'powerFactorTooLow', 'dimmingFailure'],
  relayFailure: ['lampUnexpectedOn', 'lampPowerTooHigh', 'currentTooHigh'],
  controlGearCommFailure: ['dimmingFailure', 'lampPowerTooHigh', 'lampPowerTooLow'],
  dimmingFailure: ['lampPowerTooHigh', 'lampPowerTooLow', 'powerFactorTooLow'],
  cyclingFailure: ['lampFailure', 'lampPowerTooLow', 'dimmingFailure'],
  lampPowerTooHigh: ['currentTooHigh'],
  lampPowerTooLow: ['currentTooLow'],
};

/** What a look at a lamp gives. */
export interface LampDetection {
  readonly findings: readonly Finding[];
  readonly memory: LampMemory;
}

/** Looks at a reading of a lamp: every fault of a lamp, once, and what is remembered of it. Readings come in order of time. */
export function detectLamp(facts: LampFacts): LampDetection {
  const seen: LampFacts = { ...facts, memory: noticed(facts) };
  const findings = withoutConsequences(
    withReported(
      DETECTORS.map((detect) => detect(seen)),
      seen,
    ),
  );
  const isHealthy = findings.every(({ signal }) => signal !== 'active');
  return { findings, memory: isHealthy ? learnt(seen) : seen.memory };
}

/** What the device itself reports counts as seen; kinds of which only devices can tell are clear when they are not reported. */
function withReported(findings: readonly Finding[], { reading }: LampFacts): Finding[] {
  const own = new Map(findings.map((finding) => [finding.kind, finding]));
  return LAMP_FAULTS.map((kind): Finding => {
    if (reading.events?.includes(kind) === true) return { kind, signal: 'active', evidence: evidence('reported') };
    return own.get(kind) ?? { kind, signal: 'clear', evidence: '' };
  });
}

function withoutConsequences(findings: readonly Finding[]): Finding[] {
  const consequences = new Set(
    findings.flatMap(({ kind, signal }) => (signal === 'active' ? (CONSEQUENCES[kind] ?? []) : [])),
  );
  return findings.map((finding) =>
    consequences.has(finding.kind) && finding.signal === 'active'
      ? { ...finding, signal: 'unknown' as const }
      : finding,
  );
}
