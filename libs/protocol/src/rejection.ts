/** Why something a device sent was not stored. Each is counted; the set is closed, so that it can be a metric's label. */
export const REJECTION_REASONS = [
  'invalidTopic',
  'oversized',
  'notText',
  'malformedJson',
  'unsupportedVersion',
  'invalidPayload',
  'outOfBounds',
  'unknownSite',
  'unknownDevice',
  'unknownLamp',
  'wrongDevice',
  'clockOff',
  'storageRefused',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** A refusal with the words for the operator: what is wrong, and what to do where that is not plain. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly detail: string;
}
