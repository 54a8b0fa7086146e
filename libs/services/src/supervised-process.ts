import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Identity } from './identity.js';
import type { LogFile } from './log-file.js';
import { endProcess, isRunning, sendSignal } from './process-table.js';

export interface SupervisedOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  log: LogFile;
  identity: Identity | undefined;
  /** The signal for an orderly end. */
  stopSignal: 'SIGINT' | 'SIGTERM';
  /** After this an orderly end becomes SIGKILL. */
  stopTimeoutMs: number;
}

/**
 * Starts the server in a session of its own and waits for it. Standard input is a pipe to us that nothing is ever
 * written to: `read` returns when we are gone, however that came about, and the server is stopped.
 */
const supervisor = `
exec 3<&0 </dev/null
umask 077
signal=$1 tenths=$2
shift 2
"$@" >&2 3<&- &
server=$!
trap '' INT HUP QUIT TERM
echo "$server"
exec >&2
{
  read -r never <&3
  kill -s "$signal" "$server"
  while [ "$tenths" -gt 0 ] && kill -0 "$server"; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -s KILL "$server"
} 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill -s KILL "$watcher"
exit "$status"
`;

/** A server process that cannot outlive us: not our ordinary end, not our crash, not SIGKILL. */
export class SupervisedProcess {
  readonly pid: number;
  /** Settled, never rejected, once the server is gone. */
  readonly ended: Promise<void>;
  #running = true;
  #stopping: Promise<void> | undefined;
  readonly #child: ChildProcess;
  readonly #options: SupervisedOptions;

  private constructor(child: ChildProcess, pid: number, options: SupervisedOptions) {
    this.#child = child;
    this.pid = pid;
    this.#options = options;
    this.ended = this.#waitForEnd();
    child.unref();
    (child.stdin as Socket | null)?.unref();
    (child.stdout as Socket | null)?.unref();
  }

  static async start(options: SupervisedOptions): Promise<SupervisedProcess> {
    const log = await options.log.open(options.identity);
    try {
      const tenths = String(Math.ceil(options.stopTimeoutMs / 100));
      const signal = options.stopSignal.slice('SIG'.length);
      const child = spawn(
        '/bin/sh',
        ['-c', supervisor, 'felinar-service', signal, tenths, options.command, ...options.args],
        {
          cwd: options.cwd,
          detached: true,
          stdio: ['pipe', 'pipe', log.fd],
          env: serverEnvironment(options.cwd),
          ...options.identity,
        },
      );
      return new SupervisedProcess(child, await serverPid(child), options);
    } finally {
      await log.close();
    }
  }

  get running(): boolean {
    return this.#running;
  }

  /** Orderly stop, SIGKILL after the time allowed for it. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end(this.#options.stopSignal);
    return this.#stopping;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.#running) return;
    this.#child.ref();
    sendSignal(this.pid, signal);
    const timer = setTimeout(() => sendSignal(this.pid, 'SIGKILL'), this.#options.stopTimeoutMs);
    await this.ended;
    clearTimeout(timer);
  }

  async #waitForEnd(): Promise<void> {
    await new Promise((resolve) => this.#child.once('exit', resolve));
    // Somebody killed the supervisor: the server must not go on without one.
    if (await isRunning(this.pid)) await endProcess(this.pid, this.#options.stopSignal, this.#options.stopTimeoutMs);
    this.#running = false;
  }
}

/** Nothing of ours reaches a server: PGPORT, LD_LIBRARY_PATH and the like would change what it does. */
function serverEnvironment(home: string): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: home, LC_ALL: 'C', TZ: 'UTC' };
}

function serverPid(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(Number.parseInt(text, 10));
    });
    child.once('error', (error) =>
      reject(new Error(`The server could not be started as another process: ${error.message}`)),
    );
    child.once('exit', (code, signal) => reject(new Error(`The server ended at once (${signal ?? `status ${code}`})`)));
  });
}
