import { createPool, inTransaction, writeDeviceEvents, type Pool } from '#libs/storage';
import { FixedClock, testDatabase, type TestDatabase } from '#libs/testing';
import { Detector } from '../../src/detection/detector.js';

/** A healthy reading of a 50 W lamp at a level. */
export interface Shown {
  readonly level?: number;
  readonly inEffect?: number;
  readonly reason?: string;
  readonly powerW?: number;
  readonly volts?: number;
  readonly events?: readonly string[];
}

const MINUTE_MS = 60_000;
export const INTERVAL_MIN = 5;

/** A city whose readings a test writes, as ingest would, and which is looked at whenever the test says so. */
export class WatchedCity {
  readonly clock = FixedClock.at('2026-11-25T18:00:00Z');
  readonly detector: Detector;
  private readonly shown = new Map<number, Shown>();
  private readonly silent = new Set<number>();

  private constructor(
    private readonly database: TestDatabase,
    readonly pool: Pool,
  ) {
    this.detector = new Detector(pool, this.clock);
  }

  /** Cabinets of lamps with a device each, lit at 100 % by a calendar that asks for it from sunset to sunrise. */
  static async start(cabinets: number, lampsEach: number): Promise<WatchedCity> {
    const database = await testDatabase();
    const city = new WatchedCity(database, createPool(database.url, 3));
    await city.pool.query(CITY);
    await city.pool.query(
      `INSERT INTO cabinet (id, site_id, address, name) SELECT n, 1, 'CAB-' || n, 'CAB-' || n FROM generate_series(1, $1::int) AS n`,
      [cabinets],
    );
    await city.pool.query(
      `INSERT INTO lamp (id, site_id, address, device, lamp_type_id, cabinet_id, circuit, latitude, longitude)
       SELECT n, 1, 'L-' || n, 'L-' || n, 1, (n - 1) / $2::int + 1, CASE WHEN (n - 1) % $2::int < $2::int / 2 THEN 'C1' ELSE 'C2' END, 47.7, 26.6
       FROM generate_series(1, $1::int) AS n`,
      [cabinets * lampsEach, lampsEach],
    );
    await city.pool.query(
      `INSERT INTO device (site_id, address, online, status_at, reporting_interval_s)
       SELECT 1, device, true, $1, $2 FROM lamp`,
      [new Date(city.clock.nowMs()), INTERVAL_MIN * 60],
    );
    return city;
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.database.drop();
  }

  /** What a lamp shows from now on. */
  shows(lampId: number, shown: Shown): void {
    this.shown.set(lampId, shown);
  }

  /** Lamps say nothing from now on; `isOffline`: and the broker says that they are gone. */
  async falls(lampIds: readonly number[], isOffline: boolean): Promise<void> {
    for (const id of lampIds) this.silent.add(id);
    if (isOffline) await this.online(lampIds, false);
  }

  /** Says something on the event channel, now; without a lamp, of the device itself. */
  async says(device: string, event: string, active: boolean, lampId?: number, info?: string): Promise<void> {
    const now = this.clock.nowMs();
    await inTransaction(this.pool, (client) =>
      writeDeviceEvents(client, [{ siteId: 1, device, lampId, event, active, timeMs: now, receivedAtMs: now, info }]),
    );
  }

  async returns(lampIds: readonly number[]): Promise<void> {
    for (const id of lampIds) this.silent.delete(id);
    await this.online(lampIds, true);
  }

  private async online(lampIds: readonly number[], online: boolean): Promise<void> {
    await this.pool.query(
      `UPDATE device SET online = $2, status_at = $3 FROM lamp WHERE device.site_id = 1 AND device.address = lamp.device AND lamp.id = ANY($1::int[])`,
      [lampIds, online, new Date(this.clock.nowMs())],
    );
  }

  /** Time passes, a reporting interval at a time; every lamp that speaks reports, and the city is looked at every minute. */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      this.clock.advance(MINUTE_MS);
      await this.report(Math.round(this.clock.nowMs() / MINUTE_MS) % INTERVAL_MIN);
      await this.look();
    }
  }

  /** Ingest is back after an absence: what was not heard before it says nothing. */
  async hearAgain(): Promise<void> {
    await this.pool.query('UPDATE ingest_presence SET connected_since = $1, connected_until = $1', [
      new Date(this.clock.nowMs()),
    ]);
  }

  /** So long nobody is heard, ingest neither. */
  async isAway(minutes: number): Promise<void> {
    this.clock.advance(minutes * MINUTE_MS);
    await this.hearAgain();
  }

  look() {
    return this.detector.look(1);
  }

  /** The lamps whose turn it is: their devices do not all report at once. */
  private async report(phase: number): Promise<void> {
    const now = new Date(this.clock.nowMs());
    await this.pool.query(
      `INSERT INTO ingest_presence VALUES ('i', $1, $1) ON CONFLICT (consumer) DO UPDATE SET connected_until = $1`,
      [now],
    );
    const ids = (
      await this.pool.query<{ id: number }>('SELECT id FROM lamp WHERE id % $1 = $2', [INTERVAL_MIN, phase])
    ).rows
      .map(({ id }) => id)
      .filter((id) => !this.silent.has(id));
    const rows = ids.map((id) => readingOf(this.shown.get(id) ?? {}));
    await this.pool.query(
      `INSERT INTO lamp_state (lamp_id, time, received_at, light_level_percent, level_in_effect_percent, level_reason, active_power_w,
         supply_voltage_v, supply_current_a, power_factor, temperature_c, switch_on_count, events)
       SELECT id, $2, $2, level, aim, reason, power, volts, power / (volts * 0.95), 0.95, 30, 100, string_to_array(events, '|')
       FROM unnest($1::int[], $3::float8[], $4::float8[], $5::text[], $6::float8[], $7::float8[], $8::text[]) AS r (id, level, aim, reason, power, volts, events)
       ON CONFLICT (lamp_id) DO UPDATE SET time = excluded.time, received_at = excluded.received_at,
         light_level_percent = excluded.light_level_percent, level_in_effect_percent = excluded.level_in_effect_percent,
         level_reason = excluded.level_reason, active_power_w = excluded.active_power_w, supply_voltage_v = excluded.supply_voltage_v,
         supply_current_a = excluded.supply_current_a, power_factor = excluded.power_factor, events = excluded.events`,
      [
        ids,
        now,
        rows.map(({ level }) => level),
        rows.map(({ aim }) => aim),
        rows.map(({ reason }) => reason),
        rows.map(({ powerW }) => powerW),
        rows.map(({ volts }) => volts),
        rows.map(({ events }) => events),
      ],
    );
  }

  /** `lampFailure lamp:3 open`, in the order in which they began; members of a wider fault are marked. */
  async faults(): Promise<string[]> {
    const found = await this.pool.query<{ text: string }>(
      `SELECT kind || ' ' || subject || ' ' || phase || CASE WHEN parent_id IS NULL THEN '' ELSE ' (member)' END AS text FROM fault ORDER BY id`,
    );
    return found.rows.map(({ text }) => text);
  }

  /** `opened lampFailure lamp:3`, in order. */
  async alerts(): Promise<string[]> {
    const found = await this.pool.query<{ text: string }>(
      `SELECT event || ' ' || kind || ' ' || subject AS text FROM alert JOIN fault ON fault.id = fault_id ORDER BY alert.id`,
    );
    return found.rows.map(({ text }) => text);
  }
}

function readingOf({ level = 100, inEffect, reason = 'calendar', powerW, volts = 230, events }: Shown) {
  return {
    level,
    aim: inEffect ?? level,
    reason,
    powerW: powerW ?? 0.5 + 0.495 * level,
    volts,
    events: events?.join('|') ?? null,
  };
}

const PROGRAM = JSON.stringify({
  activePeriods: [
    { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
  ],
  switchPoints: [],
  minimumLevelPercent: 0,
});
const CITY = `
  INSERT INTO site (id, address, name, time_zone, latitude, longitude) VALUES (1, 'BT', 'Botosani', 'Europe/Bucharest', 47.7486, 26.6694);
  INSERT INTO lamp_type (id, code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
    VALUES (1, 'LED', 'LED', 'LED', 50, 0.5, true, 10);
  INSERT INTO control_program (id, site_id, address, name, definition) VALUES (1, 1, 'FULL', 'FULL', '${PROGRAM}');
  INSERT INTO calendar (id, site_id, address, name, rules, default_program) VALUES (1, 1, 'CAL', 'CAL', '[]', 'FULL');
  INSERT INTO calendar_program VALUES (1, 1);
  INSERT INTO calendar_assignment (site_id, target_kind, calendar_id) VALUES (1, 'site', 1);`;
