/** What the database server can do; decides how views are built, never what they answer. */
export type DatabaseCapability = 'timescale-community' | 'timescale-apache' | 'postgres';

/** The one method of a connection that is needed here: TypeORM's query runner and data source have it. */
export interface Queryable {
  query(sql: string): Promise<unknown>;
}

/** A sentence for the screen and the log: what was found and what that means. */
export function describeCapability(capability: DatabaseCapability): string {
  switch (capability) {
    case 'timescale-community':
      return 'TimescaleDB, Community licence: hypertables, compression, continuous aggregates, retention policies';
    case 'timescale-apache':
      return 'TimescaleDB, Apache edition: hypertables and time_bucket; no compression, no continuous aggregates';
    case 'postgres':
      return (
        'plain PostgreSQL without TimescaleDB: everything works, but telemetry is one plain table that grows slow and large ' +
        'beyond some tens of millions of readings, without compression and without cheap retention'
      );
  }
}

/**
 * Installs the timescaledb extension where the server has it, and says what the server can do.
 * A server that has it but cannot load it (no shared_preload_libraries, no right to create it) counts as plain PostgreSQL.
 */
export async function establishCapability(db: Queryable): Promise<DatabaseCapability> {
  const available = (await db.query(`SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'`)) as unknown[];
  if (available.length > 0) {
    const preloaded = (await db.query(
      `SELECT 1 WHERE current_setting('shared_preload_libraries') ~ 'timescaledb'`,
    )) as unknown[];
    if (preloaded.length > 0) await db.query(`CREATE EXTENSION IF NOT EXISTS timescaledb`);
  }
  return detectCapability(db);
}

/** What the database can do as it is. */
export async function detectCapability(db: Queryable): Promise<DatabaseCapability> {
  const rows = (await db.query(
    `SELECT current_setting('timescaledb.license', true) AS license FROM pg_extension WHERE extname = 'timescaledb'`,
  )) as { license: string | null }[];
  const row = rows[0];
  if (row === undefined) return 'postgres';
  return row.license === 'timescale' ? 'timescale-community' : 'timescale-apache';
}

/** Whether tables can be hypertables. */
export async function hasTimescale(db: Queryable): Promise<boolean> {
  return (await detectCapability(db)) !== 'postgres';
}
