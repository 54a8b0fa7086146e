import { brokerUsername } from '#libs/protocol';
import type { SimulatedLamp, SimulatedLampType } from '../city/city.js';
import { createRandom, hash } from '../random.js';
import { DeviceClock } from './device-clock.js';
import type { LinkOptions } from './device-link.js';
import type { FleetOptions } from './fleet.js';
import { astronomicalPlan, type LevelPlan } from './level-plan.js';
import { ProgramStore } from './program-store.js';
import { SimulatedDevice, type DeviceOptions } from './simulated-device.js';
import { LampController } from './simulated-lamp.js';

const MAX_BUFFERED_READINGS_PER_LAMP = 500;

export type DeviceListeners = Pick<LinkOptions, 'onAcknowledged' | 'onConnectionError'> &
  Pick<DeviceOptions, 'onEarlier' | 'onTime' | 'onMade' | 'onExecuted'>;

interface DeviceSetting {
  readonly device: string;
  readonly lamps: readonly SimulatedLamp[];
  readonly storesProgram: boolean;
  readonly startMs: number;
  readonly firstReportMs: number;
  readonly defaultPlan: LevelPlan;
}

/** The devices of a city, as the options have them. */
export function buildDevices(options: FleetOptions, listeners: DeviceListeners): SimulatedDevice[] {
  const { city, clock, reportingIntervalS = 300 } = options;
  const { latitude, longitude, timeZone } = city.site;
  const startMs = clock.nowMs();
  const defaultPlan = astronomicalPlan({ latitude, longitude, timeZone });
  const groups = [...Map.groupBy(city.lamps, ({ device }) => device)];
  const serverDriven = serverDrivenOf(
    groups.map(([device]) => device),
    options,
  );
  return groups.map(([device, lamps], index) => {
    const firstReportMs = startMs + (hash(`${city.seed} ${index}`) % (reportingIntervalS * 1000));
    const setting = { device, lamps, storesProgram: !serverDriven.has(device), startMs, firstReportMs, defaultPlan };
    return buildDevice(options, setting, listeners);
  });
}

function buildDevice(options: FleetOptions, setting: DeviceSetting, listeners: DeviceListeners): SimulatedDevice {
  const { city, brokerUrl, brokerCa, resume, syncsClock = true, reportingIntervalS = 300 } = options;
  const { device, lamps, storesProgram, defaultPlan, startMs, firstReportMs } = setting;
  const clock = new DeviceClock(options.clock, { offsetMs: 0, driftPpm: driftOf(device, options) });
  const own = new Set(lamps.map(({ address }) => address));
  const kept = storesProgram ? resume?.devices?.[device] : undefined;
  const programs = new ProgramStore((lamp) => own.has(lamp), defaultPlan, kept);
  return new SimulatedDevice({
    ...listeners,
    brokerUrl,
    brokerCa,
    ...loginOf(device, options),
    site: city.site.address,
    device,
    clock,
    programs,
    defaultPlan,
    storesProgram,
    syncsClock,
    reportingIntervalS,
    firstReportMs,
    maxBufferedReadings: MAX_BUFFERED_READINGS_PER_LAMP * lamps.length,
    lamps: lamps.map((lamp) => {
      const type = city.lampTypes.find(({ code }) => code === lamp.lampType) as SimulatedLampType;
      const plan = programs.planOf(lamp.address);
      return new LampController({
        lamp,
        type,
        site: city.site,
        plan,
        clock,
        startMs,
        resume: resume?.lamps[lamp.address],
      });
    }),
  });
}

function loginOf(device: string, { city, username, password, passwords }: FleetOptions) {
  const own = passwords?.get(device);
  return own === undefined
    ? { username, password }
    : { username: brokerUsername(city.site.address, device), password: own };
}

/** Drawn by lot; the same of the same city every time. */
function serverDrivenOf(devices: readonly string[], options: FleetOptions): ReadonlySet<string> {
  const { city, serverDrivenShare = 0 } = options;
  const random = createRandom(city.seed).fork('server-driven');
  const drawn = devices.map((device) => ({ device, rank: random.next() })).sort((a, b) => a.rank - b.rank);
  return new Set(drawn.slice(0, Math.round(serverDrivenShare * devices.length)).map(({ device }) => device));
}

/** No two crystals are alike. */
function driftOf(device: string, { city, driftPpm = 0 }: FleetOptions): number {
  if (driftPpm === 0) return 0;
  return createRandom(city.seed).fork(`clock ${device}`).between(-driftPpm, driftPpm);
}
