import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Reporter } from '#apps/monitor';
import { systemClock } from '#libs/kernel';
import { createPool, type Pool } from '#libs/storage';
import { testDatabase, type TestDatabase } from '#libs/testing';
import { join } from 'node:path';
import { expandQuery, type QueryContext, type VariableValue } from '../src/bench/expand-query.js';
import { fillCity } from '../src/bench/fill-city.js';
import { intervalOf, readDashboards, sqlOf, type SqlOfPanel } from '../src/bench/panel-queries.js';
import { DashboardsRole, type Result } from './support/dashboards-role.js';
import { problemsOf } from './support/result-shape.js';

const dashboards = readDashboards(join(import.meta.dirname, '..', 'json'));
const queries = dashboards.flatMap(sqlOf);

describe.each([
  ['TimescaleDB', true],
  ['plain PostgreSQL', false],
])('dashboards on %s', (_name, timescale) => {
  let database: TestDatabase;
  let pool: Pool;
  let role: DashboardsRole;
  let options: Record<string, readonly string[]>;

  beforeAll(async () => {
    database = await testDatabase({ timescale });
    pool = createPool(database.url, 2);
    await fillCity(pool, { lamps: 120, energyDays: 32, readingHours: 30, sampleDays: 2 });
    await new Reporter(pool, systemClock).report(1);
    // A year of months: names in the order of the alphabet would be no order.
    await pool.query(
      `INSERT INTO segment_energy_daily (segment_id, day, band, energy_wh, full_power_wh)
       SELECT (SELECT min(id) FROM lamp_segment), day, '', 1000, 2000
       FROM generate_series(1, 12) AS month CROSS JOIN LATERAL make_date(extract(year FROM now())::int - 1, month, 15) AS day
       WHERE day < now() - interval '40 days'`,
    );
    role = await DashboardsRole.connect(database.url);
    const column = async (sql: string) => (await pool.query<{ value: string }>(sql)).rows.map(({ value }) => value);
    options = {
      cabinet: await column('SELECT cabinet AS value FROM dashboard.cabinet'),
      group: await column('SELECT lamp_group AS value FROM dashboard.lamp_group'),
    };
  }, 60_000);

  afterAll(async () => {
    await role.end();
    await pool.end();
    await database.drop();
  });

  const context = (spanMs: number, variables: Readonly<Record<string, VariableValue>>): QueryContext => {
    const toMs = Date.now();
    return { fromMs: toMs - spanMs, toMs, intervalMs: intervalOf(spanMs), variables };
  };
  const all = () => ({ site: 'botosani', lamp: 'BT-0003', ...options });
  const run = (query: SqlOfPanel, variables: Readonly<Record<string, VariableValue>>): Promise<Result> =>
    role.run(expandQuery(query.rawSql, context(query.spanMs, variables)));

  it.each(queries.map((query) => [query.dashboard, query.panel, query] as const))(
    '%s / %s gives what its panel needs, to a role that sees views only',
    async (_dashboard, _panel, query) => {
      expect(problemsOf(query, await run(query, all()))).toEqual([]);
    },
  );

  it('take one cabinet and one group, and names that would break out of their quotes', async () => {
    for (const query of queries) {
      await run(query, { site: 'botosani', lamp: "O'Neill", cabinet: ["it's"], group: ["'); DROP TABLE lamp; --"] });
      await run(query, {
        ...all(),
        cabinet: options['cabinet']?.slice(0, 1) ?? [],
        group: options['group']?.slice(0, 1) ?? [],
      });
    }
  });

  it('have nothing to say before there is a site, and no error either: All of no cabinets is an empty list', async () => {
    const none = await testDatabase({ timescale });
    const newcomer = await DashboardsRole.connect(none.url);
    try {
      for (const { rawSql, spanMs } of queries)
        await newcomer.run(expandQuery(rawSql, context(spanMs, { site: '', lamp: '', cabinet: [], group: [] })));
    } finally {
      await newcomer.end();
      await none.drop();
    }
  });

  it('fill their variables, which depend on each other', async () => {
    for (const { templating } of dashboards) {
      for (const { type, query, name } of templating.list) {
        if (type !== 'query') continue;
        const { rows } = await role.run(expandQuery(query ?? '', context(3_600_000, { site: 'botosani' })));
        expect({ name, rows: rows.length > 0 }).toEqual({ name, rows: true });
      }
    }
  });

  it('say the same energy as the view that the API reads', async () => {
    const sum = async (sql: string) => Number((await pool.query<{ wh: number }>(sql)).rows[0]?.wh);
    const ledger = await sum(`SELECT sum(energy_wh) AS wh FROM energy_hourly WHERE hour < now() - interval '1 day'`);
    expect(ledger).toBeGreaterThan(1000);
    const hours = await sum(
      `SELECT sum(energy_wh) AS wh FROM dashboard.energy_hourly WHERE hour < now() - interval '1 day'`,
    );
    expect(hours).toBeCloseTo(ledger, 3);
    const [day] = (
      await pool.query(
        `SELECT day::text FROM dashboard.energy_daily WHERE day > now() - interval '40 days' GROUP BY day ORDER BY day OFFSET 5 LIMIT 1`,
      )
    ).rows;
    const byBand = await sum(`SELECT sum(energy_wh) AS wh FROM dashboard.energy_daily WHERE day = '${day.day}'`);
    expect(byBand).toBeCloseTo(await sum(`SELECT sum(energy_wh) AS wh FROM energy_daily WHERE day = '${day.day}'`), 3);
  });

  it('are kept from everything but the views', async () => {
    const tables = await pool.query<{ name: string }>(
      `SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')`,
    );
    expect(tables.rows.length).toBeGreaterThan(30);
    for (const { name } of tables.rows)
      await expect(role.run(`SELECT * FROM public.${name} LIMIT 1`)).rejects.toThrow(/permission denied/);
    const views = await pool.query<{ name: string }>(
      `SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = 'dashboard'::regnamespace`,
    );
    for (const { name } of views.rows) {
      await role.run(`SELECT * FROM dashboard.${name} LIMIT 1`);
      await expect(role.run(`DELETE FROM dashboard.${name}`)).rejects.toThrow(/permission denied|cannot delete/);
    }
    await expect(role.run(`INSERT INTO dashboard.site (site) VALUES ('x')`)).rejects.toThrow(/permission denied/);
    await expect(role.run('CREATE TABLE dashboard.mine (a int)')).rejects.toThrow(/permission denied/);
  });
});
