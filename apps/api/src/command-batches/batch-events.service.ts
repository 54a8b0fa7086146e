import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import type { CommandBatchRow } from '#libs/storage';
import type { Response } from 'express';
import { EventStream } from '../http/event-stream.js';
import { BatchPolls } from './batch-polls.js';
import { isFinished, toProgress } from './command-batch-view.js';

/** Streams are open connections: more than these at a time are refused. */
const MAX_STREAMS = 1_000;
/** How often it is asked whether the client may still see it. */
const ASKED_AGAIN_EVERY_MS = 5_000;
/** The id of the last event: a client that comes again with it has seen everything. */
export const FINISHED_ID = 'finished';

/** Streams the progress of batches to clients. */
@Injectable()
export class BatchEventsService {
  constructor(private readonly polls: BatchPolls) {}

  /** Streams until the batch is finished, the client has gone, or `mayStill` says that they may no longer see it. */
  stream(response: Response, siteId: number, batch: CommandBatchRow, mayStill: () => Promise<boolean>): void {
    if (this.polls.size.followers >= MAX_STREAMS) {
      throw new DomainError('unavailable', 'Too many clients follow batches at the moment: read the batch itself');
    }
    if (response.destroyed) return;
    let leave = (): void => undefined;
    const stream = new EventStream(response, () => {
      clearInterval(asking);
      leave();
    });
    const asking = setInterval(() => {
      // A database that is away for a moment takes nothing from anybody.
      void mayStill().then(
        (may) => (may ? undefined : stream.end()),
        () => undefined,
      );
    }, ASKED_AGAIN_EVERY_MS);
    const next = progressTo(stream);
    next(batch);
    if (isFinished(batch)) stream.end();
    else leave = this.polls.follow(siteId, batch.id, { next, end: () => stream.end() });
  }
}

/** Sends what has changed since it was called last; a client that does not keep up gets the newest when it does. */
function progressTo(stream: EventStream): (row: CommandBatchRow) => void {
  let last = '';
  return (row) => {
    const progress = toProgress(row);
    const text = JSON.stringify(row.counts);
    if (text !== last && stream.isReady) {
      last = text;
      stream.send('progress', progress);
    }
    if (isFinished(row)) stream.send('finished', progress, FINISHED_ID);
  };
}
