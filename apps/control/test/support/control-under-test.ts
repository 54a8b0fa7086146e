import 'reflect-metadata';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { PlatformModule } from '#libs/platform';
import { createPool, type Pool } from '#libs/storage';
import { testDatabase, waitFor, type TestBroker, type TestDatabase } from '#libs/testing';
import { AnswersService, ControlModule } from '../../src/index.js';

/** Runs with the wall clock from a given instant on, and can be put forward. */
export class JumpClock implements Clock {
  readonly speed = 1;
  private readonly originMs = performance.now();

  constructor(private startMs: number) {}

  nowMs(): number {
    return Math.round(this.startMs + performance.now() - this.originMs);
  }

  jump(ms: number): void {
    this.startMs += ms;
  }
}

/** Control processes on a database of their own, with a small city in it. */
export class ControlUnderTest {
  readonly pool: Pool;
  private readonly processes: INestApplicationContext[] = [];
  readonly siteId = 1;

  private constructor(
    readonly database: TestDatabase,
    private readonly broker: TestBroker,
    readonly clock: JumpClock,
  ) {
    this.pool = createPool(database.url, 4);
  }

  static async start(broker: TestBroker, startsAt: string): Promise<ControlUnderTest> {
    const database = await testDatabase();
    const control = new ControlUnderTest(database, broker, new JumpClock(Date.parse(startsAt)));
    await control.pool.query(CITY);
    return control;
  }

  /** One more control process. */
  async process(clientId: string, settings: Record<string, string> = {}): Promise<INestApplicationContext> {
    const config = loadConfig({
      FELINAR_DATABASE_URL: this.database.url,
      FELINAR_MQTT_URL: this.broker.url,
      FELINAR_MQTT_PROTOCOL: String(this.broker.protocolVersion),
      FELINAR_LOG_LEVEL: process.env['FELINAR_TEST_LOG_LEVEL'] ?? 'fatal',
      FELINAR_CONTROL_CLIENT_ID: clientId,
      ...settings,
    });
    const app = await NestFactory.createApplicationContext(
      { module: class Root {}, imports: [PlatformModule.forRoot(config, this.clock), ControlModule] },
      { logger: ['fatal'] },
    );
    app.enableShutdownHooks();
    this.processes.push(app);
    await waitFor('control to be connected', () => app.get(AnswersService).isReady);
    return app;
  }

  async end(app: INestApplicationContext): Promise<void> {
    this.processes.splice(this.processes.indexOf(app), 1);
    await app.close();
  }

  async stop(): Promise<void> {
    for (const app of this.processes.splice(0)) await app.close();
    await this.pool.end();
    await this.database.drop();
  }

  async rows<T = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query(sql, values)).rows as T[];
  }

  /** Puts lamps up: `BT-0001`… of a device each, or all of one gateway. */
  async lamps(count: number, options: { gateway?: string; cabinet?: number; from?: number } = {}): Promise<string[]> {
    const addresses = Array.from({ length: count }, (_, n) => `BT-${String(n + (options.from ?? 1)).padStart(4, '0')}`);
    await this.pool.query(
      `INSERT INTO lamp (site_id, address, device, lamp_type_id, cabinet_id, latitude, longitude, road_class)
       SELECT 1, address, coalesce($2, address), 1, $3, 47.7, 26.6, 'M4' FROM unnest($1::text[]) AS address`,
      [addresses, options.gateway ?? null, options.cabinet ?? 1],
    );
    return addresses;
  }

  /** Stores or changes a program, as the API would. */
  async program(address: string, levelAtNight: number): Promise<void> {
    await this.pool.query(
      `INSERT INTO control_program (site_id, address, name, definition) VALUES (1, $1, $1, $2)
       ON CONFLICT (site_id, address) DO UPDATE SET definition = excluded.definition, version = control_program.version + 1`,
      [address, JSON.stringify(programOf(levelAtNight))],
    );
  }

  /** A calendar with one program for every night, assigned to the site. */
  async assign(program: string): Promise<void> {
    await this.pool.query(
      `WITH c AS (INSERT INTO calendar (site_id, address, name, rules, default_program) VALUES (1, 'CAL', 'CAL', '[]', $1) RETURNING id),
        p AS (INSERT INTO calendar_program SELECT c.id, control_program.id FROM c, control_program WHERE address = $1)
       INSERT INTO calendar_assignment (site_id, target_kind, calendar_id) SELECT 1, 'site', id FROM c`,
      [program],
    );
  }

  /** What ingest would have stored of a device's status. */
  async status(device: string, online: boolean, storesProgram = true): Promise<void> {
    await this.pool.query(
      `INSERT INTO device (site_id, address, online, status_at, reporting_interval_s, stores_program)
       VALUES (1, $1, $2, to_timestamp($3::float8 / 1000), 60, $4)
       ON CONFLICT (site_id, address) DO UPDATE SET online = excluded.online, status_at = excluded.status_at`,
      [device, online, this.clock.nowMs(), storesProgram],
    );
  }

  /** What ingest would have stored of a reading. */
  async reading(lamp: string, level: number, reason: string, atMs = this.clock.nowMs()): Promise<void> {
    await this.pool.query(
      `INSERT INTO lamp_state (lamp_id, time, received_at, light_level_percent, level_in_effect_percent, level_reason)
       SELECT id, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4, $4, $5 FROM lamp WHERE address = $1
       ON CONFLICT (lamp_id) DO UPDATE SET time = excluded.time, received_at = excluded.received_at,
         light_level_percent = excluded.light_level_percent, level_in_effect_percent = excluded.level_in_effect_percent,
         level_reason = excluded.level_reason`,
      [lamp, atMs, this.clock.nowMs(), level, reason],
    );
  }
}

const clock = (time: string) => ({ anchor: { kind: 'clock', time }, offsetMinutes: 0 });

function programOf(levelAtNight: number): object {
  return {
    activePeriods: [
      { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
    ],
    switchPoints: [
      { at: clock('23:00'), levelPercent: levelAtNight, fadeS: 60 },
      { at: clock('05:00'), levelPercent: 100, fadeS: 10 },
    ],
    minimumLevelPercent: 0,
  };
}

const CITY = `
  INSERT INTO site (id, address, name, time_zone, latitude, longitude) VALUES (1, 'BT', 'Botosani', 'Europe/Bucharest', 47.7486, 26.6694);
  INSERT INTO lamp_type (id, code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
    VALUES (1, 'LED', 'LED', 'LED', 50, 0.5, true, 10);
  INSERT INTO cabinet (id, site_id, address, name) VALUES (1, 1, 'CAB-1', 'CAB-1'), (2, 1, 'CAB-2', 'CAB-2');`;
