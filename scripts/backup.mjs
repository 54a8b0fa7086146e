/** `npm run backup`: the whole database into a directory of its own, while Felinar runs; --help says the rest, docs/operations/backup.md more. */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { COUNTS, FACTS, HAS_COMPRESSED, losesCompressedNulls, MIGRATION } from './backup/inspect.mjs';
import { DUMP, FORMAT, MANIFEST, NAME } from './backup/manifest.mjs';
import { BackupError, findTools, majorOf, run, SqlSession } from './backup/postgres-tools.mjs';
import { megabytes, startProgress } from './backup/progress.mjs';

const USAGE = `npm run backup [-- options]

  --to DIRECTORY   where backups go, each in a directory felinar-<time> of its own (backups)
  --keep N         afterwards delete all but the N newest backups there
  --compose        of the database of docker-compose.yml; otherwise FELINAR_DATABASE_URL and FELINAR_DATABASE_PASSWORD (or …_FILE) say which
  --bin DIRECTORY  where pg_dump and psql are, if not on PATH
  --help           this text`;

try {
  const options = read();
  if (options.help) console.log(USAGE);
  else await backUp(options, await findTools(options, process.env));
} catch (error) {
  console.error(error instanceof BackupError ? error.message : error);
  process.exitCode = 1;
}

function read() {
  try {
    const { values } = parseArgs({
      options: {
        to: { type: 'string', default: 'backups' },
        keep: { type: 'string' },
        compose: { type: 'boolean', default: false },
        bin: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.keep !== undefined && !/^[1-9]\d*$/.test(values.keep)) throw new Error('--keep wants a number from 1');
    return values;
  } catch (error) {
    throw new BackupError(`${error.message}\n\n${USAGE}`);
  }
}

async function backUp({ to, keep }, tools) {
  const startedMs = Date.now();
  const name = `felinar-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const whole = join(resolve(to), name);
  const partial = `${whole}.partial`;
  if (existsSync(whole)) throw new BackupError(`${whole} is there already: wait a second and try again.`);
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  process.once('exit', () => rmSync(partial, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const session = new SqlSession(tools);
  try {
    const manifest = await dump(session, tools, join(partial, DUMP));
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(partial, whole);
    const rows = Object.values(manifest.tables).reduce((sum, count) => sum + count, 0);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    console.log(
      `${whole}: ${rows} rows of ${Object.keys(manifest.tables).length} tables, ${megabytes(manifest.file.bytes)}, in ${seconds} s. ` +
        'Copy it to another machine, and secrets/ with it.',
    );
  } finally {
    session.end();
  }
  if (keep !== undefined) deleteAllBut(Number(keep), resolve(to));
}

/** One snapshot for the counts and the dump: what the manifest says is what the dump holds, whatever is written meanwhile. */
async function dump(session, tools, file) {
  await session.ask(
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0',
  );
  const snapshot = await session.ask('SELECT pg_export_snapshot()');
  const facts = JSON.parse(await session.ask(`SELECT row_to_json(facts) FROM (${FACTS}) AS facts`));
  const tool = await majorOf(tools, 'pg_dump');
  if (tool.major < facts.serverMajor)
    throw new BackupError(
      `pg_dump of ${tools.where} has version ${tool.version}, too old for the server's ${facts.server}: install postgresql-client-${facts.serverMajor}, and name its directory with --bin.`,
    );
  if (losesCompressedNulls(facts) && (await session.ask(HAS_COMPRESSED)) === 't')
    throw new BackupError(
      `TimescaleDB ${facts.timescaledb} dumps what it has compressed such that it cannot be restored. Nothing was backed up. Update it first, to 2.20.1 or newer (docs/operations/upgrades.md).`,
    );
  if (tool.major > facts.serverMajor)
    console.warn(
      `pg_dump has version ${tool.version}: this backup can be restored into PostgreSQL ${tool.major} or newer only, and the server has ${facts.server}. For one that it takes itself, name the programs of ${facts.serverMajor} with --bin.`,
    );
  console.log(
    `Backing up ${tools.database}: PostgreSQL ${facts.server}, ${described(facts)}, ${megabytes(facts.bytes)}.`,
  );
  console.log('Counting rows …');
  const tables = JSON.parse(await session.ask(COUNTS));
  if (tables['public.schema_migration'] === undefined)
    throw new BackupError(`There is no Felinar in ${tools.database}: name the right database in FELINAR_DATABASE_URL.`);
  const migration = await session.ask(MIGRATION);
  console.log('Dumping …');
  const { bytes, sha256 } = await stream(tools, snapshot, file);
  const { server, serverMajor, timescaledb, edition, roles } = facts;
  return {
    format: FORMAT,
    createdAt: new Date().toISOString(),
    server,
    serverMajor,
    timescaledb,
    edition,
    roles,
    migration,
    tables,
    tool: tool.version,
    file: { name: DUMP, bytes, sha256 },
  };
}

async function stream(tools, snapshot, file) {
  const progress = startProgress();
  const hash = createHash('sha256');
  const counted = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      progress.add(chunk.length);
      done(null, chunk);
    },
  });
  let saved;
  try {
    await run(tools, 'pg_dump', ['--format=custom', '--no-owner', `--snapshot=${snapshot}`, '--verbose'], {
      output: (from) => (saved = pipeline(from, counted, createWriteStream(file, { mode: 0o600, flush: true }))),
      onLine: (line) => progress.at(/dumping contents of table "?([^"]*)/.exec(line)?.[1] ?? ''),
    });
    await saved;
  } finally {
    progress.end();
  }
  return { bytes: progress.bytes, sha256: hash.digest('hex') };
}

function described({ timescaledb, edition }) {
  return timescaledb === null ? 'without TimescaleDB' : `TimescaleDB ${timescaledb} (${edition})`;
}

function deleteAllBut(count, directory) {
  const backups = readdirSync(directory).filter(
    (name) => NAME.test(name) && existsSync(join(directory, name, MANIFEST)),
  );
  for (const name of backups.sort().reverse().slice(count)) {
    rmSync(join(directory, name), { recursive: true });
    console.log(`Deleted ${join(directory, name)}.`);
  }
}
