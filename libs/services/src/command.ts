import { spawn } from 'node:child_process';
import type { Identity } from './identity.js';

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Run as this user; only root can. */
  identity?: Identity | undefined;
  /** Written to its standard input. */
  input?: string;
  timeoutMs?: number;
}

/** A command that ended with another status than 0, or could not be started. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly output: string;

  constructor(command: string, reason: string, output: string) {
    super(`${command} ${reason}${output.trim() === '' ? '' : `:\n${lastLines(output, 12)}`}`);
    this.output = output;
  }
}

/** Runs a command to its end and returns its standard output. Files it makes are readable by everyone (umask 022). */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', 'umask 022; exec "$@"', 'sh', command, ...args], {
      cwd: options.cwd,
      env: options.env ?? { ...process.env, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...options.identity,
    });
    let out = '';
    let all = '';
    let timedOut = false;
    const timeoutMs = options.timeoutMs ?? 60_000;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      all += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (all += text));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new CommandFailed(command, `could not be started (${error.message})`, all));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(out);
      else if (timedOut) reject(new CommandFailed(command, `did not end within ${timeoutMs / 1000} s`, all));
      else reject(new CommandFailed(command, `ended with ${signal ?? `status ${code}`}`, all));
    });
  });
}

/** The last `count` lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
