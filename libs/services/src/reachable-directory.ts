import { createHash } from 'node:crypto';
import { access, constants, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runCommand } from './command.js';
import { type Identity, serverIdentity } from './identity.js';
import { ServicesUnavailable } from './services-unavailable.js';

/** What of a directory decides whether a user may pass through it. */
export interface DirectoryMode {
  mode: number;
  uid: number;
  gid: number;
}

/** Whether the user may pass through (not necessarily list) a directory. */
export function isTraversable(directory: DirectoryMode, identity: Identity): boolean {
  if (directory.uid === identity.uid) return (directory.mode & 0o100) !== 0;
  if (directory.gid === identity.gid) return (directory.mode & 0o010) !== 0;
  return (directory.mode & 0o001) !== 0;
}

/** Characters with a meaning of their own in a library search path. */
export function isLoadablePath(path: string): boolean {
  return !/[:;$]/.test(path);
}

/** The path and all its parents, the root first. */
export function withParents(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...withParents(parent), path];
}

/** The first directory on the way to `path` that the user cannot pass; undefined when the way is free. */
export async function firstBarrier(path: string, identity: Identity): Promise<string | undefined> {
  for (const directory of withParents(resolve(path))) {
    const status = await stat(directory).catch(() => undefined);
    if (status === undefined) return undefined; // from here on we shall make them ourselves, open
    if (!isTraversable(status, identity)) return directory;
  }
  return undefined;
}

/** Throws, with the way out, when the user that a server is to run as cannot reach a path. */
export async function requireReachable(path: string, identity: Identity | undefined): Promise<void> {
  const barrier = identity && (await firstBarrier(path, identity));
  if (!barrier) return;
  throw new ServicesUnavailable(
    `Servers do not run as root here, and the user they run as instead (id ${identity.uid}) cannot pass through ` +
      `${barrier}. Choose the directory with reachableDirectory(), or allow passing with chmod o+x ${barrier}.`,
  );
}

/**
 * Makes a directory and its missing parents so that everyone can pass, whatever the umask. They are never closed, not
 * even for a moment in which another service might look.
 */
export async function makeOpenDirectory(path: string): Promise<void> {
  await runCommand('mkdir', ['-p', '--', resolve(path)]);
}

/**
 * A directory, made if missing, that both we and the user our servers run as can reach: `preferred` when every parent
 * lets that user pass; else one under /var/lib/felinar as root; else one of this user's own.
 */
export async function reachableDirectory(preferred: string): Promise<string> {
  const path = resolve(preferred);
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  const identity = await serverIdentity();
  const candidates = identity
    ? [path, join('/var/lib/felinar', hash)]
    : [path, join(homedir(), '.local', 'state', 'felinar', hash)];
  for (const candidate of candidates) {
    if (!isLoadablePath(candidate)) continue;
    if (identity && (await firstBarrier(candidate, identity)) !== undefined) continue;
    try {
      await makeOpenDirectory(candidate);
      await access(candidate, constants.W_OK | constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  throw new ServicesUnavailable(
    `None of ${candidates.join(' and ')} can be made and used by this user and by the user that servers run as. ` +
      'Move the project to a directory that this user can write to (and, as root, that other users can pass through).',
  );
}
