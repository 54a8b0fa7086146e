/** A simulated city in which things go wrong, and what is found of it. */
import { readSiteSchedules, siteIds, sitePrograms, type Pool } from '#libs/storage';
import { generateCity, injectionsOf, type FaultInjection } from '#simulators';
import { compareFaults, FOUND, type FoundFault, type Score } from './compare-faults.js';
import { SteppedCity } from './stepped-city.js';
import { visibleFromMs, type WantedLevel } from './visible-from.js';

export interface FaultyCity {
  readonly scenario: string;
  readonly seed: number;
  readonly lamps: number;
  /** Undefined: until a day after the last thing that happens. */
  readonly hours: number | undefined;
  readonly reportingIntervalS: number;
  /** The city is looked at so often, s. */
  readonly stepS: number;
  /** Called after every simulated hour. */
  readonly onHour: (hour: number, of: number) => void;
}

const STARTS_AT_MS = Date.parse('2026-11-25T11:00:00Z');
const HOUR_MS = 3_600_000;
/** The monitor learns the city before anything goes wrong. */
const WARM_UP_H = 8;
const AFTER_LAST_H = 24;
const CLEAN_H = 72;

/** Runs it, and holds what was found against the truth. */
export async function runFaultyCity(options: FaultyCity): Promise<Score[]> {
  const { scenario, seed, lamps, reportingIntervalS, stepS, onHour } = options;
  const city = generateCity({ seed, lamps });
  const faults = injectionsOf(scenario, city, STARTS_AT_MS + WARM_UP_H * HOUR_MS, seed);
  const stepped = await SteppedCity.start({ city, startMs: STARTS_AT_MS, reportingIntervalS, faults });
  try {
    // Its database is thrown away afterwards: nothing has to outlive the machine.
    await stepped.pool.query('ALTER SYSTEM SET synchronous_commit = off');
    await stepped.pool.query('SELECT pg_reload_conf()');
    const hours = options.hours ?? hoursUntilAfter(faults);
    for (let hour = 0; stepped.nowMs < STARTS_AT_MS + hours * HOUR_MS;) {
      await stepped.step(stepS * 1000);
      if (stepped.nowMs < STARTS_AT_MS + (hour + 1) * HOUR_MS) continue;
      hour += 1;
      onHour(hour, hours);
    }
    const found = await stepped.pool.query<FoundFault>(FOUND);
    const endMs = stepped.nowMs;
    const wanted = await wantedLevels(stepped.pool);
    const truth = stepped.fleet
      .groundTruth()
      .map((fault) => ({ ...fault, visibleMs: visibleFromMs(fault, wanted, reportingIntervalS, endMs) }));
    return compareFaults(truth, found.rows, endMs, reportingIntervalS);
  } finally {
    await stepped.stop();
  }
}

/** Until a day after the last thing begins or ends. */
function hoursUntilAfter(faults: readonly FaultInjection[]): number {
  if (faults.length === 0) return CLEAN_H;
  const lastMs = Math.max(...faults.map(({ fromMs, toMs }) => toMs ?? fromMs));
  return Math.ceil((lastMs - STARTS_AT_MS) / HOUR_MS) + AFTER_LAST_H;
}

async function wantedLevels(pool: Pool): Promise<WantedLevel> {
  const [siteId = 0] = await siteIds(pool);
  const schedules = await readSiteSchedules(pool, siteId);
  if (schedules === undefined) throw new Error('the city has no calendars');
  const programs = sitePrograms(schedules);
  const { rows } = await pool.query<{ lamp: string; calendarId: number | null }>(
    `SELECT lamp.address AS lamp, calendar_id AS "calendarId" FROM lamp JOIN lamp_calendar ON lamp_calendar.lamp_id = lamp.id`,
  );
  const calendars = new Map(rows.map(({ lamp, calendarId }) => [lamp, calendarId]));
  return (lamp, ms) => {
    const calendarId = calendars.get(lamp);
    return calendarId == null ? 0 : programs.levelAt(calendarId, 0, ms).levelPercent;
  };
}
