/** How long to wait and how often to try. All times are of the city's clock, ms. */
export interface DeliveryPolicy {
  /** For the first acknowledgement; doubled with every try. */
  readonly acknowledgeWithinMs: number;
  readonly acknowledgeWithinMaxMs: number;
  /** Tries while the device is online; tries at a device that is away do not happen and do not count. */
  readonly maxAttempts: number;
  /** How much longer than two reports of the device a level may take to show after its fade. */
  readonly confirmMarginMs: number;
}

/**
 * `speed`: how much faster than the wall clock the city's clock runs. Networks do not run faster with it, so that waiting times never
 * get shorter than some seconds of wall time.
 */
export function deliveryPolicy(speed: number): DeliveryPolicy {
  const atLeast = (ms: number, wallMs: number) => Math.max(ms, wallMs * speed);
  return {
    acknowledgeWithinMs: atLeast(30_000, 5_000),
    acknowledgeWithinMaxMs: atLeast(600_000, 20_000),
    maxAttempts: 5,
    confirmMarginMs: atLeast(30_000, 5_000),
  };
}

/** How long to wait for the acknowledgement of the n-th try (from 1), ms. */
export function acknowledgeWithin(policy: DeliveryPolicy, attempt: number): number {
  return Math.min(policy.acknowledgeWithinMaxMs, policy.acknowledgeWithinMs * 2 ** Math.min(attempt - 1, 20));
}

/** How long after its acknowledgement a level has to show, ms: the fade, two reports of the device, and a margin. */
export function confirmWithin(policy: DeliveryPolicy, fadeS: number, reportingIntervalS: number): number {
  return fadeS * 1000 + 2 * reportingIntervalS * 1000 + policy.confirmMarginMs;
}
