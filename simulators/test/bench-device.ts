import type { Command, Program } from '#libs/protocol';
import { FixedClock } from '#libs/testing';
import { DeviceClock, type ClockSetting } from '../src/fleet/device-clock.js';
import { storedPlan, type LevelPlan } from '../src/fleet/level-plan.js';
import { ProgramStore, type ProgramSnapshot } from '../src/fleet/program-store.js';
import { SimulatedDevice } from '../src/fleet/simulated-device.js';
import { LampController, type LampSnapshot, type TrueReading } from '../src/fleet/simulated-lamp.js';
import { generateCity, type SimulatedLampType } from '../src/index.js';

const city = generateCity({ seed: 1, lamps: 20 });

/** When the bench's clock begins: a whole second, in the night. */
export const START_MS = Date.parse('2026-11-24T18:00:00Z');
export const MINUTE_MS = 60_000;
export const iso = (ms: number): string => new Date(ms).toISOString();

/** An on-board default that is easily told from a program: 100 % always. */
const onFull: LevelPlan = { ...storedPlan([[0, 100, 0]]), reasonAt: () => 'default' };

export interface BenchOptions {
  readonly lamps?: number;
  readonly clock?: ClockSetting;
  readonly storesProgram?: boolean;
  readonly syncsClock?: boolean;
  readonly programs?: ProgramSnapshot;
  readonly resume?: Readonly<Record<string, LampSnapshot>>;
  readonly nowMs?: number;
}

/** A device without a network: what it sends and says is kept, and what it hears comes from the test. */
export function benchDevice(options: BenchOptions = {}) {
  const trueClock = FixedClock.at(iso(options.nowMs ?? START_MS));
  const clock = new DeviceClock(trueClock, options.clock);
  const chosen = city.lamps.slice(0, options.lamps ?? 1).map((lamp) => ({ ...lamp, omits: [] }));
  const addresses = chosen.map(({ address }) => address);
  const programs = new ProgramStore((lamp) => addresses.includes(lamp), onFull, options.programs);
  const sent: TrueReading[] = [];
  const said: { channel: string; payload: Record<string, unknown>; retain: boolean }[] = [];
  const device = new SimulatedDevice({
    lamps: chosen.map((lamp) => {
      const type = city.lampTypes.find(({ code }) => code === lamp.lampType) as SimulatedLampType;
      const plan = programs.planOf(lamp.address);
      const resume = options.resume?.[lamp.address];
      return new LampController({ lamp, type, site: city.site, plan, clock, startMs: trueClock.nowMs(), resume });
    }),
    programs,
    storesProgram: options.storesProgram ?? true,
    syncsClock: options.syncsClock ?? true,
    reportingIntervalS: 300,
    firstReportMs: trueClock.nowMs() + 300_000,
    clock,
    brokerUrl: 'mqtt://127.0.0.1:1',
    site: city.site.address,
    device: 'd',
    maxBufferedReadings: 1000,
    onAcknowledged: () => undefined,
  });
  device.link.send = (readings) => void sent.push(...readings);
  device.link.say = (channel, payload, retain = false) =>
    void said.push({ channel, payload: JSON.parse(JSON.stringify(payload)) as Record<string, unknown>, retain });
  const { onMessage, onConnected } = (
    device.link as unknown as {
      options: { onMessage(channel: string, payload: Buffer): void; onConnected(): void };
    }
  ).options;
  const receive = (channel: string, payload: unknown) =>
    onMessage(channel, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)));
  return {
    device,
    addresses,
    sent,
    said,
    receive,
    connect: () => onConnected(),
    nowMs: () => trueClock.nowMs(),
    /** Lets time pass, and the device do what is due. */
    pass: (ms: number) => {
      trueClock.advance(ms);
      device.actUntil(trueClock.nowMs());
    },
    /** Of the first lamp. */
    level: () => {
      const [first] = device.levelsAt(trueClock.nowMs());
      if (first === undefined) throw new Error('no lamp');
      return first;
    },
    saidOn: (channel: string) => said.filter((each) => each.channel === channel).map(({ payload }) => payload),
    command: (changes: Partial<Command> = {}) =>
      receive('command', {
        v: 1,
        commandId: 'c',
        lamps: addresses,
        lightLevelPercent: 20,
        expiresAt: iso(START_MS + 60 * MINUTE_MS),
        ...changes,
      }),
    program: (changes: Partial<Program> = {}) => receive('program', programFor(addresses, changes)),
  };
}

/** For all of these lamps: 30 % from the start, 70 % after ten minutes with a fade of a minute; valid for an hour. */
export function programFor(lamps: readonly string[], changes: Partial<Program> = {}): Program {
  const startS = START_MS / 1000;
  return {
    v: 1,
    programHash: 'h',
    validFrom: iso(START_MS),
    validUntil: iso(START_MS + 60 * MINUTE_MS),
    programs: [
      {
        lamps: [...lamps],
        switchPoints: [
          [startS, 30, 0],
          [startS + 600, 70, 60],
        ],
      },
    ],
    ...changes,
  };
}
