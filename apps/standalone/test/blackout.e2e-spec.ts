import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testBroker, testDatabase, type TestBroker, type TestDatabase } from '#libs/testing';
import { generateCity, type FaultInjection } from '#simulators';
import { SteppedCity } from '../src/bench/stepped-city.js';

const LAMPS = 5_400;
const CABINETS = 72;
const LOST = 40;
const MINUTE_MS = 60_000;
/** In the evening, when everything is lit. */
const START_MS = Date.parse('2026-11-25T17:30:00Z');
const LOST_MS = START_MS + 20 * MINUTE_MS;
const BACK_MS = LOST_MS + 30 * MINUTE_MS;

interface Told {
  readonly kind: string;
  readonly event: string;
  readonly at: number;
  readonly lamps: number;
}

describe('3,000 lamps on 40 cabinets lose power at once', () => {
  const city = generateCity({ seed: 11, lamps: LAMPS, cabinets: CABINETS });
  const lost = city.cabinets.slice(0, LOST).map(({ address }) => address);
  const dark = city.lamps.filter(({ cabinet }) => lost.includes(cabinet)).length;
  const faults = lost.map((address): FaultInjection => ({
    ...{ kind: 'cabinetOutage', target: { kind: 'cabinet', address }, fromMs: LOST_MS, toMs: BACK_MS },
  }));
  let database: TestDatabase;
  let broker: TestBroker;
  let stepped: SteppedCity;

  beforeAll(async () => {
    database = await testDatabase();
    broker = await testBroker('mosquitto');
    const environment = { FELINAR_DATABASE_URL: database.url, FELINAR_MQTT_URL: broker.url };
    stepped = await SteppedCity.start({ city, startMs: START_MS, reportingIntervalS: 600, faults, environment });
  }, 240_000);

  afterAll(async () => {
    await stepped.stop();
    await broker.stop();
    await database.drop();
  });

  const told = async (): Promise<Told[]> =>
    (
      await stepped.pool.query<Told>(
        `SELECT fault.kind, alert.event, (extract(epoch FROM alert.created_at) * 1000)::float8 AS at, fault.lamp_count AS lamps
         FROM alert JOIN fault ON fault.id = alert.fault_id ORDER BY alert.id`,
      )
    ).rows;
  const until = async (ms: number, stepMs: number) => {
    while (stepped.nowMs < ms) await stepped.step(stepMs);
  };

  it('is one alert for each cabinet within two minutes, and none more when it is over', async () => {
    // The step that ends when the power goes may see it go.
    await until(LOST_MS - 2 * MINUTE_MS, 2 * MINUTE_MS);
    expect(await told()).toEqual([]);
    await until(LOST_MS + 2 * MINUTE_MS, 15_000);
    const alerts = await told();
    expect(alerts.map(({ kind, event }) => `${kind} ${event}`)).toEqual(lost.map(() => 'cabinetOutage opened'));
    expect(Math.max(...alerts.map(({ at }) => at))).toBeLessThanOrEqual(LOST_MS + 2 * MINUTE_MS);
    expect(dark).toBeGreaterThan(2_700);
    expect(alerts.reduce((sum, { lamps }) => sum + lamps, 0)).toBe(dark);

    // They lie dark, come back, and report again: that they are over is told once each, and nothing else.
    await until(BACK_MS + 40 * MINUTE_MS, 2 * MINUTE_MS);
    const opened = (await told()).filter(({ event }) => event !== 'cleared');
    expect(opened).toHaveLength(LOST);
    const { rows } = await stepped.pool.query(
      `SELECT count(*)::int AS open FROM fault WHERE phase = 'open' AND opened_at IS NOT NULL`,
    );
    expect(rows).toEqual([{ open: 0 }]);
  }, 400_000);
});
