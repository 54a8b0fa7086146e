/**
 * npm run scaling: what a number of lamps comes to, reckoned from what benchmarks left in docs/operations/measured.json. The tables in
 * docs/scaling.md and docs/operations/storage.md are made by the same functions.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

const DAY_S = 86_400;
const DAYS_PER_YEAR = 365.25;
const GB = 1e9;
/** A process is to be busy half of its time: what came up while it was away has to be worked off, too. */
const USED = 0.5;
/** Machines are counted in this size. Connections are an assumption, not measured: every lamp has one, or every gateway. */
export const MACHINE = { cores: 8, memoryGb: 64, diskGb: 4_000, connections: 100_000 };
/** The chunk that is written to, with its indexes, shall fit into this part of the database's memory. */
const CHUNK_SHARE_OF_MEMORY = 0.25;
/** Defaults of the configuration. */
const KEEP = { readingsDays: 180, hourlyDays: 1100, compressAfterDays: 7, compressHoursAfterDays: 40 };
export const CITIES = [10_000, 100_000, 1_000_000, 10_000_000];
const USAGE = `npm run scaling [-- options]: what a number of lamps comes to, reckoned from docs/operations/measured.json

  --lamps N,N       lamps (${CITIES.join(',')})
  --interval S      seconds between two readings of a lamp (900)
  --per-message N   readings in one message: 1 for lamps with a connection of their own, more behind gateways (1)`;

export function readMeasured(path = 'docs/operations/measured.json') {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** What so many lamps come to. `intervalS`: how often each reports. `perMessage`: 1 for lamps with a connection of their own, more behind gateways. */
export function scale(measured, { lamps, intervalS = 900, perMessage = 1 }) {
  const apache = tiersOf(measured, 'timescale-apache');
  const community = tiersOf(measured, 'timescale-community');
  const readingsPerS = lamps / intervalS;
  const messagesPerS = readingsPerS / perMessage;
  const rowsPerDay = readingsPerS * DAY_S;
  const rowsPerYear = rowsPerDay * DAYS_PER_YEAR;
  const scenario = scenarioOf(measured, perMessage);
  const processes = Math.ceil(messagesPerS / (scenario.messagesPerS * USED));
  // Broker, ingest and database shared the cores of the machine that was measured, and the load generator with them.
  const cores = (readingsPerS / (scenario.readingsPerS * USED)) * measured.ingest.cores;
  const kept = keptGb(community, lamps, intervalS);
  const connections = lamps / perMessage;
  const machines = [cores / MACHINE.cores, kept / MACHINE.diskGb, connections / MACHINE.connections].map(Math.ceil);
  const chunkGb = (rowsPerDay * full(community.readings)) / GB;
  const chunkHours = Math.min(24, Math.floor(((MACHINE.memoryGb * CHUNK_SHARE_OF_MEMORY) / chunkGb) * 24));
  return {
    lamps,
    messagesPerS,
    rowsPerDay,
    rawGbPerYear: (rowsPerYear * full(apache.readings)) / GB,
    compressedGbPerYear: (rowsPerYear * community.readings.compressedBytesPerRow) / GB,
    keptGb: kept,
    connections,
    processes,
    cores,
    // One has everything as long as nothing asks for a second one; else processes, databases and brokers have their own.
    machines: machines.every((count) => count === 1) ? 1 : machines.reduce((sum, count) => sum + count),
    chunkGb,
    chunkHours,
  };
}

/** On disk once every tier is as old as it gets; days of three years. */
function keptGb(tiers, lamps, intervalS) {
  const rowsPerDay = (lamps * DAY_S) / intervalS;
  const aged = (tier, perDay, days, fullDays) =>
    perDay *
    (Math.min(days, fullDays) * full(tier) + Math.max(0, days - fullDays) * (tier.compressedBytesPerRow ?? full(tier)));
  const bytes =
    aged(tiers.readings, rowsPerDay, KEEP.readingsDays, KEEP.compressAfterDays) +
    aged(tiers['averages of lamps, by hour'], lamps * 24, KEEP.hourlyDays, KEEP.compressHoursAfterDays) +
    aged(tiers['energy of lamps, by hour'], lamps * 24, KEEP.hourlyDays, KEEP.compressHoursAfterDays) +
    aged(tiers['averages of lamps, by day'], lamps, KEEP.hourlyDays, KEEP.compressHoursAfterDays) +
    aged(tiers['energy of lamps, by day'], lamps, KEEP.hourlyDays, KEEP.hourlyDays);
  return bytes / GB;
}

function tiersOf({ storage }, edition) {
  const tiers = storage.editions[edition];
  if (tiers === undefined)
    throw new Error(`docs/operations/measured.json has no figures of ${edition}: npm run measure:storage -- --write`);
  return Object.fromEntries(tiers.map((each) => [each.tier, each]));
}

/** The measured one with at the most so many readings in a message. */
function scenarioOf({ ingest }, perMessage) {
  const fitting = ingest.scenarios.filter(({ readingsPerMessage }) => readingsPerMessage <= perMessage);
  return fitting.reduce((best, each) => (each.readingsPerMessage > best.readingsPerMessage ? each : best));
}

const full = ({ bytesPerRow }) => bytesPerRow.table + bytesPerRow.indexes;

const EDITIONS = [
  ['postgres', 'plain PostgreSQL'],
  ['timescale-apache', 'TimescaleDB Apache'],
  ['timescale-community', 'TimescaleDB Community'],
];

/** Bytes a row by tier and edition, as a page has it. */
export function storageSection({ storage }) {
  const lines = ['| tier | rows a lamp and year |', '| --- | ---: |'];
  const there = EDITIONS.filter(([edition]) => storage.editions[edition] !== undefined);
  for (const [, name] of there) lines[0] += ` ${name}, B/row |`;
  lines[0] += ' compressed, B/row | ratio |';
  lines[1] += ' ---: |'.repeat(there.length + 2);
  for (const { tier } of storage.editions['timescale-apache']) {
    const of = there.map(([edition]) => storage.editions[edition].find((each) => each.tier === tier));
    const sizes = of.map(
      ({ bytesPerRow: { table, indexes } }) => `${round(table + indexes)} (${round(indexes)} of it indexes)`,
    );
    const compressed = of.at(-1).compressedBytesPerRow;
    const ratio = compressed === undefined ? '' : (full(of.at(-1)) / compressed).toFixed(1);
    lines.push(`| ${[tier, group(of[0].rowsPerLampYear), ...sizes, compressed ?? '', ratio].join(' | ')} |`);
  }
  const { date, command, lamps, days, intervalS } = storage;
  return `${lines.join('\n')}\n\nMeasured on ${date} with \`${command}\`: ${lamps} simulated lamps, ${days} days, a reading every ${intervalS / 60} minutes, written as ingest writes them.`;
}

/** What numbers of lamps come to, as a page has it. */
export function scalingSection(measured, options = {}) {
  const rows = CITIES.map((lamps) => scale(measured, { lamps, ...options }));
  const columns = [
    ['lamps', ({ lamps }) => group(lamps)],
    ['messages/s', ({ messagesPerS }) => group(messagesPerS)],
    ['readings a day', ({ rowsPerDay }) => `${group(rowsPerDay / 1e6)} million`],
    ['GB a year, not compressed', ({ rawGbPerYear }) => group(rawGbPerYear)],
    ['GB a year, compressed', ({ compressedGbPerYear }) => group(compressedGbPerYear)],
    ['GB on disk after three years', (row) => group(row.keptGb)],
    ['chunk of a day, GB', ({ chunkGb }) => group(chunkGb)],
    [`hours in a chunk, for ${MACHINE.memoryGb} GB of memory`, ({ chunkHours }) => group(chunkHours)],
    ['ingest processes', ({ processes }) => group(processes)],
    ['cores', ({ cores }) => group(Math.ceil(cores))],
    ['connections', ({ connections }) => group(connections)],
    ['machines', ({ machines }) => group(machines)],
  ];
  const lines = [`| ${columns.map(([name]) => name).join(' | ')} |`, `|${' ---: |'.repeat(columns.length)}`];
  for (const row of rows) lines.push(`| ${columns.map(([, of]) => of(row)).join(' | ')} |`);
  const { ingest } = measured;
  const rates = ingest.scenarios.map(
    ({ readingsPerMessage, messagesPerS, readingsPerS }) =>
      `${group(messagesPerS)} messages/s with ${readingsPerMessage} reading${readingsPerMessage === 1 ? '' : 's'} each (${group(readingsPerS)} readings/s)`,
  );
  return `${lines.join('\n')}\n\nOne process of ingest stored ${rates.join(' and ')} on ${ingest.date}, with \`${ingest.command}\`: broker, database, ingest and the load generator on ${ingest.cores} cores together, load average ${ingest.loadAverage} when it began.`;
}

function group(value) {
  const rounded = value >= 10 ? Math.round(value) : Number(value.toPrecision(2));
  return rounded.toLocaleString('en-US');
}

function round(value) {
  return Math.round(value);
}

function optionsOrExit() {
  try {
    const { values } = parseArgs({
      options: {
        lamps: { type: 'string', default: CITIES.join(',') },
        interval: { type: 'string', default: '900' },
        'per-message': { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!values.help) return values;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const values = optionsOrExit();
  const options = { intervalS: Number(values.interval), perMessage: Number(values['per-message']) };
  const lamps = values.lamps.split(',').map(Number);
  if (![...lamps, options.intervalS, options.perMessage].every((value) => value > 0)) {
    console.error(`--lamps, --interval and --per-message want numbers above 0.\n\n${USAGE}`);
    process.exit(2);
  }
  const measured = readMeasured();
  console.table(
    lamps.map((count) =>
      Object.fromEntries(
        Object.entries(scale(measured, { lamps: count, ...options })).map(([name, value]) => [
          name,
          Number(value.toPrecision(3)),
        ]),
      ),
    ),
  );
}
