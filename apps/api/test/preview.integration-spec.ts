import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { previewView } from '../src/programs/preview.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';
import { clock, EVENING, sun } from './support/programs.js';
import { textsOfSvg } from './support/well-formed.js';

const QUITO = { latitude: -0.18, longitude: -78.47, timeZone: 'America/Guayaquil' };
const OULU = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
/** On from 18:00 to 06:00, dimmed to half from midnight to 04:00. */
const CLOCKED = {
  activePeriods: [{ from: clock('18:00'), to: clock('06:00') }],
  switchPoints: [
    { at: clock('18:00'), levelPercent: 100 },
    { at: clock('00:00'), levelPercent: 50 },
    { at: clock('04:00'), levelPercent: 100 },
  ],
};
const LAMPS = { ratedPowerW: 50, standbyPowerW: 1, count: 100 };

describe('the preview of a control program', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT');
    await api.post('/sites/BT/programs', EVENING);
  });
  afterAll(() => api.stop());

  const preview = async (body: object) => {
    const answer = await api.post('/programs/preview', body);
    expect([answer.status, answer.text.slice(0, 500)]).toEqual([200, expect.any(String)]);
    return previewView.parse(answer.body);
  };

  it('counts hours, energy and cost as one does by hand', async () => {
    const tariff = { pricePerKwh: 0.2, currency: 'USD' };
    const request = { program: CLOCKED, place: QUITO, from: '2026-03-10', nights: 3, lamps: LAMPS, tariff };
    const { nights, totals } = await preview(request);
    // 8 h at 50 W, 4 h at half of the way from 1 W to 50 W, 12 h at 1 W.
    const energyKwh = (100 * (8 * 50 + 4 * 25.5 + 12 * 1)) / 1000;
    for (const night of nights) {
      expect(night).toMatchObject({ burningHours: 12, fullLevelHours: 10 });
      expect(night.energy).toMatchObject({ energyKwh: expect.closeTo(energyKwh, 6), currency: 'USD' });
      expect(night.energy?.cost).toBeCloseTo(energyKwh * 0.2, 6);
      // On the equator the sun is down for 12 h less 7 minutes.
      expect(night.fullPower.burningHours).toBeGreaterThan(11.8);
      expect(night.fullPower.burningHours).toBeLessThan(11.95);
      const fullKwh = (100 * (night.fullPower.burningHours * 50 + (24 - night.fullPower.burningHours) * 1)) / 1000;
      expect(night.fullPower.energy?.energyKwh).toBeCloseTo(fullKwh, 2);
      expect(night.saving.energyKwh).toBeCloseTo(fullKwh - energyKwh, 2);
      expect(night.saving.percent).toBeCloseTo((1 - energyKwh / fullKwh) * 100, 1);
    }
    expect(totals).toMatchObject({ burningHours: 36, energy: { energyKwh: expect.closeTo(3 * energyKwh, 6) } });
    expect(totals.saving.cost).toBeCloseTo((totals.saving.energyKwh ?? 0) * 0.2, 5);
  });

  it('draws half the power of a 50 W lamp at half its level, and the power of its curve where there is one', async () => {
    const half = { switchPoints: [{ at: clock('12:00'), levelPercent: 50 }] };
    const at = { program: half, place: QUITO, from: '2026-03-10' };
    const plain = await preview({ ...at, lamps: { ratedPowerW: 50, count: 1 } });
    expect(plain.totals).toMatchObject({ burningHours: 24, energy: { energyKwh: 0.6, cost: null, currency: null } });
    const type = { code: 'CURVED', name: 'Curved', technology: 'LED', ratedPowerW: 50, minLevelPercent: 10 };
    await api.post('/lamp-types', { ...type, powerCurve: [{ levelPercent: 50, powerPercent: 60 }] });
    const curved = await preview({ ...at, lamps: { lampType: 'CURVED' } });
    expect(curved.totals.energy?.energyKwh).toBeCloseTo(0.72, 6);
    expect(curved.minimumLevelPercent).toBe(10);
  });

  it('counts fades as they go, and one that the next switch point cuts off', async () => {
    const fading = {
      switchPoints: [
        { at: clock('18:00'), levelPercent: 100, fadeS: 3600 },
        { at: clock('20:00'), levelPercent: 0, fadeS: 3600 },
        { at: clock('20:30'), levelPercent: 50, fadeS: 0 },
        { at: clock('22:00'), levelPercent: 0, fadeS: 0 },
      ],
    };
    const { totals } = await preview({
      program: fading,
      place: QUITO,
      from: '2026-03-10',
      lamps: { ratedPowerW: 100 },
    });
    // 1 h up to full: 50 Wh; 1 h full: 100; half an hour from 100 % to 50 %: 37.5; 1.5 h at half: 75.
    expect(totals.energy?.energyKwh).toBeCloseTo(0.2625, 6);
  });

  it('prices every quarter of an hour by the tariff of the site', async () => {
    const band = { name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:15', to: '06:00', pricePerKwh: 0.1 };
    await api.put('/sites/BT/tariffs/2026-01-01', { currency: 'RON', basePricePerKwh: 0.8, bands: [band] });
    const lamps = { ratedPowerW: 100, count: 10 };
    const { totals } = await preview({ program: CLOCKED, site: 'BT', from: '2026-11-24', lamps });
    // A kW: base from 18:00 to 22:15; night 1.75 h full, 4 h half, 2 h full.
    expect(totals.energy?.bands).toEqual(
      expect.arrayContaining([
        { band: 'base', energyKwh: expect.closeTo(4.25, 6), cost: expect.closeTo(3.4, 6), currency: 'RON' },
        { band: 'night', energyKwh: expect.closeTo(5.75, 6), cost: expect.closeTo(0.575, 6), currency: 'RON' },
      ]),
    );
    expect(totals.energy?.cost).toBeCloseTo(3.975, 6);
    const before = await preview({ program: CLOCKED, site: 'BT', from: '2025-12-31', lamps });
    expect(before.totals.energy).toMatchObject({ cost: null, currency: null });
  });

  it('takes a program of the site, and says which switch point each instant stems from', async () => {
    const { program, nights, warnings } = await preview({ site: 'BT', programAddress: 'EVENING', from: '2026-11-24' });
    expect(program).toEqual({ address: 'EVENING', name: EVENING.name, version: 1 });
    expect(warnings).toEqual([]);
    expect(
      nights[0]?.switchPoints.map(({ programPoint, levelPercent, fadeS }) => [programPoint, levelPercent, fadeS]),
    ).toEqual([
      [0, 100, 30],
      [1, 60, 600],
      [2, 100, 60],
      [null, 0, 0],
    ]);
    expect(nights[0]).toMatchObject({ energy: null, saving: { energyKwh: null, cost: null } });
    expect(nights[0]?.saving.percent).toBeGreaterThan(20);
  });

  it('knows nights of 23 and 25 hours', async () => {
    const at = { program: {}, site: 'BT', nights: 1 };
    expect((await preview({ ...at, from: '2026-03-28' })).totals.burningHours).toBe(23);
    expect((await preview({ ...at, from: '2026-10-24' })).totals.burningHours).toBe(25);
    const clocked = await preview({ ...at, program: CLOCKED, from: '2026-10-24' });
    expect(clocked.totals.burningHours).toBe(13);
    expect(clocked.nights[0]?.switchPoints.map(({ local }) => local.slice(11))).toEqual([
      '18:00:00+03:00',
      '00:00:00+03:00',
      '04:00:00+02:00',
      '06:00:00+02:00',
    ]);
  });

  it('says in words what the sun does not do', async () => {
    const program = { activePeriods: [{ from: sun('civilDusk'), to: sun('civilDawn') }] };
    const june = await preview({ program, place: OULU, from: '2026-06-20', lamps: LAMPS });
    expect(june.nights[0]?.sun).toMatchObject({
      sunset: { event: 'at', local: expect.stringMatching(/^2026-06-21T00:2/), words: 'The sun sets at 00:21' },
      civilDusk: { event: 'staysAbove', utc: null },
    });
    expect(june.totals.burningHours).toBe(0);
    expect(june.warnings.map(({ code }) => code)).toContain('periodEmpty');
    const tromso = { latitude: 69.65, longitude: 18.96, timeZone: 'Europe/Oslo' };
    const december = await preview({ program, place: tromso, from: '2026-12-21', lamps: LAMPS });
    expect(december.nights[0]?.sun.sunset).toMatchObject({
      event: 'staysBelow',
      words: expect.stringContaining('below'),
    });
    expect(december.totals.fullPower.burningHours).toBe(24);
    const midsummer = await preview({ program, place: tromso, from: '2026-06-20' });
    expect(midsummer.totals.saving.percent).toBeNull();
  });

  it.each([
    ['no program', { program: undefined }, 400, '/program'],
    ['two programs', { programAddress: 'EVENING', site: 'BT' }, 400, '/programAddress'],
    ['an address without a site', { program: undefined, programAddress: 'EVENING' }, 400, '/site'],
    ['no place', { place: undefined }, 400, '/place'],
    ['a place that does not exist', { place: { ...QUITO, latitude: 91 } }, 400, '/place/latitude'],
    [
      'a bad switch point',
      { program: { switchPoints: [{ at: clock('7:00'), levelPercent: 1 }] } },
      400,
      '/program/switchPoints/0/at/anchor/time',
    ],
    ['a night that does not exist', { from: '2026-02-29' }, 400, '/from'],
    ['too many nights', { nights: 32 }, 400, '/nights'],
    ['a lamp type and a power', { lamps: { lampType: 'LED-57', ratedPowerW: 5 } }, 400, '/lamps/ratedPowerW'],
    ['lamps without power', { lamps: { count: 5 } }, 400, '/lamps/lampType'],
    ['a lamp type that does not exist', { lamps: { lampType: 'NO' } }, 422, '/lamps/lampType'],
    ['a site that does not exist', { site: 'NO' }, 422, '/site'],
    ['a program that does not exist', { program: undefined, programAddress: 'NO', site: 'BT' }, 422, '/programAddress'],
  ])('is refused %s', async (_, change, status, pointer) => {
    const answer = await api.post('/programs/preview', {
      program: CLOCKED,
      place: QUITO,
      from: '2026-03-10',
      ...change,
    });
    expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([status, pointer]);
  });

  describe('as a picture', () => {
    const picture = async (body: object) => {
      const answer = await api.post('/programs/preview', body, { accept: 'image/svg+xml' });
      expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
      expect(answer.headers.get('vary')).toContain('Accept');
      return textsOfSvg(answer.text);
    };

    it('says where, when, what and how much', async () => {
      const texts = await picture({ site: 'BT', programAddress: 'EVENING', from: '2026-11-24', lamps: LAMPS });
      expect(texts).toEqual(
        expect.arrayContaining([
          `${EVENING.name} · Botoșani · night of 24 to 25 November 2026`,
          expect.stringMatching(/^14\.\d h lit · .* kWh · saves \d+ %.* against full power/),
          ...['sunset 16:28', 'civil dusk 17:03', 'civil dawn 06:58', 'sunrise 07:33'],
          ...['23:00 → 60 % in 10 min', '05:00 → 100 %', 'local time, Europe/Bucharest'],
        ]),
      );
    });

    it('is drawn for many nights, white nights, polar nights and nights in which the clocks change', async () => {
      const week = await picture({ program: CLOCKED, place: QUITO, from: '2026-03-10', nights: 31 });
      expect(week.filter((text) => text.startsWith('night of'))).toHaveLength(31);
      expect(await picture({ program: CLOCKED, place: OULU, from: '2026-06-20' })).toEqual(
        expect.arrayContaining(['sunset 00:21', expect.stringContaining('does not get dark')]),
      );
      expect(await picture({ program: CLOCKED, place: { ...OULU, latitude: 90 }, from: '2026-12-21' })).toContain(
        'The sun is below the horizon all along',
      );
      const dst = await picture({ program: CLOCKED, site: 'BT', from: '2026-10-24' });
      expect(dst).toContain('clocks go back to 03:00');
      expect(dst.filter((text) => text === '03')).toHaveLength(2);
    });

    it('shows names as they are, whatever is in them', async () => {
      const name = '<script>alert("1 & 2")</script>';
      await api.post('/sites/BT/programs', { ...EVENING, address: 'ODD', name });
      const texts = await picture({ site: 'BT', programAddress: 'ODD', from: '2026-11-24' });
      expect(texts.some((text) => text.startsWith(name))).toBe(true);
    });

    it('is asked for with format=svg too, and refused with problem documents', async () => {
      const body = { program: CLOCKED, place: QUITO, from: '2026-03-10' };
      expect(textsOfSvg((await api.post('/programs/preview?format=svg', body)).text)).toContain('18:00 → 100 %');
      const json = await api.post('/programs/preview?format=json', body, { accept: 'image/svg+xml' });
      expect(json.body.nights).toHaveLength(1);
      const refused = await api.post('/programs/preview?format=svg', { ...body, from: 'x' });
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
    });
  });
});
