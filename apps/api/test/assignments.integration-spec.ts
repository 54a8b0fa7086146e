import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assignmentPage, assignmentView } from '../src/assignments/assignment.schema.js';
import { scheduleView, yearView } from '../src/lamp-schedules/lamp-schedule.schema.js';
import { ApiUnderTest, LAMP } from './support/api-under-test.js';
import { clock, EVENING, STREETS, sun, WEEKEND } from './support/programs.js';
import { textsOfSvg } from './support/well-formed.js';

describe('assignments', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
    await api.post('/sites/BT/programs', EVENING);
    await api.post('/sites/BT/programs', WEEKEND);
    for (const address of ['STREETS', 'PARKS', 'SQUARES', 'BRIDGES'])
      await api.post('/sites/BT/calendars', { ...STREETS, address, name: address });
  });
  afterAll(() => api.stop());

  const assign = (target: string, calendar: string, more = {}) =>
    api.put(`/sites/BT/assignments/${target}`, { calendar, ...more });
  const schedule = async (lamp: string, query = '') =>
    scheduleView.parse((await api.get(`/sites/BT/lamps/${lamp}/schedule${query}`)).body);

  it('say of a lamp without a calendar that it has none, and what to do', async () => {
    const answer = await schedule('L-0001');
    expect(answer).toMatchObject({ calendar: null, assignment: null, night: null, now: null, date: '2026-11-24' });
    expect(answer.message).toMatch(/has no calendar.*PUT \/sites\/BT\/assignments\/site\/BT/);
    const year = await api.get('/sites/BT/lamps/L-0001/schedule/year');
    expect(yearView.parse(year.body)).toMatchObject({ nights: [], days: 366, burningHours: 0 });
  });

  it('are put, read, changed and taken away, with ETags', async () => {
    const created = await assign('cabinet/CAB-01', 'PARKS', { comment: 'Trial' });
    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"']);
    expect(assignmentView.parse(created.body)).toMatchObject({
      ...{ kind: 'cabinet', address: 'CAB-01', calendar: 'PARKS', priority: 0, lampCount: 3, decidesFor: 3 },
    });
    const again = await assign('cabinet/CAB-01', 'PARKS');
    expect([again.status, again.body.version]).toEqual([200, 1]);
    const other = await api.put('/sites/BT/assignments/cabinet/CAB-01', { calendar: 'SQUARES' }, { 'if-match': '"1"' });
    expect(other.body).toMatchObject({ calendar: 'SQUARES', version: 2 });
    const stale = await api.put('/sites/BT/assignments/cabinet/CAB-01', { calendar: 'PARKS' }, { 'if-match': '"1"' });
    expect(stale.status).toBe(412);
    expect((await api.get('/sites/BT/assignments/cabinet/CAB-01')).body).toEqual(other.body);
    expect((await api.delete('/sites/BT/assignments/cabinet/CAB-01', { 'if-match': '"1"' })).status).toBe(412);
    expect((await api.delete('/sites/BT/assignments/cabinet/CAB-01', { 'if-match': '"2"' })).status).toBe(204);
    expect((await api.delete('/sites/BT/assignments/cabinet/CAB-01')).status).toBe(404);
    const gone = await api.put('/sites/BT/assignments/cabinet/CAB-01', { calendar: 'PARKS' }, { 'if-match': '"2"' });
    expect(gone.status).toBe(412);
    const history = (await api.get('/sites/BT/assignments/cabinet/CAB-01/versions')).body.items;
    expect(
      history.map((change: Record<string, unknown>) => [change['version'], change['action'], change['comment']]),
    ).toEqual([
      [3, 'deleted', null],
      [2, 'changed', null],
      [1, 'created', 'Trial'],
    ]);
    expect((await api.get('/sites/BT/assignments/cabinet/CAB-01/versions/1')).body.content).toEqual({
      ...{ kind: 'cabinet', address: 'CAB-01', calendar: 'PARKS', priority: 0 },
    });
  });

  it.each([
    ['a kind that does not exist', 'street/UNIRII', { calendar: 'PARKS' }, 400, 'path/kind'],
    ['another site', 'site/OULU', { calendar: 'PARKS' }, 404, undefined],
    ['a group that does not exist', 'group/NO', { calendar: 'PARKS' }, 404, undefined],
    ['a lamp that does not exist', 'lamp/NO', { calendar: 'PARKS' }, 404, undefined],
    ['a calendar that does not exist', 'site/BT', { calendar: 'NO' }, 422, '/calendar'],
    ['a priority of a lamp', 'lamp/L-0001', { calendar: 'PARKS', priority: 5 }, 422, '/priority'],
    ['a priority that is no whole number', 'group/NORTH', { calendar: 'PARKS', priority: 0.5 }, 400, '/priority'],
    ['no calendar', 'site/BT', {}, 400, '/calendar'],
  ])('are refused %s', async (_, target, body, status, pointer) => {
    const answer = await api.put(`/sites/BT/assignments/${target}`, body);
    expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([status, pointer]);
  });

  it('let the most specific decide, and say why the others do not', async () => {
    await api.post('/sites/BT/groups/CENTRE/lamps', { add: ['L-0001'] });
    await api.post('/sites/BT/groups/NORTH/lamps', { add: ['L-0001'] });
    const decides = async (lamp = 'L-0001') => {
      const { assignment, calendar } = await schedule(lamp);
      return `${assignment?.kind} ${assignment?.address} ${calendar?.address}`;
    };
    await assign('site/BT', 'STREETS');
    expect(await decides()).toBe('site BT STREETS');
    await assign('cabinet/CAB-01', 'PARKS');
    expect(await decides()).toBe('cabinet CAB-01 PARKS');
    await assign('group/NORTH', 'SQUARES');
    expect(await decides()).toBe('group NORTH SQUARES');
    await assign('group/CENTRE', 'BRIDGES');
    expect(await decides()).toBe('group CENTRE BRIDGES');
    await assign('group/NORTH', 'SQUARES', { priority: 5 });
    expect(await decides()).toBe('group NORTH SQUARES');
    const answer = await schedule('L-0001');
    expect(answer.assignment?.why).toBe('Of the groups of the lamp NORTH has the highest priority, 5');
    expect(answer.otherAssignments).toEqual([
      {
        kind: 'group',
        address: 'CENTRE',
        calendar: 'BRIDGES',
        priority: 0,
        why: 'Group NORTH has the higher priority: 5, not 0',
      },
      {
        kind: 'cabinet',
        address: 'CAB-01',
        calendar: 'PARKS',
        priority: 0,
        why: 'Group NORTH is more specific than a cabinet',
      },
      {
        kind: 'site',
        address: 'BT',
        calendar: 'STREETS',
        priority: 0,
        why: 'Group NORTH is more specific than the site',
      },
    ]);
    await assign('lamp/L-0001', 'PARKS');
    expect(await decides()).toBe('lamp L-0001 PARKS');
    expect((await api.delete('/sites/BT/assignments/lamp/L-0001')).status).toBe(204);
    const page = assignmentPage.parse((await api.get('/sites/BT/assignments')).body);
    expect(
      page.items.map(({ kind, address, lampCount, decidesFor }) => [kind, address, lampCount, decidesFor]),
    ).toEqual([
      ['site', 'BT', 3, 0],
      ['cabinet', 'CAB-01', 3, 2],
      ['group', 'CENTRE', 1, 0],
      ['group', 'NORTH', 1, 1],
    ]);
    const first = (await api.get('/sites/BT/assignments?limit=2')).body;
    const rest = (await api.get(`/sites/BT/assignments?cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items]).toEqual(page.items);
  });

  it('are live: a lamp that joins a group takes its calendar, and loses it when it leaves', async () => {
    const calendar = async () => (await schedule('L-0002')).calendar?.address;
    expect(await calendar()).toBe('PARKS');
    await api.put('/sites/BT/groups/NORTH/lamps/L-0002');
    expect(await calendar()).toBe('SQUARES');
    expect((await api.get('/sites/BT/assignments/group/NORTH')).body).toMatchObject({ lampCount: 2, decidesFor: 2 });
    await api.delete('/sites/BT/groups/NORTH/lamps/L-0002');
    expect(await calendar()).toBe('PARKS');
  });

  it('hold their calendar, and go with their group; a removed lamp holds nothing', async () => {
    expect((await api.delete('/sites/BT/calendars/SQUARES')).body).toMatchObject({
      status: 409,
      detail: 'Calendar SQUARES is assigned to group NORTH: assign another one there, or take it away, first',
    });
    expect((await api.delete('/sites/BT/groups/NORTH')).status).toBe(204);
    const { items } = (await api.get('/sites/BT/assignments/group/NORTH/versions')).body;
    expect(items[0]).toMatchObject({ action: 'deleted', comment: 'The group was deleted' });
    await api.post('/sites/BT/lamps', { ...LAMP, address: 'OLD' });
    await assign('lamp/OLD', 'SQUARES');
    await api.delete('/sites/BT/lamps/OLD');
    expect((await api.get('/sites/BT/assignments/lamp/OLD')).status).toBe(404);
    expect((await api.delete('/sites/BT/calendars/SQUARES')).status).toBe(204);
  });

  describe('and the schedule of a lamp', () => {
    it('say which rule, which program and which minimum level hold, and what is asked for now', async () => {
      api.nowMs = Date.parse('2026-11-24T22:00:00Z');
      await api.patch('/sites/BT', { minimumLevelPercentByRoadClass: { M4: 70 } });
      await api.patch('/sites/BT/lamps/L-0003', { roadClass: 'M4' });
      // A Tuesday: no rule holds. After midnight it is still the night of the 24th.
      const tuesday = await schedule('L-0003');
      expect(tuesday.date).toBe('2026-11-24');
      expect(tuesday.night).toMatchObject({
        rule: { index: null },
        program: { address: 'EVENING', version: 1 },
        minimumLevel: { levelPercent: 70, from: 'roadClass', words: expect.stringContaining('M4') },
      });
      expect(tuesday.now).toMatchObject({ levelPercent: 70, program: 'EVENING', local: '2026-11-25T00:00:00+02:00' });
      expect(
        tuesday.night?.switchPoints.map(({ local, levelPercent, programPoint }) => [local, levelPercent, programPoint]),
      ).toEqual([
        [expect.stringMatching(/^2026-11-24T16:5.:..\+02:00$/), 100, 0],
        ['2026-11-24T23:00:00+02:00', 70, 1],
        ['2026-11-25T05:00:00+02:00', 100, 2],
        [expect.stringMatching(/^2026-11-25T07:0.:..\+02:00$/), 0, null],
      ]);
      const friday = await schedule('L-0003', '?date=2026-11-27');
      expect(friday.night).toMatchObject({
        rule: { index: 0, words: 'Friday, Saturday' },
        program: { address: 'WEEKEND' },
      });
      expect(friday.now).toEqual(tuesday.now);
      const other = await schedule('L-0002');
      expect(other.night?.minimumLevel).toMatchObject({ levelPercent: 20, from: 'program' });
      await api.patch('/lamp-types/LED-57', { dimmable: false });
      expect((await schedule('L-0002')).night?.minimumLevel).toMatchObject({ levelPercent: 100, from: 'lampType' });
      await api.patch('/lamp-types/LED-57', { dimmable: true, minLevelPercent: 25 });
      expect((await schedule('L-0002')).now?.levelPercent).toBe(60);
      expect((await schedule('L-0002')).night?.minimumLevel).toMatchObject({ levelPercent: 25, from: 'lampType' });
    });

    it('say it for every night of a year', async () => {
      const year = yearView.parse((await api.get('/sites/BT/lamps/L-0003/schedule/year?from=2026-11-23&days=7')).body);
      expect(year.nights.map(({ date, rule, program }) => [date, rule, program])).toEqual([
        ['2026-11-23', null, 'EVENING'],
        ['2026-11-24', null, 'EVENING'],
        ['2026-11-25', null, 'EVENING'],
        ['2026-11-26', null, 'EVENING'],
        ['2026-11-27', 0, 'WEEKEND'],
        ['2026-11-28', 0, 'WEEKEND'],
        ['2026-11-29', null, 'EVENING'],
      ]);
      for (const { onAt, offAt, burningHours } of year.nights) {
        expect((Date.parse(offAt ?? '') - Date.parse(onAt ?? '')) / 3_600_000).toBeCloseTo(burningHours, 2);
      }
      const whole = yearView.parse((await api.get('/sites/BT/lamps/L-0003/schedule/year')).body);
      expect([whole.nights.length, whole.from]).toEqual([366, '2026-11-24']);
    });

    it('draw the year', async () => {
      const answer = await api.get('/sites/BT/lamps/L-0003/schedule/year', { accept: 'image/svg+xml' });
      expect(answer.headers.get('content-type')).toContain('image/svg+xml');
      const texts = textsOfSvg(answer.text);
      for (const words of [
        'Dec 2026',
        'Jun 2027',
        'EVENING',
        'WEEKEND',
        '100 %',
        'sunset, sunrise',
        'civil dusk, civil dawn',
      ])
        expect(texts).toContain(words);
      expect(
        (await api.get('/sites/BT/lamps/L-0003/schedule/year?format=json', { accept: 'image/svg+xml' })).body.lamp,
      ).toBe('L-0003');
    });

    it.each([
      ['schedule?date=2026-02-30', 'query/date'],
      ['schedule?date=9999-12-31', 'query/date'],
      ['schedule/year?days=367', 'query/days'],
      ['schedule/year?format=png', 'query/format'],
    ])('refuse %s', async (path, pointer) => {
      const answer = await api.get(`/sites/BT/lamps/L-0001/${path}`);
      expect(answer.body).toMatchObject({ status: 400, errors: [{ pointer }] });
    });

    it('of Oulu in June begin after midnight, and end before the morning', async () => {
      const oulu = {
        address: 'OULU',
        name: 'Oulu',
        timeZone: 'Europe/Helsinki',
        latitude: 65.0121,
        longitude: 25.4651,
      };
      await api.post('/sites', oulu);
      await api.post('/sites/OULU/lamps', { ...LAMP, cabinet: undefined, latitude: 65.01, longitude: 25.47 });
      const activePeriods = [{ from: sun('sunset'), to: sun('sunrise') }];
      const switchPoints = [
        { at: clock('01:00'), levelPercent: 50 },
        { at: clock('12:00'), levelPercent: 100 },
      ];
      await api.post('/sites/OULU/programs', { address: 'P', name: 'P', activePeriods, switchPoints });
      await api.post('/sites/OULU/calendars', { address: 'C', name: 'C', defaultProgram: 'P' });
      await api.put('/sites/OULU/assignments/site/OULU', { calendar: 'C' });
      const { body } = await api.get('/sites/OULU/lamps/L-0001/schedule?date=2026-06-20');
      expect(scheduleView.parse(body).night?.switchPoints.map(({ local }) => local.slice(0, 13))).toEqual([
        '2026-06-21T00',
        '2026-06-21T01',
        '2026-06-21T02',
      ]);
      expect(body.sun.civilDusk).toMatchObject({
        event: 'staysAbove',
        utc: null,
        words: expect.stringContaining('not get dark'),
      });
    });
  });
});
