/** npm run test:memory: a day of a simulated city as fast as the machine works it off, and what memory it takes. */
import { writeFile } from 'node:fs/promises';
import { readTool } from '#libs/config';
import { generateCity, injectionsOf } from '#simulators';
import { ApiClient } from '../bench/api-client.js';
import { SteppedCity } from '../bench/stepped-city.js';
import { plotOf, verdictOf, type MemorySample } from './memory-report.js';

const USAGE = `npm run test:memory [-- options]: a day of a simulated city in which things go wrong, people ask and override, as fast as the
machine works it off, and what memory it takes: all roles and the simulated fleet in one process, measured after a full collection. Exit
code 1 when the heap grows.

  --lamps N      lamps of the city (10000)
  --hours H      simulated hours (24)
  --interval S   seconds between two reports of a device (600)
  --step S       simulated seconds from one look at the city to the next (120)
  --seed N       another city (1)
  --out FILE     samples and verdict as JSON`;
const { values, whole } = readTool(USAGE, {
  lamps: { type: 'string', default: '10000' },
  hours: { type: 'string', default: '24' },
  interval: { type: 'string', default: '600' },
  step: { type: 'string', default: '120' },
  seed: { type: 'string', default: '1' },
  out: { type: 'string' },
});
const lamps = whole('lamps');
const hours = whole('hours');
const reportingIntervalS = whole('interval');
const stepMs = whole('step') * 1000;
const seed = whole('seed');

const STARTS_AT_MS = Date.parse('2026-11-25T11:00:00Z');
const HOUR_MS = 3_600_000;
/** Caches are filled, programs handed out, every lamp has been heard. */
const WARM_UP_H = 2;
const SAMPLES_PER_HOUR = 4;
const { gc } = globalThis;
if (gc === undefined) throw new Error('Start it as npm run test:memory: node needs --expose-gc.');

const city = generateCity({ seed, lamps });
const faults = injectionsOf('mixed', city, STARTS_AT_MS + WARM_UP_H * HOUR_MS, seed);
const startedMs = performance.now();
console.log(`${lamps} lamps, ${hours} simulated hours after ${WARM_UP_H} of warm-up, seed ${seed} …`);
const stepped = await SteppedCity.start({ city, startMs: STARTS_AT_MS, reportingIntervalS, faults });
const samples: MemorySample[] = [];
try {
  const api = new ApiClient(stepped.felinar.apiUrl, stepped.felinar.key);
  const since = () => (stepped.nowMs - STARTS_AT_MS) / HOUR_MS;
  for (let quarter = 0; since() < WARM_UP_H + hours;) {
    await stepped.step(stepMs);
    if (since() * SAMPLES_PER_HOUR < quarter + 1) continue;
    quarter += 1;
    await people(api, quarter);
    if (since() < WARM_UP_H) continue;
    samples.push(sample(since() - WARM_UP_H));
    const { heapMb, residentMb, hour } = samples.at(-1) as MemorySample;
    if (quarter % SAMPLES_PER_HOUR === 0)
      console.log(
        `  hour ${hour.toFixed(0)} of ${hours} after ${Math.round((performance.now() - startedMs) / 1000)} s: heap ${heapMb.toFixed(0)} MB, resident ${residentMb.toFixed(0)} MB`,
      );
  }
  const { rows } = await stepped.pool.query<{ readings: string; faults: string; commands: string }>(
    'SELECT (SELECT count(*) FROM telemetry) AS readings, (SELECT count(*) FROM fault) AS faults, (SELECT count(*) FROM lamp_command) AS commands',
  );
  const verdict = verdictOf(samples);
  console.log(`\n${plotOf('JavaScript heap after a full collection', samples, ({ heapMb }) => heapMb)}`);
  console.log(`\n${plotOf('Resident set', samples, ({ residentMb }) => residentMb)}`);
  console.log(
    `\n${rows[0]?.readings} readings, ${rows[0]?.faults} faults, ${rows[0]?.commands} commands. Heap: first quarter ${verdict.firstMb.toFixed(1)} MB, ` +
      `last quarter ${verdict.lastMb.toFixed(1)} MB, ${verdict.growthPercent.toFixed(1)} %: ${verdict.isFlat ? 'flat.' : 'it GROWS: take heap snapshots (node --inspect) at two of these hours and compare.'}`,
  );
  if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify({ samples, verdict }, null, 1)}\n`);
  process.exitCode = verdict.isFlat ? 0 : 1;
} finally {
  await stepped.stop();
}
process.exit();

/** What people do meanwhile: look, and override a few lamps for a while. */
async function people(api: ApiClient, round: number): Promise<void> {
  const site = `/sites/${city.site.address}`;
  for (const path of ['lamp-states?limit=200', 'faults?limit=200', 'energy?from=2026-11-25&to=2026-11-27&by=hour'])
    await api.get(`${site}/${path}`);
  const addresses = Array.from({ length: 20 }, (_, n) => city.lamps[(round * 20 + n) % lamps]?.address ?? '');
  await api.call(
    'POST',
    `${site}/overrides`,
    {
      target: { kind: 'lamps', addresses: [...new Set(addresses)] },
      ...{ levelPercent: 40, fadeS: 0, reason: 'events' },
      expiresAt: new Date(stepped.nowMs + HOUR_MS).toISOString(),
    },
    { 'idempotency-key': `round-${round}` },
  );
}

function sample(hour: number): MemorySample {
  void gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { hour, heapMb: (heapUsed + external) / 2 ** 20, residentMb: rss / 2 ** 20 };
}
