import { dirname, join } from 'node:path';
import { debianPackages } from './debian-packages.js';
import { findExecutable, pathDirectories } from './find-executable.js';
import { mosquittoVersion } from './mosquitto-configuration.js';
import { CommandFailed, runCommand } from './command.js';
import type { Progress } from './running-service.js';

/** The broker's programs and where they come from. */
export interface MosquittoPrograms {
  source: 'installed' | 'debian';
  mosquitto: string;
  pub: string | undefined;
  sub: string | undefined;
}

/** Where packages put servers; not on the PATH of ordinary users. */
const serverDirectories = ['/usr/local/sbin', '/usr/sbin', '/opt/homebrew/sbin', '/usr/local/opt/mosquitto/sbin'];

/** Mosquitto 2 or later as it is installed on this machine. */
export async function installedMosquitto(): Promise<MosquittoPrograms | undefined> {
  const directories = [...pathDirectories(), ...serverDirectories];
  const mosquitto = await findExecutable('mosquitto', directories);
  if (mosquitto === undefined || !(await isCurrent(mosquitto))) return undefined;
  const beside = join(dirname(dirname(mosquitto)), 'bin');
  return {
    source: 'installed',
    mosquitto,
    pub: await findExecutable('mosquitto_pub', [beside, ...directories]),
    sub: await findExecutable('mosquitto_sub', [beside, ...directories]),
  };
}

/** Mosquitto from the Debian packages below `directory`. Throws ServicesUnavailable where there are none. */
export async function debianMosquitto(directory: string, progress: Progress | undefined): Promise<MosquittoPrograms> {
  const prefix = await debianPackages({ directory, ...(progress ? { progress } : {}) });
  return { source: 'debian', mosquitto: prefix.mosquitto, pub: prefix.mosquittoPub, sub: prefix.mosquittoSub };
}

/** Version 1 lets nobody in or everybody, by other rules than ours. */
async function isCurrent(mosquitto: string): Promise<boolean> {
  try {
    return (mosquittoVersion(await runCommand(mosquitto, ['-h'], { timeoutMs: 5_000 }))?.major ?? 0) >= 2;
  } catch (error) {
    // Some versions end with a status other than 0 after printing their help.
    return error instanceof CommandFailed && (mosquittoVersion(error.output)?.major ?? 0) >= 2;
  }
}
