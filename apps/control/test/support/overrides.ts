import {
  inTransaction,
  insertOverride,
  planOverrideCommands,
  releaseOverride,
  type OverrideTarget,
} from '#libs/storage';
import type { ControlUnderTest } from './control-under-test.js';

const PACE = 1000;

/** Asks for an override as the API does. */
export function override(
  control: ControlUnderTest,
  target: OverrideTarget,
  levelPercent: number,
  options: { minutes?: number; startsInMs?: number; priority?: 'manual' | 'emergency'; lampsPerS?: number } = {},
): Promise<string> {
  const nowMs = control.clock.nowMs();
  const startsAtMs = nowMs + (options.startsInMs ?? 0);
  const { pool, siteId } = control;
  return inTransaction(pool, async (client) => {
    const id = await insertOverride(
      client,
      { id: siteId, address: 'BT' },
      {
        ...{ target, levelPercent, fadeS: 0, priority: options.priority ?? 'manual', startsAtMs, reason: null },
        expiresAtMs: startsAtMs + (options.minutes ?? 60) * 60_000,
      },
      nowMs,
      'a test',
    );
    await planOverrideCommands(client, siteId, { nowMs, cabinetLampsPerS: options.lampsPerS ?? PACE });
    return id;
  });
}

/** Releases it as the API does. */
export function release(control: ControlUnderTest, id: string): Promise<void> {
  const nowMs = control.clock.nowMs();
  const { pool, siteId } = control;
  return inTransaction(pool, async (client) => {
    await releaseOverride(client, siteId, id, nowMs, 'a test');
    await planOverrideCommands(client, siteId, { nowMs, cabinetLampsPerS: PACE });
  });
}
