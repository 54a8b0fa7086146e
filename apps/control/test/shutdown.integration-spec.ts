import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { RoleProcess, testBroker, waitFor, type TestBroker } from '#libs/testing';
import { ControlUnderTest } from './support/control-under-test.js';
import { FakeDevice } from './support/fake-device.js';
import { override } from './support/overrides.js';

const DEVICES = 120;
/** After this `docker stop` kills. */
const STOPPED_WITHIN_MS = 10_000;

let broker: TestBroker;
let control: ControlUnderTest;
let devices: FakeDevice[];

beforeAll(async () => {
  broker = await testBroker('mosquitto');
  control = await ControlUnderTest.start(broker, new Date().toISOString());
  await control.lamps(DEVICES);
  devices = [];
  for (const { address } of await control.rows<{ address: string }>('SELECT address FROM lamp')) {
    devices.push(await new FakeDevice(broker.url, address, () => Date.now()).connect());
  }
}, 60_000);

afterAll(async () => {
  for (const device of devices) await device.leave();
  await control.stop();
  await broker.stop();
});

it('asked to stop in the middle of commands, control ends well, and the next process goes on', async () => {
  const settings = { FELINAR_CONTROL_CLIENT_ID: 'control-stopped', FELINAR_CONTROL_PUBLISH_PER_SECOND: '60' };
  const process = new RoleProcess('control', control.database.url, broker, settings);
  await override(control, { kind: 'site' }, 40, { minutes: 10 });
  for (let round = 0; round < 3; round += 1) {
    process.start();
    await waitFor('control to be connected', () => process.isConnected, 30_000);
    await delay(150 * round);
    const askedMs = performance.now();
    expect(await process.stop()).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(STOPPED_WITHIN_MS);
  }
  process.start();
  const obeyed = async () =>
    (
      await control.rows<{ n: number }>(
        `SELECT count(DISTINCT lamp_id)::int AS n FROM lamp_command WHERE state IN ('acknowledged', 'confirmed')`,
      )
    )[0]?.n;
  await waitFor('control to be connected', () => process.isConnected, 30_000);
  await waitFor('every lamp to have obeyed', async () => (await obeyed()) === DEVICES, 90_000);
  expect(await process.stop()).toBe(0);
  for (const { commands } of devices) {
    expect(commands.some(({ lightLevelPercent }) => lightLevelPercent === 40)).toBe(true);
  }
}, 180_000);
