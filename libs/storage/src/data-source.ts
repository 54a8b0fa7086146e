import { type DataSource, type DataSourceOptions } from 'typeorm';
import { detectCapability, establishCapability, type DatabaseCapability } from './capability.js';
import { actingDriver } from './acting-pool.js';
import * as entities from './entities/index.js';
import { MIGRATIONS } from './migrations/index.js';
import { KEEP_ALIVE, SESSION_OPTIONS } from './pool.js';

/** TypeORM's options for a Felinar database. Everything is UTC on the wire, so the session zone is too. */
export function dataSourceOptions(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    driver: actingDriver,
    entities: Object.values(entities),
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    applicationName: 'felinar',
    extra: { options: SESSION_OPTIONS, ...KEEP_ALIVE },
  };
}

/** A number for pg_advisory_lock: one process migrates, the others wait for it. */
const MIGRATION_LOCK = 7_264_001;

/**
 * Brings the schema up to date and says what the database can do. Safe when several processes start at once: a session lock
 * lets one of them migrate at a time.
 * `timescale: false` leaves the extension alone where it is not installed: a plain PostgreSQL schema.
 */
export async function migrate(
  dataSource: DataSource,
  options: { readonly timescale: boolean } = { timescale: true },
): Promise<DatabaseCapability> {
  const guard = dataSource.createQueryRunner();
  await guard.connect();
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const capability = options.timescale ? await establishCapability(guard) : await detectCapability(guard);
    await dataSource.runMigrations();
    return capability;
  } finally {
    await guard.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await guard.release();
  }
}
