import type { Clock } from '#libs/kernel';
import type { City } from '../city/city.js';
import type { FaultInjection } from '../faults/fault-injection.js';
import type { TrueFault } from '../faults/ground-truth.js';
import { Agenda } from './agenda.js';
import { buildDevices } from './build-devices.js';
import type { ClockSetting } from './device-clock.js';
import type { ProgramSnapshot } from './program-store.js';
import { RunningFleet } from './running-fleet.js';
import type { LampLevels, LampSnapshot, TrueReading } from './simulated-lamp.js';
import { Tallies } from './tallies.js';

export interface FleetOptions {
  readonly city: City;
  readonly brokerUrl: string;
  readonly clock: Clock;
  /** How often a device reports, simulated seconds. */
  readonly reportingIntervalS?: number;
  /** Authority that signed the broker's certificate, PEM; those that Node knows when absent. */
  readonly brokerCa?: string | undefined;
  /** Of all devices at the broker; none when absent. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Of each device, by its address; its user name is then `{site}/{device}`. */
  readonly passwords?: ReadonlyMap<string, string> | undefined;
  /** Goes on from where an earlier fleet of the same city was. */
  readonly resume?: FleetSnapshot;
  /** Share of the devices that store no program: the server has to command every change of theirs. 0 to 1, none when absent. */
  readonly serverDrivenShare?: number;
  /** The most that a device's clock gains or loses, parts per million; each has its own. None when absent. */
  readonly driftPpm?: number;
  /** Whether devices set their clocks right when they connect; they do when absent. */
  readonly syncsClock?: boolean;
  /** What goes wrong, and when. Nothing when absent. */
  readonly faults?: readonly FaultInjection[];
  /** Is told of every reading and command: for whoever keeps books on the fleet. */
  readonly witness?: FleetWitness;
  /** Something a person should know, such as that the simulator cannot keep up. */
  readonly onProblem?: (message: string) => void;
}

/** What somebody sees who stands beside every device. */
export interface FleetWitness {
  /** Readings, as they are made. */
  readonly made?: (readings: readonly TrueReading[]) => void;
  /** Readings that the broker has acknowledged. */
  readonly acknowledged?: (readings: readonly TrueReading[]) => void;
  /** A command that a device carries out; not its repetitions. */
  readonly executed?: (command: ExecutedCommand) => void;
}

/** Instants are ms since the epoch. */
export interface ExecutedCommand {
  readonly device: string;
  readonly commandId: string;
  /** The true instant. */
  readonly atMs: number;
  /** What the device's clock showed. */
  readonly deviceMs: number;
  readonly expiresAtMs: number;
}

/** Something that has gone wrong, until somebody mends it. */
export interface OngoingFault {
  /** Puts it right now; a second call does nothing. */
  mend(): void;
}

/** The lamps' states by address, and what the devices keep without power by theirs; JSON. */
export interface FleetSnapshot {
  readonly lamps: Readonly<Record<string, LampSnapshot>>;
  /** Absent in what earlier versions wrote. */
  readonly devices?: Readonly<Record<string, ProgramSnapshot>>;
}

export interface FleetCounts {
  readonly devices: number;
  readonly connected: number;
  readonly generated: number;
  readonly acknowledged: number;
  readonly buffered: number;
  readonly dropped: number;
  /** How far the readings are behind the clock, simulated ms. */
  readonly lagMs: number;
}

/** What a lamp has really done, between its first and its last acknowledged reading. */
export interface LampTruth {
  readonly lamp: string;
  readonly acknowledged: number;
  readonly first: { readonly timeMs: number; readonly registerWh: number | undefined } | undefined;
  readonly last: { readonly timeMs: number; readonly registerWh: number | undefined } | undefined;
  /** The exact integral of its power, not rounded. */
  readonly trueEnergyWh: number;
}

/** What a service technician reads off the controller, and what an observer in the street sees. */
export interface DeviceLevels extends LampLevels {
  readonly lamp: string;
  readonly device: string;
}

/** Methods that name a device throw RangeError when there is none of that address. */
export interface Fleet {
  counts(): FleetCounts;
  truth(): LampTruth[];
  /** What a server should have found by now of the faults, each one that shows in what devices report. */
  groundTruth(): readonly TrueFault[];
  snapshot(): FleetSnapshot;
  /** Addresses of the devices. */
  devices(): string[];
  /** Of every lamp, now by the fleet's clock. A lamp without supply is dark and aims at nothing. */
  levels(): DeviceLevels[];
  /** The network of a device is gone: no goodbye, it goes on dimming and keeps its readings. */
  loseContact(device: string): void;
  /** Its network is back: it connects soon, and delivers what it has kept. */
  regainContact(device: string): void;
  /** The supply of a device and its lamps is gone: dark, silent, and what is in volatile memory is lost. */
  cutPower(device: string): void;
  /** The supply is back: its lamps go on by the stored program, and it connects soon. */
  restorePower(device: string): void;
  /** Puts a device's clock wrong, or right. It is set right at the next connect of a device that does so. */
  setClock(device: string, setting: ClockSetting): void;
  /** Lets something go wrong now. Throws RangeError when there is no such target. */
  inject(fault: Omit<FaultInjection, 'fromMs' | 'toMs'>): OngoingFault;
  /** Whether every device that can be is connected. */
  isConnected(): boolean;
  /** Whether every device that can be is connected, and all that is due by now has been made and acknowledged. */
  isCaughtUp(): boolean;
  /** Makes no more readings and waits until every one made is acknowledged; false when that takes too long. */
  drain(timeoutMs: number): Promise<boolean>;
  /** Leaves in order: waits a moment for acknowledgements, says offline, disconnects. */
  stop(): Promise<void>;
}

/** Sets a city going. Resolves at once; devices connect some at a time. */
export function startFleet(options: FleetOptions): Promise<Fleet> {
  const tallies = new Tallies(options.city.lamps.map(({ address }) => address));
  const agenda = new Agenda();
  const devices = buildDevices(options, {
    onConnectionError: saidOnce((message) =>
      options.onProblem?.(`a device cannot connect and goes on trying: ${message}`),
    ),
    onAcknowledged: (readings) => {
      tallies.count(readings);
      options.witness?.acknowledged?.(readings);
    },
    onMade: options.witness?.made,
    onExecuted: options.witness?.executed,
    onEarlier: (device) => agenda.enter(device),
    onTime: (ms) => fleet.breakUntil(ms),
  });
  for (const device of devices) agenda.enter(device);
  const fleet = new RunningFleet(options, devices, agenda, tallies);
  return Promise.resolve(fleet);
}

function saidOnce(say: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message)) return;
    said.add(message);
    say(message);
  };
}
