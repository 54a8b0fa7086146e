import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { RoleProcess, waitFor } from '#libs/testing';
import { AlertsUnderTest } from './support/alerts-under-test.js';
import { Receiver } from './support/receiver.js';

/** After this `docker stop` kills. */
const STOPPED_WITHIN_MS = 10_000;
const KINDS = [
  ...['lampFailure', 'lampPowerTooHigh', 'lampPowerTooLow', 'currentTooHigh', 'powerFactorTooLow', 'highTemperature'],
  ...[
    'relayFailure',
    'cyclingFailure',
    'dimmingFailure',
    'controlGearCommFailure',
    'lampUnexpectedOn',
    'leakageDetected',
  ],
];

let alerts: AlertsUnderTest;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await new Receiver().start();
  receiver.answerAfterMs = 40;
  alerts = await AlertsUnderTest.start();
  await alerts.channel({ kind: 'webhook', target: receiver.url });
}, 60_000);

afterAll(async () => {
  await alerts.stop();
  await receiver.stop();
});

it('asked to stop in the middle of deliveries, monitor ends well, and every alert comes once', async () => {
  const faults: string[] = [];
  for (const kind of KINDS) for (let lamp = 1; lamp <= 6; lamp += 1) faults.push(await alerts.fault(lamp, { kind }));
  const broker = { url: 'mqtt://127.0.0.1:1', protocolVersion: 5 } as const;
  const monitor = new RoleProcess('monitor', alerts.database.url, broker, { FELINAR_WEBHOOK_ALLOW_PRIVATE: 'true' });
  let seen = 0;
  for (let round = 0; round < 3; round += 1) {
    monitor.start();
    await waitFor('some of them', () => receiver.calls.length > seen + 4, 60_000);
    const askedMs = performance.now();
    expect(await monitor.stop()).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(STOPPED_WITHIN_MS);
    seen = receiver.calls.length;
    // What was sent has been noted: nothing is claimed and waits for its lease to end.
    const open = await alerts.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM delivery WHERE state = 'pending' AND attempts > 0`,
    );
    expect(open).toEqual([{ n: 0 }]);
  }
  expect(seen).toBeLessThan(faults.length);
  monitor.start();
  await waitFor('all of them', () => receiver.calls.length >= faults.length, 120_000);
  expect(await monitor.stop()).toBe(0);
  const ids = receiver.calls.map(({ headers }) => headers['felinar-delivery']);
  expect(ids).toHaveLength(faults.length);
  expect(new Set(ids).size).toBe(faults.length);
}, 240_000);
