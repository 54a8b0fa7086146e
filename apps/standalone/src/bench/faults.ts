/**
 * npm run bench:faults [-- --scenario NAME --lamps N --hours H --speed X --seed S]: a simulated city in which things go wrong, and what the
 * monitor finds of it, beside the truth. Without a scenario, each of them in turn.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createPool } from '#libs/storage';
import { generateCity, injectionsOf, SCENARIOS, startFleet } from '#simulators';
import { seedCity } from '../city-seeding.js';
import { readCommandLine } from '../command-line.js';
import { startStandalone } from '../standalone.js';
import { compareFaults, FOUND, type FoundFault, type Score } from './compare-faults.js';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    lamps: { type: 'string', default: '300' },
    hours: { type: 'string', default: '48' },
    speed: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
  },
});
const START = '2026-11-25T11:00:00Z';
const HOUR_MS = 3_600_000;
/** The monitor learns the city before anything goes wrong. */
const WARM_UP_H = 8;
const INTERVAL_S = 300;
const [lamps, hours, speed, seed] = [
  Number(values.lamps),
  Number(values.hours),
  Number(values.speed),
  Number(values.seed),
];
const names = values.scenario === undefined ? [...SCENARIOS.keys()] : [values.scenario];

const totals: (Score & { scenario: string })[] = [];
for (const name of names) {
  console.log(
    `\n${name}: ${lamps} lamps, ${hours} simulated hours at ${speed} times (${Math.round((hours * 3600) / speed)} s) …`,
  );
  const scores = await run(name);
  console.table(scores.map(({ missed: _missed, invented: _invented, ...row }) => row));
  for (const { kind, missed, invented } of scores) {
    for (const each of missed.slice(0, 5)) console.log(`  missed   ${kind}: ${each}`);
    for (const each of invented.slice(0, 5)) console.log(`  invented ${kind}: ${each}`);
  }
  totals.push(...scores.map((score) => ({ scenario: name, ...score })));
}
const sum = (of: (score: Score) => number) => totals.reduce((total, score) => total + of(score), 0);
console.log(
  `\nAll: ${sum(({ real }) => real)} real faults, ${sum(({ found }) => found)} found, ${sum(({ invented }) => invented.length)} invented, ${sum(({ alerts }) => alerts)} alerts.`,
);
process.exit(0);

async function run(scenario: string): Promise<Score[]> {
  const data = await mkdtemp(join(tmpdir(), 'felinar-faults-'));
  const felinar = await startStandalone(
    readCommandLine([
      '--no-simulator',
      '--speed',
      String(speed),
      '--start',
      START,
      '--data',
      data,
      '--port',
      '0',
      '--mqtt-port',
      '0',
    ]),
    {},
    () => undefined,
  );
  const pool = createPool(felinar.databaseUrl, 1);
  const city = generateCity({ seed, lamps });
  try {
    await seedCity(felinar.apiUrl, city);
    const { clock, brokerUrl } = felinar;
    const faults = injectionsOf(scenario, city, clock.nowMs() + WARM_UP_H * HOUR_MS, seed);
    const fleet = await startFleet({ city, brokerUrl, clock, reportingIntervalS: INTERVAL_S, faults });
    const endMs = clock.nowMs() + hours * HOUR_MS;
    while (clock.nowMs() < endMs) {
      await delay(15_000);
      console.log(`  ${new Date(clock.nowMs()).toISOString()}`);
    }
    const truth = fleet.groundTruth();
    const found = await pool.query<FoundFault>(FOUND);
    await fleet.stop();
    return compareFaults(truth, found.rows, endMs, INTERVAL_S);
  } finally {
    await pool.end();
    await felinar.stop();
    await rm(data, { recursive: true, force: true });
  }
}
