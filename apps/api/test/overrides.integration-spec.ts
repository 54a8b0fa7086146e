import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { overridePage, overrideView } from '../src/overrides/override.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';
import { ControlStandIn } from './support/control-stand-in.js';

const HOUR_MS = 3_600_000;

describe('overrides', () => {
  let api: ApiUnderTest;
  let control: ControlStandIn;
  const at = (hours: number) => new Date(api.nowMs + hours * HOUR_MS).toISOString();
  const body = (parts: object = {}) => ({ target: { kind: 'site' }, levelPercent: 60, expiresAt: at(2), ...parts });
  const create = (parts: object = {}, headers: Record<string, string> = {}) =>
    api.post('/sites/BT/overrides', body(parts), headers);

  beforeEach(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 4);
    await api.post('/sites/BT/groups/CENTRE/lamps', { add: ['L-0001', 'L-0002'] });
    control = new ControlStandIn(api);
  });
  afterEach(() => api.stop());

  it.each([
    [{ kind: 'site' }, ['L-0001', 'L-0002', 'L-0003', 'L-0004'], null],
    [{ kind: 'cabinet', address: 'CAB-01' }, ['L-0001', 'L-0002', 'L-0003', 'L-0004'], 'CAB-01'],
    [{ kind: 'group', address: 'CENTRE' }, ['L-0001', 'L-0002'], 'CENTRE'],
    [{ kind: 'lamps', addresses: ['L-0003', 'L-0001', 'L-0003'] }, ['L-0001', 'L-0003'], null],
  ])('for the target %j command its lamps', async (target, lamps, address) => {
    const answer = await create({ target, reason: ' Match ', fadeS: 5 }, await api.as('maria'));
    expect(answer.status).toBe(202);
    expect(overrideView.parse(answer.body)).toMatchObject({
      ...{ target: { kind: target.kind, address }, lampCount: lamps.length, heldLamps: 0, state: 'active' },
      ...{ levelPercent: 60, fadeS: 5, priority: 'manual', reason: 'Match', createdBy: 'maria', releasedAt: null },
      ...{ startsAt: at(0), expiresAt: at(2) },
      progress: { queued: lamps.length, sent: 0, acknowledged: 0, confirmed: 0, failed: 0, expired: 0, cancelled: 0 },
      events: `/api/v1/sites/BT/command-batches/${answer.body.batches[0]}/events`,
    });
    expect(answer.headers.get('location')).toBe(`/api/v1/sites/BT/overrides/${answer.body.id}`);
    expect(await control.told()).toEqual(Object.fromEntries(lamps.map((lamp) => [lamp, 60])));
    expect((await api.get(`/sites/BT/overrides/${answer.body.id.toUpperCase()}`)).body).toEqual(answer.body);
    await control.deliver();
    expect((await api.get(`/sites/BT/overrides/${answer.body.id}`)).body.progress.confirmed).toBe(lamps.length);
  });

  describe('with an Idempotency-Key', () => {
    const key = { 'idempotency-key': 'k 1' };

    it('are made once, also of two requests at once, and also when the answer comes too late', async () => {
      const asked = body();
      const post = () => api.post('/sites/BT/overrides', asked, key);
      const [one, two] = await Promise.all([post(), post()]);
      expect([one.status, two.status]).toEqual([202, 202]);
      expect(two.body).toEqual(one.body);
      api.nowMs += 3 * HOUR_MS;
      const late = await post();
      expect([late.status, late.body]).toEqual([202, one.body]);
      expect((await api.get('/sites/BT/overrides')).body.items).toHaveLength(1);
    });

    it('are refused for another body', async () => {
      await create({}, key);
      const other = await create({ levelPercent: 61 }, key);
      expect(other.body).toMatchObject({ status: 409, detail: expect.stringContaining('take a new key') });
    });

    it('may be tried again after a refusal', async () => {
      expect((await create({ target: { kind: 'group', address: 'NORTH' } }, key)).status).toBe(422);
      expect((await create({}, key)).status).toBe(202);
    });

    it('are released once', async () => {
      const { id } = (await create()).body;
      const release = () => api.post(`/sites/BT/overrides/${id}/release`, undefined, key);
      const [one, two] = await Promise.all([release(), release()]);
      expect([one.status, two.body]).toEqual([202, one.body]);
    });
  });

  it('that begin later command nothing before', async () => {
    const { id, ...view } = (await create({ startsAt: at(1) })).body;
    expect(view).toMatchObject({ state: 'scheduled', batches: [], events: null, heldLamps: 0 });
    await control.plan();
    expect(await control.told()).toEqual({});
    api.nowMs += HOUR_MS;
    await control.plan();
    expect((await api.get(`/sites/BT/overrides/${id}`)).body).toMatchObject({
      state: 'active',
      progress: { queued: 4 },
    });
    api.nowMs += HOUR_MS;
    expect((await api.get(`/sites/BT/overrides/${id}`)).body.state).toBe('ended');
    expect((await api.post(`/sites/BT/overrides/${id}/release`)).body).toMatchObject({
      status: 409,
      detail: `The override ended at ${at(0)}: there is nothing to release`,
    });
  });

  it('of an emergency go before manual ones, which come back after it', async () => {
    const manual = (await create({ levelPercent: 30 })).body;
    const emergency = (
      await create({ priority: 'emergency', levelPercent: 100, target: { kind: 'group', address: 'CENTRE' } })
    ).body;
    const later = (await create({ levelPercent: 20, target: { kind: 'group', address: 'CENTRE' } })).body;
    expect(await control.told()).toEqual({ 'L-0001': 100, 'L-0002': 100, 'L-0003': 30, 'L-0004': 30 });
    expect(later).toMatchObject({ heldLamps: 2, batches: [], events: null });
    expect((await api.get(`/sites/BT/overrides/${manual.id}`)).body).toMatchObject({
      heldLamps: 2,
      progress: { queued: 2, cancelled: 2 },
    });
    expect((await api.post(`/sites/BT/overrides/${emergency.id}/release`)).body.heldLamps).toBe(0);
    expect(await control.told()).toMatchObject({ 'L-0001': 20, 'L-0002': 20 });
    await api.post(`/sites/BT/overrides/${later.id}/release`);
    expect(await control.told()).toMatchObject({ 'L-0001': 30, 'L-0002': 30 });
    expect((await api.get(`/sites/BT/overrides/${manual.id}`)).body).toMatchObject({ heldLamps: 0 });
  });

  it('are released: what is open is cancelled, the lamps are told, and it is done once', async () => {
    const { id } = (await create({ target: { kind: 'lamps', addresses: ['L-0001', 'L-0002'] } })).body;
    await control.answer((await control.send()).filter(({ lamp }) => lamp === 'L-0001'));
    const released = await api.post(`/sites/BT/overrides/${id}/release`, undefined, await api.as('stefan'));
    expect(released.status).toBe(202);
    expect(overrideView.parse(released.body)).toMatchObject({
      ...{ state: 'released', releasedAt: at(0), releasedBy: 'stefan' },
      progress: { cancelled: 2, queued: 0 },
    });
    expect(await control.told()).toEqual({ 'L-0001': null, 'L-0002': null });
    const batch = await api.get(`/sites/BT/command-batches/${released.body.batches[0]}`);
    expect(batch.body).toMatchObject({ kind: 'release', override: id, lamps: 2, counts: { queued: 2 } });
    expect((await api.post(`/sites/BT/overrides/${id}/release`)).body).toMatchObject({
      status: 409,
      detail: `The override was released at ${at(0)} already by stefan: there is nothing to release`,
    });
  });

  it('release their lamps when their group is deleted', async () => {
    await create({ target: { kind: 'group', address: 'CENTRE' } });
    await control.deliver();
    expect((await api.delete('/sites/BT/groups/CENTRE')).status).toBe(204);
    expect(await control.plan()).toMatchObject([{ kind: 'release', overrideId: null, lamps: 2 }]);
    expect(await control.told()).toEqual({ 'L-0001': null, 'L-0002': null });
    expect(await control.plan()).toEqual([]);
    expect((await api.get('/sites/BT/command-batches')).body.items).toMatchObject([
      { kind: 'release', override: null },
    ]);
  });

  it('are listed, the latest first, and by whether they hold', async () => {
    const ids: string[] = [];
    for (const startsAt of [undefined, at(1), undefined]) ids.push((await create({ startsAt })).body.id);
    await api.post(`/sites/BT/overrides/${ids[0]}/release`);
    const list = async (query: string) => {
      const page = overridePage.parse((await api.get(`/sites/BT/overrides${query}`)).body);
      return { ids: page.items.map(({ id }) => id), next: page.nextCursor };
    };
    expect(await list('')).toEqual({ ids: [...ids].reverse(), next: null });
    expect(await list('?active=true')).toEqual({ ids: [ids[2]], next: null });
    expect(await list('?active=false')).toEqual({ ids: [ids[1], ids[0]], next: null });
    const first = await list('?limit=2');
    expect(first.ids).toEqual([ids[2], ids[1]]);
    expect(await list(`?limit=2&cursor=${first.next}`)).toEqual({ ids: [ids[0]], next: null });
  });
});

describe('overrides that cannot be', () => {
  let api: ApiUnderTest;
  const at = (hours: number) => new Date(api.nowMs + hours * HOUR_MS).toISOString();
  const create = (parts: object = {}, headers: Record<string, string> = {}) =>
    api.post(
      '/sites/BT/overrides',
      { target: { kind: 'site' }, levelPercent: 60, expiresAt: at(2), ...parts },
      headers,
    );

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 1);
  });
  afterAll(() => api.stop());

  it('are refused with what to do', async () => {
    const missing = await create({ expiresAt: undefined });
    expect(missing.body).toMatchObject({ status: 400, errors: [{ pointer: '/expiresAt' }] });
    const refusal = async (parts: object) => {
      const { status, errors } = (await create(parts)).body;
      return [status, errors[0].pointer, errors[0].problem];
    };
    expect(await refusal({ expiresAt: at(-1) })).toEqual([
      422,
      '/expiresAt',
      `lies in the past (it is ${at(0)}): name a later time`,
    ]);
    expect(await refusal({ expiresAt: at(24 * 40) })).toEqual([
      422,
      '/expiresAt',
      expect.stringContaining('use a control program'),
    ]);
    expect(await refusal({ expiresAt: '2026-11-25 10:00' })).toEqual([
      400,
      '/expiresAt',
      'must be an instant with its offset (RFC 3339), such as 2026-11-24T23:00:00Z',
    ]);
    expect(await refusal({ target: { kind: 'lamps', addresses: ['L-0001', 'NO-1', 'NO-2'] } })).toEqual([
      422,
      '/target/addresses/1',
      'there is no lamp NO-1 in site BT',
    ]);
    expect(await refusal({ target: { kind: 'group', address: 'NO' } })).toEqual([
      422,
      '/target/address',
      'there is no group NO in site BT',
    ]);
    expect(await refusal({ target: { kind: 'group', address: 'NORTH' } })).toEqual([
      422,
      '/target',
      'the group NORTH has no lamps in service: put lamps there first, or take another target',
    ]);
    expect(await refusal({ target: { kind: 'street' } })).toEqual([
      400,
      expect.stringMatching(/^\/target/),
      'must have a kind: site, cabinet or group (with address), or lamps (with addresses)',
    ]);
    expect(await refusal({ levelPercent: 101 })).toEqual([400, '/levelPercent', 'must be 100 or less']);
    expect(await new ControlStandIn(api).told()).toEqual({});
    expect((await api.get('/sites/BT/overrides')).body.items).toEqual([]);
  });

  it.each([
    ['GET', '/sites/BT/overrides/17'],
    ['POST', '/sites/BT/overrides/17/release'],
    ['GET', '/sites/BT/command-batches/17'],
    ['GET', '/sites/BT/command-batches/17/commands'],
    ['GET', '/sites/BT/command-batches/17/events'],
    ['POST', '/sites/BT/command-batches/17/cancel'],
  ] as const)('%s %s says what an id looks like', async (method, path) => {
    const answer = await api.call(method, path);
    expect(answer.body).toMatchObject({
      status: 404,
      detail: expect.stringMatching(/^There is no (override|command batch) 17: ids are UUIDs such as /),
    });
    const unknown = await api.call(method, path.replace('17', '5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'));
    expect(unknown.body).toMatchObject({ status: 404, detail: expect.stringContaining('in site BT') });
  });

  it.each([
    [{ 'idempotency-key': 'ä' }, 'header/Idempotency-Key'],
    [{ 'idempotency-key': 'x'.repeat(201) }, 'header/Idempotency-Key'],
  ])('refuse the header %j', async (headers: Record<string, string>, pointer) => {
    expect((await create({}, headers)).body).toMatchObject({ status: 400, errors: [{ pointer }] });
  });
});
