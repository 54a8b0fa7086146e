import { FixedClock } from '#libs/testing';
import type { DownChannel } from '#libs/protocol';
import { DeviceClock, type ClockSetting } from '../src/fleet/device-clock.js';
import { storedPlan, type LevelPlan } from '../src/fleet/level-plan.js';
import { ProgramStore, type ProgramSnapshot } from '../src/fleet/program-store.js';
import { SimulatedDevice } from '../src/fleet/simulated-device.js';
import { LampController, type LampSnapshot, type TrueReading } from '../src/fleet/simulated-lamp.js';
import { generateCity, type ExecutedCommand, type SimulatedLampType } from '../src/index.js';

const city = generateCity({ seed: 1, lamps: 20 });
export const START_MS = Date.parse('2026-11-24T18:00:00Z');
/** What a device on the bench does without a program: full light, so that a program is easy to tell from it. */
export const alwaysOn: LevelPlan = { ...storedPlan([[0, 100, 0]]), reasonAt: () => 'default' };
export const iso = (ms: number) => new Date(ms).toISOString();
/** Seconds after the start as the Unix seconds of a switch point. */
export const unixS = (afterS: number) => START_MS / 1000 + afterS;

export interface Said {
  readonly channel: string;
  readonly payload: Record<string, unknown>;
  readonly retain: boolean;
}

export interface BenchOptions {
  readonly lamps?: number;
  readonly storesProgram?: boolean;
  readonly syncsClock?: boolean;
  readonly setting?: ClockSetting;
  readonly defaultPlan?: LevelPlan;
  readonly kept?: ProgramSnapshot;
  readonly resume?: Readonly<Record<string, LampSnapshot>>;
  readonly startMs?: number;
  readonly onTime?: (ms: number) => void;
}

/** A device without a broker, on a clock that is moved by hand: what it would send and say is collected. */
export function benchDevice(options: BenchOptions = {}) {
  const { storesProgram = true, syncsClock = true, defaultPlan = alwaysOn, startMs = START_MS } = options;
  const trueClock = new FixedClock(startMs);
  const clock = new DeviceClock(trueClock, options.setting);
  const lamps = city.lamps.slice(0, options.lamps ?? 2);
  const addresses = lamps.map(({ address }) => address);
  const programs = new ProgramStore((lamp) => addresses.includes(lamp), defaultPlan, options.kept);
  const executed: ExecutedCommand[] = [];
  const device = new SimulatedDevice({
    lamps: lamps.map((lamp) => {
      const type = city.lampTypes.find(({ code }) => code === lamp.lampType) as SimulatedLampType;
      const plan = programs.planOf(lamp.address);
      const resume = options.resume?.[lamp.address];
      return new LampController({ lamp: { ...lamp, omits: [] }, type, site: city.site, plan, clock, startMs, resume });
    }),
    reportingIntervalS: 300,
    firstReportMs: startMs + 300_000,
    clock,
    programs,
    storesProgram,
    syncsClock,
    defaultPlan,
    onTime: options.onTime,
    brokerUrl: 'mqtt://127.0.0.1:1',
    site: city.site.address,
    device: 'd',
    maxBufferedReadings: 1000,
    onAcknowledged: () => undefined,
    onExecuted: (command) => executed.push(command),
  });
  const sent: TrueReading[] = [];
  const said: Said[] = [];
  device.link.send = (readings) => void sent.push(...readings);
  device.link.gasp = (readings, event) => {
    sent.push(...readings);
    if (event !== undefined) said.push({ channel: 'event', payload: event as Said['payload'], retain: false });
  };
  device.link.say = (channel, payload, retain = false) =>
    void said.push({ channel, payload: payload as Said['payload'], retain });
  device.link.tell = (event) => void said.push({ channel: 'event', payload: event as Said['payload'], retain: false });
  const { onMessage, onConnected } = (device.link as unknown as { options: LinkListeners }).options;
  return {
    device,
    city: { ...city, lamps },
    addresses,
    sent,
    said: (channel: string) => said.filter((each) => each.channel === channel).map(({ payload }) => payload),
    everythingSaid: said,
    executed,
    connect: onConnected,
    receive: (channel: string, payload: unknown) =>
      onMessage(channel as DownChannel, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))),
    /** Lets so many seconds pass. */
    wait: (seconds: number) => {
      trueClock.advance(seconds * 1000);
      device.actUntil(trueClock.nowMs());
    },
    /** Lets them pass without the device getting a turn. */
    sleep: (seconds: number) => trueClock.advance(seconds * 1000),
    nowMs: () => trueClock.nowMs(),
    /** Level in effect and reason of every lamp, now. */
    levels: () =>
      device
        .levelsAt(trueClock.nowMs())
        .map(({ levelInEffectPercent, reason }): [number, string] => [levelInEffectPercent, reason]),
    physical: () => device.levelsAt(trueClock.nowMs()).map(({ physicalPercent }) => physicalPercent),
  };
}

interface LinkListeners {
  onMessage(channel: DownChannel, payload: Buffer): void;
  onConnected(): void;
}

/** A program message for the bench, from a minute before the start for an hour; seconds count from the start. */
export function programOf(
  programHash: string,
  programs: readonly { readonly lamps: readonly string[]; readonly switchPoints: readonly (readonly number[])[] }[],
  validity: { readonly fromS?: number; readonly untilS?: number } = {},
) {
  const { fromS = -60, untilS = 3600 } = validity;
  const [validFrom, validUntil] = [iso(START_MS + fromS * 1000), iso(START_MS + untilS * 1000)];
  return { v: 1, programHash, validFrom, validUntil, programs };
}

/** Override of lamps until so many seconds after the start. */
export function commandOf(
  commandId: string,
  lamps: readonly string[],
  lightLevelPercent: number | null,
  { untilS = 9000, fadeS = 0 } = {},
) {
  return { v: 1, commandId, lamps, lightLevelPercent, fadeS, expiresAt: iso(START_MS + untilS * 1000) };
}
