import type { PowerModel } from '#libs/energy';
import type { FaultSignal } from './fault-state.js';
import type { LampFaultKind } from './fault-kinds.js';
import type { Thresholds } from './thresholds.js';

/** A lamp's reading, as far as it has the measures. */
export interface FaultReading {
  readonly atMs: number;
  readonly lightLevelPercent?: number | undefined;
  readonly levelInEffectPercent?: number | undefined;
  readonly levelReason?: string | undefined;
  readonly activePowerW?: number | undefined;
  readonly supplyVoltageV?: number | undefined;
  readonly supplyCurrentA?: number | undefined;
  readonly powerFactor?: number | undefined;
  readonly temperatureC?: number | undefined;
  readonly switchOnCount?: number | undefined;
  /** Faults that the device itself reports. */
  readonly events?: readonly string[] | undefined;
}

/** What the lamp should have been doing at the reading's own time. */
export interface WantedAtReading {
  readonly levelPercent: number;
  readonly fadeS: number;
  readonly sinceMs: number;
  readonly reason: 'calendar' | 'override';
}

/** What has been learnt of a lamp. */
export interface LampMemory {
  /** What it draws in proportion to what its type should, once it is warm; 1 until known. */
  readonly powerRatio: number;
  /** Readings behind it. */
  readonly powerSamples: number;
  /** Since when it aims at its level, ms; undefined when unknown. */
  readonly aimSinceMs: number | undefined;
  readonly aimPercent: number | undefined;
  /** Since when it has been lit; undefined while it is dark or unknown. */
  readonly litSinceMs: number | undefined;
  readonly switchOnCount: number | undefined;
  /** When it was looked at last, by the time of that reading, ms. */
  readonly lookedAtMs: number | undefined;
  /** Switchings-on of the last hour that the program did not ask for: when they were noticed and how many. */
  readonly unasked: readonly { readonly atMs: number; readonly count: number }[];
}

/** Everything that is known of a lamp at a reading. */
export interface LampFacts {
  readonly type: PowerModel & { readonly minLevelPercent: number };
  readonly reading: FaultReading;
  /** Undefined when no calendar and no override speaks of it. */
  readonly wanted: WantedAtReading | undefined;
  /** The last time before the reading that an override of it began or ended; also while a command is under way, when nobody knows what is wanted. */
  readonly lastAsked: { readonly atMs: number; readonly fadeS: number } | undefined;
  readonly memory: LampMemory;
  readonly thresholds: Thresholds;
}

/** What a detector sees. `unknown`: this reading cannot tell. */
export interface Finding {
  readonly kind: LampFaultKind;
  readonly signal: FaultSignal;
  /** The figures behind it, for people; empty when there is nothing to say. */
  readonly evidence: string;
}

export type Detector = (facts: LampFacts) => Finding;
