import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Stops a process and all that come from it, without ending them. Answers how to let them go on. */
export async function freeze(pid: number): Promise<() => void> {
  const frozen: number[] = [];
  // The parent first: it makes no new ones then.
  const stop = (each: number) => {
    if (signalled(each, 'SIGSTOP')) frozen.push(each);
  };
  stop(pid);
  for (const each of await descendants(pid)) stop(each);
  return () => {
    for (const each of frozen.toReversed()) signalled(each, 'SIGCONT');
  };
}

async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,ppid=']);
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const below = (of: number): number[] =>
    parents.flatMap(([child, parent]) => (parent === of ? [child, ...below(child)] : []));
  return below(pid);
}

/** False when it is gone. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
