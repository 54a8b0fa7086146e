/** npm run bench:ingest: committed readings per second through a real Mosquitto into TimescaleDB, beside a plain COPY of the same rows. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readTool } from '#libs/config';
import { reachableDirectory, startDebianPostgres, startMosquitto } from '#libs/services';
import { columnLiterals, dataSourceOptions, migrate } from '#libs/storage';
import { writeMeasured } from '#libs/testing';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { DataSource } from 'typeorm';
import { INVENTORY_SQL, LAMPS, rowOf, type Scenario } from './scenario.js';

const USAGE = `npm run bench:ingest [-- options]: committed readings per second through a real Mosquitto into TimescaleDB, beside a plain
COPY of the same rows into the same table in the same run. Publisher, broker, ingest and database share the machine.

  --messages N   messages of one reading each; a thirtieth of it with a hundred readings each (300000)
  --write        puts the figures into docs/operations/measured.json, which docs/scaling.md is made from`;
const { values, whole } = readTool(USAGE, {
  messages: { type: 'string', default: '300000' },
  write: { type: 'boolean', default: false },
});
const singles = whole('messages', 1_000);
const SCENARIOS: readonly Scenario[] = [
  { name: '1 reading per message', messages: singles, readingsPerMessage: 1 },
  { name: '100 readings per message', messages: Math.ceil(singles / 30), readingsPerMessage: 100 },
];
const COPY_ROWS = 1000;

const say = (line: string) => console.log(line);
// Others that are at work on the machine take from what is measured.
const loadAverage = Math.round((loadavg()[0] ?? 0) * 10) / 10;
const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
const work = await mkdtemp(join(await reachableDirectory(tmpdir()), 'felinar-bench-'));
await chmod(work, 0o711);
const postgres = await startDebianPostgres({ directory, dataDirectory: join(work, 'postgres'), progress: say });
const broker = await startMosquitto({ directory, workDirectory: join(work, 'mosquitto'), progress: say });
const results: Awaited<ReturnType<typeof measureScenario>>[] = [];
try {
  await prepareDatabase(postgres.url);
  for (const scenario of SCENARIOS) results.push(await measureScenario(scenario));
  console.table(results);
  if (values.write) writeMeasured({ ingest: measuredFigures(results) });
} finally {
  await broker.stop();
  await postgres.stop();
  await rm(work, { recursive: true, force: true });
}

async function measureScenario(scenario: Scenario) {
  say(`\n${scenario.name}: ${scenario.messages} messages, ${scenario.messages * scenario.readingsPerMessage} readings`);
  const copyPerS = await measureCopy(postgres.url, scenario);
  const ingest = await measureIngest(postgres.url, scenario);
  return {
    scenario: scenario.name,
    readingsPerMessage: scenario.readingsPerMessage,
    'ingest readings/s': Math.round(ingest.readingsPerS),
    'messages/s': Math.round(ingest.readingsPerS / scenario.readingsPerMessage),
    'COPY rows/s': Math.round(copyPerS),
    ratio: (ingest.readingsPerS / copyPerS).toFixed(2),
    'ingest peak MB': Math.round(ingest.peakRssMb),
    'ingest CPU s': ingest.cpuS.toFixed(1),
    cpuSPerMillionReadings:
      Math.round((10 * 1e6 * ingest.cpuS) / (scenario.messages * scenario.readingsPerMessage)) / 10,
  };
}

/** What capacity is reckoned from. */
function measuredFigures(of: typeof results) {
  const scenarios = of.map((result) => ({
    readingsPerMessage: result.readingsPerMessage,
    readingsPerS: result['ingest readings/s'],
    messagesPerS: result['messages/s'],
    cpuSPerMillionReadings: result.cpuSPerMillionReadings,
    peakMb: result['ingest peak MB'],
  }));
  const command = `npm run bench:ingest -- --messages ${singles} --write`;
  return { date: new Date().toISOString().slice(0, 10), command, cores: cpus().length, loadAverage, scenarios };
}

async function prepareDatabase(url: string): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
  say(`database: ${await migrate(dataSource)}`);
  await dataSource.query(INVENTORY_SQL);
  await dataSource.destroy();
}

/** COPY of the scenario's rows in text form, a commit every COPY_ROWS rows, made ready beforehand. */
async function measureCopy(url: string, scenario: Scenario): Promise<number> {
  return withClient(url, async (client) => {
    await client.query('TRUNCATE telemetry, lamp_state');
    const rows = scenario.messages * scenario.readingsPerMessage;
    const lampIds = await lampIdsOf(client);
    const startMs = Date.now() - 3_600_000;
    const chunks: string[] = [];
    for (let first = 0; first < rows; first += COPY_ROWS) {
      chunks.push(
        copyText(
          Array.from({ length: Math.min(COPY_ROWS, rows - first) }, (_, n) =>
            rowOf(first + n, startMs, lampIds, startMs),
          ),
        ),
      );
    }
    const startedMs = performance.now();
    for (const chunk of chunks)
      await pipeline(Readable.from([chunk]), client.query(copyFrom('COPY telemetry FROM STDIN')));
    return rows / ((performance.now() - startedMs) / 1000);
  });
}

/** Rows as COPY text, from the same column texts that ingest writes. */
function copyText(rows: Parameters<typeof columnLiterals>[0]): string {
  const columns = columnLiterals(rows).map((literal) => literal.slice(1, -1).split(','));
  let text = '';
  rows.forEach((_row, index) => {
    text += columns
      .map((column, at) =>
        at === 1 || at === 2 ? isoOf(column[index]) : column[index] === 'NULL' ? '\\N' : column[index],
      )
      .join('\t');
    text += '\n';
  });
  return text;
}

function isoOf(ms: string | undefined): string {
  return new Date(Number(ms)).toISOString();
}

async function measureIngest(
  url: string,
  scenario: Scenario,
): Promise<{ readingsPerS: number; peakRssMb: number; cpuS: number }> {
  return withClient(url, async (client) => {
    await client.query('TRUNCATE telemetry, lamp_state');
    const ingest = startIngest(url);
    await delay(1500);
    const startMs = Date.now() - 3_600_000;
    const { messages, readingsPerMessage } = scenario;
    const publisher = fork(fileURLToPath(new URL('publisher.js', import.meta.url)), [
      broker.host,
      ...[broker.port, messages, readingsPerMessage, 5000, startMs].map(String),
    ]);
    await once(publisher, 'message');
    const startedMs = performance.now();
    publisher.send('go');
    const wanted = messages * readingsPerMessage;
    for (let stored = 0; stored < wanted;) {
      await delay(250);
      // Cheap, and exact once it matters: the last reading of each lamp says how far ingest is.
      stored = await storedSoFar(client);
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const counted = Number((await client.query('SELECT count(*) AS n FROM telemetry')).rows[0].n);
    if (counted !== wanted) throw new Error(`${counted} rows stored, ${wanted} published`);
    const usage = await usageOf(ingest.pid ?? 0);
    const ended = once(ingest, 'exit');
    ingest.kill('SIGTERM');
    await ended;
    return { readingsPerS: wanted / seconds, ...usage };
  });
}

async function storedSoFar(client: pg.Client): Promise<number> {
  const found = await client.query(`SELECT coalesce(sum(sequence + 1), 0) AS n, count(*) AS lamps FROM lamp_state`);
  const { n, lamps } = found.rows[0] as { n: string; lamps: string };
  return Number(lamps) === LAMPS ? Number(n) : 0;
}

function startIngest(url: string): ChildProcess {
  return fork(fileURLToPath(new URL('../main.js', import.meta.url)), {
    // As `npm run start:ingest` has it.
    execArgv: ['--max-semi-space-size=8', '--max-old-space-size=192'],
    env: {
      PATH: process.env['PATH'],
      FELINAR_DATABASE_URL: url,
      FELINAR_MQTT_URL: broker.url,
      FELINAR_LOG_LEVEL: 'warn',
      FELINAR_INGEST_CLIENT_ID: 'bench-ingest',
    },
  });
}

/** Peak resident memory (VmHWM) and CPU time so far of a process, from /proc. */
async function usageOf(pid: number): Promise<{ peakRssMb: number; cpuS: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    peakRssMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024,
    cpuS: (Number(fields[11]) + Number(fields[12])) / 100,
  };
}

async function lampIdsOf(client: pg.Client): Promise<number[]> {
  const found = await client.query('SELECT id FROM lamp ORDER BY address');
  return (found.rows as { id: number }[]).map(({ id }) => id);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
