import { setTimeout as delay } from 'node:timers/promises';
import type { Fleet, Random } from '#simulators';
import type { Breakages } from './breakages.js';
import { freeze } from './freeze.js';
import type { Ledger } from './ledger.js';
import type { Kind, Moment } from './moments.js';
import { MAIL_TROUBLES } from './receivers.js';
import { NETWORKS, type WholeCity } from './whole-city.js';

/** What can be reached from a moment. */
export interface Disturbed {
  readonly city: WholeCity;
  readonly fleet: Fleet;
  readonly breakages: Breakages;
  readonly ledger: Ledger;
  readonly freezeS: number;
  /** Kills of monitor, ms since the epoch: a message that it was sending then may come twice. */
  readonly monitorKilledMs: number[];
}

/** A process that was killed is started after this, ms. */
const STARTED_AFTER_MS = [0, 1_500] as const;
/** How long a network stays bad, ms. */
const BAD_MS = [500, 8_000] as const;
const LATE_MS = [50, 1_500] as const;
const HALVES_WITHIN_MS = 1_500;
const MAIL_DEAD_MS = [4_000, 12_000] as const;
const CLOCK_OFF_MS = [3_000, 20_000] as const;
const CLOCKS_OFF_FOR_MS = [2_000, 8_000] as const;
/** Every so many-th device may have a wrong clock, and has one with this chance: the energy of the others is counted to the end of a soak. */
const CLOCKS_EVERY = 5;
const CLOCKS_SHARE = 0.25;

/** Does what a moment is about, and resolves when its cause is over. Says what it was, for people. */
export async function disturb({ kind, random }: Moment, disturbed: Disturbed): Promise<string> {
  const { city, freezeS } = disturbed;
  switch (kind) {
    case 'killIngest':
    case 'killControl':
    case 'killMonitor':
    case 'killApi':
      return killRole(kind, random, disturbed);
    case 'restartBroker':
      await city.broker.restart();
      return 'the broker is restarted';
    case 'restartDatabase':
      await city.postgres.restart();
      return 'the database is restarted';
    case 'killDatabase':
      await city.postgres.kill();
      await delay(random.between(...STARTED_AFTER_MS));
      await city.postgres.restart();
      return 'the database is killed';
    case 'freezeDatabase': {
      const thaw = await freeze(city.postgres.pid ?? 0);
      await delay(freezeS * 1000).finally(thaw);
      return `the database is frozen for ${freezeS} s`;
    }
    case 'dropNetwork':
    case 'delayNetwork':
    case 'resetNetwork':
    case 'halveNetwork':
      return worsenNetwork(kind, random, city);
    case 'deadMail':
      return killMail(random, disturbed);
    case 'wrongClocks':
      return putClocksWrong(random, disturbed);
  }
}

async function killRole(
  kind: Extract<Kind, `kill${string}`>,
  random: Random,
  { city, monitorKilledMs }: Disturbed,
): Promise<string> {
  const name = { killIngest: 'ingest', killControl: 'control', killMonitor: 'monitor', killApi: 'api' } as const;
  const role = city.roles[name[kind as keyof typeof name]];
  if (kind === 'killMonitor') monitorKilledMs.push(Date.now());
  await role.kill();
  await delay(random.between(...STARTED_AFTER_MS));
  role.start();
  return `${role.name} is killed`;
}

async function worsenNetwork(kind: Kind, random: Random, { networks }: WholeCity): Promise<string> {
  const name = random.pick(NETWORKS);
  const network = networks[name];
  const forMs = Math.round(random.between(...BAD_MS));
  if (kind === 'dropNetwork') {
    await network.drop(forMs);
    return `nothing passes from ${name} for ${forMs} ms`;
  }
  if (kind === 'delayNetwork') {
    const byMs = Math.round(random.between(...LATE_MS));
    await network.delay(forMs, byMs);
    return `all is ${byMs} ms late from ${name} for ${forMs} ms`;
  }
  if (kind === 'resetNetwork') {
    network.reset();
    return `connections from ${name} are reset`;
  }
  await network.halve(HALVES_WITHIN_MS);
  return `connections from ${name} are cut in the middle of what they say`;
}

/** Alerts arise meanwhile. */
async function killMail(random: Random, { city, breakages }: Disturbed): Promise<string> {
  const trouble = random.pick(MAIL_TROUBLES);
  await city.mail.break(trouble);
  for (let broken = 0; broken < 2; broken += 1) breakages.breakLamp('leakageDetected');
  await delay(random.between(...MAIL_DEAD_MS));
  await city.mail.start();
  return `the mail server ${trouble}`;
}

/** Not of devices that are broken otherwise: what their readings tell then comes in another order. */
async function putClocksWrong(random: Random, { fleet, breakages, ledger }: Disturbed): Promise<string> {
  const sound = fleet.devices().filter((device, index) => index % CLOCKS_EVERY === 0 && !breakages.devices.has(device));
  const chosen = sound.filter(() => random.next() < CLOCKS_SHARE);
  for (const device of chosen) {
    ledger.wrongClocks.add(device);
    const offsetMs = Math.round(random.between(...CLOCK_OFF_MS)) * (random.next() < 0.5 ? 1 : -1);
    fleet.setClock(device, { offsetMs, driftPpm: 0 });
  }
  await delay(random.between(...CLOCKS_OFF_FOR_MS));
  for (const device of chosen) fleet.setClock(device, { offsetMs: 0, driftPpm: 0 });
  return `the clocks of ${chosen.length} devices are wrong`;
}
