import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { CLOCK, CONFIG, POOL } from '#libs/platform';
import {
  inTransaction,
  lockSiteTask,
  once,
  planOverrideCommands,
  type PlannedBatch,
  type Pool,
  type PoolClient,
  type Site,
} from '#libs/storage';

/** Who asks for what. */
export interface CommandRequest {
  /** The route with its parameters, for telling requests apart. */
  readonly operation: string;
  /** The body as the schema left it: equal requests have equal texts. */
  readonly body?: unknown;
  readonly idempotencyKey: string | undefined;
  readonly by: string | undefined;
}

/** What the work of a request is done with. */
export interface CommandStep {
  readonly client: PoolClient;
  readonly nowMs: number;
  /** Makes the commands that follow from what has been written. */
  readonly plan: () => Promise<PlannedBatch[]>;
}

const DEADLOCK = '40P01';
const TRIES = 3;

/** Overrides change together with their commands, one request of a site at a time, and once for an Idempotency-Key. */
@Injectable()
export class CommandTransactions {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Environment,
  ) {}

  /** Answers and dispatch touch the same rows in their own order: the one that PostgreSQL turns back begins again. */
  async run<T>(site: Site, request: CommandRequest, work: (step: CommandStep) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(site, request, work);
      } catch (error) {
        if ((error as { code?: unknown }).code !== DEADLOCK || attempt === TRIES) throw error;
      }
    }
  }

  private attempt<T>(site: Site, request: CommandRequest, work: (step: CommandStep) => Promise<T>): Promise<T> {
    const { idempotencyKey, by } = request;
    return inTransaction(this.pool, (client) =>
      once(client, site.id, idempotencyKey, hashOf(request), this.clock.nowMs(), async () => {
        // Before any row: whoever plans in between holds this and waits for rows.
        await lockSiteTask(client, 'plan', site.id);
        const nowMs = this.clock.nowMs();
        const cabinetLampsPerS = this.config.FELINAR_CONTROL_CABINET_LAMPS_PER_SECOND;
        const plan = () => planOverrideCommands(client, site.id, { nowMs, cabinetLampsPerS, by });
        return work({ client, nowMs, plan });
      }),
    );
  }
}

function hashOf({ operation, body }: CommandRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([operation, body ?? null]))
    .digest('hex');
}
