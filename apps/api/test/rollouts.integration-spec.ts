import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { markPublished, writeDesiredPrograms } from '#libs/storage';
import { deviceProgramPage, rolloutList } from '../src/rollouts/rollout.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';

describe('rollouts', () => {
  let api: ApiUnderTest;

  /** GW-1 runs it, GW-2 is away, GW-3 runs something else, GW-4 has not been published. */
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT');
    const programs = (device: string) => [
      { program: 'EVENING', version: 3, lamps: 10 },
      ...(device === 'GW-4' ? [{ program: 'PARK', version: 1, lamps: 2 }] : []),
    ];
    const devices = ['GW-1', 'GW-2', 'GW-3', 'GW-4'];
    await api.database.query(
      `INSERT INTO device (site_id, address, online, status_at) SELECT 1, unnest($1::text[]), true, now()`,
      [devices],
    );
    await api.database.query(`UPDATE device SET online = false WHERE address = 'GW-2'`);
    const desired = devices.map((device) => ({ device, hash: `hash-${device}`, programs: programs(device) }));
    await writeDesiredPrograms(api.pool, 1, desired, api.nowMs);
    const published = desired.slice(0, 3).map(({ device, hash }) => ({ device, hash, again: false }));
    await markPublished(api.pool, 1, published, api.nowMs);
    await api.database.query(
      `UPDATE device_program SET reported_hash = CASE device WHEN 'GW-1' THEN desired_hash ELSE 'old' END,
         reported_at = $1, running_programs = CASE device WHEN 'GW-1' THEN desired_programs END,
         mismatch_since = CASE device WHEN 'GW-3' THEN $1::timestamptz END
       WHERE device <> 'GW-2'`,
      [new Date(api.nowMs)],
    );
  });
  afterAll(() => api.stop());

  it('say how far each program has come', async () => {
    expect(rolloutList.parse((await api.get('/sites/BT/rollouts')).body).items).toEqual([
      {
        ...{ program: 'EVENING', version: 3, devices: 4, lamps: 40, runningDevices: 1, runningLamps: 10 },
        ...{ runningPercent: 25, unpublishedDevices: 1, awayDevices: 1, pendingDevices: 1, mismatchedDevices: 1 },
      },
      {
        ...{ program: 'PARK', version: 1, devices: 1, lamps: 2, runningDevices: 0, runningLamps: 0 },
        ...{ runningPercent: 0, unpublishedDevices: 1, awayDevices: 0, pendingDevices: 0, mismatchedDevices: 0 },
      },
    ]);
    expect((await api.get('/sites/NO/rollouts')).status).toBe(404);
  });

  it('say what each device runs', async () => {
    const devices = async (query: string) =>
      deviceProgramPage.parse((await api.get(`/sites/BT/device-programs${query}`)).body).items;
    const names = async (query: string) => (await devices(query)).map(({ device }) => device);
    const at = new Date(api.nowMs).toISOString();
    expect((await devices('?mismatch=true'))[0]).toEqual({
      ...{ device: 'GW-3', online: true, inStep: false, resends: 0, runningPrograms: null },
      desired: { hash: 'hash-GW-3', at, programs: [{ program: 'EVENING', version: 3, lamps: 10 }] },
      published: { hash: 'hash-GW-3', at },
      reported: { hash: 'old', at },
      ...{ programMismatch: true, programMismatchSince: at },
    });
    expect(await devices('?outOfStep=false')).toMatchObject([
      { device: 'GW-1', inStep: true, programMismatch: false, runningPrograms: [{ program: 'EVENING' }] },
    ]);
    expect(await names('?outOfStep=true')).toEqual(['GW-2', 'GW-3', 'GW-4']);
    expect(await names('?program=PARK')).toEqual(['GW-4']);
    expect(await names('?mismatch=false')).toEqual(['GW-1', 'GW-2', 'GW-4']);
    const { nextCursor } = (await api.get('/sites/BT/device-programs?limit=3')).body;
    expect(await names(`?limit=3&cursor=${nextCursor}`)).toEqual(['GW-4']);
  });
});
