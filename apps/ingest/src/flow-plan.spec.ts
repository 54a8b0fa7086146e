import { describe, expect, it } from '@jest/globals';
import { planBatch, type Addresses } from './flow-plan.js';
import { decodeInbound } from './inbound.js';
import type { LampAnswer } from './lamp-directory.js';

const now = Date.parse('2026-11-24T18:00:00Z');
const time = '2026-11-24T17:59:00Z';
const addresses: Addresses = {
  lamps: new Map<string, LampAnswer>([
    ['botosani/BT-0001', { lampId: 1, siteId: 1, device: 'BT-0001' }],
    ['botosani/BT-0002', { lampId: 2, siteId: 1, device: 'GW-01' }],
    ['nowhere/BT-0001', 'unknownSite'],
  ]),
  devices: new Map<string, number | 'unknownSite' | 'unknownDevice'>([
    ['botosani/GW-01', 1],
    ['botosani/GW-99', 'unknownDevice'],
  ]),
};
const message = (topic: string, payload: unknown) =>
  decodeInbound(topic, Buffer.from(JSON.stringify(payload)), now, 'm-1', () => now - 5);
const plan = (...batch: ReturnType<typeof message>[]) => planBatch(batch, addresses, now);
const reasons = (planned: ReturnType<typeof plan>) => planned.rejected.map(({ part }) => part.rejection.reason);

describe('planBatch', () => {
  it('makes a row of a reading of a known lamp', () => {
    const planned = plan(
      message('felinar/v1/botosani/BT-0001/telemetry', {
        v: 1,
        readings: [{ lamp: 'BT-0001', time, activePowerW: 40 }],
      }),
    );
    expect(planned.rows).toEqual([
      expect.objectContaining({
        lampId: 1,
        timeMs: Date.parse(time),
        receivedAtMs: now,
        messageId: 'm-1',
        activePowerW: 40,
      }),
    ]);
    expect(planned.rejected).toEqual([]);
  });

  it.each([
    ['a lamp nobody knows', 'botosani/BT-0001', 'BT-9999', 'unknownLamp'],
    ['a site nobody knows', 'nowhere/BT-0001', 'BT-0001', 'unknownSite'],
    ['a lamp another device speaks for', 'botosani/BT-0001', 'BT-0002', 'wrongDevice'],
  ])('refuses %s', (_name, origin, lamp, reason) => {
    expect(reasons(plan(message(`felinar/v1/${origin}/telemetry`, { v: 1, readings: [{ lamp, time }] })))).toEqual([
      reason,
    ]);
  });

  it('counts every bad reading of a message, and stores the others', () => {
    const readings = [
      { lamp: 'BT-0002', time },
      { lamp: 'BT-0002', time: '2026-11-22T00:00:00Z' },
      { lamp: 'BT-0002', time, powerFactor: 2 },
    ];
    const planned = plan(message('felinar/v1/botosani/GW-01/telemetry', { v: 1, readings }));
    expect(planned.rows).toHaveLength(1);
    expect(reasons(planned).sort()).toEqual(['clockOff', 'outOfBounds']);
  });

  it('makes a row of a status, placed in the history of its device', () => {
    const planned = plan(message('felinar/v1/botosani/GW-01/status', { v: 1, online: true, firmware: '1' }));
    expect(planned.statuses).toEqual([
      expect.objectContaining({ siteId: 1, device: 'GW-01', online: true, firmware: '1', statusAtMs: now - 5 }),
    ]);
  });

  it('refuses events and statuses of devices that speak for no lamp', () => {
    const event = { v: 1, time, event: 'cabinetDoorOpen', active: true };
    const planned = plan(
      message('felinar/v1/botosani/GW-99/event', event),
      message('felinar/v1/botosani/GW-99/status', { v: 1, online: true }),
      message('felinar/v1/botosani/GW-01/event', event),
    );
    expect(reasons(planned)).toEqual(['unknownDevice', 'unknownDevice']);
    expect(planned.events).toEqual([expect.objectContaining({ siteId: 1, device: 'GW-01', event: 'cabinetDoorOpen' })]);
  });

  it('keeps the beginning of what it refuses, for the operator', () => {
    const huge = decodeInbound(
      'felinar/v1/botosani/GW-01/telemetry',
      Buffer.alloc(600_000, 'x'),
      now,
      'm-1',
      () => now,
    );
    const [rejected] = planBatch([huge], addresses, now).rejected;
    expect(rejected?.part).toMatchObject({ payloadBytes: 600_000, rejection: { reason: 'oversized' } });
    expect(rejected?.part.payload).toHaveLength(2048);
  });

  it('refuses topics with characters that an address cannot have', () => {
    expect(reasons(plan(message('felinar/v1/botosani/b d/telemetry', {})))).toEqual(['invalidTopic']);
  });
});
