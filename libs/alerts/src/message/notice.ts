import type { Severity } from '#libs/faults';
import type { AlertEvent } from '../channel.js';

export const LANGUAGES = ['en', 'ro'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A fault as a message tells it. */
export interface FaultFacts {
  readonly id: string;
  /** A kind of libs/faults; one that is not known there is shown as it is. */
  readonly kind: string;
  readonly severity: Severity;
  readonly subjectKind: 'lamp' | 'device' | 'circuit' | 'cabinet' | 'site';
  readonly lamp: string | null;
  readonly device: string | null;
  readonly cabinet: string | null;
  readonly circuit: string | null;
  /** Of its lamps, at most three. */
  readonly streets: readonly string[];
  readonly pole: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly lampCount: number;
  readonly evidence: string;
  readonly sinceMs: number;
  readonly clearedAtMs: number | null;
  readonly acknowledgedBy: string | null;
}

/** One thing that is told. */
export interface Notice {
  readonly event: AlertEvent;
  readonly atMs: number;
  readonly fault: FaultFacts;
  /** Where the fault can be acknowledged; undefined when Felinar does not know its own address. */
  readonly acknowledgeUrl: string | undefined;
}

/** Everything a message is made of. */
export interface Message {
  /** Of the delivery: the same for every try. */
  readonly deliveryId: string;
  readonly kind: 'alert' | 'digest' | 'test';
  readonly atMs: number;
  readonly site: { readonly address: string; readonly name: string; readonly timeZone: string };
  readonly crew: { readonly address: string; readonly name: string; readonly language: Language };
  /** One of an alert, all of a digest, none of a test. */
  readonly notices: readonly Notice[];
}
