import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import { ControlUnderTest } from './support/control-under-test.js';
import { FakeDevice } from './support/fake-device.js';
import { override, release } from './support/overrides.js';

describe.each(BROKERS)('commands through %s', (kind) => {
  let broker: TestBroker;
  let control: ControlUnderTest;
  let devices: FakeDevice[];

  beforeAll(async () => {
    broker = await testBroker(kind);
    devices = [];
  });

  beforeEach(async () => {
    control = await ControlUnderTest.start(broker, '2026-11-25T18:00:00Z');
  });

  afterEach(async () => {
    for (const device of devices.splice(0)) await device.leave();
    await control.stop();
  });

  afterAll(() => broker.stop());

  async function device(address: string): Promise<FakeDevice> {
    const made = await new FakeDevice(broker.url, address, () => control.clock.nowMs()).connect();
    devices.push(made);
    return made;
  }
  const states = async () =>
    (
      await control.rows<{ state: string; n: number }>(
        'SELECT state, count(*)::int AS n FROM lamp_command GROUP BY state ORDER BY 1',
      )
    )
      .map(({ state, n }) => `${n} ${state}`)
      .join(', ');
  const becomes = (wanted: string) => waitFor(wanted, async () => (await states()) === wanted || undefined, 15_000);

  it('go from queued to confirmed: a gateway gets one message for its lamps', async () => {
    const lamps = await control.lamps(3, { gateway: 'GW-1' });
    const gateway = await device('GW-1');
    await control.process(`c-${kind}-1`);
    await override(control, { kind: 'cabinet', address: 'CAB-1' }, 70);
    await becomes('3 acknowledged');
    expect(gateway.commands).toHaveLength(1);
    expect(gateway.commands[0]).toMatchObject({
      lamps,
      lightLevelPercent: 70,
      expiresAt: expect.stringMatching(/^2026-11-25T19:00/),
    });
    // A reading from before the device decided proves nothing; one lamp shows another level.
    await control.reading('BT-0001', 70, 'override', control.clock.nowMs() - 60_000);
    await control.reading('BT-0002', 70, 'override');
    await control.reading('BT-0003', 40, 'override');
    await becomes('2 acknowledged, 1 confirmed');
    await control.reading('BT-0001', 69, 'override');
    await control.reading('BT-0003', 70, 'override');
    await becomes('3 confirmed');
  });

  it('wait for a device that is away, and reach it when it returns', async () => {
    await control.lamps(1);
    await control.status('BT-0001', false);
    await control.process(`c-${kind}-2`);
    await override(control, { kind: 'site' }, 50);
    control.clock.jump(20 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await control.rows('SELECT state, attempts FROM lamp_command')).toEqual([{ state: 'queued', attempts: 0 }]);
    const back = await device('BT-0001');
    await control.status('BT-0001', true);
    await becomes('1 acknowledged');
    expect(back.commands).toHaveLength(1);
  });

  it('are sent again to a device that does not answer, given up after five times, and made again when it returns', async () => {
    await control.lamps(1);
    await control.status('BT-0001', true);
    const silent = await device('BT-0001');
    silent.answer = undefined;
    await control.process(`c-${kind}-3`);
    await override(control, { kind: 'lamps', addresses: ['BT-0001'] }, 30, { minutes: 600 });
    for (let sent = 1; sent <= 5; sent += 1) {
      await waitFor(`try ${sent}`, () => silent.commands.length === sent, 10_000);
      await waitFor(
        'the note',
        async () => (await control.rows('SELECT FROM lamp_command WHERE attempts = $1', [sent])).length === 1,
      );
      control.clock.jump(11 * 60_000);
    }
    await becomes('1 failed');
    expect((await control.rows<{ problem: string }>('SELECT problem FROM lamp_command'))[0]?.problem).toMatch(
      /does not answer/,
    );
    silent.answer = () => ({ result: 'executed' });
    await control.status('BT-0001', true);
    await becomes('1 acknowledged, 1 failed');
  });

  it('expire at a device that stays away, and are never sent after that', async () => {
    await control.lamps(1);
    await control.status('BT-0001', false);
    await control.process(`c-${kind}-4`);
    await override(control, { kind: 'site' }, 50, { minutes: 10 });
    control.clock.jump(10 * 60_000);
    await becomes('1 expired');
    const late = await device('BT-0001');
    await control.status('BT-0001', true);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(late.commands).toEqual([]);
  });

  it('take refusals, and are not moved by answers that come late, twice, from others or of nothing', async () => {
    await control.lamps(2);
    const [first, other] = [await device('BT-0001'), await device('BT-0002')];
    first.answer = () => ({ result: 'refused', reason: 'in maintenance' });
    other.answer = undefined;
    await control.process(`c-${kind}-5`);
    await override(control, { kind: 'lamps', addresses: ['BT-0001', 'BT-0002'] }, 30);
    await waitFor('both', () => first.commands.length === 1 && other.commands.length === 1);
    await becomes('1 failed, 1 sent');
    const [failed] = await control.rows<{ problem: string }>(`SELECT problem FROM lamp_command WHERE state = 'failed'`);
    expect(failed?.problem).toBe('the device refuses it: in maintenance');
    const commandId = other.commands[0]?.commandId ?? '';
    first.say('ack', { commandId: first.commands[0]?.commandId, result: 'executed' });
    // A device cannot answer for another's lamps.
    first.say('ack', { commandId, result: 'executed', lamps: ['BT-0002'] });
    for (const nonsense of ['x', `${commandId}9`, commandId.replace(/^./, 'z')])
      first.say('ack', { commandId: nonsense, result: 'executed' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await states()).toBe('1 failed, 1 sent');
    other.say('ack', { commandId, result: 'executed' });
    other.say('ack', { commandId, result: 'executed' });
    await becomes('1 acknowledged, 1 failed');
  });

  it('follow priority: the emergency first, the manual one again after it, the program in the end', async () => {
    await control.lamps(1);
    const lamp = await device('BT-0001');
    await control.process(`c-${kind}-6`);
    const told = (level: number | null) =>
      waitFor(`level ${level}`, () => lamp.commands.at(-1)?.lightLevelPercent === level, 10_000);
    const manual = await override(control, { kind: 'site' }, 30, { minutes: 300 });
    await told(30);
    const emergency = await override(control, { kind: 'site' }, 100, { priority: 'emergency', minutes: 60 });
    await told(100);
    // A later manual one does not touch an emergency.
    const later = await override(control, { kind: 'site' }, 20, { minutes: 300 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(lamp.commands.at(-1)?.lightLevelPercent).toBe(100);
    await release(control, emergency);
    await told(20);
    await release(control, later);
    await told(30);
    await release(control, manual);
    await told(null);
  });

  it('begin and end overrides on time, and reach a lamp that joins the group meanwhile', async () => {
    await control.lamps(2);
    await control.pool.query(`INSERT INTO lamp_group (id, site_id, address, name) VALUES (1, 1, 'G', 'G');
      INSERT INTO lamp_group_member SELECT 1, id FROM lamp WHERE address = 'BT-0001'`);
    const [member, joiner] = [await device('BT-0001'), await device('BT-0002')];
    await control.process(`c-${kind}-7`);
    await override(control, { kind: 'group', address: 'G' }, 40, { startsInMs: 3_600_000 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(member.commands).toEqual([]);
    control.clock.jump(3_600_000);
    await waitFor('the start', () => member.commands.length === 1, 10_000);
    await control.pool.query(`INSERT INTO lamp_group_member SELECT 1, id FROM lamp WHERE address = 'BT-0002'`);
    await waitFor('the joiner', () => joiner.commands.length === 1, 10_000);
    // Who leaves the group is released.
    await control.pool.query(`DELETE FROM lamp_group_member WHERE lamp_id = 2`);
    await waitFor('the release', () => joiner.commands.at(-1)?.lightLevelPercent === null, 10_000);
    expect(member.commands).toHaveLength(1);
  });

  it('follow a lamp to another device', async () => {
    await control.lamps(1);
    const [old, fresh] = [await device('BT-0001'), await device('NEW-1')];
    await control.process(`c-${kind}-11`);
    await override(control, { kind: 'site' }, 40);
    await waitFor('the first', () => old.commands.length === 1, 10_000);
    await control.pool.query(`UPDATE lamp SET device = 'NEW-1'`);
    await waitFor('the new device', () => fresh.commands.at(-1)?.lightLevelPercent === 40, 10_000);
    expect(old.commands).toHaveLength(1);
  });

  it('are made again when the controller has forgotten its override in a power cut', async () => {
    await control.lamps(1);
    const lamp = await device('BT-0001');
    await control.process(`c-${kind}-8`);
    await override(control, { kind: 'site' }, 40);
    await becomes('1 acknowledged');
    await control.reading('BT-0001', 40, 'override');
    await becomes('1 confirmed');
    await control.reading('BT-0001', 100, 'calendar');
    await waitFor('the second command', () => lamp.commands.length === 2, 10_000);
    expect(lamp.commands[1]).toMatchObject({ lightLevelPercent: 40 });
  });

  it('survive the death of the process between any two steps, and two processes do the work once', async () => {
    const lamps = await control.lamps(40);
    for (const address of lamps) await device(address);
    const first = await control.process(`c-${kind}-9a`);
    await control.process(`c-${kind}-9b`);
    await override(control, { kind: 'site' }, 60);
    await becomes('40 acknowledged');
    expect(devices.map(({ commands }) => commands.length)).toEqual(lamps.map(() => 1));
    // Claimed by a process that died before it published: due again when the lease ends.
    await control.end(first);
    await override(control, { kind: 'site' }, 80, { minutes: 30 });
    await control.pool.query(`UPDATE lamp_command SET due_at = due_at + interval '15 seconds' WHERE state = 'queued'`);
    control.clock.jump(16_000);
    await becomes('40 acknowledged, 40 cancelled');
  });

  it('are spread over time within a cabinet', async () => {
    await control.lamps(6);
    await override(control, { kind: 'cabinet', address: 'CAB-1' }, 10, { lampsPerS: 2 });
    const waits = await control.rows<{ s: number }>(
      'SELECT extract(epoch FROM due_at - created_at)::float8 AS s FROM lamp_command ORDER BY id',
    );
    expect(waits.map(({ s }) => s)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
  });

  it('carry the switch points of devices that cannot store programs', async () => {
    await control.lamps(1);
    await control.status('BT-0001', true, false);
    await control.program('EVENING', 50);
    await control.assign('EVENING');
    const lamp = await device('BT-0001');
    await control.process(`c-${kind}-10`);
    // 20:00 local: full; 23:00 local is 21:00 UTC.
    await waitFor('full level', () => lamp.commands.at(-1)?.lightLevelPercent === 100, 10_000);
    expect(lamp.commands.at(-1)?.expiresAt).toBe('2026-11-25T21:15:00.000Z');
    control.clock.jump(3 * 3_600_000);
    await waitFor('half level', () => lamp.commands.at(-1)?.lightLevelPercent === 50, 10_000);
    // An override goes before, and the program's level follows it.
    const id = await override(control, { kind: 'site' }, 100);
    await waitFor('the override', () => lamp.commands.at(-1)?.lightLevelPercent === 100, 10_000);
    await release(control, id);
    await waitFor('the program again', () => lamp.commands.at(-1)?.lightLevelPercent === 50, 10_000);
    expect(lamp.programs).toEqual([]);
  });
});
