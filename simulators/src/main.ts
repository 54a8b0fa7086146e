/** `npm run simulate`: a city of lamps against any broker. */
import { readFile, writeFile } from 'node:fs/promises';
import { scaledClock, systemClock, type Clock } from '#libs/kernel';
import type { City } from './city/city.js';
import { generateCity } from './city/generate-city.js';
import { inventoryCsv, inventoryGeoJson } from './city/inventory.js';
import { readCommandLine, USAGE, type SimulateOptions } from './command-line.js';
import { commissionCity } from './commissioning/commission-city.js';
import { FelinarApi } from './commissioning/felinar-api.js';
import { readSavedFleet, saveFleet, type SavedFleet } from './commissioning/kept-files.js';
import { injectionsOf } from './faults/scenarios.js';
import { startFleet, type Fleet } from './fleet/fleet.js';

const PROGRESS_EVERY_MS = 5_000;
/** In a log that is kept, while nothing changes. */
const NEWS_AT_LEAST_EVERY_MS = 300_000;
const SAVE_EVERY_MS = 30_000;
const options = optionsOrExit();
const { site, seed, lamps, cabinets, gatewayShare } = options;
const city = generateCity({ site, seed, lamps, gatewayShare, ...(cabinets === undefined ? {} : { cabinets }) });
if (options.inventoryFile !== undefined) await writeInventory(city, options.inventoryFile);
if (options.broker !== undefined) await simulateOrExit(options.broker);

function optionsOrExit(): SimulateOptions {
  try {
    const read = readCommandLine(process.argv.slice(2));
    if (read !== undefined) return read;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

async function writeInventory(of: City, file: string): Promise<void> {
  await writeFile(
    file,
    file.endsWith('.csv') ? inventoryCsv(of) : `${JSON.stringify(inventoryGeoJson(of), null, 1)}\n`,
  );
  console.log(`Wrote ${of.lamps.length} lamps in ${of.cabinets.length} cabinets to ${file}.`);
}

async function simulateOrExit(brokerUrl: string): Promise<void> {
  try {
    await simulate(brokerUrl);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** The devices’ passwords, by device, once the city is known to Felinar; undefined without --api. */
async function commissioned(): Promise<ReadonlyMap<string, string> | undefined> {
  const { api, keep } = options;
  if (api === undefined || keep === undefined) return undefined;
  return commissionCity(new FelinarApi(api, await apiKey()), city, keep, (line) => console.log(line));
}

async function apiKey(): Promise<string | undefined> {
  const { FELINAR_API_KEY: key, FELINAR_API_KEY_FILE: file } = process.env;
  if (file !== undefined && file !== '') return (await readFile(file, 'utf8')).trim();
  return key === '' ? undefined : key;
}

/** The fleet of the same city as an earlier run left it. */
async function savedFleet(): Promise<SavedFleet | undefined> {
  const saved = options.keep === undefined ? undefined : await readSavedFleet(options.keep);
  if (saved === undefined || (saved.seed === seed && saved.lamps === lamps)) return saved;
  throw new Error(
    `${options.keep} holds a city of ${saved.lamps} lamps (seed ${saved.seed}): take --lamps ${saved.lamps} --seed ${saved.seed}, or another directory`,
  );
}

async function simulate(brokerUrl: string): Promise<void> {
  const { speed, startMs, hours, username, password, reportingIntervalS, serverDrivenShare, driftPpm } = options;
  const { keep, caFile } = options;
  const saved = await savedFleet();
  const passwords = await commissioned();
  const clock = speed === 1 && startMs === undefined ? systemClock : scaledClock(startMs ?? Date.now(), speed);
  const beganMs = clock.nowMs();
  const fleet = await startFleet({
    city,
    brokerUrl,
    brokerCa: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
    clock,
    reportingIntervalS,
    serverDrivenShare,
    driftPpm,
    username,
    password,
    passwords,
    ...(saved === undefined ? {} : { resume: saved.snapshot }),
    faults: injectionsOf(options.scenario, city, beganMs, seed),
    onProblem: (line) => console.error(line),
  });
  const progress = showProgress(fleet, clock);
  const save = async () => {
    if (keep !== undefined) await saveFleet(keep, { seed, lamps, snapshot: fleet.snapshot() });
  };
  await save();
  const saving = setInterval(() => {
    save().catch((error: unknown) => console.error(`The state of the lamps could not be saved: ${String(error)}`));
  }, SAVE_EVERY_MS);
  await new Promise<void>((resolve) => {
    let interrupts = 0;
    const interrupted = () => {
      interrupts += 1;
      if (interrupts > 1) process.exit(130);
      resolve();
    };
    process.on('SIGINT', interrupted);
    process.on('SIGTERM', interrupted);
    if (hours !== undefined) setTimeout(resolve, Math.min(2 ** 31 - 1, (hours * 3_600_000) / speed));
  });
  clearInterval(progress);
  clearInterval(saving);
  console.log('Finishing: waiting for the broker to acknowledge what is under way …');
  await fleet.drain(30_000);
  const counts = fleet.counts();
  if (options.truthFile !== undefined) {
    await writeFile(
      options.truthFile,
      `${JSON.stringify({ site: site.address, seed, lamps: fleet.truth() }, null, 1)}\n`,
    );
    console.log(`Wrote the truth to ${options.truthFile}.`);
  }
  if (options.faultsTruthFile !== undefined) {
    await writeFile(options.faultsTruthFile, faultsTruth(fleet));
    console.log(`Wrote the faults to ${options.faultsTruthFile}.`);
  }
  const energyKwh = fleet.truth().reduce((sum, { trueEnergyWh }) => sum + trueEnergyWh, 0) / 1000;
  const simulatedH = (clock.nowMs() - beganMs) / 3_600_000;
  await fleet.stop();
  await save();
  console.log(
    `${simulatedH.toFixed(2)} simulated hours: ${describedCounts(counts)}; ${energyKwh.toFixed(3)} kWh between first and last readings.`,
  );
  // Sockets of connections that never came up may linger.
  process.exit(counts.buffered === 0 ? 0 : 1);
}

/** On a terminal all the time; in a log when devices have come or gone, and now and then. */
function showProgress(fleet: Fleet, clock: Clock): NodeJS.Timeout {
  let said = { connected: -1, atMs: 0 };
  return setInterval(() => {
    const { connected } = fleet.counts();
    const isNews = connected !== said.connected || performance.now() - said.atMs >= NEWS_AT_LEAST_EVERY_MS;
    if (!process.stdout.isTTY && !isNews) return;
    said = { connected, atMs: performance.now() };
    console.log(`${new Date(clock.nowMs()).toISOString()}  ${described(fleet)}`);
  }, PROGRESS_EVERY_MS);
}

function faultsTruth(fleet: Fleet): string {
  const { scenario } = options;
  return `${JSON.stringify({ site: site.address, seed, scenario, faults: fleet.groundTruth() }, null, 1)}\n`;
}

function described(fleet: Fleet): string {
  const counts = fleet.counts();
  return `${counts.connected} of ${counts.devices} devices connected, ${describedCounts(counts)}`;
}

function describedCounts({ generated, acknowledged, buffered, dropped }: ReturnType<Fleet['counts']>): string {
  return `${generated} readings made, ${acknowledged} acknowledged, ${buffered} waiting, ${dropped} dropped`;
}
