import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { POOL, WALL_CLOCK } from '#libs/platform';
import { issueConfirmation, useConfirmation, type Pool, type PoolClient } from '#libs/storage';
import { problem, ProblemError } from '../http/problem.js';
import type { AskedTwice } from './confirmation.js';

/** Lets a request pass that has been confirmed. `what` it would do, as the beginning of a sentence. */
export type Confirm = (db: Pool | PoolClient, what: string) => Promise<void>;

class Unconfirmed extends Error {}

/** What could leave streets dark is said twice. */
@Injectable()
export class ConfirmationsService {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Runs `work`, which asks for a confirmation where it meets something dangerous, in its own transaction: what is rolled back has used
   * none up. Without one the answer is 428 with a token, which is made when the work has let go of its connection.
   */
  async heeding<T>(asked: AskedTwice, work: (confirm: Confirm) => Promise<T>): Promise<T> {
    const { token } = asked;
    try {
      return await work(async (db, what) => {
        if (token !== undefined && (await useConfirmation(db, token, asked, this.clock.nowMs()))) return;
        throw new Unconfirmed(what);
      });
    } catch (error) {
      if (!(error instanceof Unconfirmed)) throw error;
      const issued = await issueConfirmation(this.pool, asked, this.clock.nowMs());
      const why =
        token === undefined ? '' : ' The confirmation that came with it is for another request, was used, or is over.';
      throw new ProblemError({
        ...problem(
          428,
          `${error.message}.${why} If that is meant, send the very same request again within five minutes with the header ` +
            'Felinar-Confirmation and the value of confirmation',
        ),
        extensions: { confirmation: issued.token, expiresAt: issued.expiresAt.toISOString() },
      });
    }
  }
}
