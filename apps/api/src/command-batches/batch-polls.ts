import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { CommandBatchRow } from '#libs/storage';
import { isFinished } from './command-batch-view.js';

/** The database is asked no more often than this for each batch that somebody follows. */
export const POLL_EVERY_MS = 500;

export type ReadBatch = (siteId: number, id: string) => Promise<CommandBatchRow | undefined>;

/** Somebody who follows a batch. */
export interface Follower {
  /** How far it is; also when nothing has changed. */
  readonly next: (row: CommandBatchRow) => void;
  /** Nothing more comes: the batch is finished or gone, or the process ends. */
  readonly end: () => void;
}

/** Follows batches for any number of clients with one reader a batch. */
export class BatchPolls implements BeforeApplicationShutdown {
  private readonly polls = new Map<string, BatchPoll>();

  constructor(private readonly read: ReadBatch) {}

  /** How many batches and how many followers there are. */
  get size(): { readonly batches: number; readonly followers: number } {
    const followers = [...this.polls.values()].reduce((sum, poll) => sum + poll.followers.size, 0);
    return { batches: this.polls.size, followers };
  }

  /** Tells a follower how far a batch is until it is finished or the function that is returned is called. */
  follow(siteId: number, id: string, follower: Follower): () => void {
    const poll = this.polls.get(id) ?? this.begin(siteId, id);
    poll.followers.add(follower);
    return () => {
      poll.followers.delete(follower);
      if (poll.followers.size === 0) this.stop(id, poll);
    };
  }

  beforeApplicationShutdown(): void {
    for (const [id, poll] of this.polls) this.endAll(id, poll);
  }

  private begin(siteId: number, id: string): BatchPoll {
    const poll: BatchPoll = new BatchPoll(
      () => this.read(siteId, id),
      () => this.endAll(id, poll),
    );
    this.polls.set(id, poll);
    return poll;
  }

  private endAll(id: string, poll: BatchPoll): void {
    const { followers } = poll;
    this.stop(id, poll);
    for (const follower of [...followers]) follower.end();
  }

  private stop(id: string, poll: BatchPoll): void {
    poll.stop();
    if (this.polls.get(id) === poll) this.polls.delete(id);
  }
}

/** Reads one batch again and again. */
class BatchPoll {
  readonly followers = new Set<Follower>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly read: () => Promise<CommandBatchRow | undefined>,
    private readonly onOver: () => void,
  ) {
    this.wait();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private wait(): void {
    this.timer = setTimeout(() => void this.look(), POLL_EVERY_MS);
  }

  private async look(): Promise<void> {
    // The database may be away for a while: the next look tells.
    const found = await this.read().catch((): 'unknown' => 'unknown');
    if (this.stopped) return;
    if (found === undefined) return this.onOver();
    if (found === 'unknown') return this.wait();
    for (const follower of [...this.followers]) follower.next(found);
    if (isFinished(found)) this.onOver();
    else this.wait();
  }
}
