import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  debianArchives,
  indexTargetFormat,
  neededPackages,
  newestTimescaleMajor,
  osReleaseValue,
  type PackageFile,
  parseIndexTargets,
  parsePackageFiles,
} from './apt-output.js';
import { CommandFailed, runCommand } from './command.js';
import { databaseWaysOut, ServicesUnavailable } from './services-unavailable.js';

/** The Debian release whose packages we prefer: it has PostgreSQL 17 with TimescaleDB. */
const preferredSuite = 'trixie';

const keyrings = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];

/** What apt says we need, from which suite. */
export interface PackageChoice {
  suite: string;
  postgresMajor: number;
  files: PackageFile[];
}

/**
 * apt with a state of its own in one directory: another release than the machine's, nothing installed, no root, and
 * the machine's own apt neither changed nor locked. Proxies and mirrors of the machine's configuration hold.
 */
export class PrivateApt {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reads package indexes and chooses: Debian trixie where the machine's archive has it, else the machine's suites. */
  async choose(): Promise<PackageChoice> {
    const failures: string[] = [];
    for (const source of await this.#sources()) {
      try {
        await this.#configure(source.list);
        await this.#run('apt-get', ['update'], 180_000);
        const major = newestTimescaleMajor(
          await this.#run('apt-cache', ['search', '--names-only', '^postgresql-[0-9]+-timescaledb$']),
        );
        if (major === undefined) failures.push(`${source.suite}: has no TimescaleDB`);
        else return { suite: source.suite, postgresMajor: major, files: await this.#resolve(major) };
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        failures.push(`${source.suite}: ${aptErrors(error)}`);
      }
    }
    const reasons = failures.length === 0 ? 'apt names no package repository' : failures.join('\n');
    throw new ServicesUnavailable(`TimescaleDB cannot be had from the Debian packages. ${reasons}\n${databaseWaysOut}`);
  }

  /** Downloads the packages into a directory; apt checks their signatures and hashes. */
  async download(files: readonly PackageFile[], into: string): Promise<void> {
    const names = files.map((file) => `${file.name}=${file.version}`);
    try {
      await this.#run('apt-get', ['download', ...names], 900_000, into);
    } catch (error) {
      throw new ServicesUnavailable(
        `The Debian packages could not be downloaded: check the network and try again.\n${aptErrors(error)}\n${databaseWaysOut}`,
      );
    }
  }

  /** Downloads a package of the machine's own release, without what it depends on. */
  async downloadOwn(name: string, into: string): Promise<void> {
    try {
      await this.#configure(undefined);
      await this.#run('apt-get', ['update'], 180_000);
      await this.#run('apt-get', ['download', name], 900_000, into);
    } catch (error) {
      throw new ServicesUnavailable(
        `The Debian package ${name} could not be downloaded: check the network and try again.\n${aptErrors(error)}`,
      );
    }
  }

  async #sources(): Promise<{ suite: string; list: string | undefined }[]> {
    const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
    const codename = osReleaseValue(osRelease, 'VERSION_CODENAME');
    const targets = parseIndexTargets(await runCommand('apt-get', ['indextargets', '--format', indexTargetFormat]));
    const keyring = await firstExisting(keyrings);
    const options = keyring === undefined ? '' : ` [signed-by=${keyring}]`;
    const archives = osReleaseValue(osRelease, 'ID') === 'debian' ? debianArchives(targets, codename) : [];
    return [
      ...archives.map((uri) => ({ suite: preferredSuite, list: `deb${options} ${uri} ${preferredSuite} main\n` })),
      { suite: codename || 'this system', list: undefined },
    ];
  }

  async #configure(list: string | undefined): Promise<void> {
    for (const part of ['state/lists/partial', 'cache/archives/partial'])
      await mkdir(join(this.#directory, part), { recursive: true });
    await writeFile(join(this.#directory, 'status'), '');
    const lines = [
      `Dir::State "${join(this.#directory, 'state')}";`,
      `Dir::State::status "${join(this.#directory, 'status')}";`,
      `Dir::Cache "${join(this.#directory, 'cache')}";`,
      'APT::Sandbox::User "";',
      'APT::Install-Recommends "false";',
      'APT::Install-Suggests "false";',
      'Debug::NoLocking "true";',
      'Acquire::Languages "none";',
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
      'Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";',
      'Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";',
      'Acquire::Retries "2";',
      'Acquire::http::Timeout "20";',
      'Acquire::https::Timeout "20";',
    ];
    if (list !== undefined) {
      await writeFile(join(this.#directory, 'sources.list'), list);
      lines.push(
        'APT::Update::Error-Mode "any";',
        `Dir::Etc::sourcelist "${join(this.#directory, 'sources.list')}";`,
        'Dir::Etc::sourceparts "/dev/null";',
      );
    }
    await writeFile(join(this.#directory, 'apt.conf'), lines.join('\n') + '\n');
  }

  async #resolve(major: number): Promise<PackageFile[]> {
    const wanted = wantedPackages(major);
    const output = await this.#run('apt-get', ['--print-uris', '--yes', 'install', ...wanted]);
    return neededPackages(parsePackageFiles(output), wanted);
  }

  #run(command: string, args: string[], timeoutMs = 60_000, cwd = this.#directory): Promise<string> {
    return runCommand(command, ['--config-file', join(this.#directory, 'apt.conf'), ...args], { cwd, timeoutMs });
  }
}

/** The packages we ask for; the libraries follow from their dependencies. */
export function wantedPackages(postgresMajor: number): string[] {
  return [
    `postgresql-${postgresMajor}`,
    `postgresql-${postgresMajor}-timescaledb`,
    `postgresql-client-${postgresMajor}`,
    'mosquitto',
    'mosquitto-clients',
  ];
}

/** What apt calls errors, else all it said. */
function aptErrors(error: unknown): string {
  const errors =
    error instanceof CommandFailed ? error.output.split('\n').filter((line) => line.startsWith('E: ')) : [];
  return errors.length > 0 ? errors.join('\n') : String(error);
}

async function firstExisting(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
