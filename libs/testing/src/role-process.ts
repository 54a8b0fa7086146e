import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestBroker } from './test-broker.js';

type Broker = Pick<TestBroker, 'url' | 'protocolVersion'>;

/** A role as a process of its own, as in production, so that it can be killed. Runs the build: `npm test` makes it first. */
export class RoleProcess {
  private child: ChildProcess | undefined;
  private output = '';

  constructor(
    private readonly role: 'ingest' | 'control' | 'monitor' | 'api',
    private readonly databaseUrl: string,
    private readonly broker: Broker,
    private readonly environment: Record<string, string> = {},
    /** Characters of its output that are kept. */
    private readonly kept = 20_000,
  ) {}

  start(): void {
    this.output = '';
    this.child = fork(join(process.cwd(), `dist/apps/${this.role}/src/main.js`), {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--max-semi-space-size=8', '--max-old-space-size=192'],
      env: {
        PATH: process.env['PATH'],
        FELINAR_DATABASE_URL: this.databaseUrl,
        FELINAR_MQTT_URL: this.broker.url,
        FELINAR_MQTT_PROTOCOL: String(this.broker.protocolVersion),
        FELINAR_LOG_LEVEL: 'info',
        ...this.environment,
      },
    });
    const keep = (chunk: Buffer) => (this.output = (this.output + String(chunk)).slice(-this.kept));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** The last of what it wrote since it was started. */
  get log(): string {
    return this.output;
  }

  get isConnected(): boolean {
    return this.output.includes('connected to the broker');
  }

  /** SIGKILL: nothing is flushed, nothing is said. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM, as `docker stop` sends it. Answers the exit code: null when a signal ended it. */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.child?.exitCode ?? null;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
