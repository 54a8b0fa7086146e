import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { debianPackages } from './debian-packages.js';
import { type PostgresServerOptions, startPostgresServer } from './postgres-server.js';
import type { RunningPostgres } from './running-service.js';
import { databaseWaysOut, ServicesUnavailable } from './services-unavailable.js';

/** Debian's PostgreSQL reads time zones from here and nowhere else. */
const timeZones = '/usr/share/zoneinfo/Europe';

/**
 * PostgreSQL with TimescaleDB (Apache edition) from the Debian packages below `directory`, unpacked there the first
 * time. The database is created; `CREATE EXTENSION timescaledb` is left to the migrations.
 */
export async function startDebianPostgres(
  options: PostgresServerOptions & { directory: string },
): Promise<RunningPostgres> {
  const prefix = await debianPackages(options);
  const hasTimeZones = await access(timeZones).then(
    () => true,
    () => false,
  );
  if (!hasTimeZones) {
    throw new ServicesUnavailable(
      `Debian's PostgreSQL needs the machine's time zones: install the package tzdata. ${databaseWaysOut}`,
    );
  }
  return startPostgresServer(
    {
      source: 'debian',
      postgres: join(prefix.binDirectory, 'postgres'),
      initdb: join(prefix.binDirectory, 'initdb'),
      timescale: true,
    },
    { ...options, binDirectory: prefix.binDirectory },
  );
}
