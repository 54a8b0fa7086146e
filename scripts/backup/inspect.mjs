/** What a backup and a restore have to know of a database. All of it is SQL for psql. */

/** Tables with rows that Felinar (or its administrator) has made; of TimescaleDB's own only what continuous aggregates hold. */
const TABLES = `
  SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND (n.nspname !~ '^_timescaledb' OR c.relname ~ '^_materialized_hypertable_[0-9]+$')`;

/** Server, extension, roles with rights, and how far the schema is. */
export const FACTS = `
  SELECT current_database() AS database, current_setting('server_version') AS server,
    current_setting('server_version_num')::int / 10000 AS "serverMajor", pg_database_size(current_database()) AS bytes,
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb,
    (SELECT CASE WHEN current_setting('timescaledb.license', true) = 'timescale' THEN 'community' ELSE 'apache' END
       FROM pg_extension WHERE extname = 'timescaledb') AS edition,
    (SELECT coalesce(json_agg(DISTINCT rolname), '[]') FROM (
       SELECT (aclexplode(relacl)).grantee, relowner AS owner FROM pg_class WHERE relacl IS NOT NULL AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_|^_?timescaledb|^information_schema$')
       UNION SELECT (aclexplode(nspacl)).grantee, nspowner FROM pg_namespace WHERE nspacl IS NOT NULL AND nspname !~ '^pg_|^_?timescaledb|^information_schema$|^public$'
     ) AS rights JOIN pg_roles ON pg_roles.oid = grantee WHERE grantee <> owner) AS roles`;

/** Whether TimescaleDB has compressed anything; of the Community edition only. */
export const HAS_COMPRESSED = `SELECT EXISTS (SELECT FROM _timescaledb_catalog.chunk WHERE compressed_chunk_id IS NOT NULL)`;

/**
 * Versions of TimescaleDB that write compressed columns without any value such that they cannot be read back
 * (timescale/timescaledb, pull request 8153): 2.19.0 to 2.20.0.
 */
export function losesCompressedNulls({ timescaledb, edition }) {
  if (timescaledb === null || edition !== 'community') return false;
  const [major, minor, patch] = timescaledb.split('.').map(Number);
  return major === 2 && (minor === 19 || (minor === 20 && patch === 0));
}

/** The newest migration; only where there is a schema. */
export const MIGRATION = `SELECT name FROM schema_migration ORDER BY timestamp DESC LIMIT 1`;

/** Rows by table, as one JSON object. */
export const COUNTS = `
  SELECT coalesce(json_object_agg(name, (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || name, false, true, '')))[1]::text::bigint ORDER BY name), '{}')
  FROM (${TABLES}) AS t`;

/** What stands in the way of a restore. */
export const TARGET = `
  SELECT (SELECT count(*)::int FROM (${TABLES}) AS t) AS tables,
    (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend') AS sessions,
    (SELECT coalesce(json_agg(version), '[]') FROM pg_available_extension_versions WHERE name = 'timescaledb') AS "timescaleVersions",
    coalesce(current_setting('shared_preload_libraries', true) ~ 'timescaledb', false) AS "isPreloaded"`;
