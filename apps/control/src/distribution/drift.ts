import type { DeviceProgramRow } from '#libs/storage';

const FIRST_RESEND_MS = 60_000;
const MAX_RESEND_MS = 3_600_000;
/** Networks do not get faster with the city's clock. */
const LEAST_WALL_MS = 10_000;

/**
 * Why a device's program has to be published: it is `new` to the broker, or the device `drifted`: it is online and says that it runs
 * another one. It is sent again a minute after it was published, two after that, and so on, at most an hour apart. Undefined when it
 * need not be published.
 */
export function publishReason(
  row: DeviceProgramRow | undefined,
  desiredHash: string,
  nowMs: number,
  speed: number,
): 'new' | 'drifted' | undefined {
  if (row?.publishedHash !== desiredHash) return 'new';
  if (row.reportedHash === desiredHash || row.online !== true || row.publishedAtMs === null) return undefined;
  return nowMs - row.publishedAtMs >= resendAfterMs(row.resends, speed) ? 'drifted' : undefined;
}

/** When it is sent for the n-th time again (from 0), counted from when it was published first. */
function resendAfterMs(resends: number, speed: number): number {
  let afterMs = 0;
  for (let nth = 0; nth <= Math.min(resends, 10_000); nth += 1) {
    const waitMs = Math.min(MAX_RESEND_MS, FIRST_RESEND_MS * 2 ** Math.min(nth, 20));
    afterMs += Math.max(waitMs, LEAST_WALL_MS * speed);
  }
  return afterMs;
}
