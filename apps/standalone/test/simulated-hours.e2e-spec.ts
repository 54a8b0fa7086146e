import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type Pool } from '#libs/storage';
import { BROKERS, testBroker, testDatabase, waitFor, type TestBroker, type TestDatabase } from '#libs/testing';
import { readCommandLine } from '../src/command-line.js';
import { startStandalone, type Standalone } from '../src/index.js';

const LAMPS = 2000;
const HOURS = 10;
const SPEED = 600;
const HOUR_MS = 3_600_000;

interface EnergyAnswer {
  readonly rows: readonly { readonly key: string | null; readonly energyKwh: number }[];
  readonly totals: { readonly energyKwh: number };
  readonly nextCursor?: string | null;
}

describe.each(BROKERS)('2,000 lamps for ten simulated hours through %s', (kind) => {
  let database: TestDatabase;
  let pool: Pool;
  let broker: TestBroker;
  let data: string;
  let felinar: Standalone;

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 2);
    broker = await testBroker(kind);
    data = await mkdtemp(join(tmpdir(), 'felinar-e2e-'));
    const options = readCommandLine([
      '--lamps',
      String(LAMPS),
      '--speed',
      String(SPEED),
      '--data',
      data,
      '--port',
      '0',
    ]);
    felinar = await startStandalone(
      options,
      {
        FELINAR_DATABASE_URL: database.url,
        FELINAR_MQTT_URL: broker.url,
        FELINAR_MQTT_PROTOCOL: String(broker.protocolVersion),
      },
      () => undefined,
    );
  }, 60_000);

  afterAll(async () => {
    await felinar.stop();
    await broker.stop();
    await pool.end();
    await database.drop();
    await rm(data, { recursive: true, force: true });
  });

  it('stores every reading once, and its energy agrees with the simulator’s own truth', async () => {
    const { simulated, clock, apiUrl, key } = felinar;
    if (simulated === undefined) throw new Error('no simulator');
    const untilMs = clock.nowMs() + HOURS * HOUR_MS;
    await waitFor('ten simulated hours', () => clock.nowMs() > untilMs, (2 * HOURS * HOUR_MS) / SPEED);
    expect(await simulated.fleet.drain(120_000)).toBe(true);
    const counts = simulated.fleet.counts();
    expect(counts).toMatchObject({ buffered: 0, dropped: 0 });
    expect(counts.acknowledged).toBe(counts.generated);
    const stored = async () => Number((await pool.query('SELECT count(*) AS n FROM telemetry')).rows[0].n);
    await waitFor('every reading to be stored', async () => (await stored()) >= counts.generated, 30_000);
    expect(await stored()).toBe(counts.generated);
    expect((await pool.query('SELECT reason, count FROM rejection_count')).rows).toEqual([]);

    const truth = simulated.fleet.truth();
    const fromMs =
      Math.floor(Math.min(...truth.map(({ first }) => first?.timeMs ?? Number.POSITIVE_INFINITY)) / HOUR_MS) * HOUR_MS;
    const toMs = Math.ceil(Math.max(...truth.map(({ last }) => last?.timeMs ?? 0)) / HOUR_MS) * HOUR_MS;
    const period = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
    const energy = async (query: string): Promise<EnergyAnswer> => {
      const response = await fetch(`${apiUrl}/api/v1/sites/botosani/energy?${period}&${query}`, {
        headers: { 'x-api-key': key },
      });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as EnergyAnswer;
    };
    const trueKwh = truth.reduce((sum, { trueEnergyWh }) => sum + trueEnergyWh, 0) / 1000;
    expect(trueKwh).toBeGreaterThan(1);
    const byLamp = async (): Promise<Map<string, number>> => {
      const sums = new Map<string, number>();
      for (const { key, energyKwh } of (await energy('by=month&groupBy=lamp')).rows) {
        sums.set(key ?? '', (sums.get(key ?? '') ?? 0) + energyKwh);
      }
      return sums;
    };
    // Registers are reported in steps of 0.01 Wh.
    const strayed = (sums: ReadonlyMap<string, number>) =>
      truth.filter(
        ({ lamp, trueEnergyWh }) =>
          !(Math.abs((sums.get(lamp) ?? Number.NaN) * 1000 - trueEnergyWh) < 0.001 * trueEnergyWh + 0.02),
      );
    // Readings that a busy machine took in late wait for the next booking, which comes every 20 s and takes 5,000 of them at a time.
    await waitFor('the energy to be booked', async () => strayed(await byLamp()).length === 0, 180_000).catch(
      () => undefined,
    );
    const sums = await byLamp();
    expect(strayed(sums).map(({ lamp, trueEnergyWh }) => ({ lamp, trueEnergyWh, kwh: sums.get(lamp) }))).toEqual([]);
    expect(sums.size).toBe(LAMPS);
    const totalKwh = (await energy('by=day&groupBy=site')).totals.energyKwh;
    expect(Math.abs(totalKwh / trueKwh - 1)).toBeLessThan(0.001);
  }, 480_000);
});
