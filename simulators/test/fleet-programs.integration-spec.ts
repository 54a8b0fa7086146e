import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scaledClock } from '#libs/kernel';
import { ackSchema, eventSchema, programStateSchema, statusSchema, telemetrySchema, topicOf } from '#libs/protocol';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt, { type MqttClient } from 'mqtt';
import { generateCity, startFleet, type Fleet, type FleetOptions } from '../src/index.js';

const city = generateCity({ seed: 7, lamps: 120 });
const site = city.site.address;
const gateway = city.lamps.find(({ device, address }) => device !== address)?.device ?? '';
const own = city.lamps.filter(({ device }) => device === gateway).map(({ address }) => address);
const startMs = Date.parse('2026-11-24T18:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

describe.each(BROKERS)('a fleet that stores programs, on %s', (kind) => {
  let broker: TestBroker;
  let isBrokerUp: boolean;
  let listener: MqttClient;
  let fleet: Fleet | undefined;
  let received: { channel: string; payload: string; retain: boolean }[];

  beforeEach(async () => {
    broker = await testBroker(kind);
    isBrokerUp = true;
    received = [];
    listener = mqtt.connect(broker.url, { protocolVersion: 4, reconnectPeriod: 50 });
    listener.on('message', (topic, payload, { retain }) => {
      received.push({ channel: topic.slice(topic.lastIndexOf('/') + 1), payload: payload.toString(), retain });
    });
    await listener.subscribeAsync(`felinar/v1/${site}/${gateway}/#`, { qos: 1 });
  });

  afterEach(async () => {
    await fleet?.stop();
    fleet = undefined;
    await listener.endAsync(true);
    if (isBrokerUp) await broker.stop();
  });

  const start = async (options: Partial<FleetOptions> = {}, speed = 60) => {
    fleet = await startFleet({ city, brokerUrl: broker.url, clock: scaledClock(startMs, speed), ...options });
    return fleet;
  };
  /** A retained program of the gateway: 30 % from an hour before the start, other levels from so many seconds after it. */
  const publishProgram = (programHash: string, later: readonly (readonly [number, number])[] = [], lamps = own) => {
    const from = startMs - 3_600_000;
    const switchPoints = [[from / 1000, 30, 0], ...later.map(([s, level]) => [startMs / 1000 + s, level, 0])];
    const validity = { validFrom: iso(from), validUntil: iso(startMs + 86_400_000) };
    const payload = JSON.stringify({ v: 1, programHash, ...validity, programs: [{ lamps, switchPoints }] });
    return listener.publishAsync(topicOf(site, gateway, 'program'), payload, { qos: 1, retain: true });
  };
  const on = (channel: string) => received.filter((each) => each.channel === channel);
  const hashes = () =>
    on('program-state').map(({ payload }) => programStateSchema.parse(JSON.parse(payload)).programHash);
  const statuses = () => on('status').map(({ payload }) => statusSchema.parse(JSON.parse(payload)));
  const events = () => on('event').map(({ payload }) => eventSchema.parse(JSON.parse(payload)));
  const levels = (of: Fleet) =>
    of
      .levels()
      .filter(({ device }) => device === gateway)
      .map(({ levelInEffectPercent, reason }) => `${levelInEffectPercent} ${reason}`);
  const all = (level: string) => own.map(() => level);

  it('stores what the broker retains for it and reports that, retained', async () => {
    await publishProgram('h1');
    const running = await start();
    await waitFor('the report', () => hashes().includes('h1'));
    expect(levels(running)).toEqual(all('30 calendar'));
    await publishProgram('h2', [], ['stranger']);
    await waitFor('the refusal', () => events().some(({ event, active }) => event === 'invalidProgram' && active));
    expect(levels(running)).toEqual(all('30 calendar'));
    await publishProgram('h3');
    await waitFor('the new one', () => hashes().includes('h3'));
    await waitFor('the end of the refusal', () => events().some(({ active }) => !active));
    received = [];
    await listener.unsubscribeAsync(`felinar/v1/${site}/${gateway}/#`);
    await listener.subscribeAsync(`felinar/v1/${site}/${gateway}/program-state`, { qos: 1 });
    await waitFor('the retained report', () => on('program-state').some(({ retain }) => retain));
    expect(hashes()).toEqual(['h3']);
  });

  it('goes on dimming by the program when the broker is gone', async () => {
    await publishProgram('h', [
      [1500, 60],
      [2100, 80],
    ]);
    const running = await start({}, 300);
    await waitFor('the report', () => hashes().includes('h'));
    expect(levels(running)).toEqual(all('30 calendar'));
    await listener.endAsync(true);
    await broker.stop();
    isBrokerUp = false;
    await waitFor('nobody connected', () => running.counts().connected === 0);
    await waitFor('the first change', () => levels(running).every((level) => level === '60 calendar'), 20_000);
    await waitFor('the second change', () => levels(running).every((level) => level === '80 calendar'));
    expect(running.levels().find(({ device }) => device === gateway)?.physicalPercent).toBe(80);
  }, 60_000);

  it('has the program that came while it had no contact as soon as it is back, and went on without', async () => {
    await publishProgram('h1', [[600, 60]]);
    const running = await start();
    await waitFor('the report', () => hashes().includes('h1'));
    running.loseContact(gateway);
    await waitFor('the last will', () => statuses().at(-1)?.online === false);
    await publishProgram('h2', [[600, 70]]);
    await waitFor('a change without contact', () => levels(running).every((level) => level === '60 calendar'), 20_000);
    expect(hashes()).not.toContain('h2');
    running.regainContact(gateway);
    await waitFor('the report of the other', () => hashes().includes('h2'), 20_000);
    expect(levels(running)).toEqual(all('70 calendar'));
    expect(statuses().at(-1)?.online).toBe(true);
    expect(() => running.loseContact('nobody')).toThrow(RangeError);
  }, 60_000);

  it('is dark without power, and goes on with the stored program when that returns', async () => {
    await publishProgram('h');
    const running = await start();
    await waitFor('the report', () => hashes().includes('h'));
    await listener.publishAsync(topicOf(site, gateway, 'program'), '', { qos: 1, retain: true });
    running.cutPower(gateway);
    await waitFor('the last will', () => statuses().at(-1)?.online === false);
    expect(running.levels().filter(({ device }) => device === gateway)).toMatchObject(
      own.map(() => ({ levelInEffectPercent: 0, physicalPercent: 0 })),
    );
    received = [];
    running.restorePower(gateway);
    expect(levels(running)).toEqual(all('30 calendar'));
    await waitFor('the reset', () => events().some(({ event }) => event === 'deviceReset'), 20_000);
    await waitFor('the report', () => hashes().includes('h'));
  }, 60_000);

  it('starts again with the programs of its snapshot, also when the broker has none for it', async () => {
    await publishProgram('h');
    const running = await start();
    await waitFor('the report', () => hashes().includes('h'));
    await listener.publishAsync(topicOf(site, gateway, 'program'), '', { qos: 1, retain: true });
    await running.stop();
    const resume = JSON.parse(JSON.stringify(running.snapshot())) as NonNullable<FleetOptions['resume']>;
    received = [];
    const again = await start({ resume, clock: scaledClock(startMs + 3_600_000, 60) });
    expect(levels(again)).toEqual(all('30 calendar'));
    await waitFor('the report', () => hashes().includes('h'));
  });

  it('reports the lamps of a command before their next turn, at the time of its own clock', async () => {
    const running = await start({ reportingIntervalS: 86_400, syncsClock: false });
    await waitFor('everybody connected', () => running.counts().connected === running.counts().devices);
    running.setClock(gateway, { offsetMs: 7_200_000, driftPpm: 0 });
    const send = { commandId: 'c', lamps: own, lightLevelPercent: 20, fadeS: 30, expiresAt: iso(startMs + 80_000_000) };
    await waitFor('the subscription', async () => {
      await listener.publishAsync(topicOf(site, gateway, 'command'), JSON.stringify({ v: 1, ...send }), { qos: 1 });
      return on('ack').length > 0;
    });
    const readings = () =>
      on('telemetry').flatMap(({ payload }) => telemetrySchema.parse(JSON.parse(payload)).readings);
    await waitFor('the report', () => readings().length >= own.length);
    expect(new Set(readings().map(({ lamp }) => lamp))).toEqual(new Set(own));
    const ackedMs = Date.parse(ackSchema.parse(JSON.parse(on('ack')[0]?.payload ?? '')).time);
    expect(ackedMs).toBeGreaterThanOrEqual(startMs + 7_200_000);
    for (const { levelInEffectPercent = 20, levelReason = 'override', time } of readings()) {
      expect([levelInEffectPercent, levelReason]).toEqual([20, 'override']);
      // A second after the fade; the answer was on its way for a moment.
      expect(Math.abs(Date.parse(time) - ackedMs - 31_000)).toBeLessThan(10_000);
    }
  });

  it('leaves the share of the devices to the server that it is told', async () => {
    await listener.subscribeAsync(`felinar/v1/${site}/+/status`, { qos: 1 });
    const running = await start({ serverDrivenShare: 0.5 });
    expect(running.devices()).toHaveLength(running.counts().devices);
    await waitFor('everybody', () => running.counts().connected === running.counts().devices);
    await waitFor('every status', () => statuses().filter(({ online }) => online).length >= running.devices().length);
    const driven = statuses().filter(({ storesProgram }) => storesProgram === false).length;
    expect(driven).toBe(Math.round(running.devices().length / 2));
  });
});
