const HOUR_MS = 3_600_000;
/** A device's clock may be off by this much. */
export const CLOCK_TOLERANCE_MS = 24 * HOUR_MS;
/** A device whose clock is right may deliver readings this old, from its own memory, after an outage. */
export const BUFFERED_READING_MAX_AGE_MS = 35 * 24 * HOUR_MS;

/** When a message can have been sent: it may have waited in the broker's queue while ingest was away. */
export interface SendWindow {
  /** The last moment at which ingest is known to have been connected with nothing waiting. */
  readonly earliestMs: number;
  /** When it was received. */
  readonly latestMs: number;
}

/**
 * Whether a reading's time can be believed. Undefined when it can, otherwise what is wrong.
 * The device's clock is judged by `sentAtMs`, where the message has it, against the time in which the message can have been sent;
 * readings of such a message may be old, because devices buffer. Without it the reading's own time is all there is to judge.
 */
export function judgeClock(readingMs: number, sentAtMs: number | undefined, window: SendWindow): string | undefined {
  const earliestMs = window.earliestMs - CLOCK_TOLERANCE_MS;
  const latestMs = window.latestMs + CLOCK_TOLERANCE_MS;
  if (sentAtMs !== undefined && (sentAtMs < earliestMs || sentAtMs > latestMs)) {
    return `the device's clock says ${iso(sentAtMs)}, more than 24 h off: set its clock`;
  }
  if (readingMs > latestMs)
    return `the reading is from ${iso(readingMs)}, more than 24 h ahead: set the device's clock`;
  const oldestMs = sentAtMs === undefined ? earliestMs : window.latestMs - BUFFERED_READING_MAX_AGE_MS;
  if (readingMs < oldestMs) {
    return sentAtMs === undefined
      ? `the reading is from ${iso(readingMs)}, more than 24 h ago: set the device's clock, or send sentAt with buffered readings`
      : `the reading is from ${iso(readingMs)}, older than the 35 days that a device may buffer`;
  }
  return undefined;
}

/**
 * How far a device's clock is off for certain when it sent a message, ms: positive when it is ahead, 0 when it may well be right. Undefined
 * when the message does not say what its clock showed.
 */
export function clockOffsetMs(sentAtMs: number | undefined, window: SendWindow): number | undefined {
  if (sentAtMs === undefined) return undefined;
  return sentAtMs - Math.min(Math.max(sentAtMs, window.earliestMs), window.latestMs);
}

/**
 * From when on a reading can have been made by the right clock, ms since the epoch: its message was not sent before the window, and it was as
 * old then as the device says. Of a message that does not say when it was sent, it is taken to have been new.
 */
export function madeAfterMs(readingMs: number, sentAtMs: number | undefined, window: SendWindow): number {
  return window.earliestMs - Math.max(0, (sentAtMs ?? readingMs) - readingMs);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
