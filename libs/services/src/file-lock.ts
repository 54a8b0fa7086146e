import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Progress } from './running-service.js';

/**
 * Runs `work` while no other process holds the same lock file. The lock is the kernel's (flock), held by a child that
 * ends with us: it can never be stale, even after SIGKILL. Where there is no flock command, `work` simply runs: what
 * it makes must be renamed into place as a whole.
 */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  whileWaiting?: { message: string; progress: Progress | undefined },
): Promise<T> {
  const holder = await acquire(file, whileWaiting);
  try {
    return await work();
  } finally {
    holder?.stdin?.end();
  }
}

async function acquire(
  file: string,
  whileWaiting?: { message: string; progress: Progress | undefined },
): Promise<ChildProcess | undefined> {
  // cat echoes our byte as soon as flock has let it start, and ends when our end of the pipe closes.
  const child = spawn('flock', ['--exclusive', file, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  child.stdin.on('error', () => undefined);
  child.stdin.write('.');
  const notice = setTimeout(() => whileWaiting?.progress?.(whileWaiting.message), 1_000);
  try {
    const held = await Promise.race([
      once(child.stdout, 'data').then(() => true),
      once(child, 'close').then(() => false),
    ]);
    return held ? child : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(notice);
  }
}
