import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { reachableDirectory } from '#libs/services';

/** Where a standalone Felinar keeps its data. One process at a time. */
export interface DataDirectory {
  readonly path: string;
  release(): Promise<void>;
}

/** Takes the data directory for this process; empties it first when `fresh`. Throws when another process has it. */
export async function takeDataDirectory(wanted: string, fresh: boolean): Promise<DataDirectory> {
  const path = await reachableDirectory(resolve(wanted));
  const lock = join(path, 'felinar.pid');
  const holder = await runningHolder(lock);
  if (holder !== undefined) {
    throw new Error(
      `Felinar already runs on ${path} (process ${holder}): stop it with Ctrl-C there, or choose another --data directory`,
    );
  }
  if (fresh) await empty(path);
  await mkdir(path, { recursive: true });
  await writeFile(lock, String(process.pid));
  return { path, release: () => unlink(lock).catch(() => undefined) };
}

/** Only what Felinar made: a mistyped --data must not empty somebody's home. */
async function empty(path: string): Promise<void> {
  for (const name of ['postgres', 'embedded-postgres', 'fleet.json', 'felinar.pid']) {
    await rm(join(path, name), { recursive: true, force: true });
  }
}

async function runningHolder(lock: string): Promise<number | undefined> {
  const text = await readFile(lock, 'utf8').catch(() => '');
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  // After a reboot the number may belong to somebody else.
  const command = await access(`/proc/${pid}/cmdline`, constants.R_OK).then(
    () => readFile(`/proc/${pid}/cmdline`, 'utf8'),
    () => 'standalone',
  );
  return command.includes('standalone') ? pid : undefined;
}
