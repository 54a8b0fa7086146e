import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scaledClock } from '#libs/kernel';
import { eventSchema, programStateSchema, statusSchema, topicOf, type Program } from '#libs/protocol';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt, { type MqttClient } from 'mqtt';
import { generateCity, startFleet, type Fleet, type FleetOptions } from '../src/index.js';

const city = generateCity({ seed: 7, lamps: 120 });
const site = city.site.address;
const gateway = city.lamps.find(({ device, address }) => device !== address)?.device ?? '';
const lamps = city.lamps.filter(({ device }) => device === gateway).map(({ address }) => address);
const START_MS = Date.parse('2026-11-24T18:00:00Z');
const HOUR_MS = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** Another level every ten minutes, for six hours. */
const program: Program = {
  v: 1,
  programHash: 'steps',
  validFrom: iso(START_MS - HOUR_MS),
  validUntil: iso(START_MS + 6 * HOUR_MS),
  programs: [
    {
      lamps,
      switchPoints: Array.from({ length: 42 }, (_, step) => [
        (START_MS - HOUR_MS) / 1000 + step * 600,
        20 + (step % 7) * 10,
        5,
      ]),
    },
  ],
};
const levelAt = (ms: number) => program.programs[0]?.switchPoints.findLast(([at]) => at * 1000 <= ms)?.[1];

describe.each(BROKERS)('devices that dim on their own, on %s', (kind) => {
  let broker: TestBroker;
  let listener: MqttClient;
  let fleet: Fleet | undefined;
  let received: { topic: string; payload: string }[];
  let clock: ReturnType<typeof scaledClock>;

  beforeEach(async () => {
    broker = await testBroker(kind);
    received = [];
    listener = mqtt.connect(broker.url, { protocolVersion: 4, reconnectPeriod: 50 });
    listener.on('message', (topic, payload) => received.push({ topic, payload: payload.toString() }));
    await listener.subscribeAsync('felinar/#', { qos: 1 });
  });

  afterEach(async () => {
    await fleet?.stop();
    fleet = undefined;
    await listener.endAsync(true);
    await broker.stop();
  });

  const start = async (changes: Partial<FleetOptions> = {}) => {
    clock = scaledClock(START_MS, 60);
    const running = (fleet = await startFleet({ city, brokerUrl: broker.url, clock, ...changes }));
    await waitFor('everybody connected', () => running.counts().connected === running.counts().devices);
    return running;
  };
  const on = (channel: 'status' | 'event' | 'program-state', device = gateway) =>
    received
      .filter(({ topic }) => topic === topicOf(site, device, channel))
      .map(({ payload }) => JSON.parse(payload) as unknown);
  const hashes = () => on('program-state').map((each) => programStateSchema.parse(each).programHash);
  const online = () => on('status').map((each) => statusSchema.parse(each).online);
  const publish = () =>
    listener.publishAsync(topicOf(site, gateway, 'program'), JSON.stringify(program), { qos: 1, retain: true });
  const levels = (of: Fleet) => of.levels().filter(({ device }) => device === gateway);
  /** Looks between two changes, so that the clock does not pass one meanwhile. */
  const expectOnProgram = (of: Fleet) => {
    const [beforeMs, seen, afterMs] = [clock.nowMs(), levels(of), clock.nowMs()];
    expect(seen).toHaveLength(lamps.length);
    for (const { levelInEffectPercent, reason } of seen) {
      expect([levelAt(beforeMs), levelAt(afterMs)]).toContain(levelInEffectPercent);
      expect(reason).toBe('calendar');
    }
  };

  it('store a retained program, say so, and go on with it while the broker is dead and when it is back', async () => {
    const running = await start();
    expect(levels(running).every(({ reason }) => reason === 'default')).toBe(true);
    await publish();
    await waitFor('the hash', () => hashes().includes('steps'));
    expectOnProgram(running);
    const before = levelAt(clock.nowMs());
    await broker.killAndRestart();
    await waitFor('the next change', () => levelAt(clock.nowMs()) !== before, 20_000);
    expectOnProgram(running);
    await waitFor('everybody back', () => running.counts().connected === running.counts().devices, 25_000);
    expect(await running.drain(20_000)).toBe(true);
    expect(running.counts().dropped).toBe(0);
  }, 60_000);

  it('that were away get the program when they come back, and goodbye is said for them', async () => {
    const running = await start();
    running.loseContact(gateway);
    await waitFor('the last will', () => online().at(-1) === false);
    await publish();
    expect(levels(running).every(({ reason }) => reason === 'default')).toBe(true);
    running.regainContact(gateway);
    await waitFor('the hash', () => hashes().includes('steps'));
    expect(online().at(-1)).toBe(true);
    expectOnProgram(running);
  });

  it('are dark without power, and come back with their program though the broker has forgotten it', async () => {
    const running = await start();
    await publish();
    await waitFor('the hash', () => hashes().includes('steps'));
    await listener.publishAsync(topicOf(site, gateway, 'program'), '', { qos: 1, retain: true });
    running.cutPower(gateway);
    expect(levels(running).every(({ physicalPercent }) => physicalPercent === 0)).toBe(true);
    await waitFor('the last will', () => online().at(-1) === false);
    const said = hashes().length;
    running.restorePower(gateway);
    expectOnProgram(running);
    await waitFor('its hash', () => hashes().length > said);
    expect(hashes().at(-1)).toBe('steps');
    await waitFor('the reset', () => on('event').length > 0);
    expect(on('event').map((each) => eventSchema.parse(each))).toMatchObject([{ event: 'deviceReset', active: true }]);
    await running.stop();
    const again = await start({ resume: structuredClone(running.snapshot()) });
    expectOnProgram(again);
  });

  it('of whom some store no program say so', async () => {
    const running = await start({ serverDrivenShare: 0.25, driftPpm: 20 });
    const stores = () =>
      running.devices().map((device) => statusSchema.safeParse(on('status', device).at(-1)).data?.storesProgram);
    await waitFor('every status', () => stores().every((each) => each !== undefined));
    expect(stores().filter((each) => each === false)).toHaveLength(Math.round(running.devices().length / 4));
    expect(() => running.cutPower('nobody')).toThrow(RangeError);
  });
});
