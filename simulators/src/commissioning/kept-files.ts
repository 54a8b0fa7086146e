import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetSnapshot } from '../fleet/fleet.js';
import type { KeptPassword } from './device-passwords.js';

/** A fleet as it was when it was stopped, and of which city. */
export interface SavedFleet {
  readonly seed: number;
  readonly lamps: number;
  readonly snapshot: FleetSnapshot;
}

const FLEET = 'fleet.json';
const PASSWORDS = 'passwords.json';

/** The fleet that was saved in a directory; undefined where none was. */
export function readSavedFleet(directory: string): Promise<SavedFleet | undefined> {
  return read<SavedFleet>(join(directory, FLEET));
}

/** Writes down how the lamps are, whole or not at all, so that the next start goes on from it. */
export function saveFleet(directory: string, fleet: SavedFleet): Promise<void> {
  return replace(join(directory, FLEET), fleet);
}

/** The devices' passwords that were kept in a directory. */
export async function readKeptPasswords(directory: string): Promise<ReadonlyMap<string, KeptPassword>> {
  return new Map(Object.entries((await read<Record<string, KeptPassword>>(join(directory, PASSWORDS))) ?? {}));
}

/** Readable by their owner only. */
export function keepPasswords(directory: string, passwords: ReadonlyMap<string, KeptPassword>): Promise<void> {
  return replace(join(directory, PASSWORDS), Object.fromEntries(passwords));
}

async function read<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} cannot be read (${why}): delete it to begin without it`, { cause: error });
  }
}

async function replace(file: string, content: unknown): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
