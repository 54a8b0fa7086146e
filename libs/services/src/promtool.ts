import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { withFileLock } from './file-lock.js';
import { findExecutable, pathDirectories } from './find-executable.js';
import { PrivateApt } from './private-apt.js';
import { makeOpenDirectory } from './reachable-directory.js';
import type { Progress } from './running-service.js';

/**
 * Prometheus' own checker of configurations and rules: the one on PATH, else the one of the machine's Debian release, unpacked below
 * `directory` the first time. Throws ServicesUnavailable where neither can be had.
 */
export async function promtool(directory: string, progress?: Progress): Promise<string> {
  const place = join(directory, 'promtool');
  const there = await findExecutable('promtool', [...pathDirectories(), place]);
  if (there !== undefined) return there;
  await makeOpenDirectory(directory);
  const whileWaiting = { message: 'Waiting for another process that is fetching promtool…', progress };
  return withFileLock(
    join(directory, 'promtool.lock'),
    async () => (await findExecutable('promtool', [place])) ?? unpack(directory, place, progress),
    whileWaiting,
  );
}

async function unpack(directory: string, place: string, progress: Progress | undefined): Promise<string> {
  const work = await mkdtemp(join(directory, '.promtool-'));
  try {
    progress?.('Fetching promtool from the Debian packages…');
    for (const name of ['apt', 'packages']) await mkdir(join(work, name));
    await new PrivateApt(join(work, 'apt')).downloadOwn('prometheus', join(work, 'packages'));
    for (const file of await readdir(join(work, 'packages')))
      await runCommand('dpkg-deb', ['--extract', join(work, 'packages', file), join(work, 'unpacked')]);
    await mkdir(place, { recursive: true });
    await rename(join(work, 'unpacked/usr/bin/promtool'), join(place, 'promtool'));
    await chmod(join(place, 'promtool'), 0o755);
    return join(place, 'promtool');
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
