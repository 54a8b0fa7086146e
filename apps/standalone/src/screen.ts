import { type IngestService } from '#apps/ingest';
import type { Clock } from '#libs/kernel';
import type { Pool } from '#libs/storage';
import type { LevelCount } from './night-watch.js';

/** What stands on the screen when everything runs. */
export interface BannerFacts {
  readonly apiUrl: string;
  readonly key: string;
  readonly city: string;
  readonly broker: string;
  readonly database: string;
  readonly data: string;
  readonly time: string;
}

/** The lines that say where to look. */
export function banner(facts: BannerFacts): string {
  return [
    '',
    'Felinar is running.',
    `  API docs   ${facts.apiUrl}/docs`,
    `  Key        ${facts.key} (for everything; curl -H 'X-API-Key: …'; until Felinar stops)`,
    `  City       ${facts.city}`,
    `  Broker     ${facts.broker}`,
    `  Database   ${facts.database}`,
    `  Data       ${facts.data}`,
    `  Time       ${facts.time}`,
    '',
    'Ctrl-C stops everything. A line follows every ten seconds.',
    '',
  ].join('\n');
}

/** The time of the (perhaps simulated) city, for people. */
export function cityTime(ms: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
}

/** How many lamps that were heard of in the last hour aim at which level, and why. */
export async function levelCounts(pool: Pool, nowMs: number): Promise<LevelCount[]> {
  const found = await pool.query<LevelCount>(
    `SELECT round(level_in_effect_percent)::int AS "levelPercent", level_reason AS reason, count(*)::int AS lamps
     FROM lamp_state JOIN lamp ON lamp.id = lamp_id AND lamp.removed_at IS NULL
     WHERE time > to_timestamp($1::float8 / 1000.0) AND level_in_effect_percent IS NOT NULL AND level_reason IS NOT NULL
     GROUP BY 1, 2`,
    [nowMs - 3_600_000],
  );
  return found.rows;
}

/** One line on how things stand: readings stored, rejected, lamps heard of and lit, power. */
export async function statusLine(ingest: IngestService, pool: Pool, clock: Clock, timeZone: string): Promise<string> {
  const [stored, rejected] = await Promise.all([total(ingest.metrics.stored), total(ingest.metrics.rejected)]);
  const found = await pool.query<{ heard: number; lit: number; kw: number }>(
    `SELECT count(*)::int AS heard, count(*) FILTER (WHERE light_level_percent > 0)::int AS lit,
       coalesce(sum(active_power_w), 0)::float8 / 1000 AS kw
     FROM lamp_state JOIN lamp ON lamp.id = lamp_id AND lamp.removed_at IS NULL
     WHERE time > to_timestamp($1::float8 / 1000.0)`,
    [clock.nowMs() - 3_600_000],
  );
  const { heard = 0, lit = 0, kw = 0 } = found.rows[0] ?? {};
  const count = (value: number) => value.toLocaleString('en');
  return (
    `${cityTime(clock.nowMs(), timeZone)} | ${count(stored)} readings stored, ${count(rejected)} rejected | ` +
    `${count(heard)} lamps heard in the last hour, ${count(lit)} lit, ${kw.toFixed(1)} kW`
  );
}

async function total(counter: { get(): Promise<{ values: { value: number }[] }> }): Promise<number> {
  return (await counter.get()).values.reduce((sum, { value }) => sum + value, 0);
}
