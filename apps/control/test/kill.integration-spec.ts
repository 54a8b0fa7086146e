import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { RoleProcess, testBroker, waitFor, type TestBroker } from '#libs/testing';
import { ControlUnderTest } from './support/control-under-test.js';
import { FakeDevice } from './support/fake-device.js';
import { override } from './support/overrides.js';

const DEVICES = 150;
const KILLS = 6;

let broker: TestBroker;
let control: ControlUnderTest;
let devices: FakeDevice[];

beforeAll(async () => {
  broker = await testBroker('mosquitto');
  // The process that is killed has the machine's clock, and so has the test.
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

it('control that is killed again and again loses no command, and sends none after its expiry', async () => {
  const process = new RoleProcess('control', control.database.url, broker, {
    FELINAR_CONTROL_CLIENT_ID: 'control-killed',
    // Slow enough to be killed in the middle of it.
    FELINAR_CONTROL_PUBLISH_PER_SECOND: '60',
  });
  await override(control, { kind: 'site' }, 40, { minutes: 10 });
  for (let kill = 0; kill < KILLS; kill += 1) {
    process.start();
    await waitFor('control to be connected', () => process.isConnected, 20_000);
    await delay(100 + 170 * kill);
    await process.kill();
    // What the dead process had claimed is due again when its lease ends: here at once.
    await control.pool.query(`UPDATE lamp_command SET due_at = now() WHERE state = 'queued'`);
  }
  const shortLived = await override(control, { kind: 'lamps', addresses: ['BT-0001'] }, 99, { minutes: 1 / 60 });
  await delay(1_500);
  process.start();
  const ended = async () =>
    (
      await control.rows<{ n: number }>(
        `SELECT count(DISTINCT lamp_id)::int AS n FROM lamp_command WHERE state = 'acknowledged'`,
      )
    )[0]?.n;
  await waitFor('every lamp to have obeyed', async () => (await ended()) === DEVICES, 60_000);
  await process.stop();
  expect(devices.every(({ commands }) => commands.some(({ lightLevelPercent }) => lightLevelPercent === 40))).toBe(
    true,
  );
  expect(
    devices.flatMap(({ commands }) => commands).filter(({ lightLevelPercent }) => lightLevelPercent === 99),
  ).toEqual([]);
  const states = await control.rows(
    'SELECT state FROM lamp_command JOIN command_batch AS b ON b.id = batch_id WHERE override_id = $1',
    [shortLived],
  );
  expect(states).toEqual([{ state: 'expired' }]);
  // Sent again only what was under way at a kill: never the whole city.
  const repeated = devices.filter(({ commands }) => commands.length > 2).length;
  expect(repeated).toBeLessThan(DEVICES / 2);
}, 120_000);
