/** A simulated city in which things go wrong, worked off step by step on the real processes, broker and database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DistributionService } from '#apps/control';
import { IngestService } from '#apps/ingest';
import { DetectionService } from '#apps/monitor';
import { createPool, readSiteSchedules, siteIds, sitePrograms, type Pool } from '#libs/storage';
import { FelinarApi, seedCity, generateCity, injectionsOf, startFleet, type Fleet } from '#simulators';
import { readCommandLine } from '../command-line.js';
import { startStandalone, type Standalone } from '../standalone.js';
import { compareFaults, FOUND, type FoundFault, type Score } from './compare-faults.js';
import { SteppedClock } from './stepped-clock.js';
import { visibleFromMs, type WantedLevel } from './visible-from.js';

export interface FaultyCity {
  readonly scenario: string;
  readonly seed: number;
  readonly lamps: number;
  readonly hours: number;
  readonly reportingIntervalS: number;
  /** Called after every simulated hour. */
  readonly onHour: (hour: number) => void;
}

const STARTS_AT = '2026-11-25T11:00:00Z';
const HOUR_MS = 3_600_000;
/** The monitor learns the city before anything goes wrong. */
const WARM_UP_H = 8;
/** The city is looked at every minute. */
const STEP_MS = 60_000;
const STEPS_PER_DISTRIBUTION = 5;
/** No step waits longer than this for what cannot be delivered. */
const SETTLE_TIMEOUT_MS = 10_000;

/** Runs it, and holds what was found against the truth. */
export async function runFaultyCity(options: FaultyCity): Promise<Score[]> {
  const { scenario, seed, lamps, hours, reportingIntervalS, onHour } = options;
  const data = await mkdtemp(join(tmpdir(), 'felinar-faults-'));
  const clock = new SteppedClock(Date.parse(STARTS_AT));
  const line = ['--no-simulator', '--data', data, '--port', '0', '--mqtt-port', '0'];
  const felinar = await startStandalone(
    readCommandLine(line),
    { FELINAR_INGEST_BATCH_MS: '5' },
    () => undefined,
    clock,
  );
  const pool = createPool(felinar.databaseUrl, 1);
  // Its database is thrown away afterwards: nothing has to outlive the machine.
  await pool.query('ALTER SYSTEM SET synchronous_commit = off');
  await pool.query('SELECT pg_reload_conf()');
  const city = generateCity({ seed, lamps });
  try {
    await seedCity(new FelinarApi(felinar.apiUrl), city);
    const { brokerUrl } = felinar;
    const startMs = clock.nowMs();
    const faults = injectionsOf(scenario, city, startMs + WARM_UP_H * HOUR_MS, seed);
    const fleet = await startFleet({ city, brokerUrl, clock, reportingIntervalS, faults });
    await settled(fleet, felinar);
    await programsHandedOut(pool);
    const stepsPerHour = HOUR_MS / STEP_MS;
    for (let step = 1; step <= hours * stepsPerHour; step += 1) {
      clock.advance(STEP_MS);
      await settled(fleet, felinar);
      await felinar.part(IngestService).notePresence();
      if (step % STEPS_PER_DISTRIBUTION === 0) await felinar.part(DistributionService).lookNow();
      await felinar.part(DetectionService).lookNow();
      if (step % stepsPerHour === 0) onHour(step / stepsPerHour);
    }
    const found = await pool.query<FoundFault>(FOUND);
    const endMs = clock.nowMs();
    const wanted = await wantedLevels(pool);
    const truth = fleet
      .groundTruth()
      .map((fault) => ({ ...fault, visibleMs: visibleFromMs(fault, wanted, reportingIntervalS, endMs) }));
    await fleet.stop();
    return compareFaults(truth, found.rows, endMs, reportingIntervalS);
  } finally {
    await pool.end();
    await felinar.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** All that the city has to say by now is stored. */
async function settled(fleet: Fleet, felinar: Standalone): Promise<void> {
  const ingest = felinar.part(IngestService);
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  let quiet = 0;
  while (quiet < 2 && performance.now() < deadline) {
    await delay(2);
    quiet = fleet.isCaughtUp() && ingest.inFlight === 0 ? quiet + 1 : 0;
  }
}

/** Every device that stores programs says that it runs the right one; a city is looked after from then on. */
async function programsHandedOut(pool: Pool): Promise<void> {
  for (const deadline = performance.now() + 120_000; performance.now() < deadline; await delay(500)) {
    const { rows } = await pool.query<{ left: number }>(
      `SELECT count(*)::int AS left FROM device_program WHERE reported_hash IS DISTINCT FROM desired_hash`,
    );
    if (rows[0]?.left === 0) return;
  }
  throw new Error('the programs were not handed out within two minutes');
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
