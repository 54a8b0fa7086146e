import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { faultHistoryPage, faultPage, faultView, RESOLUTIONS } from '../src/faults/fault.schema.js';
import { ApiUnderTest, LAMP } from './support/api-under-test.js';
import { storeCrew, storeFault, type StoredFault } from './support/faults.js';

const HOUR_MS = 3_600_000;

describe('faults', () => {
  let api: ApiUnderTest;
  const store = (fault: StoredFault) => storeFault(api, fault);
  const at = (hours: number) => new Date(api.nowMs + hours * HOUR_MS).toISOString();
  const list = async (query = '') => {
    const page = faultPage.parse((await api.get(`/sites/BT/faults${query}`)).body);
    return { ids: page.items.map(({ id }) => id), next: page.nextCursor };
  };

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
    await api.patch('/sites/BT/lamps/L-0001', {
      ...{ street: 'Unirii', pole: '7', circuit: 'C1', roadClass: 'M4', mountingHeightM: 8, device: 'GW-1' },
    });
    await api.patch('/sites/BT/lamps/L-0003', { cabinet: 'CAB-02' });
    await api.post('/sites/BT/groups/CENTRE/lamps', { add: ['L-0001'] });
    await storeCrew(api, 'NORTH');
    await api.city('OTHER', 1);
    await storeFault(api, { lamp: 'L-0001', site: 'OTHER' });
  });
  afterAll(() => api.stop());
  beforeEach(() => api.database.query(`DELETE FROM fault WHERE site_id = (SELECT id FROM site WHERE address = 'BT')`));

  it('are read with place, cause, what to bring, parent and times', async () => {
    const outage = await store({
      kind: 'cabinetOutage',
      severity: 'critical',
      priority: 90,
      cabinet: 'CAB-01',
      turnsH: [-5],
    });
    const id = await store({ lamp: 'L-0001', turnsH: [-4, -1], parent: outage, crew: 'NORTH', acknowledgedH: -3.5 });
    const answer = await api.get(`/sites/BT/faults/${id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(faultView.parse(answer.body)).toEqual({
      ...{
        id,
        kind: 'lampFailure',
        title: 'Lamp is dark',
        severity: 'major',
        priority: 50,
        phase: 'cleared',
        version: 1,
      },
      ...{ subjectKind: 'lamp', subject: 'L-0001', evidence: 'evidence of lampFailure', lampCount: 1, memberCount: 0 },
      ...{ likelyCause: 'LED module or driver', bring: 'a luminaire or driver of its type, a lift', reopenings: 0 },
      place: {
        ...{
          lamp: 'L-0001',
          lampType: 'LED-57',
          device: 'GW-1',
          cabinet: 'CAB-01',
          cabinetName: 'CAB-01',
          circuit: 'C1',
        },
        ...{ street: 'Unirii', pole: '7', roadClass: 'M4', mountingHeightM: 8 },
        ...{ latitude: LAMP.latitude, longitude: LAMP.longitude },
      },
      parent: { id: outage, kind: 'cabinetOutage', subject: 'CAB-01' },
      ...{ since: at(-4.25), seenLastAt: at(-4.25), openedAt: at(-4), clearedAt: at(-1), closedAt: null },
      work: {
        ...{ acknowledgedAt: at(-3.5), acknowledgedBy: null, crew: 'NORTH', crewName: 'Crew NORTH', assignedAt: null },
        ...{
          assignedBy: null,
          resolvedAt: null,
          resolvedBy: null,
          resolution: null,
          parts: null,
          seenAgain: false,
          comments: 0,
        },
      },
      ...{ timeToAcknowledgeS: 1800, timeToRepairS: 3 * 3600 },
    });
    const cabinet = faultView.parse((await api.get(`/sites/BT/faults/${outage}`)).body);
    expect(cabinet).toMatchObject({
      ...{ subject: 'CAB-01', memberCount: 1, parent: null, timeToAcknowledgeS: null, timeToRepairS: null },
      place: { lamp: null, cabinet: 'CAB-01', latitude: expect.closeTo(LAMP.latitude, 9) },
    });
    const members = faultPage.parse((await api.get(`/sites/BT/faults/${outage}/members`)).body);
    expect(members.items).toEqual([answer.body]);
  });

  it('say what they are about', async () => {
    const subjects = [];
    for (const fault of [
      { device: 'GW-1', kind: 'communicationFailure' },
      { cabinet: 'CAB-01', circuit: 'C1', kind: 'circuitOutage' },
      { kind: 'platformOutage' },
    ]) {
      const { body } = await api.get(`/sites/BT/faults/${await store(fault)}`);
      subjects.push([body.subjectKind, body.subject, body.place.street]);
    }
    expect(subjects).toEqual([
      ['device', 'GW-1', 'Unirii'],
      ['circuit', 'CAB-01 C1', 'Unirii'],
      ['site', 'BT', null],
    ]);
  });

  it('come with the highest priority first, of equal ones the oldest, in pages that stay in step', async () => {
    const middle = await store({ lamp: 'L-0001', priority: 50, seenH: -3 });
    const oldest = await store({ lamp: 'L-0002', priority: 50, seenH: -9 });
    const top = await store({ lamp: 'L-0003', priority: 70, seenH: -1 });
    const low = await store({ lamp: 'L-0001', priority: -1, seenH: -20, kind: 'clockDrift' });
    const twin = await store({ lamp: 'L-0002', priority: 50, seenH: -3, kind: 'relayFailure' });
    const order = [top, oldest, middle, twin, low];
    expect(await list()).toEqual({ ids: order, next: null });
    const seen = [];
    for (let cursor = ''; ;) {
      const { ids, next } = await list(`?limit=1${cursor}`);
      seen.push(...ids);
      // What is closed or comes meanwhile does not move the others.
      if (seen.length === 2) await api.database.query(`UPDATE fault SET phase = 'closed' WHERE id = $1`, [oldest]);
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(seen).toEqual(order);
  });

  it('are found by every filter', async () => {
    const dark = await store({ lamp: 'L-0001', crew: 'NORTH', acknowledgedH: -1 });
    const other = await store({ lamp: 'L-0003', kind: 'relayFailure', severity: 'minor' });
    const device = await store({ device: 'GW-1', kind: 'communicationFailure', severity: 'minor', parent: dark });
    const suspected = await store({ lamp: 'L-0002', phase: 'suspected' });
    const cleared = await store({ lamp: 'L-0002', kind: 'highTemperature', turnsH: [-5, -4] });
    const closed = await store({ lamp: 'L-0001', kind: 'highTemperature', turnsH: [-5, -4], phase: 'closed' });
    const found = async (query: string) => (await list(query)).ids.sort();
    expect(await found('')).toEqual([dark, other, device, suspected, cleared].sort());
    expect(await found('?phase=open')).toEqual([dark, other, device].sort());
    expect(await found('?phase=suspected')).toEqual([suspected]);
    expect(await found('?phase=cleared')).toEqual([cleared]);
    expect(await found('?phase=closed')).toEqual([closed]);
    expect(await found('?kind=relayFailure')).toEqual([other]);
    expect(await found('?severity=minor')).toEqual([other, device].sort());
    expect(await found('?lamp=L-0001')).toEqual([dark, device].sort());
    expect(await found('?group=CENTRE')).toEqual([dark, device].sort());
    expect(await found('?cabinet=CAB-02')).toEqual([other]);
    expect(await found('?cabinet=CAB-01')).toEqual([dark, device, suspected, cleared].sort());
    expect(await found('?crew=NORTH')).toEqual([dark]);
    expect(await found('?acknowledged=true')).toEqual([dark]);
    expect(await found('?acknowledged=false&phase=open')).toEqual([other, device].sort());
    expect(await found('?member=true')).toEqual([device]);
    expect(await found('?member=false&phase=open')).toEqual([dark, other].sort());
    expect(await found('?lamp=NO')).toEqual([]);
  });

  it('that are not there are refused', async () => {
    const [foreign] = (await api.get('/sites/OTHER/faults')).body.items;
    for (const id of [String(foreign.id), '999999999999999']) {
      for (const path of ['', '/members', '/history']) {
        expect((await api.get(`/sites/BT/faults/${id}${path}`)).body).toMatchObject({
          status: 404,
          detail: `There is no fault ${id} in site BT`,
        });
      }
      expect((await api.post(`/sites/BT/faults/${id}/acknowledge`)).status).toBe(404);
    }
    expect((await api.get('/sites/BT/faults/x')).body.detail).toBe(
      'There is no fault x: ids are numbers such as 4711; take them from the list',
    );
    for (const query of ['phase=shut', 'kind=dark', 'severity=2', 'acknowledged=1', 'cursor=WzE3XQ', 'cursor=x']) {
      const { status, errors } = (await api.get(`/sites/BT/faults?${query}`)).body;
      expect([status, errors[0].pointer]).toEqual([400, `query/${query.split('=')[0]}`]);
    }
  });

  describe('and what people do', () => {
    const people: Record<string, Record<string, string>> = {};
    beforeAll(async () => {
      for (const user of ['maria', 'ion', 'ana']) people[user] = await api.as(user);
    });
    const as = (user: string, version?: number) => ({
      ...people[user],
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    });
    const act = (id: number, action: string, body?: unknown, headers: Record<string, string> = as('maria')) =>
      api.post(`/sites/BT/faults/${id}/${action}`, body, headers);
    const history = async (id: number) =>
      faultHistoryPage
        .parse((await api.get(`/sites/BT/faults/${id}/history`)).body)
        .items.map(({ event, by, text, link }) => [event, by, text, link]);

    it('acknowledge once, and again when the answer got lost', async () => {
      const id = await store({ lamp: 'L-0001', turnsH: [-2] });
      const answer = await act(id, 'acknowledge', undefined, as('maria', 1));
      expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"2"']);
      expect(faultView.parse(answer.body)).toMatchObject({
        ...{ phase: 'open', version: 2, timeToAcknowledgeS: 7200 },
        work: { acknowledgedAt: at(0), acknowledgedBy: 'maria' },
      });
      expect((await act(id, 'acknowledge')).body).toEqual(answer.body);
      expect((await act(id, 'acknowledge', undefined, as('ion'))).body).toMatchObject({
        status: 409,
        detail: `The fault was acknowledged at ${at(0)} already by maria: add a comment instead`,
      });
      expect(await history(id)).toEqual([
        ['opened', null, null, null],
        ['acknowledged', 'maria', null, null],
      ]);
    });

    it('give it to a crew, and take it back', async () => {
      const id = await store({ lamp: 'L-0001' });
      const given = await act(id, 'assign', { crew: 'NORTH', text: 'Tall lift' });
      expect(given.body.work).toMatchObject({
        crew: 'NORTH',
        crewName: 'Crew NORTH',
        assignedAt: at(0),
        assignedBy: 'maria',
      });
      expect((await act(id, 'assign', { crew: 'NORTH' })).body).toEqual(given.body);
      const back = await act(id, 'assign', { crew: null });
      expect(back.body.work).toMatchObject({ crew: null, assignedAt: null, assignedBy: null });
      expect((await history(id)).slice(1)).toEqual([
        ['assigned', 'maria', 'to NORTH (Crew NORTH): Tall lift', null],
        ['assigned', 'maria', 'to no crew', null],
      ]);
      expect((await act(id, 'assign', { crew: 'SOUTH' })).body).toMatchObject({
        status: 422,
        errors: [{ pointer: '/crew', problem: 'there is no crew SOUTH in site BT: create it first' }],
      });
    });

    it('comment, also on what is closed', async () => {
      const id = await store({ lamp: 'L-0001', turnsH: [-5, -4], phase: 'closed' });
      const photo = 'https://photos.example/1.jpg?a=b';
      const answer = await act(id, 'comment', { text: ' Wet\ninside ', photo });
      expect(answer.body).toMatchObject({ phase: 'closed', version: 2, work: { comments: 1 } });
      expect((await history(id)).at(-1)).toEqual(['commented', 'maria', 'Wet\ninside', photo]);
      const first = (await api.get(`/sites/BT/faults/${id}/history?limit=3`)).body;
      expect([first.items.length, first.nextCursor]).toEqual([3, expect.any(String)]);
      const rest = (await api.get(`/sites/BT/faults/${id}/history?limit=3&cursor=${first.nextCursor}`)).body;
      expect(rest.items.map(({ event }: { event: string }) => event)).toEqual(['commented']);
      for (const bad of [
        'javascript:alert(1)',
        'photo.jpg',
        'https://',
        'https://a b',
        'ftp://x/y',
        'data:image/png,x',
      ]) {
        expect((await act(id, 'comment', { text: 'x', photo: bad })).body).toMatchObject({
          status: 400,
          errors: [{ pointer: '/photo', problem: 'must be a link that begins with http:// or https://' }],
        });
      }
      expect((await act(id, 'comment', { text: ' ' })).body.errors).toEqual([
        { pointer: '/text', problem: 'must not be empty' },
      ]);
    });

    it('resolve without closing; what is seen again after it shows so', async () => {
      const id = await store({ lamp: 'L-0001' });
      const answer = await act(
        id,
        'resolve',
        { resolution: 'driverReplaced', parts: 'driver 75 W', text: 'gasket too' },
        as('ion', 1),
      );
      expect(answer.body).toMatchObject({
        phase: 'open',
        work: {
          resolution: 'driverReplaced',
          parts: 'driver 75 W',
          resolvedAt: at(0),
          resolvedBy: 'ion',
          seenAgain: false,
        },
      });
      await api.database.query(
        `UPDATE fault SET state = state || jsonb_build_object('seenLastMs', $2::float8) WHERE id = $1`,
        [id, api.nowMs + HOUR_MS],
      );
      expect((await api.get(`/sites/BT/faults/${id}`)).body.work).toMatchObject({
        resolution: 'driverReplaced',
        seenAgain: true,
      });
      expect((await history(id)).at(-1)).toEqual([
        'resolved',
        'ion',
        'driverReplaced; parts: driver 75 W; gasket too',
        null,
      ]);
      api.nowMs += 2 * HOUR_MS;
      const second = await act(id, 'resolve', { resolution: 'cableRepaired' }, as('ana'));
      api.nowMs -= 2 * HOUR_MS;
      expect(second.body.work).toMatchObject({
        resolution: 'cableRepaired',
        parts: null,
        resolvedBy: 'ana',
        seenAgain: false,
      });
      for (const resolution of RESOLUTIONS) {
        const { status } = await act(id, 'resolve', { resolution, text: 'x' });
        expect([resolution, status]).toEqual([resolution, 200]);
      }
      expect((await act(id, 'resolve', { resolution: 'other' })).body.errors).toEqual([
        { pointer: '/text', problem: 'must say what was done when the resolution is other' },
      ]);
      expect((await act(id, 'resolve', { resolution: 'prayed' })).status).toBe(400);
    });

    it('make no sense for what is closed or only suspected', async () => {
      const closed = await store({ lamp: 'L-0001', turnsH: [-5, -4], phase: 'closed' });
      const suspected = await store({ lamp: 'L-0002', phase: 'suspected' });
      for (const [action, body] of [
        ['acknowledge', undefined],
        ['assign', { crew: 'NORTH' }],
        ['resolve', { resolution: 'cleaned' }],
      ] as const) {
        expect((await act(closed, action, body)).body).toMatchObject({
          status: 409,
          detail: expect.stringContaining(`was closed at ${at(-4)}: there is nothing to ${action}`),
        });
        expect((await act(suspected, action, body)).body).toMatchObject({
          status: 409,
          detail: expect.stringContaining('only suspected'),
        });
      }
      expect((await api.get(`/sites/BT/faults/${closed}`)).body.version).toBe(1);
    });

    it('are refused when somebody was faster, and change nothing then', async () => {
      const id = await store({ lamp: 'L-0001' });
      const answers = await Promise.all(['ana', 'ion'].map((user) => act(id, 'comment', { text: user }, as(user, 1))));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      expect(await history(id)).toHaveLength(2);
      for (const [action, body] of [
        ['acknowledge', undefined],
        ['assign', { crew: 'NORTH' }],
        ['resolve', { resolution: 'cleaned' }],
      ] as const) {
        expect((await act(id, action, body, as('ana', 1))).body).toMatchObject({
          status: 412,
          detail: expect.stringContaining(`fault ${id} in site BT is at version 2 by now`),
        });
      }
      expect((await api.get(`/sites/BT/faults/${id}`)).body.version).toBe(2);
    });
  });
});
