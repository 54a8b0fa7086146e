import { describe, expect, it } from '@jest/globals';
import { parsePostmasterPid } from './postmaster-pid.js';
import { parseProcessStatus } from './process-table.js';

describe('parsePostmasterPid', () => {
  it('reads a running server', () => {
    const text = '8011\n/data/pgdata\n1795530000\n33099\n\n127.0.0.1\n  1234   5\nready   \n';
    expect(parsePostmasterPid(text)).toEqual({ pid: 8011, port: 33099, status: 'ready' });
  });

  it('reads one that has only begun', () => {
    expect(parsePostmasterPid('8011\n/data/pgdata\n')).toEqual({ pid: 8011, port: undefined, status: '' });
  });

  it('reads a single-user backend', () => {
    expect(parsePostmasterPid('-42\n')?.pid).toBe(42);
  });

  it.each(['', '\n', 'garbage\n', '0\n'])('makes nothing of %j', (text) => {
    expect(parsePostmasterPid(text)).toBeUndefined();
  });
});

describe('parseProcessStatus', () => {
  it('is not confused by a command with parentheses and spaces', () => {
    const after = ['S', ...Array.from({ length: 18 }, () => '0'), '123456', '0'].join(' ');
    expect(parseProcessStatus(`12 (a) b (c)) ${after}`)).toEqual({ state: 'S', started: '123456' });
  });
});
