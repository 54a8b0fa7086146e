import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '#libs/kernel';
import type { City } from '../city/city.js';
import { devicePasswords } from './device-passwords.js';
import { RefusedByApi, type FelinarApi } from './felinar-api.js';
import { keepPasswords, readKeptPasswords } from './kept-files.js';
import { seedCity } from './seed-city.js';

/**
 * Takes a city into service as an installer does: makes it known to Felinar, and gets each device a password for the broker, kept in
 * `directory`. Answers the passwords by device. Waits for an API that is away; throws with the API's own words when it refuses.
 */
export async function commissionCity(
  api: FelinarApi,
  city: City,
  directory: string,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const seeded = await whenItAnswers(say, () => seedCity(api, city));
  say(`${city.site.name}: ${city.lamps.length} lamps in ${city.cabinets.length} cabinets, ${SEEDED[seeded]}.`);
  const devices = [...new Set(city.lamps.map(({ device }) => device))];
  const kept = await readKeptPasswords(directory);
  const passwords = await whenItAnswers(say, () => devicePasswords(api, city.site.address, devices, kept));
  await keepPasswords(directory, passwords);
  return new Map([...passwords].map(([device, { password }]) => [device, password]));
}

const SEEDED = { created: 'imported through the API', known: 'known to Felinar already' };

async function whenItAnswers<T>(say: (line: string) => void, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof RefusedByApi && error.status < 500) throw error;
      if (attempt === 1) say(`Waiting for the API: ${described(error)}.`);
      await delay(backoffMs(attempt, Math.random()));
    }
  }
}

/** fetch hides the reason in the cause. */
function described(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
