import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

const execute = promisify(execFile);

/** State letter and start time (in clock ticks since boot) from the text of /proc/PID/stat. */
export function parseProcessStatus(stat: string): { state: string; started: string } | undefined {
  // The second field is the command in parentheses and may hold anything, spaces and parentheses included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const started = fields[19];
  return state && started ? { state, started } : undefined;
}

/** Whether a process runs; one that has ended and waits to be collected does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return parseProcessStatus(stat)?.state !== 'Z';
}

/** A mark that differs between two processes which had the same id one after the other; empty where unknown. */
export async function startMark(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return parseProcessStatus(stat)?.started ?? '';
}

/** Whether the process works in (or, where that cannot be seen, was started for) the directory. */
export async function worksIn(pid: number, directory: string): Promise<boolean> {
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (cwd !== undefined) return cwd === directory;
  const { stdout } = await execute('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes(directory);
}

/** Sends a signal; a process that is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until the process is gone; false when it is still there after `timeoutMs`. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isRunning(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Ends a process: with `signal` first, with SIGKILL after `timeoutMs`. */
export async function endProcess(pid: number, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  sendSignal(pid, signal);
  if (await waitUntilGone(pid, timeoutMs)) return;
  sendSignal(pid, 'SIGKILL');
  await waitUntilGone(pid, 5_000);
}
