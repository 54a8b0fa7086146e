import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getTimes } from 'suncalc';
import { availabilityView, dayBurnersView, lifeView, responseView } from '../src/fault-reports/fault-report.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';
import { storeCrew, storeFault, type StoredFault } from './support/faults.js';

const HOUR_MS = 3_600_000;

/** Spans of hours from the clock of the API in which a lamp is down, found by hand from the faults below. */
const DOWN: Record<string, [from: number, to: number][]> = {
  // Dark, back, dark again; within the second time its gateway is silent too.
  'L-0001': [
    [-100, -90],
    [-80, -70],
  ],
  // The circuit, and the cabinet with it; dark before the period began.
  'L-0002': [
    [-2_000, -699],
    [-50, -40],
    [-30, -20],
  ],
  // The cabinet only.
  'L-0003': [[-30, -20]],
  // No fault that counts.
  'L-0004': [],
  // Still dark.
  'L-0005': [[-10, 0]],
};
/** Since when and until when it stands, and what it is. */
const LAMPS: Record<string, { fromH: number; toH: number; type: string; groups: string[] }> = {
  'L-0001': { fromH: -5_000, toH: 0, type: 'LED-57', groups: ['CENTRE'] },
  'L-0002': { fromH: -5_000, toH: 0, type: 'LED-57', groups: ['CENTRE', 'NORTH'] },
  'L-0003': { fromH: -400, toH: 0, type: 'LED-57', groups: [] },
  'L-0004': { fromH: -5_000, toH: -200, type: 'HPS', groups: [] },
  'L-0005': { fromH: -5_000, toH: 0, type: 'HPS', groups: ['NORTH'] },
};
const PERIOD_H = [-720, 0] as const;

describe('fault reports', () => {
  let api: ApiUnderTest;
  const store = (fault: StoredFault) => storeFault(api, fault);
  const at = (hours: number) => new Date(api.nowMs + hours * HOUR_MS);
  const period = () => `from=${at(PERIOD_H[0]).toISOString()}`;
  const report = async (path: string) => {
    const answer = await api.get(`/sites/BT/reports/${path}`);
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.body;
  };

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 5);
    await api.post('/lamp-types', {
      code: 'HPS',
      name: 'HPS 70 W',
      technology: 'HPS',
      ratedPowerW: 70,
      ratedLifeH: 24_000,
    });
    await api.patch('/lamp-types/LED-57', { ratedLifeH: 100_000 });
    for (const [lamp, { fromH, toH, type, groups }] of Object.entries(LAMPS)) {
      await api.patch(`/sites/BT/lamps/${lamp}`, { lampType: type, groups });
      await api.database.query('UPDATE lamp SET created_at = $2, removed_at = $3 WHERE address = $1', [
        ...[lamp, at(fromH), toH === 0 ? null : at(toH)],
      ]);
    }
    await api.patch('/sites/BT/lamps/L-0001', { cabinet: 'CAB-02', device: 'GW-1' });
    await api.patch('/sites/BT/lamps/L-0002', { circuit: 'C1' });
    await api.patch('/sites/BT/lamps/L-0003', { street: '=1+1', circuit: 'C2' });
    await api.patch('/sites/BT/lamps/L-0005', { cabinet: null });
    await storeCrew(api, 'NORTH');
    await store({ lamp: 'L-0001', turnsH: [-100, -90, -80, -70] });
    await store({ device: 'GW-1', kind: 'communicationFailure', turnsH: [-78, -71], phase: 'closed' });
    await store({ lamp: 'L-0002', kind: 'supplyLoss', turnsH: [-2_000, -699], phase: 'closed' });
    await store({ cabinet: 'CAB-01', circuit: 'C1', kind: 'circuitOutage', turnsH: [-50, -40] });
    const outage = await store({ cabinet: 'CAB-01', kind: 'cabinetOutage', severity: 'critical', turnsH: [-30, -20] });
    await store({ lamp: 'L-0003', kind: 'lampFailure', turnsH: [-29, -21], parent: outage });
    await store({ lamp: 'L-0004', kind: 'powerFactorTooLow', turnsH: [-300, -290] });
    await store({ lamp: 'L-0005', turnsH: [-10] });
    await store({ lamp: 'L-0005', kind: 'supplyLoss', phase: 'suspected', seenH: -60 });
    await store({ kind: 'platformOutage', severity: 'critical', turnsH: [-500, -490] });
  });
  afterAll(() => api.stop());

  /** Looks at every quarter of an hour of every lamp. */
  const counted = (isMeant: (lamp: string, hour: number) => boolean) => {
    let [all, down] = [0, 0];
    for (const [lamp, { fromH, toH }] of Object.entries(LAMPS)) {
      for (let hour = PERIOD_H[0] + 0.125; hour < PERIOD_H[1]; hour += 0.25) {
        if (hour < fromH || hour > toH || !isMeant(lamp, hour)) continue;
        all += 0.25;
        if (DOWN[lamp]?.some(([from, to]) => hour > from && hour < to)) down += 0.25;
      }
    }
    return { lampHours: all, unavailableHours: down, availabilityPercent: expect.closeTo(100 * (1 - down / all), 5) };
  };

  describe('of availability', () => {
    it('count the hours of every lamp once, by lamp type, group and month', async () => {
      const byType = availabilityView.parse(await report(`availability?${period()}`));
      expect(byType.total).toMatchObject({ ...counted(() => true), lamps: 5, failures: 2 });
      expect(byType.rows).toMatchObject([
        { key: 'HPS', lamps: 2, failures: 1, ...counted((lamp) => LAMPS[lamp]?.type === 'HPS') },
        { key: 'LED-57', lamps: 3, failures: 1, ...counted((lamp) => LAMPS[lamp]?.type === 'LED-57') },
      ]);
      const hps = byType.rows[0];
      expect(hps?.failuresPer1000LampYears).toBeCloseTo((1 / (hps?.lampHours ?? 0)) * 8_766 * 1_000, 4);
      const byGroup = await report(`availability?by=group&${period()}`);
      expect(byGroup.total).toEqual(byType.total);
      expect(byGroup.rows).toMatchObject(
        ['CENTRE', 'NORTH'].map((group) => ({
          ...{ key: group, lamps: 2, failures: 1 },
          ...counted((lamp) => LAMPS[lamp]?.groups.includes(group) === true),
        })),
      );
      // November begins in Botoșani at 22:00 UTC.
      const november = (Date.parse('2026-10-31T22:00:00Z') - api.nowMs) / HOUR_MS;
      const byMonth = await report(`availability?by=month&${period()}`);
      expect(byMonth.rows).toMatchObject([
        { key: '2026-10', lamps: 4, failures: 0, ...counted((_, hour) => hour < november) },
        { key: '2026-11', lamps: 5, failures: 2, ...counted((_, hour) => hour > november) },
      ]);
      expect(byMonth.total).toEqual(byType.total);
    });

    it('begin a year ago and end now unless they are asked for otherwise', async () => {
      const { from, to } = await report('availability');
      expect([from, to]).toEqual(['2025-11-23T22:00:00.000Z', at(0).toISOString()]);
      expect((await report('availability?to=2030-01-01&from=2026-11-01')).to).toBe(at(0).toISOString());
      const before = await report('availability?from=2020-01-01&to=2020-02-01');
      expect(before).toMatchObject({
        rows: [],
        total: { lamps: 0, availabilityPercent: null, failuresPer1000LampYears: null },
      });
    });

    it.each([
      ['availability?from=2026-11-25', 422, 'query/to'],
      ['availability?from=2000-01-01', 422, 'query/from'],
      ['availability?by=street', 400, 'query/by'],
      ['response?format=pdf', 400, 'query/format'],
      ['life?withinHours=-1', 400, 'query/withinHours'],
      ['life?from=2026-01-01', 400, 'query/from'],
      ['day-burners?limit=0', 400, 'query/limit'],
    ])('%s is refused', async (path, status, pointer) => {
      const { body } = await api.get(`/sites/BT/reports/${path}`);
      expect([body.status, body.errors[0].pointer]).toEqual([status, pointer]);
      expect((await api.get(`/sites/NO/reports/${path.split('?')[0]}`)).status).toBe(404);
    });
  });

  it('of life name the lamps that are due, the most worn first', async () => {
    const burnt = { 'L-0001': 99_000, 'L-0002': 50_000, 'L-0003': 101_500, 'L-0004': 30_000, 'L-0005': 21_000 };
    for (const [lamp, hours] of Object.entries(burnt)) {
      await api.database.query(
        `INSERT INTO lamp_state (lamp_id, time, received_at, operating_hours) SELECT id, $2, $2, $3 FROM lamp WHERE address = $1`,
        [lamp, at(-1), hours],
      );
    }
    const life = lifeView.parse(await report('life?withinHours=1000'));
    // L-0004 has been taken down.
    expect(life.rows.map(({ lamp, remainingHours, usedPercent }) => [lamp, remainingHours, usedPercent])).toEqual([
      ['L-0003', -1_500, 101.5],
      ['L-0001', 1_000, 99],
    ]);
    expect(life.lampTypes).toEqual([
      {
        lampType: 'HPS',
        ratedLifeH: 24_000,
        lamps: 1,
        known: 1,
        due: 0,
        medianOperatingHours: 21_000,
        maxOperatingHours: 21_000,
      },
      {
        lampType: 'LED-57',
        ratedLifeH: 100_000,
        lamps: 3,
        known: 3,
        due: 2,
        medianOperatingHours: 99_000,
        maxOperatingHours: 101_500,
      },
    ]);
    expect((await report('life')).rows.map(({ lamp }: { lamp: string }) => lamp)).toEqual([
      'L-0003',
      'L-0001',
      'L-0005',
    ]);
    expect((await report('life?limit=1')).rows).toHaveLength(1);
    const csv = await api.get('/sites/BT/reports/life?withinHours=1000&format=csv');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="BT-life.csv"');
    expect(csv.text).toBe(
      [
        'lamp,lampType,cabinet,street,pole,operatingHours,at,ratedLifeH,remainingHours,usedPercent',
        `L-0003,LED-57,CAB-01,'=1+1,,101500,${at(-1).toISOString()},100000,-1500,101.5`,
        `L-0001,LED-57,CAB-02,,,99000,${at(-1).toISOString()},100000,1000,99`,
        '',
      ].join('\r\n'),
    );
  });

  it('of day burners add up what was drawn while the fault was there, and of that with the sun up', async () => {
    // 60 W for two days before the clock stands: 60 Wh in every hour.
    await api.database.query(
      `INSERT INTO lamp_energy_hourly (lamp_id, hour, energy_wh)
       SELECT lamp.id, date_trunc('hour', $1::timestamptz) - n * interval '1 hour', 60
       FROM lamp, generate_series(1, 48) AS n WHERE address IN ('L-0001', 'L-0003')`,
      [at(0)],
    );
    await store({ lamp: 'L-0001', kind: 'lampUnexpectedOn', turnsH: [-26.5, -10, -6, -2.25] });
    await store({ lamp: 'L-0001', kind: 'relayFailure', turnsH: [-8, -5] });
    await store({ lamp: 'L-0003', kind: 'relayFailure', turnsH: [-1] });
    await store({ lamp: 'L-0002', kind: 'lampUnexpectedOn', turnsH: [-1] });
    const burners = dayBurnersView.parse(await report('day-burners'));
    /** Minute by minute, by suncalc's own sunrise and sunset. */
    const sunUp = (ms: number) => {
      const { sunrise, sunset } = getTimes(
        new Date(Math.floor(ms / 86_400_000) * 86_400_000 + 10 * HOUR_MS),
        47.7487,
        26.6694,
      );
      return ms > Number(sunrise) && ms < Number(sunset);
    };
    const day = (spans: [number, number][]) => {
      let hours = 0;
      for (const [from, to] of spans)
        for (let hour = from; hour < to - 1e-9; hour += 1 / 60) if (sunUp(api.nowMs + hour * HOUR_MS)) hours += 1 / 60;
      return hours;
    };
    const first = day([
      [-26.5, -10],
      [-8, -2.25],
    ]);
    expect(first).toBeGreaterThan(5);
    expect(burners.rows.map(({ lamp, kinds, faults }) => [lamp, kinds, faults])).toEqual([
      ['L-0001', ['lampUnexpectedOn', 'relayFailure'], 2],
      ['L-0003', ['relayFailure'], 1],
      ['L-0002', ['lampUnexpectedOn'], 1],
    ]);
    expect(burners.rows[0]).toMatchObject({ openHours: 22.25, openEnergyKwh: expect.closeTo(22.25 * 0.06, 6) });
    expect(burners.rows[0]?.dayHours).toBeCloseTo(first, 0);
    expect(burners.rows[0]?.wastedKwh).toBeCloseTo((burners.rows[0]?.dayHours ?? 0) * 0.06, 5);
    // One o'clock to two o'clock in the afternoon.
    expect(burners.rows[1]).toMatchObject({ openHours: 1, openEnergyKwh: 0.06, dayHours: 1, wastedKwh: 0.06 });
    expect(burners.rows[2]).toMatchObject({ openHours: 1, openEnergyKwh: 0, wastedKwh: 0 });
    expect(burners.total).toMatchObject({ lamps: 3, openHours: 24.25, openEnergyKwh: expect.closeTo(23.25 * 0.06, 6) });
    const part = await report(`day-burners?from=${at(-3).toISOString()}&to=${at(-2.5).toISOString()}`);
    expect(part.rows).toMatchObject([{ lamp: 'L-0001', openHours: 0.5, openEnergyKwh: 0.03 }]);
    const csv = (await api.get('/sites/BT/reports/day-burners?format=csv')).text.split('\r\n');
    expect(csv[0]).toBe('lamp,lampType,cabinet,street,pole,kinds,faults,openHours,openEnergyKwh,dayHours,wastedKwh');
    expect(csv[1]).toMatch(/^L-0001,LED-57,CAB-02,,,lampUnexpectedOn;relayFailure,2,22\.25,/);
  });

  it('of the response tell median and ninth tenth, by crew and severity', async () => {
    const parent = await store({ lamp: 'L-0001', kind: 'clockDrift', severity: 'warning', turnsH: [-700] });
    for (const [index, hours] of [1, 2, 3, 4, 10].entries()) {
      await store({
        ...{ lamp: `L-000${index + 1}`, kind: 'leakageDetected', severity: 'critical', crew: 'NORTH' },
        ...{ turnsH: [-600, -600 + hours * 10], acknowledgedH: -600 + hours },
      });
    }
    await store({ lamp: 'L-0001', kind: 'dimmingFailure', severity: 'critical', crew: 'NORTH', turnsH: [-590] });
    await store({
      lamp: 'L-0002',
      kind: 'dimmingFailure',
      severity: 'critical',
      crew: 'NORTH',
      turnsH: [-590, -1],
      parent,
    });
    const window = `from=${at(-610).toISOString()}&to=${at(-580).toISOString()}`;
    const { rows } = responseView.parse(await report(`response?${window}`));
    const hours = (count: number) => expect.closeTo(count * 3_600, 6);
    expect(rows).toEqual([
      {
        ...{ crew: 'NORTH', severity: 'critical', faults: 6, acknowledged: 5, repaired: 5 },
        // Of 1, 2, 3, 4, 10: the third, and 4 + 0.6 of the way to 10.
        ...{ acknowledgeMedianS: hours(3), acknowledgeP90S: hours(7.6) },
        ...{ repairMedianS: hours(30), repairP90S: hours(76) },
      },
    ]);
    const older = (await report(`response?from=${at(-710).toISOString()}&to=${at(-580).toISOString()}`)).rows;
    expect(older).toMatchObject([
      { crew: 'NORTH', severity: 'critical' },
      { crew: null, severity: 'warning', faults: 1, acknowledged: 0, acknowledgeMedianS: null, repairP90S: null },
    ]);
    const csv = (await api.get(`/sites/BT/reports/response?${window}&format=csv`)).text;
    expect(csv).toBe(
      'crew,severity,faults,acknowledged,acknowledgeMedianS,acknowledgeP90S,repaired,repairMedianS,repairP90S\r\n' +
        'NORTH,critical,6,5,10800,27360,5,108000,273600\r\n',
    );
  });

  it('without rows have their columns all the same', async () => {
    const csv = await api.get('/sites/BT/reports/availability?from=2020-01-01&to=2020-02-01&format=csv');
    expect(csv.text).toBe(
      'key,lamps,lampHours,unavailableHours,availabilityPercent,failures,failuresPer1000LampYears\r\n',
    );
  });
});
