import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lampStatePage, lampStateView } from '../src/lamp-states/lamp-state.schema.js';
import { rejectedMessagesView } from '../src/rejected-messages/rejected-message.schema.js';
import { telemetryView } from '../src/telemetry/telemetry.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';

describe('readings', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
  });
  afterAll(() => api.stop());

  const lampId = async (address: string): Promise<number> =>
    (
      (await api.database.query('SELECT id FROM lamp WHERE address = $1 AND removed_at IS NULL', [address])) as [
        { id: number },
      ]
    )[0].id;

  describe('an operator asks what the lamps do now', () => {
    beforeAll(async () => {
      await api.database.query(
        `INSERT INTO lamp_state (lamp_id, time, received_at, light_level_percent, active_power_w, switch_on_count, events)
         VALUES ($1, '2026-11-24T11:50:00Z', '2026-11-24T11:50:01Z', 40, 22.8, 17, '{}'),
                ($2, '2026-11-24T11:00:00Z', '2026-11-24T11:00:01Z', 100, 57.1, 18, '{lampFailure}')`,
        [await lampId('L-0001'), await lampId('L-0002')],
      );
    });

    it('sees a young reading as the value of now', async () => {
      const { body } = await api.get('/sites/BT/lamps/L-0001/state');
      expect(lampStateView.parse(body)).toMatchObject({
        current: true,
        time: '2026-11-24T11:50:00.000Z',
        ageS: 600,
        staleAfterS: 2700,
        reading: { lightLevelPercent: 40, activePowerW: 22.8, switchOnCount: 17, supplyVoltageV: null, events: [] },
        lastKnown: null,
      });
    });

    it('sees an old reading as last known only, and a lamp that never reported as such', async () => {
      expect((await api.get('/sites/BT/lamps/L-0002/state')).body).toMatchObject({
        current: false,
        ageS: 3600,
        reading: null,
        lastKnown: { lightLevelPercent: 100, events: ['lampFailure'] },
      });
      expect((await api.get('/sites/BT/lamps/L-0003/state')).body).toMatchObject({
        current: false,
        time: null,
        ageS: null,
        reading: null,
        lastKnown: null,
      });
    });

    it('lists the stale and the current ones', async () => {
      const lamps = async (query: string): Promise<string[]> =>
        lampStatePage.parse((await api.get(`/sites/BT/lamp-states?${query}`)).body).items.map((state) => state.lamp);
      expect(await lamps('stale=true')).toEqual(['L-0002', 'L-0003']);
      expect(await lamps('stale=false&cabinet=CAB-01')).toEqual(['L-0001']);
      expect((await api.get('/sites/BT/lamp-states?stale=yes')).status).toBe(400);
    });

    it('judges by the reporting interval of the device', async () => {
      await api.database.query(
        `INSERT INTO device (site_id, address, online, status_at, reporting_interval_s)
         SELECT id, 'L-0002', true, '2026-11-24T11:00:00Z', 3600 FROM site`,
      );
      expect((await api.get('/sites/BT/lamps/L-0002/state')).body).toMatchObject({
        current: true,
        staleAfterS: 10_800,
        deviceOnline: true,
      });
    });
  });

  describe('a lighting engineer looks at what a lamp measured', () => {
    const range = 'from=2026-11-20T16:00:00Z&to=2026-11-21T06:00:00Z';

    beforeAll(async () => {
      await api.database.query(
        `INSERT INTO telemetry (lamp_id, time, received_at, active_power_w, active_energy_wh)
         SELECT $1, t, t, 20 + extract(epoch FROM t - '2026-11-20T16:00:00Z') / 3600, extract(epoch FROM t - '2026-11-20T16:00:00Z') / 180
           FROM generate_series('2026-11-20T16:00:00Z'::timestamptz, '2026-11-21T05:45:00Z', interval '15 minutes') t`,
        [await lampId('L-0001')],
      );
    });

    it('gets the readings as they came when they fit', async () => {
      const { body } = await api.get(`/sites/BT/lamps/L-0001/telemetry?${range}&measures=activePowerW`);
      const view = telemetryView.parse(body);
      expect(view).toMatchObject({ resolution: 'raw', bucketS: null, buckets: null });
      expect(view.readings).toHaveLength(56);
      expect(view.readings?.[1]).toEqual({ time: '2026-11-20T16:15:00.000Z', values: { activePowerW: 20.25 } });
    });

    it('gets buckets when they do not', async () => {
      const { body } = await api.get(`/sites/BT/lamps/L-0001/telemetry?${range}&maxPoints=20`);
      const view = telemetryView.parse(body);
      expect(view).toMatchObject({ resolution: 'PT1H', bucketS: 3600, readings: null });
      expect(view.buckets).toHaveLength(14);
      expect(view.buckets?.[0]).toEqual({
        start: '2026-11-20T16:00:00.000Z',
        count: 4,
        values: expect.objectContaining({
          activePowerW: { min: 20, avg: 20.375, max: 20.75 },
          activeEnergyWh: { last: 15 },
          temperatureC: { min: null, avg: null, max: null },
        }),
      });
    });

    it('gets the days of the site when asking for days', async () => {
      const { body } = await api.get('/sites/BT/lamps/L-0001/telemetry?from=2026-11-20&to=2026-11-22&resolution=P1D');
      expect(body.buckets.map((bucket: { start: string; count: number }) => [bucket.start, bucket.count])).toEqual([
        ['2026-11-19T22:00:00.000Z', 24],
        ['2026-11-20T22:00:00.000Z', 32],
      ]);
    });

    it('gets the averages of what is not kept any more, as coarse as these are, and is told so', async () => {
      const id = await lampId('L-0002');
      await api.database.query(
        `INSERT INTO telemetry_hourly_kept (lamp_id, hour, readings, active_power_w_min, active_power_w_max, active_power_w_sum, active_power_w_n,
           light_level_percent_n, supply_voltage_v_n, supply_current_a_n, power_factor_n, temperature_c_n)
         SELECT $1, h, 4, 10, 30, 80, 4, 0, 0, 0, 0, 0 FROM generate_series('2026-04-10T00:00:00Z'::timestamptz, '2026-04-10T23:00:00Z', interval '1 hour') AS h`,
        [id],
      );
      await api.database.query(
        `INSERT INTO telemetry (lamp_id, time, received_at, active_power_w, active_energy_wh) VALUES ($1, '2026-04-11T00:10:00Z', now(), 50, 7)`,
        [id],
      );
      await api.database.query(`UPDATE tier_bound SET dropped_until = '2026-04-11T00:00:00Z' WHERE tier = 'telemetry'`);
      const ask = async (query: string) =>
        telemetryView.parse(
          (await api.get(`/sites/BT/lamps/L-0002/telemetry?measures=activePowerW,activeEnergyWh&${query}`)).body,
        );
      const hours = await ask('from=2026-04-10T22:00:00Z&to=2026-04-11T01:00:00Z&resolution=PT5M');
      expect(hours).toMatchObject({
        resolution: 'PT1H',
        bucketS: 3600,
        readings: null,
        averagedUntil: '2026-04-11T00:00:00.000Z',
      });
      expect(hours.buckets).toEqual([
        {
          start: '2026-04-10T22:00:00.000Z',
          count: 4,
          values: { activePowerW: { min: 10, avg: 20, max: 30 }, activeEnergyWh: { last: null } },
        },
        {
          start: '2026-04-10T23:00:00.000Z',
          count: 4,
          values: { activePowerW: { min: 10, avg: 20, max: 30 }, activeEnergyWh: { last: null } },
        },
        {
          start: '2026-04-11T00:00:00.000Z',
          count: 1,
          values: { activePowerW: { min: 50, avg: 50, max: 50 }, activeEnergyWh: { last: 7 } },
        },
      ]);
      // Averages are weighted by the readings behind them.
      const day = await ask('from=2026-04-10T21:00:00Z&to=2026-04-11T21:00:00Z&resolution=P1D');
      expect(day.buckets).toEqual([
        {
          start: '2026-04-10T21:00:00.000Z',
          count: 13,
          values: { activePowerW: { min: 10, avg: (3 * 80 + 50) / 13, max: 50 }, activeEnergyWh: { last: 7 } },
        },
      ]);
      expect(await ask('from=2026-04-11T00:00:00Z&to=2026-04-11T01:00:00Z')).toMatchObject({
        resolution: 'raw',
        averagedUntil: null,
      });
      await api.database.query(
        `UPDATE tier_bound SET dropped_until = '2026-04-11T00:00:00Z' WHERE tier = 'telemetry_hourly'`,
      );
      await api.database.query(
        `INSERT INTO telemetry_daily_kept SELECT lamp_id, '2026-04-10T00:00:00Z', 96, 0, 100, 500, 10, 10, 30, 1920, 96, NULL, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL, 0, NULL, NULL, NULL, 0
         FROM telemetry_hourly_kept WHERE lamp_id = $1 LIMIT 1`,
        [id],
      );
      const coarse = await ask('from=2026-04-10T00:00:00Z&to=2026-04-11T00:00:00Z&resolution=PT1H');
      expect(coarse).toMatchObject({
        resolution: 'P1D',
        buckets: [{ count: 96, values: { activePowerW: { avg: 20 } } }],
      });
      await api.database.query(`UPDATE tier_bound SET dropped_until = '-infinity'`);
    });

    it('finds the history of a lamp that was removed', async () => {
      await api.delete('/sites/BT/lamps/L-0001');
      expect((await api.get(`/sites/BT/lamps/L-0001/telemetry?${range}`)).body.readings).toHaveLength(56);
    });
  });

  it('an integrator sees which messages were rejected, and why', async () => {
    await api.database.query(
      `INSERT INTO rejection_count VALUES ('2026-11-24', 'malformedJson', 3), ('2026-10-01', 'malformedJson', 2), ('2026-11-23', 'unknownLamp', 9)`,
    );
    await api.database.query(
      `INSERT INTO rejected_message (received_at, reason, detail, topic, payload, payload_bytes)
       VALUES (now(), 'malformedJson', 'd', 't/1', 'ștergeți', 9), (now(), 'malformedJson', 'd', 't/2', '\\xff00', 2), (now(), 'unknownLamp', 'd', 't/3', '', 0)`,
    );
    const first = rejectedMessagesView.parse((await api.get('/rejected-messages?limit=2')).body);
    expect(first.counts).toEqual([
      { reason: 'unknownLamp', total: 9, lastDays: [{ day: '2026-11-23', count: 9 }] },
      { reason: 'malformedJson', total: 5, lastDays: [{ day: '2026-11-24', count: 3 }] },
    ]);
    expect(first.items.map((item) => [item.topic, item.payload, item.payloadEncoding])).toEqual([
      ['t/3', '', 'utf-8'],
      ['t/2', '/wA=', 'base64'],
    ]);
    const second = (await api.get(`/rejected-messages?limit=2&cursor=${first.nextCursor}`)).body;
    expect(second).toMatchObject({ items: [{ payload: 'ștergeți' }], nextCursor: null });
    expect((await api.get('/rejected-messages?reason=unknownLamp')).body.items).toHaveLength(1);
    expect((await api.get('/rejected-messages?cursor=abc')).status).toBe(400);
  });

  it('an administrator watches the process', async () => {
    expect((await api.get('//health/live')).body).toEqual({ status: 'live' });
    expect((await api.get('//health/ready')).body).toEqual({
      status: 'ready',
      checks: [
        { name: 'database', ready: true },
        { name: 'migrations', ready: true },
      ],
    });
    await api.get('/nonsense/with/ids/1234');
    const metrics = (await api.get('//metrics')).text;
    expect(metrics).toContain(
      'felinar_http_request_duration_seconds_count{method="GET",route="/api/v1/sites/:site/lamps/:lamp/state",status="200"}',
    );
    expect(metrics).toContain('route="unmatched",status="404"');
    expect(metrics).not.toContain('L-0001');
    expect(metrics).toContain('process_cpu_seconds_total');
  });

  it('says what is missing while it is not ready', async () => {
    await api.database.query(`DELETE FROM schema_migration WHERE name LIKE 'Telemetry%'`);
    const answer = await api.get('//health/ready');
    expect(answer.status).toBe(503);
    expect(answer.body.checks[1]).toMatchObject({ ready: false, detail: expect.stringContaining('Telemetry') });
  });
});
