import type { DeviceProgramRow } from '#libs/storage';

const FIRST_RESEND_MS = 60_000;
const MAX_RESEND_MS = 3_600_000;
/** Networks do not get faster with the city's clock. */
const LEAST_WALL_MS = 10_000;

/**
 * Why a device's program has to be published: it is `new` to the broker, or the device `drifted`: it is online and says that it runs
 * another one, a while after it was published (a minute, doubled each time, at most an hour). Undefined when it need not be.
 */
export function publishReason(
  row: DeviceProgramRow | undefined,
  desiredHash: string,
  nowMs: number,
  speed: number,
): 'new' | 'drifted' | undefined {
  if (row?.publishedHash !== desiredHash) return 'new';
  if (row.reportedHash === desiredHash || row.online !== true || row.publishedAtMs === null) return undefined;
  const waitMs = Math.min(MAX_RESEND_MS, FIRST_RESEND_MS * 2 ** Math.min(row.resends, 20));
  return nowMs - row.publishedAtMs >= Math.max(waitMs, LEAST_WALL_MS * speed) ? 'drifted' : undefined;
}
