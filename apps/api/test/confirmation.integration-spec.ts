import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiUnderTest, lampAddress } from './support/api-under-test.js';
import { clock, EVENING, sun } from './support/programs.js';

const MINUTE_MS = 60_000;
const OFF = { target: { kind: 'site' }, levelPercent: 0, expiresAt: '2026-11-24T13:00:00Z' };

describe('what could leave streets dark', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT');
    const rows = Array.from({ length: 200 }, (_, n) => `${lampAddress(n + 1)},47.74,26.66,LED-57`);
    await api.importFile('BT', ['lamp,latitude,longitude,lampType', ...rows].join('\n'));
    await api.post('/sites/BT/groups/CENTRE/lamps', { add: Array.from({ length: 100 }, (_, n) => lampAddress(n + 1)) });
    await api.post('/sites/BT/groups/NORTH/lamps', { add: Array.from({ length: 99 }, (_, n) => lampAddress(n + 1)) });
  });
  afterAll(() => api.stop());

  const override = (body: object, headers: Record<string, string> = {}) =>
    api.post('/sites/BT/overrides', body, headers);
  const confirmed = (token: string) => ({ 'felinar-confirmation': token });
  const overrides = async () => (await api.get('/sites/BT/overrides')).body.items.length;

  it('is refused with a token, changes nothing, and is done when it is said again with it', async () => {
    const before = await overrides();
    const refused = await override(OFF);
    expect(refused.status).toBe(428);
    expect(refused.body).toMatchObject({
      type: 'urn:felinar:problem:confirmation-needed',
      detail: expect.stringMatching(
        /^This switches off all 200 lamps of site BT until 2026-11-24T13:00:00.000Z\. If that is meant/,
      ),
      confirmation: expect.stringMatching(/^felc_/),
      expiresAt: new Date(api.wallMs + 5 * MINUTE_MS).toISOString(),
    });
    expect(await overrides()).toBe(before);
    const done = await override(OFF, confirmed(refused.body.confirmation));
    expect([done.status, done.body.lampCount]).toEqual([202, 200]);
    expect(await overrides()).toBe(before + 1);
    // Once.
    const again = await override(OFF, confirmed(refused.body.confirmation));
    expect([again.status, again.body.detail]).toEqual([428, expect.stringContaining('was used')]);
  });

  it('holds for this request, of this asker, for five minutes', async () => {
    const token = async () => (await override(OFF)).body.confirmation as string;
    const other = await api.as('other');
    const key = (await api.post('/me/api-keys', { name: 'k', grants: [{ role: 'administrator' }] })).body.key as string;
    const site = (await api.get('/sites/BT')).body;
    expect(site.address).toBe('BT');
    const attempts: (readonly [object, Record<string, string>])[] = [
      [{ ...OFF, expiresAt: '2026-11-24T14:00:00Z' }, {}],
      [{ ...OFF, reason: 'x' }, {}],
      [OFF, other],
      [OFF, { 'x-api-key': key }],
    ];
    for (const [body, headers] of attempts)
      expect([body, (await override(body, { ...headers, ...confirmed(await token()) })).status]).toEqual([body, 428]);
    for (const wrong of ['', 'felc_x', 'x'.repeat(5_000), `felc_${'A'.repeat(43)}`])
      expect((await override(OFF, confirmed(wrong))).status).toBe(428);
    const late = await token();
    api.wallMs += 5 * MINUTE_MS;
    expect((await override(OFF, confirmed(late))).status).toBe(428);
    const inTime = await token();
    api.wallMs += 5 * MINUTE_MS - 1;
    expect((await override(OFF, confirmed(inTime))).status).toBe(202);
  });

  it('of two that say it again at once one does it', async () => {
    const { confirmation } = (await override(OFF)).body;
    const both = await Promise.all([override(OFF, confirmed(confirmation)), override(OFF, confirmed(confirmation))]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 428]);
  });

  it('keeps its idempotency key: refused, confirmed and repeated it is done once', async () => {
    const named = { 'idempotency-key': 'dark-1' };
    const refused = await override(OFF, named);
    expect(refused.status).toBe(428);
    const done = await override(OFF, { ...named, ...confirmed(refused.body.confirmation) });
    const repeated = await override(OFF, { ...named, ...confirmed(refused.body.confirmation) });
    expect([done.status, repeated.status, repeated.body.id]).toEqual([202, 202, done.body.id]);
  });

  it.each([
    ['half of a large site', { target: { kind: 'group', address: 'CENTRE' } }, 428],
    ['less than that', { target: { kind: 'group', address: 'NORTH' } }, 202],
    ['one lamp', { target: { kind: 'lamps', addresses: [lampAddress(1)] } }, 202],
    ['a site that is dimmed', { levelPercent: 1 }, 202],
    [
      'a group with the words of somebody who has confirmed nothing',
      { target: { kind: 'group', address: 'NORTH' } },
      202,
    ],
  ])('%s', async (_, change, status) => {
    expect((await override({ ...OFF, ...change })).status).toBe(status);
  });

  describe('by a program', () => {
    const DARK = { ...EVENING, switchPoints: [{ at: clock('12:00'), levelPercent: 0, fadeS: 0 }] };
    const create = (body: object, headers: Record<string, string> = {}) =>
      api.post('/sites/BT/programs', body, headers);

    it('is asked for twice when it is made', async () => {
      const body = { ...DARK, address: 'DARK' };
      const refused = await create(body);
      expect(refused.status).toBe(428);
      expect(refused.body.detail).toMatch(
        /^With this program lamps are not lit at all between civil dusk and civil dawn in 366 nights/,
      );
      expect((await api.get('/sites/BT/programs/DARK')).status).toBe(404);
      expect((await create(body, confirmed(refused.body.confirmation))).status).toBe(201);
    });

    it('and when a good one becomes such, but not for another name of it', async () => {
      expect((await create(EVENING)).status).toBe(201);
      const change = (body: object, headers = {}) => api.patch('/sites/BT/programs/EVENING', body, headers);
      const summer = { activePeriods: [{ from: clock('17:00'), to: clock('20:30') }], switchPoints: [] };
      const refused = await change(summer);
      expect([refused.status, refused.body.detail]).toEqual([
        428,
        expect.stringContaining('nights of the coming year, the first that of 2027-0'),
      ]);
      expect((await api.get('/sites/BT/programs/EVENING')).body.version).toBe(1);
      expect((await change(summer, confirmed(refused.body.confirmation))).body).toMatchObject({ version: 2 });
      expect((await change({ name: 'Summer' })).status).toBe(200);
    });

    it('that switches off for a part of the night is a city’s own business', async () => {
      const part = {
        ...EVENING,
        address: 'PART',
        switchPoints: [
          { at: sun('civilDusk', -10), levelPercent: 100, fadeS: 0 },
          { at: clock('23:30'), levelPercent: 0, fadeS: 0 },
          { at: clock('05:00'), levelPercent: 100, fadeS: 0 },
        ],
      };
      expect((await create(part)).status).toBe(201);
    });
  });
});
