import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '#libs/testing';

/** `npm start` as a process of its own, with everything embedded. */
export class Run {
  output = '';
  private readonly child: ChildProcess;

  constructor(data: string, ...options: string[]) {
    this.child = spawn(
      process.execPath,
      ['dist/apps/standalone/src/main.js', '--data', data, '--port', '0', '--mqtt-port', '0', ...options],
      // A process group of its own, as a terminal makes it: the interrupt goes to all of it.
      { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: withoutFelinar(process.env) },
    );
    const keep = (chunk: Buffer) => (this.output += String(chunk));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The first match in what it has said. */
  async says(pattern: RegExp): Promise<string> {
    const match = await waitFor(
      `"${pattern.source}"`,
      () => {
        if (this.child.exitCode !== null && !pattern.test(this.output)) throw new Error(`it ended:\n${this.output}`);
        return pattern.exec(this.output) ?? undefined;
      },
      60_000,
    );
    return match[1] ?? match[0];
  }

  /** Headers with the key that it shows. */
  async authorized(): Promise<Record<string, string>> {
    return { 'x-api-key': await this.says(/Key\s+(felk_\S+)/) };
  }

  async interrupt(): Promise<number | null> {
    return this.end('SIGINT');
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    process.kill(-this.pid, signal);
    await ended;
    return this.child.exitCode;
  }
}

function withoutFelinar(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('FELINAR_') && !name.startsWith('NODE_OPTIONS')),
  );
}
