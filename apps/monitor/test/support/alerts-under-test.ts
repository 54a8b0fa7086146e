import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { loadConfig } from '#libs/config';
import type { Registry } from '#libs/observability';
import { METRICS, PlatformModule } from '#libs/platform';
import { createChannel, createCrew, createPool, type ChannelData, type Pool } from '#libs/storage';
import { FixedClock, testDatabase, waitFor, type TestDatabase } from '#libs/testing';
import { ALERTS_PROVIDERS, AlertsService } from '../../src/alerts/index.js';

export const MINUTE_MS = 60_000;
const SITE = { id: 1, address: 'BT' };

/** The alerts of monitor on a database of their own, with a small city, one crew, and a clock that stands still. */
export class AlertsUnderTest {
  readonly clock = FixedClock.at('2026-11-24T17:31:00Z');
  readonly pool: Pool;
  private readonly processes: INestApplicationContext[] = [];

  private constructor(readonly database: TestDatabase) {
    this.pool = createPool(database.url, 4);
  }

  static async start(): Promise<AlertsUnderTest> {
    const alerts = new AlertsUnderTest(await testDatabase());
    await alerts.pool.query(CITY);
    await createCrew(
      alerts.pool,
      SITE,
      { address: 'NORTH', name: 'Echipa Nord', language: 'en' },
      alerts.clock.nowMs(),
    );
    return alerts;
  }

  /** Starts a process; one more beside those that run. */
  async run(settings: Record<string, string> = {}): Promise<void> {
    const config = loadConfig({
      FELINAR_DATABASE_URL: this.database.url,
      FELINAR_MQTT_URL: 'mqtt://127.0.0.1:1',
      FELINAR_LOG_LEVEL: process.env['FELINAR_TEST_LOG_LEVEL'] ?? 'fatal',
      FELINAR_PUBLIC_URL: 'https://felinar.example/',
      FELINAR_SMTP_FROM: 'Felinar <alerts@felinar.example>',
      FELINAR_WEBHOOK_ALLOW_PRIVATE: 'true',
      ...settings,
    });
    class Root {}
    const imports = [PlatformModule.forRoot(config, this.clock), ScheduleModule.forRoot()];
    const root = { module: Root, imports, providers: ALERTS_PROVIDERS };
    this.processes.push(await NestFactory.createApplicationContext(root, { logger: ['fatal'] }));
  }

  async end(): Promise<void> {
    for (const app of this.processes.splice(0)) await app.close();
  }

  async stop(): Promise<void> {
    await this.end();
    await this.pool.end();
    await this.database.drop();
  }

  async rows<T = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query(sql, values)).rows as T[];
  }

  async channel(
    parts: Partial<ChannelData> & Pick<ChannelData, 'kind' | 'target'>,
  ): Promise<{ id: string; secret: string }> {
    const { channel, secret } = await createChannel(
      this.pool,
      SITE,
      'NORTH',
      {
        ...{ minimumSeverity: 'warning', events: ['opened', 'reopened', 'cleared'], area: { kind: 'site' }, hours: [] },
        ...{ digestAt: null, escalationAfterMin: null, ...parts },
      },
      this.clock.nowMs(),
    );
    return { id: channel.id, secret: secret ?? '' };
  }

  /** A fault of a lamp, written with its alert in one transaction as detection does it. */
  async fault(lamp: number, parts: { severity?: string; kind?: string; event?: string } = {}): Promise<string> {
    const { severity = 'major', kind = 'lampFailure', event = 'opened' } = parts;
    const [row] = await this.rows<{ id: string }>(
      `WITH f AS (
         INSERT INTO fault (site_id, kind, severity, subject_kind, subject, lamp_id, device, phase, state, evidence, seen_at, opened_at)
         SELECT 1, $1, $2, 'lamp', 'lamp:' || id, id, device, 'open', '{}', 'Relay closed, 0.4 W at 100 %', at, at
         FROM lamp, to_timestamp($4::float8 / 1000) AS at WHERE id = $3 RETURNING id, seen_at)
       INSERT INTO alert (site_id, fault_id, event, created_at) SELECT 1, id, $5, seen_at FROM f RETURNING fault_id AS id`,
      [kind, severity, lamp, this.clock.nowMs(), event],
    );
    return row?.id as string;
  }

  /** Something more happens to a fault. */
  async alert(faultId: string, event: string): Promise<void> {
    await this.pool.query(
      `INSERT INTO alert (site_id, fault_id, event, created_at) VALUES (1, $1, $2, to_timestamp($3::float8 / 1000))`,
      [faultId, event, this.clock.nowMs()],
    );
  }

  /** Puts the clock forward, and waits until all that is due by then has been done. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settled();
  }

  async settled(): Promise<void> {
    // Escalations are found by looking, so it has to have looked after the clock went on.
    await this.look();
    await waitFor('all that is due to be done', async () => {
      const [left] = await this.rows<{ n: number }>(
        `SELECT (SELECT count(*) FROM alert WHERE routed_at IS NULL)::int + (SELECT count(*) FROM delivery
           WHERE state IN ('pending', 'waiting') AND due_at <= to_timestamp($1::float8 / 1000))::int
           + (SELECT count(*) FROM delivery WHERE state = 'pending' AND due_at = to_timestamp(($1 + 60000)::float8 / 1000))::int AS n`,
        [this.clock.nowMs()],
      );
      if (left?.n !== 0) await this.look();
      return left?.n === 0;
    });
  }

  private async look(): Promise<void> {
    for (const app of this.processes) await app.get(AlertsService).lookOnce();
  }

  async states(): Promise<string[]> {
    return (await this.rows<{ state: string }>('SELECT state FROM delivery ORDER BY serial')).map(({ state }) => state);
  }

  /** A line of the metrics, by its name and labels. */
  async metric(name: string): Promise<number | undefined> {
    const text = (await this.processes[0]?.get<Registry>(METRICS).metrics()) ?? '';
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  }
}

const CITY = `
  INSERT INTO site (id, address, name, time_zone, latitude, longitude) VALUES (1, 'BT', 'Botoșani', 'Europe/Bucharest', 47.7486, 26.6694);
  INSERT INTO lamp_type (id, code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
    VALUES (1, 'LED', 'LED', 'LED', 50, 0.5, true, 10);
  INSERT INTO cabinet (id, site_id, address, name) VALUES (1, 1, 'CAB-1', 'CAB-1'), (2, 1, 'CAB-2', 'CAB-2');
  INSERT INTO lamp_group (id, site_id, address, name) VALUES (7, 1, 'CENTRE', 'Centre');
  INSERT INTO lamp (id, site_id, address, device, lamp_type_id, cabinet_id, circuit, latitude, longitude, street, pole)
    SELECT n, 1, 'BT-000' || n, 'BT-000' || n, 1, 1 + n / 4, 'C2', 47.7401, 26.6655, 'Strada Mare', n::text FROM generate_series(1, 6) AS n;
  INSERT INTO lamp_group_member VALUES (7, 1), (7, 2);`;
