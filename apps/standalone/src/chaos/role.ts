import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

export const ROLES = ['api', 'ingest', 'control', 'monitor'] as const;
export type RoleName = (typeof ROLES)[number];

/** What no process may ever say. */
const UNHANDLED = /unhandled ?(promise ?)?rejection|ERR_UNHANDLED|triggerUncaughtException|uncaught ?exception/i;
/** As a container engine does it, ms. */
const RESTARTED_AFTER_MS = 1_000;
const LINES_KEPT = 40;

/** One of Felinar's processes, as an operator runs it: it comes back when it ends by itself. Runs the build. */
export class Role {
  /** Lines that speak of a rejection nobody has handled. */
  readonly unhandled: string[] = [];
  /** How it ended by itself, with what it said last. */
  readonly endedItself: string[] = [];
  kills = 0;
  private child: ChildProcess | undefined;
  private isWanted = false;
  private lastLines: string[] = [];
  private readonly log: WriteStream;

  constructor(
    readonly name: RoleName,
    private readonly healthUrl: string,
    private readonly environment: Readonly<Record<string, string>>,
    logFile: string,
  ) {
    this.log = createWriteStream(logFile);
    // It must not outlive us, however we end.
    process.on('exit', () => this.child?.kill('SIGKILL'));
  }

  start(): void {
    this.isWanted = true;
    this.lastLines = [];
    const child = fork(join(process.cwd(), 'dist', 'apps', this.name, 'src', 'main.js'), {
      silent: true,
      execArgv: ['--enable-source-maps'],
      env: { PATH: process.env['PATH'] ?? '', ...this.environment },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.said(line));
    }
    child.on('exit', (code, signal) => void this.ended(child, signal ?? `code ${code}`));
  }

  /** SIGKILL: nothing is flushed, nothing is said. */
  async kill(): Promise<void> {
    this.kills += 1;
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await Promise.race([this.end('SIGTERM'), delay(15_000).then(() => this.end('SIGKILL'))]);
    this.log.end();
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.healthUrl}/health/ready`, { signal: AbortSignal.timeout(3_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.isWanted = false;
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  private async ended(child: ChildProcess, how: string): Promise<void> {
    if (!this.isWanted || child !== this.child) return;
    this.endedItself.push(`${this.name} ended with ${how}: ${this.lastLines.join('\n').slice(-1_500)}`);
    await delay(RESTARTED_AFTER_MS);
    if (this.isWanted && child === this.child) this.start();
  }

  private said(line: string): void {
    this.log.write(`${line}\n`);
    this.lastLines = [...this.lastLines.slice(1 - LINES_KEPT), line];
    if (UNHANDLED.test(line)) this.unhandled.push(`${this.name}: ${line.slice(0, 500)}`);
  }
}
