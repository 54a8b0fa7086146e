import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '#libs/testing';
import { freeze } from '../src/chaos/freeze.js';

describe('freezing', () => {
  it('stops a process with all that come from it, and lets them go on', async () => {
    // The child speaks, not its parent.
    const parent = spawn('sh', ['-c', '(while :; do echo x; sleep 0.05; done) & wait'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let lines = 0;
    parent.stdout.on('data', () => (lines += 1));
    try {
      await waitFor('words', () => lines > 2);
      const thaw = await freeze(parent.pid ?? 0);
      await delay(100);
      const frozenAt = lines;
      await delay(500);
      expect(lines).toBe(frozenAt);
      thaw();
      await waitFor('more words', () => lines > frozenAt + 2);
    } finally {
      const ended = once(parent, 'exit');
      process.kill(-(parent.pid ?? 0), 'SIGKILL');
      await ended;
    }
  });
});
