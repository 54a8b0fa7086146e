import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import type { CommandBatchRow } from '#libs/storage';
import type { Response } from 'express';
import { EventStream } from '../http/event-stream.js';
import { BatchPolls } from './batch-polls.js';
import { isFinished, toProgress } from './command-batch-view.js';

/** Streams are open connections: more than these at a time are refused. */
const MAX_STREAMS = 1_000;
/** The id of the last event: a client that comes again with it has seen everything. */
export const FINISHED_ID = 'finished';

/** Streams the progress of batches to clients. */
@Injectable()
export class BatchEventsService {
  constructor(private readonly polls: BatchPolls) {}

  /** Streams until the batch is finished or the client has gone. */
  stream(response: Response, siteId: number, batch: CommandBatchRow): void {
    if (this.polls.size.followers >= MAX_STREAMS) {
      throw new DomainError('unavailable', 'Too many clients follow batches at the moment: read the batch itself');
    }
    if (response.destroyed) return;
    let leave = (): void => undefined;
    const stream = new EventStream(response, () => leave());
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
