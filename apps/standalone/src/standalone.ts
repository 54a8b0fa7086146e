import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureApi, firstAdministrator, introduce } from '#apps/api';
import { IngestService } from '#apps/ingest';
import type { Place } from '#libs/astronomy';
import { loadConfig, type Environment } from '#libs/config';
import { scaledClock, systemClock, type Clock } from '#libs/kernel';
import { CAPABILITY, POOL } from '#libs/platform';
import {
  createPool,
  describeCapability,
  issueAdministratorKey,
  latestReceptionMs,
  revokeAdministratorKeys,
  type DatabaseCapability,
  type Pool,
} from '#libs/storage';
import { Logger } from 'nestjs-pino';
import { startBroker, type StandaloneBroker } from './broker.js';
import type { StandaloneOptions } from './command-line.js';
import { startDatabase, type StandaloneDatabase } from './database.js';
import { takeDataDirectory } from './data-directory.js';
import { mostLamps, sunEventsBetween } from './night-watch.js';
import { banner, cityTime, levelCounts, statusLine } from './screen.js';
import { startSimulatedCity, type SimulatedCity } from './simulated-city.js';
import { StandaloneModule } from './standalone.module.js';

/** How its key is called in the list of keys. */
const KEY_NAME = 'npm start';
const STATUS_EVERY_MS = 10_000;
const WATCH_EVERY_MS = 1_000;

/** A standalone Felinar that runs. */
export interface Standalone {
  readonly apiUrl: string;
  /** An API key for everything, until it stops. */
  readonly key: string;
  readonly brokerUrl: string;
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly simulated: SimulatedCity | undefined;
  /** A service of it, by its class. */
  part<T>(type: Type<T>): T;
  stop(): Promise<void>;
}

/**
 * Starts everything, in the order in which the parts need each other, and says so line by line. When a part fails, what has been
 * started is stopped again, and the error is thrown. `ownClock` stands in for the one that the options describe.
 */
export async function startStandalone(
  options: StandaloneOptions,
  environment: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
  ownClock?: Clock,
): Promise<Standalone> {
  const started: { readonly name: string; stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const { name, stop: stopPart } of started.splice(0).reverse()) {
      await stopPart().catch((error: unknown) => say(`${name} did not stop cleanly: ${String(error)}`));
    }
  };
  try {
    const data = await takeDataDirectory(options.data, options.fresh);
    started.push({ name: 'The data directory', stop: () => data.release() });
    const database = await startDatabase(data.path, environment['FELINAR_DATABASE_URL'], say);
    started.push({ name: 'The database', stop: () => database.stop() });
    const broker = await startBroker(
      environment['FELINAR_MQTT_URL'],
      environment['FELINAR_MQTT_PROTOCOL'],
      options.mqttPort,
      say,
    );
    started.push({ name: 'The broker', stop: () => broker.stop() });
    const clock = ownClock ?? (await startClock(database.url, options, say));
    const config = standaloneConfig(environment, options, database, broker);
    const app = await startApp(config, clock, say);
    started.push({ name: 'Felinar', stop: () => app.close() });
    const apiUrl = await app.getUrl();
    const pool = app.get<Pool>(POOL);
    const newcomer = await firstAdministrator(pool, systemClock.nowMs());
    if (newcomer !== undefined) say(introduce(newcomer, 'Felinar has its first user, who may manage everything.'));
    const key = await issueAdministratorKey(pool, KEY_NAME, systemClock.nowMs());
    started.push({ name: 'Its key', stop: () => revokeAdministratorKeys(pool, KEY_NAME, systemClock.nowMs()) });
    let timeZone = 'UTC';
    let simulated: SimulatedCity | undefined;
    let cityName = 'none: connect your devices, and import your lamps through the API';
    if (options.simulator) {
      const { seed, lamps } = options;
      const running = await startSimulatedCity({
        dataPath: data.path,
        apiUrl,
        key,
        brokerUrl: broker.url,
        clock,
        seed,
        lamps,
        say,
      });
      const saving = setInterval(() => {
        running
          .save()
          .catch((error: unknown) => say(`The state of the simulated lamps could not be saved: ${String(error)}`));
      }, 30_000);
      started.push({
        name: 'The simulated city',
        stop: async () => {
          clearInterval(saving);
          await running.stop();
        },
      });
      simulated = running;
      const { city } = running;
      timeZone = city.site.timeZone;
      cityName = `${city.site.name}, simulated: ${city.lamps.length} lamps, ${city.cabinets.length} cabinets (site ${city.site.address})`;
    }
    const capability = describeCapability(app.get<DatabaseCapability>(CAPABILITY));
    say(
      banner({
        apiUrl,
        key,
        city: cityName,
        broker: `${broker.url} (${broker.origin})`,
        database: `${capability}; ${database.origin}`,
        data: `${data.path} (kept for the next start; npm start -- --fresh begins anew)`,
        time: `${cityTime(clock.nowMs(), timeZone)}, ${timeZone}${options.speed === 1 ? '' : `, ${options.speed} times as fast`}`,
      }),
    );
    const ingest = app.get(IngestService);
    const status = setInterval(() => {
      statusLine(ingest, pool, clock, timeZone).then(say, (error: unknown) => say(`No status: ${String(error)}`));
    }, STATUS_EVERY_MS);
    started.push({ name: 'The status line', stop: () => Promise.resolve(clearInterval(status)) });
    if (simulated !== undefined) {
      const watch = watchNight(simulated.city.site, pool, clock, say);
      started.push({ name: 'The watch of the night', stop: () => Promise.resolve(clearInterval(watch)) });
    }
    return {
      apiUrl,
      key,
      brokerUrl: broker.url,
      databaseUrl: database.url,
      clock,
      simulated,
      part: (type) => app.get(type),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Says what the sun does, and when most lamps go to another level. */
function watchNight(place: Place, pool: Pool, clock: Clock, say: (line: string) => void): NodeJS.Timeout {
  let seenMs = clock.nowMs();
  let last: string | undefined;
  return setInterval(() => {
    const nowMs = clock.nowMs();
    for (const { ms, words } of sunEventsBetween(place, seenMs, nowMs))
      say(`${cityTime(ms, place.timeZone)} | ${words}`);
    seenMs = nowMs;
    levelCounts(pool, nowMs)
      .then((counts) => {
        const most = mostLamps(counts);
        if (most === undefined || most.what === last) return;
        last = most.what;
        say(`${cityTime(nowMs, place.timeZone)} | ${most.words}`);
      })
      // The status line says when the database is away.
      .catch(() => undefined);
  }, WATCH_EVERY_MS);
}

/** The machine's clock; a faster one, or one that begins elsewhere, on request; and where an earlier, faster run has gone ahead of the machine, from there on. */
async function startClock(
  databaseUrl: string,
  { speed, startMs }: StandaloneOptions,
  say: (line: string) => void,
): Promise<Clock> {
  const pool = createPool(databaseUrl, 1);
  const lastMs = await latestReceptionMs(pool).finally(() => pool.end());
  const nowMs = startMs ?? systemClock.nowMs();
  const isAhead = lastMs !== undefined && lastMs > nowMs;
  if (!isAhead) return speed === 1 && startMs === undefined ? systemClock : scaledClock(nowMs, speed);
  const aheadH = (lastMs - nowMs) / 3_600_000;
  say(
    `An earlier run was faster: the city's time is ${aheadH.toFixed(1)} h ahead of ${startMs === undefined ? 'now' : '--start'}, and goes on from there (--fresh begins anew).`,
  );
  return scaledClock(lastMs + 1000, speed);
}

function standaloneConfig(
  environment: Readonly<Record<string, string | undefined>>,
  options: StandaloneOptions,
  database: StandaloneDatabase,
  broker: StandaloneBroker,
): Environment {
  return loadConfig({
    FELINAR_LOG_LEVEL: 'warn',
    FELINAR_LOG_PRETTY: 'true',
    FELINAR_HTTP_PORT: String(options.httpPort),
    ...environment,
    FELINAR_DATABASE_URL: database.url,
    FELINAR_MQTT_URL: broker.url,
    FELINAR_MQTT_PROTOCOL: String(broker.protocolVersion),
  });
}

async function startApp(
  config: Environment,
  clock: Clock,
  say: (line: string) => void,
): Promise<NestExpressApplication> {
  say('Starting Felinar …');
  const app = await NestFactory.create<NestExpressApplication>(StandaloneModule.with(config, clock), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  configureApi(app);
  try {
    await app.listen(config.FELINAR_HTTP_PORT, config.FELINAR_HTTP_HOST);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    say(`Port ${config.FELINAR_HTTP_PORT} is taken: the API takes a free one.`);
    await app.listen(0, config.FELINAR_HTTP_HOST);
  }
  return app;
}
