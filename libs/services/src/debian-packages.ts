import { chmod, mkdtemp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { unpackPackages } from './debian-unpack.js';
import { withFileLock } from './file-lock.js';
import { PrivateApt } from './private-apt.js';
import { makeOpenDirectory } from './reachable-directory.js';
import type { Progress } from './running-service.js';
import { databaseWaysOut, ServicesUnavailable } from './services-unavailable.js';

/** Raised when a change here makes prefixes unpacked by an older version of this library unfit. */
const layoutVersion = 1;

/** What is recorded in a prefix once it is whole. */
interface Manifest {
  layoutVersion: number;
  suite: string;
  architecture: string;
  postgresMajor: number;
  packages: Record<string, string>;
}

/** Servers unpacked from Debian packages, and where their programs are. */
export interface DebianPrefix {
  directory: string;
  /** The release they come from, e.g. trixie. */
  suite: string;
  architecture: string;
  postgresMajor: number;
  postgresVersion: string;
  timescaleVersion: string;
  mosquittoVersion: string;
  /** Version of every unpacked package, by name. */
  packages: Record<string, string>;
  /** Holds postgres, initdb, psql, pg_dump and their kin. */
  binDirectory: string;
  mosquitto: string;
  mosquittoPub: string;
  mosquittoSub: string;
}

/**
 * PostgreSQL with TimescaleDB and Mosquitto from the Debian packages, unpacked below `directory` the first time and
 * reused ever after: no root, nothing installed. Several processes may ask at once. Throws ServicesUnavailable with
 * the ways out where that cannot be done.
 */
export async function debianPackages(options: { directory: string; progress?: Progress }): Promise<DebianPrefix> {
  const { directory, progress } = options;
  const architecture = await debianArchitecture();
  const prefix = join(directory, `debian-${architecture}`);
  const found = await readPrefix(prefix);
  if (found) return found;
  await makeOpenDirectory(directory);
  const whileWaiting = { message: 'Waiting for another process that is fetching the Debian packages…', progress };
  return withFileLock(
    join(directory, 'debian.lock'),
    async () => (await readPrefix(prefix)) ?? unpack(directory, prefix, architecture, progress),
    whileWaiting,
  );
}

async function debianArchitecture(): Promise<string> {
  try {
    for (const tool of ['apt-get', 'dpkg-deb']) await runCommand(tool, ['--version']);
    return (await runCommand('dpkg', ['--print-architecture'])).trim();
  } catch {
    throw new ServicesUnavailable(
      `This machine has no apt, so TimescaleDB cannot be unpacked from the Debian packages. ${databaseWaysOut}`,
    );
  }
}

async function unpack(
  directory: string,
  prefix: string,
  architecture: string,
  progress: Progress | undefined,
): Promise<DebianPrefix> {
  await removeUnfinished(directory);
  const work = await mkdtemp(join(directory, '.unpacking-'));
  await chmod(work, 0o755);
  try {
    progress?.('Looking for TimescaleDB in the Debian packages…');
    const aptDirectory = join(work, 'apt');
    await mkdir(aptDirectory);
    const apt = new PrivateApt(aptDirectory);
    const choice = await apt.choose();
    const packages = Object.fromEntries(choice.files.map((file) => [file.name, file.version]));
    const megabytes = Math.round(choice.files.reduce((sum, file) => sum + file.bytes, 0) / 1e6);
    progress?.(`Fetching TimescaleDB and Mosquitto from the Debian packages (${choice.suite}, about ${megabytes} MB)…`);
    const files = join(work, 'packages');
    await mkdir(files);
    await apt.download(choice.files, files);
    progress?.('Unpacking them…');
    const whole = join(work, 'prefix');
    await makeOpenDirectory(whole);
    await unpackPackages(files, whole, choice.postgresMajor);
    const { suite, postgresMajor } = choice;
    const manifest: Manifest = { layoutVersion, suite, architecture, postgresMajor, packages };
    await writeFile(join(whole, 'manifest.json'), JSON.stringify(manifest, undefined, 2) + '\n');
    await chmod(join(whole, 'manifest.json'), 0o644);
    await rm(prefix, { recursive: true, force: true });
    await rename(whole, prefix);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const unpacked = await readPrefix(prefix);
  if (!unpacked) throw new Error(`The Debian packages were unpacked into ${prefix} and cannot be read back`);
  progress?.(
    `Unpacked PostgreSQL ${unpacked.postgresVersion}, TimescaleDB ${unpacked.timescaleVersion}, Mosquitto ${unpacked.mosquittoVersion}.`,
  );
  return unpacked;
}

/** Under the lock nobody else is unpacking, so whatever is there was interrupted. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith('.unpacking-')) await rm(join(directory, name), { recursive: true, force: true });
  }
}

/** A prefix that is whole and laid out as this version expects; a manifest exists only in whole ones. */
async function readPrefix(prefix: string): Promise<DebianPrefix | undefined> {
  const text = await readFile(join(prefix, 'manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.layoutVersion !== layoutVersion) return undefined;
  const { suite, architecture, postgresMajor, packages } = manifest;
  return {
    directory: prefix,
    suite,
    architecture,
    postgresMajor,
    packages,
    postgresVersion: upstreamVersion(packages[`postgresql-${postgresMajor}`]),
    timescaleVersion: upstreamVersion(packages[`postgresql-${postgresMajor}-timescaledb`]),
    mosquittoVersion: upstreamVersion(packages['mosquitto']),
    binDirectory: join(prefix, 'usr/lib/postgresql', String(postgresMajor), 'bin'),
    mosquitto: join(prefix, 'usr/sbin/mosquitto'),
    mosquittoPub: join(prefix, 'usr/bin/mosquitto_pub'),
    mosquittoSub: join(prefix, 'usr/bin/mosquitto_sub'),
  };
}

/** 2.19.3 of 2.19.3+dfsg-1+deb13u1. */
export function upstreamVersion(packageVersion: string | undefined): string {
  return /^(?:\d+:)?([0-9.]+)/.exec(packageVersion ?? '')?.[1] ?? 'unknown';
}
