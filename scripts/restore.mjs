/** `npm run restore`: a backup into an empty database, checked before and after; --help says the rest, docs/operations/backup.md more. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { COUNTS, FACTS, TARGET } from './backup/inspect.mjs';
import { readBackup } from './backup/manifest.mjs';
import { BackupError, findTools, majorOf, row, run, sql } from './backup/postgres-tools.mjs';
import { megabytes, startProgress } from './backup/progress.mjs';

const USAGE = `npm run restore -- BACKUP [options]

  BACKUP           a directory that npm run backup has made, such as backups/felinar-20261125T020000Z
  --check          see whether it is whole, and touch no database
  --compose        into the database of docker-compose.yml; otherwise FELINAR_DATABASE_URL and FELINAR_DATABASE_PASSWORD (or …_FILE) say which
  --bin DIRECTORY  where pg_restore and psql are, if not on PATH
  --help           this text

The database has to be there and empty, and Felinar stopped.`;

try {
  const { values: options, positionals } = read();
  if (options.help) console.log(USAGE);
  else await restore(options, resolve(positionals[0]));
} catch (error) {
  console.error(error instanceof BackupError ? error.message : error);
  process.exitCode = 1;
}

function read() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        check: { type: 'boolean', default: false },
        compose: { type: 'boolean', default: false },
        bin: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (!parsed.values.help && parsed.positionals.length !== 1) throw new Error('Name one backup.');
    return parsed;
  } catch (error) {
    throw new BackupError(`${error.message}\n\n${USAGE}`);
  }
}

async function restore(options, directory) {
  console.log(`Checking ${directory} …`);
  const progress = startProgress();
  const { manifest, dump } = await readBackup(directory, progress.add).finally(() => progress.end());
  const rows = Object.values(manifest.tables).reduce((sum, count) => sum + count, 0);
  console.log(
    `It is whole: made ${manifest.createdAt}, ${rows} rows of ${Object.keys(manifest.tables).length} tables, up to ${manifest.migration}.`,
  );
  if (options.check) return;
  const tools = await findTools(options, process.env);
  await refuseWhatCannotWork(tools, manifest);
  await makeExtension(tools, manifest);
  console.log(`Restoring into ${tools.database} …`);
  try {
    await prepare(tools, manifest);
    await pour(tools, dump, manifest);
    if (manifest.timescaledb !== null) await sql(tools, 'SELECT timescaledb_post_restore()');
    await sql(tools, 'ANALYZE');
    await compare(tools, manifest);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    throw new BackupError(
      `${error.message}\nThe database ${tools.database} is incomplete now: drop it, make it anew, and do not start Felinar on it.`,
    );
  }
  console.log(
    'Restored; every table has the rows that it had. Start Felinar, and with Grafana its login once more (docs/operations/backup.md).',
  );
}

/** All that can be known before anything is written. */
async function refuseWhatCannotWork(tools, manifest) {
  const tool = await majorOf(tools, 'pg_restore');
  if (tool.major < Number.parseInt(manifest.tool, 10))
    throw new BackupError(
      `pg_restore of ${tools.where} has version ${tool.version}, and the dump was made by ${manifest.tool}: take that version or a newer one (--bin).`,
    );
  const server = await row(tools, FACTS);
  const target = await row(tools, TARGET);
  const into = `The database ${tools.database}`;
  if (server.serverMajor < manifest.serverMajor)
    throw new BackupError(
      `${into} is PostgreSQL ${server.server}, older than the backup's ${manifest.server}: restore into ${manifest.serverMajor} or newer.`,
    );
  // A newer pg_restore sets what an older server does not know, and stops.
  if (server.serverMajor < tool.major)
    throw new BackupError(
      `pg_restore of ${tools.where} has version ${tool.version}, newer than the server's ${server.server}: name the programs of ${server.serverMajor} with --bin, or restore into ${tool.major}.`,
    );
  if (target.tables > 0)
    throw new BackupError(
      `${into} is not empty: it has ${target.tables} tables. Nothing was changed. Restore into a new database (docs/operations/backup.md).`,
    );
  if (target.sessions > 0)
    throw new BackupError(
      `${into} has ${target.sessions} other connections: stop Felinar and Grafana first. Nothing was changed.`,
    );
  if (manifest.timescaledb !== null) refuseOtherTimescale(into, manifest, server, target);
}

function refuseOtherTimescale(into, { timescaledb: wanted }, server, target) {
  if (!target.isPreloaded || target.timescaleVersions.length === 0)
    throw new BackupError(
      `${into} has no TimescaleDB, and the backup was made with ${wanted}: restore into a server that has it.`,
    );
  if (!target.timescaleVersions.includes(wanted) || (server.timescaledb !== null && server.timescaledb !== wanted))
    throw new BackupError(
      `${into} has TimescaleDB ${server.timescaledb ?? target.timescaleVersions.join(', ')}, and the backup was made with ${wanted}: ` +
        `restore with that version, such as the image timescale/timescaledb:${wanted}-pg${server.serverMajor}, and update afterwards.`,
    );
}

async function prepare(tools, { roles, timescaledb }) {
  for (const role of roles)
    await sql(
      tools,
      `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(role)}) THEN CREATE ROLE "${role.replaceAll('"', '""')}" NOLOGIN; END IF; END $$`,
    );
  if (timescaledb !== null) await sql(tools, 'SELECT timescaledb_pre_restore()');
}

/** Which edition it is shows only once the extension is there. */
async function makeExtension(tools, { timescaledb, edition }) {
  if (timescaledb === null) return;
  const before = await row(tools, FACTS);
  await sql(tools, `CREATE EXTENSION IF NOT EXISTS timescaledb VERSION ${literal(timescaledb)}`);
  const now = await row(tools, FACTS);
  if (edition !== 'community' || now.edition === 'community') return;
  if (before.timescaledb === null) await sql(tools, 'DROP EXTENSION timescaledb');
  throw new BackupError(
    `The database ${tools.database} has the Apache edition of TimescaleDB, and the backup needs the Community edition: it may hold compressed data and continuous aggregates. Nothing was changed.`,
  );
}

async function pour(tools, dump, { file }) {
  const progress = startProgress(file.bytes);
  const input = createReadStream(dump).on('data', (chunk) => progress.add(chunk.length));
  try {
    await run(tools, 'pg_restore', ['--no-owner', '--exit-on-error', '--verbose'], {
      input,
      onLine: (line) =>
        progress.at(
          /processing data for table "?([^"]*)|creating (INDEX|CONSTRAINT) .*/.exec(line)?.slice(1).find(Boolean) ?? '',
        ),
    });
  } finally {
    progress.end();
  }
  console.log(`Restored ${megabytes(file.bytes)}; counting rows …`);
}

async function compare(tools, { tables }) {
  const now = JSON.parse(await sql(tools, COUNTS));
  const names = [...new Set([...Object.keys(tables), ...Object.keys(now)])];
  // TimescaleDB goes on with continuous aggregates as soon as it may: they have at least what they had.
  const isBack = (name) => tables[name] === now[name] || (name.includes('_materialized_') && tables[name] < now[name]);
  const others = names.filter((name) => !isBack(name));
  if (others.length === 0) return;
  const shown = others
    .slice(0, 5)
    .map((name) => `${name} has ${now[name] ?? 'gone'}, had ${tables[name] ?? 'not been there'}`);
  throw new BackupError(`Not everything came back: ${shown.join('; ')}.`);
}

function literal(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
