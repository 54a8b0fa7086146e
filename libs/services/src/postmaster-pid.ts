import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcess, isRunning, worksIn } from './process-table.js';

/** What a running server writes into its data directory. */
export interface PostmasterPid {
  pid: number;
  port: number | undefined;
  /** starting, ready, standby, stopping; empty while it has not got that far. */
  status: string;
}

/** Reads the text of postmaster.pid; undefined when it is not (yet) a whole one. */
export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  // A single-user backend writes its process id negated.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  const port = Number.parseInt(lines[3] ?? '', 10);
  return { pid, port: Number.isInteger(port) ? port : undefined, status: lines[7] ?? '' };
}

/** The server that says it runs on this data directory. */
export async function readPostmasterPid(pgdata: string): Promise<PostmasterPid | undefined> {
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => '');
  return parsePostmasterPid(text);
}

/**
 * Ends a server that a killed parent left behind on this data directory, and removes a postmaster.pid whose process
 * id belongs to something else by now. Afterwards the directory is free to start on.
 */
export async function clearLeftOverServer(pgdata: string, timeoutMs: number): Promise<'none' | 'stale' | 'stopped'> {
  const left = await readPostmasterPid(pgdata);
  if (left === undefined) return 'none';
  if ((await isRunning(left.pid)) && (await worksIn(left.pid, await realpath(pgdata)))) {
    await endProcess(left.pid, 'SIGINT', timeoutMs);
    return 'stopped';
  }
  await rm(join(pgdata, 'postmaster.pid'), { force: true });
  return 'stale';
}
