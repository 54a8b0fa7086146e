import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from './file-lock.js';
import { isRunning, startMark } from './process-table.js';
import { ServicesUnavailable } from './services-unavailable.js';

/** The process that runs a service on a directory. */
interface Owner {
  pid: number;
  started: string;
}

/**
 * Claims a directory for this process; refuses while another living process (or this one) runs a service there. The
 * claim of a process that was killed counts for nothing.
 */
export async function claimDirectory(directory: string): Promise<void> {
  await withFileLock(join(directory, 'owner.lock'), async () => {
    const owner = await readOwner(directory);
    if (owner && (await isRunning(owner.pid)) && (await startMark(owner.pid)) === owner.started) {
      throw new ServicesUnavailable(
        `${directory} is in use by process ${owner.pid}. Stop that one first, or choose another data directory.`,
      );
    }
    await writeFile(
      join(directory, 'owner.json'),
      JSON.stringify({ pid: process.pid, started: await startMark(process.pid) } satisfies Owner),
    );
  });
}

/** Gives the directory back, if it is this process that holds it. */
export async function releaseDirectory(directory: string): Promise<void> {
  const owner = await readOwner(directory);
  if (owner?.pid === process.pid) await rm(join(directory, 'owner.json'), { force: true });
}

async function readOwner(directory: string): Promise<Owner | undefined> {
  const text = await readFile(join(directory, 'owner.json'), 'utf8').catch(() => undefined);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Owner);
  } catch {
    return undefined; // its writer was interrupted
  }
}
