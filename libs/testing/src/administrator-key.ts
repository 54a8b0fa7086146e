import { issueAdministratorKey, type Pool } from '#libs/storage';
import { waitFor } from './wait-for.js';

/** A key for everything, for a test beside an API process: as soon as that has made its first user. */
export function administratorKey(pool: Pool): Promise<string> {
  return waitFor(
    'the first user',
    () => issueAdministratorKey(pool, 'test', Date.now()).catch(() => undefined),
    60_000,
  );
}
