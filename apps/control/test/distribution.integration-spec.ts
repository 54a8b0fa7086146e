import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { programSchema } from '#libs/protocol';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt from 'mqtt';
import { ControlUnderTest } from './support/control-under-test.js';
import { FakeDevice } from './support/fake-device.js';

describe.each(BROKERS)('programs through %s', (kind) => {
  let broker: TestBroker;
  let control: ControlUnderTest;
  let devices: FakeDevice[];

  beforeAll(async () => {
    devices = [];
  });

  beforeEach(async () => {
    broker = await testBroker(kind);
    control = await ControlUnderTest.start(broker, '2026-11-25T18:00:00Z');
    await control.program('EVENING', 50);
  });

  afterEach(async () => {
    for (const device of devices.splice(0)) await device.leave();
    await control.stop();
    await broker.stop();
  });

  async function device(address: string): Promise<FakeDevice> {
    const made = await new FakeDevice(broker.url, address, () => control.clock.nowMs()).connect();
    devices.push(made);
    return made;
  }
  const running = async () =>
    (
      await control.rows<{ n: number }>(
        'SELECT count(*)::int AS n FROM device_program WHERE reported_hash = desired_hash',
      )
    )[0]?.n;
  const published = async () =>
    (
      await control.rows<{ n: number }>(
        'SELECT count(*)::int AS n FROM device_program WHERE published_hash = desired_hash',
      )
    )[0]?.n;

  it('reach every device once, as UTC switch points for the nights to come, and again only when they change', async () => {
    await control.lamps(2, { gateway: 'GW-1' });
    await control.lamps(1, { from: 10 });
    const [gateway, single] = [await device('GW-1'), await device('BT-0010')];
    await control.assign('EVENING');
    await control.process(`d-${kind}-1`);
    await waitFor('both to run it', async () => (await running()) === 2, 10_000);
    const [program] = gateway.programs;
    if (program === undefined) throw new Error('no program');
    expect(programSchema.parse(program)).toEqual(program);
    expect(program.programs.map(({ lamps }) => lamps)).toEqual([['BT-0001', 'BT-0002']]);
    const points = program.programs[0]?.switchPoints ?? [];
    // Tonight: 23:00 local is 21:00 UTC.
    const half = points.find(([atS]) => atS === Date.parse('2026-11-25T21:00:00Z') / 1000);
    expect(half).toEqual([Date.parse('2026-11-25T21:00:00Z') / 1000, 50, 60]);
    expect(Date.parse(program.validFrom)).toBeLessThanOrEqual(Date.parse('2026-11-25T10:00:00Z'));
    expect(Date.parse(program.validUntil) - control.clock.nowMs()).toBeGreaterThan(15 * 86_400_000);
    // A look at the same state, by the notification of a change that changes nothing, publishes nothing.
    await control.pool.query(`UPDATE lamp SET street = 'Calea'`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect([gateway.programs.length, single.programs.length]).toEqual([1, 1]);
    // One lamp of the gateway gets a higher floor by its road: only the gateway is told.
    await control.pool.query(`UPDATE lamp SET road_class = 'M2' WHERE address = 'BT-0002'`);
    await control.pool.query(`UPDATE site SET minimum_levels = '{"M2": 80}'`);
    await waitFor('the gateway', () => gateway.programs.at(-1)?.programs.length === 2, 10_000);
    await waitFor('both to run what they shall', async () => (await running()) === 2, 10_000);
    expect(gateway.programs.at(-1)?.programs.map(({ lamps }) => lamps)).toEqual([['BT-0001'], ['BT-0002']]);
    expect(single.programs).toHaveLength(1);
  });

  it('reach a device that was away when it returns, and one whose lamps lose their calendar gets none', async () => {
    await control.lamps(1);
    await control.assign('EVENING');
    await control.process(`d-${kind}-2`);
    await waitFor('the broker to have it', async () => (await published()) === 1, 10_000);
    const late = await device('BT-0001');
    await waitFor('the retained program', () => late.programs.length === 1);
    await control.pool.query('DELETE FROM calendar_assignment');
    await waitFor('the empty one', () => late.programs.at(-1)?.programs.length === 0, 10_000);
    // The lamp is taken down: the broker must not keep a program for nobody.
    await control.pool.query('UPDATE lamp SET removed_at = now()');
    await waitFor(
      'the withdrawal',
      async () => (await control.rows('SELECT FROM device_program')).length === 0,
      10_000,
    );
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
    const got: string[] = [];
    client.on('message', (topic) => got.push(topic));
    await client.subscribeAsync('felinar/v1/BT/+/program', { qos: 1 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(got).toEqual([]);
    await client.endAsync();
  });

  it('are sent again to a device that runs another, raised as programMismatch after the grace time, and settled when it does', async () => {
    await control.lamps(1);
    await control.status('BT-0001', true);
    const stubborn = await device('BT-0001');
    stubborn.reports = false;
    await control.assign('EVENING');
    await control.process(`d-${kind}-3`, { FELINAR_CONTROL_MISMATCH_AFTER_S: '300' });
    await waitFor('the first', () => stubborn.programs.length === 1, 10_000);
    stubborn.say('program-state', { programHash: 'an old one' });
    await waitFor(
      'its report',
      async () => (await control.rows(`SELECT FROM device_program WHERE reported_hash = 'an old one'`)).length === 1,
    );
    const mismatch = async () =>
      (await control.rows('SELECT FROM device_program WHERE mismatch_since IS NOT NULL')).length === 1;
    expect(await mismatch()).toBe(false);
    control.clock.jump(61_000);
    await waitFor('the second', () => stubborn.programs.length === 2, 15_000);
    expect(stubborn.programs[1]?.programHash).toBe(stubborn.programs[0]?.programHash);
    control.clock.jump(301_000);
    await waitFor('programMismatch', mismatch, 15_000);
    stubborn.say('program-state', { programHash: stubborn.programs[0]?.programHash });
    await waitFor('its end', async () => !(await mismatch()));
    expect(await control.rows('SELECT running_programs AS p FROM device_program')).toEqual([
      { p: [{ program: 'EVENING', version: 1, lamps: 1 }] },
    ]);
  });

  it('are renewed when half of their nights are used', async () => {
    await control.lamps(1);
    const lamp = await device('BT-0001');
    await control.assign('EVENING');
    await control.process(`d-${kind}-4`);
    await waitFor('the first', () => lamp.programs.length === 1, 10_000);
    control.clock.jump(15 * 86_400_000);
    await waitFor('the second', () => lamp.programs.length === 2, 15_000);
    const [first, second] = lamp.programs.map(({ validUntil }) => Date.parse(validUntil));
    expect(((second ?? 0) - (first ?? 0)) / 86_400_000).toBe(15);
  });

  it('go on after a death in mid-distribution; two processes publish each once', async () => {
    const lamps = await control.lamps(300);
    const got = new Map<string, number>();
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
    client.on('message', (topic) => got.set(topic, (got.get(topic) ?? 0) + 1));
    await client.subscribeAsync('felinar/v1/BT/+/program', { qos: 1 });
    await control.assign('EVENING');
    const slow = { FELINAR_CONTROL_PUBLISH_PER_SECOND: '100' };
    const first = await control.process(`d-${kind}-5a`, slow);
    await control.process(`d-${kind}-5b`, slow);
    await waitFor('some', () => got.size > 60, 10_000);
    await control.end(first);
    await waitFor('all', async () => (await published()) === lamps.length, 30_000);
    expect(got.size).toBe(lamps.length);
    // Twice only what was under way when the first one was told to stop.
    expect([...got.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(100);
    expect(Math.max(...got.values())).toBeLessThanOrEqual(2);
    await client.endAsync();
  }, 60_000);
});
