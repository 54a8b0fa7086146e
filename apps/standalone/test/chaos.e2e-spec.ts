import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KINDS } from '../src/chaos/moments.js';
import type { Report } from '../src/chaos/report.js';

const SEED = '1';

/** The short form of `npm run test:chaos`, as a process of its own: it starts a database, a broker and the four roles. Runs the build. */
describe('a city whose processes, servers and networks are taken away', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'felinar-chaos-report-'));
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('comes back from every moment, and its books balance', async () => {
    const out = join(directory, 'report.json');
    const { code, said } = await run('--short', '--seed', SEED, '--out', out);
    const text = await readFile(out, 'utf8').catch(() => {
      throw new Error(`there is no report (code ${code}):\n${said.slice(-4_000)}`);
    });
    const { books, kinds, balances } = JSON.parse(text) as Report;
    expect(books.filter((line) => !line.balances)).toEqual([]);
    expect(kinds.map(({ kind, moments, violations }) => [kind, moments, violations])).toEqual(
      KINDS.map((kind) => [kind, 1, 0]),
    );
    // Of nothing all books balance.
    const found = (what: string) => books.find((line) => line.what === what)?.found ?? 0;
    expect(found('acknowledged to the fleet, and stored')).toBeGreaterThan(1_000);
    expect(found('made, and in a final state')).toBeGreaterThan(100);
    expect(found('true faults, and found')).toBeGreaterThan(5);
    expect(found('messages by email, and taken by the receiver')).toBeGreaterThan(5);
    expect(found('drawn, and booked, Wh')).toBeGreaterThan(10);
    expect([balances, code]).toEqual([true, 0]);
  }, 600_000);
});

async function run(...options: string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', 'dist/apps/standalone/src/chaos/main.js', ...options],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    },
  );
  let said = '';
  const keep = (chunk: Buffer) => (said += String(chunk));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  await once(child, 'close');
  return { code: child.exitCode, said };
}
