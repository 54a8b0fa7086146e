import { randomBytes } from 'node:crypto';
import { appendFile, chmod, chown, lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.js';
import type { Identity } from './identity.js';
import { ServicesUnavailable } from './services-unavailable.js';

/** The programs of one PostgreSQL and what comes with them. */
export interface PostgresPrograms {
  source: 'debian' | 'embedded';
  postgres: string;
  initdb: string;
  timescale: boolean;
}

/** What we keep beside the data, readable by us alone. */
interface ClusterRecord {
  source: 'debian' | 'embedded';
  password: string;
  databases: string[];
}

export const databaseUser = 'felinar';

/** One PostgreSQL data directory with its password, made when missing. */
export class PostgresCluster {
  readonly pgdata: string;
  readonly #directory: string;
  readonly #programs: PostgresPrograms;
  readonly #identity: Identity | undefined;

  constructor(directory: string, programs: PostgresPrograms, identity: Identity | undefined) {
    this.#directory = directory;
    this.pgdata = join(directory, 'pgdata');
    this.#programs = programs;
    this.#identity = identity;
  }

  /** Makes the data directory unless it exists; one whose making was interrupted is made anew. */
  async ensureInitialized(): Promise<'new' | 'existing'> {
    if (await exists(this.pgdata)) {
      await this.#checkExisting();
      return 'existing';
    }
    const password = randomBytes(24).toString('hex');
    const partial = `${this.pgdata}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o700 });
    await this.#giveToServer(partial);
    await this.#initialize(partial, password);
    await appendFile(join(partial, 'postgresql.conf'), "include_if_exists = 'felinar.conf'\n");
    await this.#writeRecord({ source: this.#programs.source, password, databases: [] });
    await rename(partial, this.pgdata);
    return 'new';
  }

  /** Writes the settings the server reads at its next start. */
  async configure(text: string): Promise<void> {
    const file = join(this.pgdata, 'felinar.conf');
    await writeFile(file, text, { mode: 0o600 });
    await this.#giveToServer(file);
  }

  /** Creates the database unless we did so before; no server may be running on the directory. */
  async ensureDatabase(name: string): Promise<void> {
    const record = await this.#readRecord();
    if (record.databases.includes(name)) return;
    await runCommand(
      this.#programs.postgres,
      ['--single', '-c', 'shared_preload_libraries=', '-D', this.pgdata, 'postgres'],
      {
        ...this.#commandOptions(),
        input: `CREATE DATABASE "${name.replaceAll('"', '""')}";\n`,
      },
    );
    await this.#writeRecord({ ...record, databases: [...record.databases, name] });
  }

  /** The connection string of a database in this cluster. */
  async url(port: number, database: string): Promise<string> {
    const { password } = await this.#readRecord();
    return `postgres://${databaseUser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  }

  async #initialize(pgdata: string, password: string): Promise<void> {
    const passwordFile = join(this.#directory, 'initial-password');
    try {
      await writeFile(passwordFile, password, { mode: 0o600 });
      await this.#giveToServer(passwordFile);
      await runCommand(
        this.#programs.initdb,
        [
          `--pgdata=${pgdata}`,
          `--username=${databaseUser}`,
          `--pwfile=${passwordFile}`,
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          // PostgreSQL's own C.UTF-8 sorts alike everywhere, whatever locales the machine has.
          '--locale=C',
          '--locale-provider=builtin',
          '--builtin-locale=C.UTF-8',
        ],
        this.#commandOptions(),
      );
    } finally {
      await rm(passwordFile, { force: true });
    }
  }

  async #checkExisting(): Promise<void> {
    const owner = await stat(this.pgdata);
    const expected = this.#identity?.uid ?? process.getuid?.();
    if (owner.uid !== expected && this.#identity) await this.#giveTreeToServer();
    else if (owner.uid !== expected) {
      throw new ServicesUnavailable(
        `${this.pgdata} belongs to the user with id ${owner.uid}, perhaps from a start as root. ` +
          `Give it to yourself (chown -R), or remove ${this.#directory} to begin with an empty database.`,
      );
    }
    const record = await this.#readRecord();
    if (record.source !== this.#programs.source) {
      throw new ServicesUnavailable(
        `The database in ${this.#directory} was made by the ${record.source} PostgreSQL, and this is the ` +
          `${this.#programs.source} one. Use the same as before, or another data directory, or remove it to begin empty.`,
      );
    }
  }

  #commandOptions() {
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: this.#directory, LC_ALL: 'C', TZ: 'UTC' };
    return { cwd: this.#directory, env, identity: this.#identity, timeoutMs: 300_000 };
  }

  async #giveToServer(path: string): Promise<void> {
    if (this.#identity) await chown(path, this.#identity.uid, this.#identity.gid);
  }

  async #giveTreeToServer(): Promise<void> {
    const { uid, gid } = this.#identity ?? { uid: 0, gid: 0 };
    await runCommand('chown', ['-R', `${uid}:${gid}`, this.pgdata]);
  }

  get #recordFile(): string {
    return join(this.#directory, 'cluster.json');
  }

  async #readRecord(): Promise<ClusterRecord> {
    try {
      return JSON.parse(await readFile(this.#recordFile, 'utf8')) as ClusterRecord;
    } catch (error) {
      throw new ServicesUnavailable(
        `${this.#recordFile}, which holds the password of the database beside it, cannot be read (${String(error)}). ` +
          `Remove ${this.#directory} to begin with an empty database.`,
      );
    }
  }

  async #writeRecord(record: ClusterRecord): Promise<void> {
    const partial = `${this.#recordFile}.partial`;
    await writeFile(partial, JSON.stringify(record, undefined, 2) + '\n', { mode: 0o600 });
    await chmod(partial, 0o600);
    await rename(partial, this.#recordFile);
  }
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
