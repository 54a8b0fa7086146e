import { describe, expect, it } from '@jest/globals';
import { emptyDatabase } from '#libs/testing';
import { DataSource } from 'typeorm';
import { dataSourceOptions, detectCapability, migrate } from '../src/index.js';

/** Everything that stands in the schema, by kind and name. */
async function objects(dataSource: DataSource): Promise<string[]> {
  const rows = (await dataSource.query(`
    SELECT relkind::text || ' ' || relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
    UNION ALL
    SELECT 'f ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    ORDER BY 1`)) as { name: string }[];
  return rows.map(({ name }) => name).filter((name) => !name.includes('schema_migration'));
}

describe.each([
  ['TimescaleDB', true],
  ['plain PostgreSQL', false],
])('migrations on %s', (_name, timescale) => {
  it('go up, down to nothing, and up to the same again', async () => {
    const { url, drop } = await emptyDatabase();
    const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
    const capability = await migrate(dataSource, { timescale });
    expect(capability === 'postgres').toBe(!timescale);
    expect(await detectCapability(dataSource)).toBe(capability);
    const up = await objects(dataSource);
    expect(up).toContain('r telemetry');
    expect(up).toContain('v energy_hourly');
    for (const _migration of dataSource.migrations) await dataSource.undoLastMigration();
    expect(await objects(dataSource)).toEqual([]);
    await migrate(dataSource, { timescale });
    expect(await objects(dataSource)).toEqual(up);
    if (timescale) {
      const tables = await dataSource.query(
        'SELECT hypertable_name::text AS name FROM timescaledb_information.hypertables ORDER BY 1',
      );
      expect(tables).toEqual(
        ['lamp_energy_daily', 'lamp_energy_hourly', 'telemetry', 'telemetry_daily_kept', 'telemetry_hourly_kept'].map(
          (name) => ({ name }),
        ),
      );
    }
    await dataSource.destroy();
    await drop();
  });

  it('run once when several processes start together', async () => {
    const { url, drop } = await emptyDatabase();
    const sources = await Promise.all([1, 2, 3].map(() => new DataSource(dataSourceOptions(url)).initialize()));
    await Promise.all(sources.map((source) => migrate(source, { timescale })));
    const [count] = await (sources[0] as DataSource).query('SELECT count(*)::int AS n FROM schema_migration');
    expect(count).toEqual({ n: sources[0]?.migrations.length });
    await Promise.all(sources.map((source) => source.destroy()));
    await drop();
  });

  it('leave entities that TypeORM finds nothing missing in', async () => {
    const { url, drop } = await emptyDatabase();
    const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
    await migrate(dataSource, { timescale });
    for (const entity of dataSource.entityMetadatas) {
      const columns = entity.columns.map(({ databaseName }) => `"${databaseName}"`).join(', ');
      await expect(dataSource.query(`SELECT ${columns} FROM "${entity.tableName}" LIMIT 0`)).resolves.toEqual([]);
    }
    await dataSource.destroy();
    await drop();
  });
});
