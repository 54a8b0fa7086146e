import { describe, expect, it } from '@jest/globals';
import { FixedClock } from '#libs/testing';
import { generateCity } from '../city/generate-city.js';
import { buildDevices } from './build-devices.js';
import type { FleetOptions } from './fleet.js';

const city = generateCity({ seed: 3, lamps: 120 });

/** What every device of a fleet says when it connects after so many seconds. */
function statuses(options: Partial<FleetOptions>, afterS = 0) {
  const clock = new FixedClock(Date.parse('2026-11-24T18:00:00Z'));
  const devices = buildDevices(
    { city, clock, brokerUrl: 'mqtt://127.0.0.1:1', ...options },
    { onAcknowledged: () => undefined },
  );
  clock.advance(afterS * 1000);
  return devices.map(({ address, link }) => {
    let status: Record<string, unknown> = {};
    link.say = (channel, payload) => {
      if (channel === 'status') status = payload as typeof status;
    };
    (link as unknown as { options: { onConnected(): void } }).options.onConnected();
    const aheadMs = Date.parse(String(status['time'])) - clock.nowMs();
    return { address, aheadMs, storesProgram: status['storesProgram'] };
  });
}

describe('the devices of a city', () => {
  it('store programs and go right where nothing else is said', () => {
    for (const status of statuses({}, 1e6)) expect(status).toMatchObject({ aheadMs: 0, storesProgram: true });
  });

  it('gain or lose within the drift, each by its own', () => {
    const ahead = statuses({ driftPpm: 50, syncsClock: false }, 1e6).map(({ aheadMs }) => aheadMs);
    expect(Math.max(...ahead.map(Math.abs))).toBeLessThanOrEqual(50_000);
    expect(Math.min(...ahead)).toBeLessThan(0);
    expect(Math.max(...ahead)).toBeGreaterThan(0);
    expect(new Set(ahead).size).toBeGreaterThan(ahead.length / 2);
  });

  it('are left to the server in the share that is asked for, the same ones every time', () => {
    const driven = (serverDrivenShare: number) =>
      statuses({ serverDrivenShare })
        .filter(({ storesProgram }) => storesProgram === false)
        .map(({ address }) => address);
    const total = statuses({}).length;
    expect(driven(0.25)).toHaveLength(Math.round(total / 4));
    expect(driven(1)).toHaveLength(total);
    expect(driven(0.25)).toEqual(driven(0.25));
    expect(driven(0.5)).toEqual(expect.arrayContaining(driven(0.25)));
  });
});
