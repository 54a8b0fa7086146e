import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { overrideInForce, type OverridePriority } from '#libs/commands';
import {
  createPool,
  inTransaction,
  insertOverride,
  planOverrideCommands,
  releaseOverride,
  type OverrideTarget,
  type Pool,
} from '#libs/storage';
import { testDatabase, type TestDatabase } from '#libs/testing';
import fc from 'fast-check';

const LAMPS = ['A', 'B', 'C', 'D'];
/** Which lamps each target speaks of. */
const TARGETS: readonly { readonly target: OverrideTarget; readonly lamps: readonly string[] }[] = [
  { target: { kind: 'site' }, lamps: LAMPS },
  { target: { kind: 'cabinet', address: 'CAB' }, lamps: ['A', 'B'] },
  { target: { kind: 'group', address: 'G' }, lamps: ['B', 'C'] },
  { target: { kind: 'lamps', addresses: ['D', 'A'] }, lamps: ['A', 'D'] },
];

const CITY = `
  INSERT INTO site (id, address, name, time_zone, latitude, longitude) VALUES (1, 'S', 'S', 'UTC', 47, 26);
  INSERT INTO lamp_type (id, code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
    VALUES (1, 'LED', 'LED', 'LED', 50, 0.5, true, 10);
  INSERT INTO cabinet (id, site_id, address, name) VALUES (1, 1, 'CAB', 'CAB');
  INSERT INTO lamp_group (id, site_id, address, name) VALUES (1, 1, 'G', 'G');
  INSERT INTO lamp (id, site_id, address, device, lamp_type_id, cabinet_id, latitude, longitude)
    SELECT n, 1, chr(64 + n), chr(64 + n), 1, CASE WHEN n <= 2 THEN 1 END, 47, 26 FROM generate_series(1, 4) AS n;
  INSERT INTO lamp_group_member VALUES (1, 2), (1, 3);`;

type Step =
  | {
      readonly do: 'ask';
      readonly target: number;
      readonly level: number;
      readonly priority: OverridePriority;
      readonly start: number;
      readonly length: number;
    }
  | { readonly do: 'release'; readonly nth: number }
  | { readonly do: 'wait'; readonly by: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('ask' as const),
    target: fc.nat(3),
    level: fc.integer({ min: 0, max: 100 }),
    priority: fc.constantFrom<OverridePriority>('manual', 'emergency'),
    start: fc.nat(20),
    length: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ do: fc.constant('release' as const), nth: fc.nat(10) }),
  fc.record({ do: fc.constant('wait' as const), by: fc.integer({ min: 1, max: 30 }) }),
);

describe('planOverrideCommands', () => {
  let database: TestDatabase;
  let pool: Pool;
  let nowMs = Date.parse('2026-11-25T18:00:00Z');

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 2);
    await pool.query(CITY);
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const plan = () => inTransaction(pool, (client) => planOverrideCommands(client, 1, { nowMs, cabinetLampsPerS: 100 }));

  it('leaves every lamp told what the pure rule says, after any requests, releases and waits, and planning again makes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 8 }), async (list) => {
        await pool.query('DELETE FROM level_override');
        await pool.query('DELETE FROM command_batch');
        await pool.query('DELETE FROM lamp_commanded');
        const asked: {
          id: string;
          priority: OverridePriority;
          serial: number;
          startsAtMs: number;
          expiresAtMs: number;
          releasedAtMs: number | undefined;
          lamps: readonly string[];
          level: number;
        }[] = [];
        for (const step of list) {
          if (step.do === 'wait') nowMs += step.by * 60_000;
          else if (step.do === 'release') {
            const one = asked[step.nth % Math.max(1, asked.length)];
            if (
              one !== undefined &&
              (await inTransaction(pool, (client) => releaseOverride(client, 1, one.id, nowMs, undefined)))
            ) {
              one.releasedAtMs = nowMs;
            }
          } else {
            const { target, lamps } = TARGETS[step.target] as (typeof TARGETS)[number];
            const startsAtMs = nowMs + step.start * 60_000;
            const period = { startsAtMs, expiresAtMs: startsAtMs + step.length * 60_000 };
            const { level, priority } = step;
            const id = await inTransaction(pool, (client) =>
              insertOverride(
                client,
                { id: 1, address: 'S' },
                { target, levelPercent: level, fadeS: 0, priority, reason: null, ...period },
                nowMs,
                'x',
              ),
            );
            asked.push({ id, priority, serial: asked.length, ...period, releasedAtMs: undefined, lamps, level });
          }
          await plan();
        }
        const told = await pool.query<{ address: string; id: string | null; level: number | null }>(
          `SELECT lamp.address, CASE WHEN c.expires_at > to_timestamp($1::float8 / 1000) THEN c.override_id END AS id,
             CASE WHEN c.expires_at > to_timestamp($1::float8 / 1000) THEN c.level_percent END AS level
           FROM lamp LEFT JOIN lamp_commanded AS c ON c.lamp_id = lamp.id ORDER BY 1`,
          [nowMs],
        );
        const expected = LAMPS.map((address) => {
          const inForce = overrideInForce(
            asked.filter(({ lamps }) => lamps.includes(address)),
            nowMs,
          );
          return { address, id: inForce?.id ?? null, level: inForce?.level ?? null };
        });
        expect(told.rows).toEqual(expected);
        expect(await plan()).toEqual([]);
        // A lamp has at most one open command: its last.
        const open = await pool.query(
          `SELECT lamp_id FROM lamp_command WHERE state = 'queued' GROUP BY lamp_id HAVING count(*) > 1`,
        );
        expect(open.rows).toEqual([]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
