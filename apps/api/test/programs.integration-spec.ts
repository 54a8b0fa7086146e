import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calendarPage, calendarView } from '../src/calendars/calendar.schema.js';
import { programPage, programView } from '../src/programs/program.schema.js';
import { changePage, versionView } from '../src/programs/versions.schema.js';
import { ApiUnderTest, LAMP_TYPE, SITE } from './support/api-under-test.js';
import { clock, EVENING, STREETS, sun, WEEKEND } from './support/programs.js';

describe('a lighting engineer keeps', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 2);
  });
  afterAll(() => api.stop());

  const pointers = (answer: { body: { errors: { pointer: string }[] } }) =>
    answer.body.errors.map(({ pointer }) => pointer);

  describe('control programs', () => {
    it('creates, reads, lists and changes them', async () => {
      const created = await api.post('/sites/BT/programs', EVENING);
      expect(created.status).toBe(201);
      expect(created.headers.get('location')).toBe('/api/v1/sites/BT/programs/EVENING');
      expect(created.headers.get('etag')).toBe('"1"');
      expect(programView.parse(created.body)).toMatchObject({ ...EVENING, version: 1, warnings: [] });
      const changed = await api.patch('/sites/BT/programs/EVENING', { minimumLevelPercent: 30 }, { 'if-match': '"1"' });
      expect(changed.body).toMatchObject({ ...EVENING, minimumLevelPercent: 30, version: 2 });
      expect((await api.get('/sites/BT/programs/EVENING')).body).toEqual(changed.body);
      const stale = await api.patch('/sites/BT/programs/EVENING', { name: 'x' }, { 'if-match': '"1"' });
      expect(stale.body).toMatchObject({ status: 412, detail: expect.stringContaining('at version 2 by now') });
      expect(programPage.parse((await api.get('/sites/BT/programs')).body).items).toHaveLength(1);
      expect((await api.post('/sites/BT/programs', EVENING)).body.detail).toBe(
        'There is a program EVENING in site BT already',
      );
    });

    it('are told at once what may not be meant in the year to come', async () => {
      const morning = {
        address: 'MORNING',
        name: 'On at six',
        activePeriods: [{ from: clock('06:00'), to: sun('sunrise') }],
      };
      const created = await api.post('/sites/BT/programs', morning);
      expect(programView.parse(created.body).warnings.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['darkAtNight', 'periodEmpty']),
      );
      expect((await api.get('/sites/BT/programs/MORNING')).body.warnings).toEqual(created.body.warnings);
      expect((await api.delete('/sites/BT/programs/MORNING')).status).toBe(204);
    });

    it.each([
      ['a wall time that no clock shows', { at: clock('24:00') }, '/switchPoints/1/at/anchor/time', /00:00/],
      [
        'a wall time that is a number',
        { at: { anchor: { kind: 'clock', time: 23 } } },
        '/switchPoints/1/at/anchor/time',
        /HH:MM/,
      ],
      ['an anchor that it does not know', { at: sun('moonrise') }, '/switchPoints/1/at/anchor/kind', /civilDusk/],
      ['an anchor that is a text', { at: { anchor: 'sunset' } }, '/switchPoints/1/at/anchor', /"kind": "sunset"/],
      [
        'a time for the sunset',
        { at: { anchor: { kind: 'sunset', time: '20:00' } } },
        '/switchPoints/1/at/anchor/time',
        /spelling/,
      ],
      [
        'an altitude without its half',
        { at: { anchor: { kind: 'sunAltitude', altitudeDeg: -4 } } },
        '/switchPoints/1/at/anchor/half',
        /evening/,
      ],
      [
        'a sun that is too high',
        { at: { anchor: { kind: 'sunAltitude', altitudeDeg: 60, half: 'evening' } } },
        '/switchPoints/1/at/anchor/altitudeDeg',
        /18 or less/,
      ],
      ['an offset of days', { at: sun('sunset', 1441) }, '/switchPoints/1/at/offsetMinutes', /720 or less/],
      ['more than full level', { levelPercent: 101 }, '/switchPoints/1/levelPercent', /100 or less/],
      ['a level that is missing', { levelPercent: undefined }, '/switchPoints/1/levelPercent', /must be a number/],
      ['a fade of two hours', { fadeS: 7200 }, '/switchPoints/1/fadeS', /3600 or less/],
    ])('are refused %s, and where it is', async (_, change, pointer, problem) => {
      const [first, second, third] = EVENING.switchPoints;
      const switchPoints = [first, { ...second, ...change }, third];
      const answer = await api.post('/sites/BT/programs', { ...EVENING, address: 'BAD', switchPoints });
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toEqual([{ pointer, problem: expect.stringMatching(problem) }]);
    });

    it('are refused what is no list, and too long ones', async () => {
      const bad = { address: 'BAD', name: 'Bad', activePeriods: 'all', switchPoints: [5], minimumLevelPercent: '20' };
      expect(pointers(await api.post('/sites/BT/programs', bad))).toEqual([
        '/activePeriods',
        '/switchPoints/0',
        '/minimumLevelPercent',
      ]);
      const many = { ...EVENING, address: 'MANY', switchPoints: Array(33).fill(EVENING.switchPoints[0]) };
      expect(pointers(await api.post('/sites/BT/programs', many))).toEqual(['/switchPoints']);
    });
  });

  describe('calendars', () => {
    it('creates, reads, lists and changes them', async () => {
      await api.post('/sites/BT/programs', WEEKEND);
      const created = await api.post('/sites/BT/calendars', STREETS);
      expect(created.status).toBe(201);
      expect(calendarView.parse(created.body)).toMatchObject({ ...STREETS, version: 1, warnings: [] });
      const changed = await api.patch('/sites/BT/calendars/STREETS', { name: 'All streets' }, { 'if-match': '"1"' });
      expect(changed.body).toMatchObject({ ...STREETS, name: 'All streets', version: 2 });
      expect((await api.get('/sites/BT/calendars/STREETS')).body).toEqual(changed.body);
      expect((await api.patch('/sites/BT/calendars/STREETS', {}, { 'if-match': '"1"' })).status).toBe(412);
      expect(calendarPage.parse((await api.get('/sites/BT/calendars')).body).items).toHaveLength(1);
    });

    it('are refused programs that do not exist, each where it is named', async () => {
      const answer = await api.post('/sites/BT/calendars', {
        ...STREETS,
        address: 'BAD',
        rules: [...STREETS.rules, { ...STREETS.rules[0], program: 'NO-1' }],
        defaultProgram: 'NO-2',
      });
      expect(answer.status).toBe(422);
      expect(pointers(answer)).toEqual(['/rules/1/program', '/defaultProgram']);
      expect((await api.get('/sites/BT/calendars/BAD')).status).toBe(404);
      const patched = await api.patch('/sites/BT/calendars/STREETS', { defaultProgram: 'NO-3' });
      expect(patched.body.errors).toEqual([
        { pointer: '/defaultProgram', problem: 'there is no program NO-3 in site BT: create it first' },
      ]);
    });

    it.each([
      ['no condition', [], '/rules/0/conditions'],
      ['a condition that it does not know', [{ kind: 'moon' }], '/rules/0/conditions/0/kind'],
      ['a day that no year has', [{ kind: 'yearly', date: '02-30' }], '/rules/0/conditions/0/date'],
      ['a date that does not exist', [{ kind: 'dates', dates: ['2026-02-29'] }], '/rules/0/conditions/0/dates/0'],
      ['an eighth day', [{ kind: 'weekdays', weekdays: [8] }], '/rules/0/conditions/0/weekdays/0'],
      ['a sixth Monday', [{ kind: 'nthWeekday', weekday: 1, nth: 6 }], '/rules/0/conditions/0/nth'],
      ['another church', [{ kind: 'easter', offsetDays: 0, church: 'other' }], '/rules/0/conditions/0/church'],
      ['the end of a range alone', [{ kind: 'dateRange', to: '02-15' }], '/rules/0/conditions/0/from'],
    ])('are refused %s', async (_, conditions, pointer) => {
      const rules = [{ conditions, program: 'WEEKEND' }];
      const answer = await api.post('/sites/BT/calendars', { ...STREETS, address: 'BAD', rules });
      expect(answer.status).toBe(400);
      expect(pointers(answer)).toEqual([pointer]);
    });

    it('a program that calendars name stays until they name it no more', async () => {
      const refused = await api.delete('/sites/BT/programs/WEEKEND');
      expect(refused.body).toMatchObject({
        status: 409,
        detail: 'Program WEEKEND is used by calendar STREETS: take it out there first',
      });
      expect((await api.patch('/sites/BT/calendars/STREETS', { rules: [] })).status).toBe(200);
      expect((await api.delete('/sites/BT/programs/WEEKEND')).status).toBe(204);
      expect((await api.delete('/sites/BT')).body.detail).toContain('1 calendar, 1 control program');
    });
  });

  describe('who changed what', () => {
    it('is kept with every version, newest first, also when the program is gone', async () => {
      const by = await api.as('maria.ionescu');
      await api.post('/sites/BT/programs', { ...EVENING, address: 'H', comment: 'First try' }, by);
      await api.patch('/sites/BT/programs/H', { name: 'Again', comment: 'Better name' });
      expect((await api.patch('/sites/BT/programs/H', { name: 'Again', comment: 'No change' })).body.version).toBe(2);
      await api.delete('/sites/BT/programs/H', by);
      const page = changePage.parse((await api.get('/sites/BT/programs/H/versions')).body);
      const changedAt = new Date(api.nowMs).toISOString();
      expect(page.items).toEqual([
        { version: 3, action: 'deleted', changedBy: 'maria.ionescu', comment: null, changedAt },
        { version: 2, action: 'changed', changedBy: 'admin', comment: 'Better name', changedAt },
        { version: 1, action: 'created', changedBy: 'maria.ionescu', comment: 'First try', changedAt },
      ]);
      const first = await api.get('/sites/BT/programs/H/versions/1');
      const { address: _, ...rest } = EVENING;
      expect(versionView.parse(first.body).content).toEqual({ address: 'H', ...rest });
      expect((await api.get('/sites/BT/programs/H/versions?limit=1')).body.items).toHaveLength(1);
      const { nextCursor } = (await api.get('/sites/BT/programs/H/versions?limit=2')).body;
      expect((await api.get(`/sites/BT/programs/H/versions?cursor=${nextCursor}`)).body.items).toHaveLength(1);
      expect((await api.get('/sites/BT/programs/H/versions/9')).status).toBe(404);
      expect((await api.get('/sites/BT/programs/NEVER/versions')).status).toBe(404);
    });

    it('goes on where an address is used again: an ETag of old fits nothing new', async () => {
      const again = await api.post('/sites/BT/programs', { ...EVENING, address: 'H' });
      expect([again.body.version, again.headers.get('etag')]).toEqual([4, '"4"']);
      expect((await api.patch('/sites/BT/programs/H', { name: 'x' }, { 'if-match': '"1"' })).status).toBe(412);
      expect((await api.delete('/sites/BT/programs/H', { 'if-match': '"4"' })).status).toBe(204);
    });

    it('of calendars too', async () => {
      const { items } = changePage.parse((await api.get('/sites/BT/calendars/STREETS/versions')).body);
      expect(items.map(({ version, action }) => [version, action])).toEqual([
        [3, 'changed'],
        [2, 'changed'],
        [1, 'created'],
      ]);
      expect((await api.get('/sites/BT/calendars/STREETS/versions/1')).body.content).toEqual(STREETS);
    });
  });

  it('minimum levels of lighting classes', async () => {
    const levels = { M4: 40, P4: 20 };
    const site = await api.patch('/sites/BT', { minimumLevelPercentByRoadClass: levels });
    expect(site.body).toMatchObject({ minimumLevelPercentByRoadClass: levels });
    expect((await api.get('/sites/BT')).body.minimumLevelPercentByRoadClass).toEqual(levels);
    const bad = { minimumLevelPercentByRoadClass: { M4: 101, ['x'.repeat(21)]: 1 } };
    expect((await api.patch('/sites/BT', bad)).body.errors).toHaveLength(2);
    expect((await api.post('/sites', { ...SITE, address: 'X' })).body.minimumLevelPercentByRoadClass).toEqual({});
  });

  it('power curves of lamp types', async () => {
    const powerCurve = [
      { levelPercent: 30, powerPercent: 35 },
      { levelPercent: 100, powerPercent: 100 },
    ];
    const created = await api.post('/lamp-types', { ...LAMP_TYPE, code: 'CURVE', powerCurve });
    expect(created.body).toMatchObject({ powerCurve, version: 1 });
    expect((await api.patch('/lamp-types/CURVE', { powerCurve })).body.version).toBe(1);
    expect((await api.patch('/lamp-types/CURVE', { powerCurve: [] })).body).toMatchObject({
      powerCurve: [],
      version: 2,
    });
    const bad = [
      { levelPercent: 50, powerPercent: 60 },
      { levelPercent: 50, powerPercent: 50 },
      { levelPercent: 100, powerPercent: 95 },
    ];
    expect(pointers(await api.patch('/lamp-types/CURVE', { powerCurve: bad }))).toEqual([
      '/powerCurve/1/levelPercent',
      '/powerCurve/1/powerPercent',
      '/powerCurve/2/powerPercent',
    ]);
  });
});
