/**
 * `npm test`: starts the database server that the tests share, runs Jest, stops the server, and says what was tested.
 * Arguments: rings (unit, integration, e2e; all when none is named), then what Jest shall be given.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  debianPackages,
  reachableDirectory,
  ServicesUnavailable,
  startContainerPostgres,
  startDebianPostgres,
  type RunningPostgres,
} from '#libs/services';
import { describeCapability, type detectCapability, establishCapability } from '#libs/storage';
import pg from 'pg';
import { TEST_COMMUNITY_URL, TEST_POSTGRES_URL, TEST_SERVICES_DIRECTORY } from './environment.js';

const RINGS = ['unit', 'integration', 'e2e'];
/** Test files at a time, also of those that start whole cities: they wait more than they compute. */
const WORKERS = 2;
const UNPACKED = 'unpacked Debian packages';
const say = (message: string) => console.log(message);

interface TestServer {
  readonly url: string;
  /** A second one, with TimescaleDB Community, where there is one. */
  readonly communityUrl?: string;
  readonly origin: string;
  stop(): Promise<void>;
}

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const rings = argv.filter((word) => RINGS.includes(word));
  const chosen = rings.length === 0 ? RINGS : rings;
  const jestArguments = argv.filter((word) => !RINGS.includes(word));
  if (!chosen.some((ring) => ring !== 'unit')) return runRings(chosen, jestArguments, {});
  const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
  const work = await makeWorkDirectory();
  let server: TestServer | undefined;
  try {
    server = await startServer(directory, work);
    const capability = await capabilityOf(server.url);
    const code = await runRings(chosen, jestArguments, {
      [TEST_POSTGRES_URL]: server.url,
      ...(server.communityUrl === undefined ? {} : { [TEST_COMMUNITY_URL]: server.communityUrl }),
      [TEST_SERVICES_DIRECTORY]: directory,
    });
    say(
      `Database tested: ${describeCapability(capability)} (${server.origin}); plain PostgreSQL: the same server without the extension.`,
    );
    return code;
  } catch (error) {
    if (!(error instanceof ServicesUnavailable)) throw error;
    console.error(`The tests need a real TimescaleDB, and none could be had here.\n${error.message}`);
    return 1;
  } finally {
    await server?.stop();
    // What is left must not hide why.
    await rm(work, { recursive: true, force: true }).catch(() => say(`${work} could not be taken away: remove it.`));
  }
}

async function makeWorkDirectory(): Promise<string> {
  const parent = await reachableDirectory(join(tmpdir(), 'felinar-tests'));
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'run-'));
  // mkdtemp makes it ours alone; a server that does not run as root has to pass through.
  await chmod(work, 0o711);
  return work;
}

/** Rings that bear company run together, then the whole cities. Returns the exit code. */
async function runRings(
  chosen: readonly string[],
  jestArguments: readonly string[],
  environment: Record<string, string>,
): Promise<number> {
  const runs = [chosen.filter((ring) => ring !== 'e2e'), chosen.filter((ring) => ring === 'e2e')].filter(
    (rings) => rings.length > 0,
  );
  const counts: TestCounts[] = [];
  for (const rings of runs) {
    const own = jestArguments.some((word) => word.startsWith('--maxWorkers')) ? [] : [`--maxWorkers=${WORKERS}`];
    // What is asked for by name may be of one of the two only.
    counts.push(await runJest(rings, [...own, '--passWithNoTests', ...jestArguments], environment));
  }
  const sum = (of: (count: TestCounts) => number) => counts.reduce((all, count) => all + of(count), 0);
  const skipped = sum((count) => count.skipped);
  say(
    `tests: ${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  const hasRun = sum(({ passed, failed }) => passed + failed) > 0;
  return hasRun ? Math.max(...counts.map(({ code }) => code)) : 1;
}

/** The server that the environment names, else one unpacked from the Debian packages, with a container beside it where one can be had. */
async function startServer(directory: string, work: string): Promise<TestServer> {
  const named = process.env['FELINAR_TEST_DATABASE_URL'] ?? process.env['FELINAR_DATABASE_URL'];
  if (named !== undefined && named !== '')
    return { url: named, origin: 'the configured server', stop: () => Promise.resolve() };
  // Tests lose nothing when the machine loses power, so what only guards against that is off; crashes of the server are still safe.
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '300' };
  const container = await startContainerPostgres({ progress: say, settings });
  if (container === undefined) return described(await startUnpacked(directory, work, settings), UNPACKED);
  const unpacked = await startUnpacked(directory, work, settings).catch(async (error: unknown) => {
    if (error instanceof ServicesUnavailable) return undefined;
    await container.stop();
    throw error;
  });
  if (unpacked === undefined) return described(container, 'a container');
  return {
    ...{ url: unpacked.url, communityUrl: container.url },
    origin: `${UNPACKED}; beside it TimescaleDB Community in a container`,
    stop: async () => {
      await Promise.all([unpacked.stop(), container.stop()]);
    },
  };
}

function described(server: RunningPostgres, origin: string): TestServer {
  return { url: server.url, origin, stop: () => server.stop() };
}

async function startUnpacked(
  directory: string,
  work: string,
  settings: Record<string, string>,
): Promise<RunningPostgres> {
  await debianPackages({ directory, progress: say });
  return startDebianPostgres({ directory, dataDirectory: join(work, 'postgres'), progress: say, settings });
}

async function capabilityOf(url: string): Promise<Awaited<ReturnType<typeof detectCapability>>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await establishCapability({ query: async (sql) => (await client.query(sql)).rows });
  } finally {
    await client.end();
  }
}

interface TestCounts {
  readonly code: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
}

async function runJest(
  rings: readonly string[],
  extra: readonly string[],
  environment: Record<string, string>,
): Promise<TestCounts> {
  const reportDirectory = await mkdtemp(join(tmpdir(), 'felinar-jest-'));
  const report = join(reportDirectory, 'report.json');
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        join('node_modules', 'jest', 'bin', 'jest.js'),
        '--selectProjects',
        ...rings,
        // A test that fails in its set-up may leave a connection open; the run must end all the same.
        '--forceExit',
        '--json',
        `--outputFile=${report}`,
        ...extra,
      ],
      // --json writes the report to standard output as well: it is not for people.
      { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...environment } },
    );
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
  const counted = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as Partial<JestReport>;
  await rm(reportDirectory, { recursive: true, force: true });
  const failed =
    (counted.numFailedTests ?? 0) + (counted.numFailedTests === 0 ? (counted.numFailedTestSuites ?? 0) : 0);
  return { code, passed: counted.numPassedTests ?? 0, failed, skipped: counted.numPendingTests ?? 0 };
}
