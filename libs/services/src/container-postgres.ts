import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startContainer } from './container-engine.js';
import { freePort } from './free-port.js';
import { databaseUser } from './postgres-cluster.js';
import type { PostgresServerOptions } from './postgres-server.js';
import { defaultSettings } from './postgres-settings.js';
import { makeOpenDirectory } from './reachable-directory.js';
import type { RunningPostgres } from './running-service.js';

/** TimescaleDB Community edition on PostgreSQL 17. */
export const timescaleImage = 'timescale/timescaledb:2.23.0-pg17';

/**
 * TimescaleDB (Community edition) in a container; undefined where no engine answers or the image cannot be had. With
 * a `dataDirectory` its password is kept there and its data in a volume named after it; without, both go with it.
 */
export async function startContainerPostgres(
  options: Partial<PostgresServerOptions> = {},
): Promise<RunningPostgres | undefined> {
  const directory = options.dataDirectory === undefined ? undefined : resolve(options.dataDirectory);
  const password = directory === undefined ? randomPassword() : await keptPassword(directory);
  const port = options.port ?? (await freePort());
  const database = options.database ?? 'felinar';
  const container = await startContainer({
    image: timescaleImage,
    progress: options.progress,
    prepare: (image, { Wait }) => {
      const prepared = image
        .withExposedPorts({ container: 5432, host: port })
        .withEnvironment({ POSTGRES_USER: databaseUser, POSTGRES_PASSWORD: password, POSTGRES_DB: database })
        .withCommand(serverCommand(options.settings))
        .withWaitStrategy(Wait.forSuccessfulCommand(`pg_isready -h 127.0.0.1 -U ${databaseUser} -d ${database}`));
      if (directory === undefined) return prepared;
      return prepared.withBindMounts([{ source: volumeName(directory), target: '/var/lib/postgresql/data' }]);
    },
  });
  if (!container) return undefined;
  const url = `postgres://${databaseUser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return { url, source: 'container', timescale: true, binDirectory: undefined, pid: undefined, ...container };
}

function serverCommand(settings: Record<string, string> | undefined): string[] {
  const all = { ...defaultSettings(true), ...settings };
  return ['postgres', ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function volumeName(directory: string): string {
  return `felinar-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
}

function randomPassword(): string {
  return randomBytes(24).toString('hex');
}

async function keptPassword(directory: string): Promise<string> {
  const file = join(directory, 'container-password');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== '') return kept;
  const password = randomPassword();
  await makeOpenDirectory(directory);
  await writeFile(file, password, { mode: 0o600 });
  return password;
}
