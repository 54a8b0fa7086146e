/** A simulated city worked off step by step on the real services, broker and database: as fast as the machine can, and alike on every machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DistributionService } from '#apps/control';
import { IngestService } from '#apps/ingest';
import { DetectionService } from '#apps/monitor';
import { createPool, type Pool } from '#libs/storage';
import { FelinarApi, seedCity, startFleet, type City, type FaultInjection, type Fleet } from '#simulators';
import { readCommandLine } from '../command-line.js';
import { startStandalone, type Standalone } from '../standalone.js';
import { SteppedClock } from './stepped-clock.js';

export interface SteppedCityOptions {
  readonly city: City;
  readonly startMs: number;
  readonly reportingIntervalS: number;
  readonly faults: readonly FaultInjection[];
  /** FELINAR_* beyond what is needed: a database and a broker, when they shall not be its own. */
  readonly environment?: Readonly<Record<string, string>>;
}

const DISTRIBUTION_EVERY_MS = 300_000;
/** No step waits longer than this for what cannot be delivered, wall ms. */
const SETTLE_TIMEOUT_MS = 10_000;
/** Programs are handed out at a pace of hundreds a second; when none is for so long, something is wrong, wall ms. */
const HANDOUT_STALLS_MS = 120_000;

export class SteppedCity {
  private constructor(
    readonly felinar: Standalone,
    readonly pool: Pool,
    readonly fleet: Fleet,
    private readonly clock: SteppedClock,
    private readonly data: string,
  ) {}

  /** Starts everything; the city's devices have their programs. Rejects when none gets its own for two minutes. */
  static async start(options: SteppedCityOptions): Promise<SteppedCity> {
    const { city, startMs, reportingIntervalS, faults, environment = {} } = options;
    const data = await mkdtemp(join(tmpdir(), 'felinar-stepped-'));
    const clock = new SteppedClock(startMs);
    const line = ['--no-simulator', '--data', data, '--port', '0', '--mqtt-port', '0'];
    const felinar = await startStandalone(
      readCommandLine(line),
      { FELINAR_INGEST_BATCH_MS: '5', ...environment },
      () => undefined,
      clock,
    );
    try {
      const pool = createPool(felinar.databaseUrl, 2);
      await seedCity(new FelinarApi(felinar.apiUrl, felinar.key), city);
      const fleet = await startFleet({ city, brokerUrl: felinar.brokerUrl, clock, reportingIntervalS, faults });
      const stepped = new SteppedCity(felinar, pool, fleet, clock, data);
      await stepped.settled();
      await stepped.programsHandedOut();
      return stepped;
    } catch (error) {
      await felinar.stop();
      throw error;
    }
  }

  get nowMs(): number {
    return this.clock.nowMs();
  }

  /** Lets `ms` of the city's time pass: all that the city has to say by then is stored and looked at. */
  async step(ms: number): Promise<void> {
    const beforeMs = this.nowMs;
    this.clock.advance(ms);
    await this.settled();
    await this.felinar.part(IngestService).notePresence();
    if (Math.floor(this.nowMs / DISTRIBUTION_EVERY_MS) > Math.floor(beforeMs / DISTRIBUTION_EVERY_MS))
      await this.felinar.part(DistributionService).lookNow();
    await this.felinar.part(DetectionService).lookNow();
  }

  async stop(): Promise<void> {
    await this.fleet.stop();
    await this.pool.end();
    await this.felinar.stop();
    await rm(this.data, { recursive: true, force: true });
  }

  private async settled(): Promise<void> {
    const ingest = this.felinar.part(IngestService);
    const deadline = performance.now() + SETTLE_TIMEOUT_MS;
    let quiet = 0;
    while (quiet < 2 && performance.now() < deadline) {
      await delay(2);
      quiet = this.fleet.isCaughtUp() && ingest.inFlight === 0 ? quiet + 1 : 0;
    }
  }

  /** Every device that stores programs says that it runs the right one; a city is looked after from then on. */
  private async programsHandedOut(): Promise<void> {
    let least = Number.POSITIVE_INFINITY;
    for (let sinceMs = performance.now(); performance.now() - sinceMs < HANDOUT_STALLS_MS; await delay(500)) {
      const { rows } = await this.pool.query<{ left: number }>(
        `SELECT count(*)::int AS left FROM device_program WHERE reported_hash IS DISTINCT FROM desired_hash`,
      );
      const left = rows[0]?.left ?? 0;
      if (left === 0) return;
      if (left < least) [least, sinceMs] = [left, performance.now()];
    }
    throw new Error(`${least} programs are not handed out, and none has been for two minutes`);
  }
}
