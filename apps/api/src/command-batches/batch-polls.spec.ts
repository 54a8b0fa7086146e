import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { completeCounts, type CommandBatchRow } from '#libs/storage';
import { BatchPolls, POLL_EVERY_MS } from './batch-polls.js';

const row = (counts: object): CommandBatchRow => ({
  ...{ id: 'b', kind: 'override', overrideId: 'o', createdAt: new Date(0), createdBy: null, cancelledAt: null },
  ...{ cancelledBy: null, lamps: 2, counts: completeCounts(counts), finishedAt: null },
});

describe('BatchPolls', () => {
  let found: CommandBatchRow | undefined | Error;
  let reads: number;
  let polls: BatchPolls;
  const told: string[] = [];
  const follower = (name: string) => ({
    next: ({ counts }: CommandBatchRow) => void told.push(`${name} ${counts.confirmed}`),
    end: () => void told.push(`${name} end`),
  });
  const looks = (times: number) => jest.advanceTimersByTimeAsync(times * POLL_EVERY_MS);

  beforeEach(() => {
    jest.useFakeTimers();
    told.length = 0;
    reads = 0;
    found = row({ queued: 2 });
    polls = new BatchPolls(async () => {
      reads += 1;
      if (found instanceof Error) throw found;
      return found;
    });
  });
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('reads a batch once for all who follow it, until it is finished', async () => {
    for (const name of ['a', 'b']) polls.follow(1, 'b', follower(name));
    await looks(1);
    found = row({ confirmed: 2 });
    await looks(5);
    expect(reads).toBe(2);
    expect(told).toEqual(['a 0', 'b 0', 'a 2', 'b 2', 'a end', 'b end']);
    expect(polls.size).toEqual({ batches: 0, followers: 0 });
  });

  it('stops when the last one leaves, also in the middle of a look', async () => {
    const leaves = ['a', 'b'].map((name) => polls.follow(1, 'b', follower(name)));
    leaves[0]?.();
    await looks(1);
    jest.advanceTimersByTime(POLL_EVERY_MS);
    for (const leave of leaves) leave();
    await looks(5);
    expect([reads, told]).toEqual([2, ['b 0']]);
  });

  it('goes on when the database is away for a while', async () => {
    const leave = polls.follow(1, 'b', follower('a'));
    found = new Error('away');
    await looks(3);
    expect(told).toEqual([]);
    found = row({ queued: 1, confirmed: 1 });
    await looks(1);
    expect(told).toEqual(['a 1']);
    leave();
  });

  it('ends when the batch is gone or the process stops', async () => {
    polls.follow(1, 'b', follower('a'));
    found = undefined;
    await looks(1);
    polls.follow(1, 'c', follower('c'));
    polls.beforeApplicationShutdown();
    expect(told).toEqual(['a end', 'c end']);
  });
});
