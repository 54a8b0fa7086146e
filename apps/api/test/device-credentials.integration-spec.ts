import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiUnderTest } from './support/api-under-test.js';

describe('credentials of devices', () => {
  let api: ApiUnderTest;
  const path = '/sites/BT/devices/L-0001/credentials';

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
  });

  afterAll(() => api.stop());

  it('are made once, shown once, kept as a hash, renewed and revoked', async () => {
    const made = await api.post(path);
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.body).toMatchObject({ device: 'L-0001', username: 'BT/L-0001' });
    expect(made.body.password).toMatch(/^[\w-]{43}$/);
    const read = await api.get(path);
    expect(read.body).toMatchObject({ device: 'L-0001', createdAt: '2026-11-24T12:00:00.000Z' });
    expect(read.text).not.toContain(made.body.password);
    expect((await api.post(path)).status).toBe(409);
    api.nowMs += 60_000;
    const renewed = await api.post(`${path}/password`);
    expect(renewed.body.password).not.toBe(made.body.password);
    expect(renewed.body).toMatchObject({ createdAt: read.body.createdAt, changedAt: '2026-11-24T12:01:00.000Z' });
    const rows = JSON.stringify(await api.database.query('SELECT * FROM device_credential'));
    expect(rows).toContain('$7$101$');
    expect(rows).not.toContain(renewed.body.password);
    expect((await api.delete(path)).status).toBe(204);
    for (const answer of [await api.get(path), await api.delete(path), await api.post(`${path}/password`)])
      expect(answer.status).toBe(404);
  });

  it('are made for many at once, or for none, and listed page by page', async () => {
    const many = '/sites/BT/device-credentials';
    expect((await api.post(many, { devices: ['L-0001', 'NOBODY'] })).status).toBe(404);
    expect((await api.get(many)).body.items).toEqual([]);
    const made = await api.post(many, { devices: ['L-0002', 'L-0001'] });
    expect(made.body.items.map(({ username }: { username: string }) => username)).toEqual(['BT/L-0002', 'BT/L-0001']);
    expect((await api.post(many, { devices: ['L-0003', 'L-0002'] })).status).toBe(409);
    const first = (await api.get(`${many}?limit=1`)).body;
    const second = (await api.get(`${many}?limit=1&cursor=${first.nextCursor}`)).body;
    expect([first, second].map(({ items }) => items[0].device)).toEqual(['L-0001', 'L-0002']);
    expect(second.nextCursor).toBeNull();
  });
});
