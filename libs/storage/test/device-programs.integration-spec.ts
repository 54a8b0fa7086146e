import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createPool,
  inTransaction,
  markPublished,
  raiseMismatches,
  readDevicePrograms,
  writeDesiredPrograms,
  writeProgramReports,
  type Pool,
} from '#libs/storage';
import { testDatabase, type TestDatabase } from '#libs/testing';

const DEVICES = 600;
const nowMs = Date.parse('2026-11-25T20:00:00Z');
const devices = Array.from({ length: DEVICES }, (_, n) => `GW-${n}`);
const desired = devices.map((device) => ({ device, hash: 'wanted', programs: [] }));

describe('what devices run, written from all sides', () => {
  let database: TestDatabase;
  let pool: Pool;
  let siteId: number;

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 8);
    const { rows } = await pool.query(
      `INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('town', 'Town', 'Europe/Bucharest', 47, 26) RETURNING id`,
    );
    siteId = Number(rows[0].id);
    await writeDesiredPrograms(pool, siteId, desired, nowMs);
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('keep their mismatch when there is a new program for them, until they run it', async () => {
    const [device = ''] = devices;
    const wants = (hash: string) => writeDesiredPrograms(pool, siteId, [{ device, hash, programs: [] }], nowMs);
    const says = (hash: string, receivedAtMs: number) =>
      inTransaction(pool, (client) => writeProgramReports(client, [{ site: 'town', device, hash, receivedAtMs }]));
    const isMismatched = async () =>
      (await pool.query('SELECT mismatch_since FROM device_program WHERE device = $1', [device])).rows[0]
        .mismatch_since !== null;
    await pool.query(
      `INSERT INTO device (site_id, address, online, status_at) VALUES ($1, $2, true, to_timestamp($3::float8 / 1000))`,
      [siteId, device, nowMs - 7_200_000],
    );
    await says('strange', nowMs - 7_200_000);
    await markPublished(pool, siteId, [{ device, hash: 'wanted', again: false }], nowMs - 3_600_000);
    expect(await raiseMismatches(pool, siteId, nowMs, 900_000)).toEqual([device]);
    await wants('next');
    expect(await isMismatched()).toBe(true);
    await says('next', nowMs - 1);
    expect(await isMismatched()).toBe(false);
    await wants('wanted');
    await pool.query('DELETE FROM device');
  });

  it('does not come to a deadlock, in whatever order each of them names the devices', async () => {
    const shuffled = (round: number) => devices.toSorted((a, b) => hash(a, round) - hash(b, round));
    for (let round = 0; round < 15; round += 1) {
      const reports = shuffled(round).map((device) => ({
        site: 'town',
        device,
        hash: 'wanted',
        receivedAtMs: nowMs + round,
      }));
      await Promise.all([
        markPublished(
          pool,
          siteId,
          shuffled(round + 100).map((device) => ({ device, hash: 'wanted', again: false })),
          nowMs,
        ),
        inTransaction(pool, (client) => writeProgramReports(client, reports)),
        writeDesiredPrograms(
          pool,
          siteId,
          shuffled(round + 200).map((device) => ({ device, hash: 'wanted', programs: [] })),
          nowMs,
        ),
        raiseMismatches(pool, siteId, nowMs, 900_000),
      ]);
    }
    const rows = await readDevicePrograms(pool, siteId);
    expect(rows).toHaveLength(DEVICES);
    expect(new Set(rows.map(({ publishedHash, reportedHash }) => `${publishedHash} ${reportedHash}`))).toEqual(
      new Set(['wanted wanted']),
    );
  });

  it('takes what a device says it runs, whatever characters it has', async () => {
    const report = { site: 'town', device: devices[0] as string, hash: 'a\0b\ud800', receivedAtMs: nowMs + 60_000 };
    await inTransaction(pool, (client) => writeProgramReports(client, [report]));
    const row = (await readDevicePrograms(pool, siteId)).find(({ device }) => device === devices[0]);
    expect(row?.reportedHash).toBe('ab\ufffd');
  });
});

/** Some order, another for another round. */
function hash(text: string, round: number): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0) + round * 7919) % 65_521, round + 1);
}
