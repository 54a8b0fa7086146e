/** What is deleted because it was dealt with long ago, and what is not: of every table on either side of its bound. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#libs/testing';
import { createPool, prune, type Pool, type PruneSettings } from '../src/index.js';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const NEVER: PruneSettings = {
  ...{ faultsDays: 0, messagesDays: 0, commandsDays: 0, eventsDays: 0, rejectedDays: 0 },
};
const KEEP: PruneSettings = {
  ...{ faultsDays: 300, messagesDays: 90, commandsDays: 60, eventsDays: 50, rejectedDays: 30 },
};

describe('pruning', () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 2);
    await pool.query(`
      INSERT INTO site (id, address, name, time_zone, latitude, longitude) VALUES (1, 'BT', 'Botoșani', 'Europe/Bucharest', 47.7, 26.7);
      INSERT INTO lamp_type (id, code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
        VALUES (1, 'LED', 'LED', 'LED', 50, 0.5, true, 10);
      INSERT INTO lamp (id, site_id, address, device, lamp_type_id, latitude, longitude) VALUES (1, 1, 'L-1', 'L-1', 1, 47.7, 26.7), (2, 1, 'L-2', 'L-2', 1, 47.7, 26.7);
      INSERT INTO crew (id, site_id, address, name) VALUES (1, 1, 'north', 'North');
      INSERT INTO crew_channel (id, site_id, crew_id, kind, target, minimum_severity, events, area_kind, created_at, updated_at)
        VALUES ('00000000-0000-4000-8000-0000000000cc', 1, 1, 'email', 'n@example.org', 'minor', '["opened"]', 'site', now(), now());`);
  });

  beforeEach(async () => {
    await pool.query(
      'TRUNCATE fault, alert, delivery, used_link, command_batch, lamp_command, lamp_commanded, level_override, device_event, idempotency_key CASCADE',
    );
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const at = (daysAgo: number) => new Date(NOW - daysAgo * 86_400_000);
  const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

  /** Prunes to the end; how many of which table. A batch of two, so that the bounds are met, too. */
  async function pruneAll(keep: PruneSettings): Promise<Record<string, number>> {
    const total: Record<string, number> = {};
    for (let round = 0; round < 50; round += 1) {
      const { dropped, done } = await prune(pool, { nowMs: NOW, keep, batchRows: 2, maxBatches: 2 });
      for (const { table, count } of dropped) if (count > 0) total[table] = (total[table] ?? 0) + count;
      if (done) return total;
    }
    throw new Error('pruning does not come to an end');
  }

  async function fault(id: number, phase: 'open' | 'closed', daysAgo: number): Promise<void> {
    await pool.query(
      `INSERT INTO fault (id, site_id, kind, severity, subject_kind, subject, phase, state, evidence, seen_at, closed_at)
       OVERRIDING SYSTEM VALUE VALUES ($1::bigint, 1, 'lampFailure', 'major', 'lamp', 'lamp:' || $1::bigint, $2::text, '{}', '', $3::timestamptz, CASE WHEN $2 = 'closed' THEN $3::timestamptz END)`,
      [id, phase, at(daysAgo)],
    );
  }

  async function alert(id: number, faultId: number, daysAgo: number): Promise<void> {
    await pool.query(
      `INSERT INTO alert (id, site_id, fault_id, event, created_at, routed_at) OVERRIDING SYSTEM VALUE VALUES ($1, 1, $2, 'opened', $3, $3)`,
      [id, faultId, at(daysAgo)],
    );
  }

  async function delivery(
    id: number,
    parts: { alertId?: number; faultId?: number; state: string; daysAgo: number; digest?: number },
  ): Promise<void> {
    const { alertId = null, faultId = null, state, daysAgo, digest } = parts;
    const isOver = ['delivered', 'dead', 'collected'].includes(state);
    await pool.query(
      `INSERT INTO delivery (id, site_id, channel_id, kind, alert_id, fault_id, digest_id, state, created_at, due_at, give_up_at, finished_at)
       VALUES ($1, 1, '00000000-0000-4000-8000-0000000000cc', CASE WHEN $2::bigint IS NULL THEN 'digest' ELSE 'alert' END, $2, $3, $4, $5, $6, $6, $6, $7)`,
      [
        uuid(id),
        alertId,
        faultId,
        digest === undefined ? null : uuid(digest),
        state,
        at(daysAgo),
        isOver ? at(daysAgo) : null,
      ],
    );
  }

  const left = async (table: string) =>
    (await pool.query<{ id: string }>(`SELECT id::text FROM ${table} ORDER BY id`)).rows.map(({ id }) =>
      Number(id.replaceAll('-', '').slice(-12)),
    );

  it('deletes nothing where everything is kept, but for keys that nobody repeats', async () => {
    await fault(1, 'closed', 5000);
    await alert(1, 1, 5000);
    await delivery(1, { alertId: 1, faultId: 1, state: 'delivered', daysAgo: 5000 });
    await pool.query(`INSERT INTO idempotency_key VALUES (1, 'old', '', '{}', $1), (1, 'new', '', '{}', $2)`, [
      at(10),
      at(0.1),
    ]);
    expect(await pruneAll(NEVER)).toEqual({ idempotency_key: 1 });
    expect((await pool.query('SELECT key FROM idempotency_key')).rows).toEqual([{ key: 'new' }]);
  });

  it('messages: those that are over, links with them; not what is still to be delivered', async () => {
    await fault(1, 'open', 200);
    for (let id = 1; id <= 5; id += 1) await alert(id, 1, 200 + id);
    await delivery(1, { alertId: 1, faultId: 1, state: 'delivered', daysAgo: 91 });
    await delivery(2, { alertId: 2, faultId: 1, state: 'delivered', daysAgo: 89 });
    await delivery(3, { alertId: 3, faultId: 1, state: 'dead', daysAgo: 91 });
    await delivery(4, { alertId: 4, faultId: 1, state: 'pending', daysAgo: 200 });
    await delivery(5, { alertId: 5, faultId: 1, state: 'waiting', daysAgo: 200 });
    await pool.query(`INSERT INTO used_link VALUES ($1, 1, $3), ($2, 1, $3)`, [uuid(1), uuid(2), at(95)]);
    expect(await pruneAll(KEEP)).toEqual({ used_link: 1, delivery: 2 });
    expect(await left('delivery')).toEqual([2, 4, 5]);
    // Its fault is open: what was told of it is still asked for by escalation.
    expect(await left('alert')).toEqual([1, 2, 3, 4, 5]);
    expect((await pool.query('SELECT delivery_id FROM used_link')).rows).toEqual([{ delivery_id: uuid(2) }]);
  });

  it('a digest goes after its lines, and lines never before a digest that is not over', async () => {
    await fault(1, 'closed', 100);
    for (let id = 11; id <= 14; id += 1) await alert(id, 1, 150);
    await delivery(1, { state: 'delivered', daysAgo: 100 });
    await delivery(2, { state: 'pending', daysAgo: 100 });
    await delivery(11, { alertId: 11, faultId: 1, state: 'collected', daysAgo: 100, digest: 1 });
    await delivery(12, { alertId: 12, faultId: 1, state: 'collected', daysAgo: 89, digest: 1 });
    await delivery(13, { alertId: 13, faultId: 1, state: 'collected', daysAgo: 100, digest: 2 });
    await pruneAll(KEEP);
    expect(await left('delivery')).toEqual([1, 2, 12, 13]);
    expect(await left('alert')).toEqual([12, 13]);
    await pool.query(`UPDATE delivery SET finished_at = $2 WHERE id = $1`, [uuid(12), at(91)]);
    // The digest in the round after its last line.
    await pruneAll(KEEP);
    await pruneAll(KEEP);
    expect(await left('delivery')).toEqual([2, 13]);
  });

  it('faults: closed long ago, with their history and alerts; not one whose message waits, or that others are part of', async () => {
    await fault(1, 'closed', 301);
    await fault(2, 'closed', 299);
    await fault(3, 'open', 5000);
    await fault(4, 'closed', 301);
    await fault(5, 'closed', 301);
    await fault(6, 'open', 301);
    await pool.query(`UPDATE fault SET parent_id = 5 WHERE id = 6`);
    await alert(4, 4, 301);
    await delivery(4, { alertId: 4, faultId: 4, state: 'pending', daysAgo: 301 });
    await pool.query(
      `INSERT INTO fault_history (fault_id, at, event) VALUES (1, now(), 'opened'), (2, now(), 'opened')`,
    );
    expect(await pruneAll(KEEP)).toEqual({ fault: 1 });
    expect(await left('fault')).toEqual([2, 3, 4, 5, 6]);
    expect((await pool.query('SELECT fault_id::int FROM fault_history')).rows).toEqual([{ fault_id: 2 }]);
  });

  it('commands: finished ones, but for the last of each lamp; batches when they are empty and their override is over', async () => {
    await pool.query(
      `INSERT INTO level_override (id, site_id, target_kind, level_percent, fade_s, priority, starts_at, expires_at, created_at)
       SELECT $1, 1, 'site', 50, 0, 1, $2, $3, $2`,
      [uuid(90), at(100), at(-10)],
    );
    for (const [id, override] of [
      [1, null],
      [2, null],
      [3, null],
      [4, uuid(90)],
    ] as const) {
      await pool.query(
        `INSERT INTO command_batch (id, site_id, kind, override_id, created_at) VALUES ($1, 1, 'reapply', $2, $3)`,
        [uuid(id), override, at(100)],
      );
    }
    const command = (id: number, batch: number, state: string, finishedDaysAgo: number | null) =>
      pool.query(
        `INSERT INTO lamp_command (id, batch_id, site_id, lamp_id, device, part, fade_s, expires_at, state, due_at, created_at, finished_at)
         OVERRIDING SYSTEM VALUE VALUES ($1, $2, 1, 1, 'L-1', 0, 0, $4, $3, $4, $4, $5)`,
        [id, uuid(batch), state, at(100), finishedDaysAgo === null ? null : at(finishedDaysAgo)],
      );
    await command(1, 1, 'confirmed', 61);
    await command(2, 1, 'expired', 61);
    await command(3, 2, 'confirmed', 59);
    await command(4, 2, 'sent', null);
    await command(5, 3, 'confirmed', 61);
    await pool.query(`INSERT INTO lamp_commanded (lamp_id, command_id, expires_at) VALUES (1, 5, now())`);
    expect(await pruneAll(KEEP)).toEqual({ lamp_command: 2, command_batch: 1 });
    expect(await left('lamp_command')).toEqual([3, 4, 5]);
    expect(await left('command_batch')).toEqual([2, 3, 4]);
  });

  it('events of devices, by when they were received', async () => {
    await pool.query(
      `INSERT INTO device_event (site_id, device, event, active, time, received_at)
       SELECT 1, 'L-' || days, 'supplyLoss', true, $1::timestamptz - make_interval(days => days), $1::timestamptz - make_interval(days => days)
       FROM unnest(ARRAY[10, 49, 51, 52, 53, 54, 55, 500]) AS days`,
      [new Date(NOW)],
    );
    expect(await pruneAll(KEEP)).toEqual({ device_event: 6 });
    expect((await pool.query('SELECT device FROM device_event ORDER BY 1')).rows).toEqual([
      { device: 'L-10' },
      { device: 'L-49' },
    ]);
  });
});
