import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { RoleName } from '../chaos/role.js';

/** What a process has in its heap after everything that nobody holds is gone. */
export interface Heap {
  readonly heapBytes: number;
  readonly externalBytes: number;
}

const HEAP_WITHIN_MS = 60_000;

/** One of Felinar's processes, as an operator runs it, with the probe in it. Runs the build. */
export class WatchedRole {
  /** Why it is no longer what it was: nobody caught an error, or it ended. */
  readonly failures: string[] = [];
  private readonly child: ChildProcess;
  private isWanted = true;
  private last = '';

  constructor(
    readonly name: RoleName,
    readonly url: string,
    environment: Readonly<Record<string, string>>,
    logFile: string,
  ) {
    const probe = join(process.cwd(), 'dist', 'apps', 'standalone', 'src', 'fuzz', 'probe.js');
    this.child = fork(join(process.cwd(), 'dist', 'apps', name, 'src', 'main.js'), {
      silent: true,
      execArgv: ['--enable-source-maps', '--expose-gc', '--import', probe],
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    const log = createWriteStream(logFile);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log.write(chunk);
        this.last = (this.last + String(chunk)).slice(-3_000);
      });
    }
    this.child.on('message', (message) => {
      const { uncaught } = message as { uncaught?: string };
      if (uncaught !== undefined) this.failures.push(`${name}: nobody caught ${uncaught}`);
    });
    this.child.on('exit', (code, signal) => {
      if (this.isWanted) this.failures.push(`${name} ended with ${signal ?? `code ${code}`}: ${this.last}`);
    });
    // It must not outlive us, however we end.
    process.on('exit', () => this.child.kill('SIGKILL'));
  }

  async heap(): Promise<Heap> {
    const timer = AbortSignal.timeout(HEAP_WITHIN_MS);
    this.child.send('heap');
    for (;;) {
      const [message] = (await once(this.child, 'message', { signal: timer })) as [Partial<Heap>];
      if (message.heapBytes !== undefined && message.externalBytes !== undefined)
        return { heapBytes: message.heapBytes, externalBytes: message.externalBytes };
    }
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(3_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Of a counter at /metrics: the sum over all its labels. */
  async counted(metric: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const values = text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'));
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(late);
  }
}
