/**
 * psql, pg_dump and pg_restore wherever they can be had: on PATH, in a directory that is named, in the container of docker-compose.yml,
 * or unpacked from the Debian packages. No password is ever an argument of a program: others on the machine can read those.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that the administrator can mend; the message says how. */
export class BackupError extends Error {
  name = 'BackupError';
}

/**
 * @typedef {object} Tools
 * @property {string} where for people
 * @property {string} database for people: which database is meant
 * @property {(program: string, args: readonly string[]) => import('node:child_process').ChildProcessWithoutNullStreams} start
 */

/** The tools that fit the options and the environment. Throws BackupError, with the ways out, where there are none. */
export async function findTools({ compose, bin }, environment) {
  if (compose) return composeTools();
  const { url, password } = databaseOf(environment);
  const env = { ...environment, PGPASSWORD: password, PGAPPNAME: 'felinar-backup', LC_ALL: 'C' };
  if (env.PGPASSWORD === '') delete env.PGPASSWORD;
  const toolsIn = (directory) => ({
    where: directory,
    database: `${url.pathname.slice(1)} at ${url.host}`,
    start: (program, args) => spawn(join(directory, program), [...args, `--dbname=${url.href}`], { env }),
  });
  if (bin !== undefined) return toolsIn(bin);
  const found = toolsIn(await binDirectory(environment));
  // Debian has several versions beside each other: the one of the server fits best.
  const major = await sql(found, `SELECT current_setting('server_version_num')::int / 10000`);
  const fitting = `/usr/lib/postgresql/${major}/bin`;
  return existsSync(join(fitting, 'pg_dump')) ? toolsIn(fitting) : found;
}

/** The server in the container has the tools that fit it, and lets its own user in without a password from inside. */
function composeTools() {
  const inside = ['compose', 'exec', '-T', 'timescaledb'];
  return {
    where: 'docker compose exec timescaledb',
    database: 'felinar in the container timescaledb',
    start: (program, args) =>
      spawn('docker', [...inside, program, ...args, '--username=felinar', '--dbname=felinar'], { env: process.env }),
  };
}

/** As Felinar's own processes read it, the password apart. */
export function databaseOf(environment) {
  const text = setting(environment, 'FELINAR_DATABASE_URL');
  if (text === '')
    throw new BackupError(
      'FELINAR_DATABASE_URL is not set: name the database, such as postgres://felinar@localhost:5432/felinar, or say --compose for the one of docker-compose.yml.',
    );
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new BackupError('FELINAR_DATABASE_URL is no URL: it looks like postgres://felinar@localhost:5432/felinar.');
  }
  const password = decodeURIComponent(url.password) || setting(environment, 'FELINAR_DATABASE_PASSWORD');
  url.password = '';
  return { url, password };
}

function setting(environment, name) {
  const file = environment[`${name}_FILE`];
  if (!file) return environment[name] ?? '';
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new BackupError(`${name}_FILE: ${file} cannot be read (${error.code}).`);
  }
}

async function binDirectory(environment) {
  const onPath = (environment.PATH ?? '').split(delimiter).find((each) => each && existsSync(join(each, 'pg_dump')));
  if (onPath !== undefined) return onPath;
  try {
    const { debianPackages, reachableDirectory } = await import('../../dist/libs/services/src/index.js');
    const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
    return (await debianPackages({ directory, progress: (line) => console.log(line) })).binDirectory;
  } catch (error) {
    throw new BackupError(
      'There is no pg_dump on PATH, and none could be unpacked from Debian packages ' +
        `(${String(error.message).split('\n')[0]}). Install postgresql-client, name its directory with --bin, or say --compose.`,
    );
  }
}

/** The end of what a program said, for an error. */
const LAST_LINES = 12;

/** Runs a program to its end. `input` is a stream; `onLine` is given each line of its standard error. Throws BackupError. */
export function run(tools, program, args, { input, output, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = tools.start(program, args);
    let text = '';
    let last = [];
    let failure;
    const fail = (error) => {
      failure ??= error;
      child.kill();
    };
    if (output === undefined) child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    else output(child.stdout).catch(fail);
    lines(child.stderr, (line) => {
      last = [...last, line].slice(-LAST_LINES);
      onLine?.(line);
    });
    child.stdin.on('error', () => undefined);
    if (input === undefined) child.stdin.end();
    else input.on('error', fail).pipe(child.stdin);
    child.on('error', (error) => reject(cannotStart(program, tools, error)));
    child.on('close', (code) => {
      if (failure !== undefined) reject(failure);
      else if (code === 0) resolve(text);
      else reject(new BackupError(`${program} failed:\n${last.join('\n')}`));
    });
  });
}

export function cannotStart(program, tools, error) {
  return new BackupError(`${program} cannot be started by ${tools.where} (${error.message}).`);
}

export function lines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(onLine);
  });
  stream.on('end', () => rest !== '' && onLine(rest));
}

/** The major version of a program. */
export async function majorOf(tools, program) {
  // Not through `start`: --version takes nothing beside it.
  const said = await run({ ...tools, start: (name, args) => tools.start(name, args) }, program, ['--version']);
  const version = /(\d+)(\.\d+)?/.exec(said)?.[0] ?? '0';
  return { version, major: Number.parseInt(version, 10) };
}

const PSQL = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1'];

/** Runs SQL and returns what it answers, as text. */
export async function sql(tools, text) {
  return (await run(tools, 'psql', [...PSQL, `--command=${text}`])).trim();
}

/** The one row that a query answers, as an object. */
export async function row(tools, query) {
  const text = await sql(tools, `SELECT row_to_json(answer) FROM (${query}) AS answer`);
  return text === '' ? undefined : JSON.parse(text);
}

/** A session that stays open, so that a transaction does. */
export class SqlSession {
  #child;
  #waiting;
  #answer = [];
  #said = [];

  constructor(tools) {
    this.#child = tools.start('psql', PSQL);
    lines(this.#child.stdout, (line) => {
      if (line !== END) this.#answer.push(line);
      else this.#waiting?.resolve(this.#answer.splice(0).join('\n'));
    });
    lines(this.#child.stderr, (line) => this.#said.push(line));
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', (error) => this.#waiting?.reject(cannotStart('psql', tools, error)));
    this.#child.on('close', () =>
      this.#waiting?.reject(
        new BackupError(`The database does not answer:\n${this.#said.slice(-LAST_LINES).join('\n')}`),
      ),
    );
  }

  ask(text) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.stdin.write(`${text};\n\\echo ${END}\n`);
    });
  }

  end() {
    this.#waiting = undefined;
    this.#child.stdin.end('\\q\n');
  }
}

const END = '--end of answer--';
