import { claimOrphan, forgetOrphan, keepOrphan, readPresence, recordAlive, type Pool } from '#libs/storage';

/** What empties the session of a process that is gone; libs/mqtt `DurableConsumer`. */
export interface SessionDrain {
  /** False when the process is back, or the broker could not be reached. */
  drain(quietMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

export interface OrphanedSessionsOptions {
  readonly pool: Pool;
  /** This process's own client id. */
  readonly consumer: string;
  readonly share: string;
  /** A process that has said nothing for so long is gone, s. */
  readonly goneS: number;
  /** `earliestSendMs`: when the process last had nothing waiting, see SendWindow. */
  readonly drainOf: (orphan: string, earliestSendMs: number) => SessionDrain;
  readonly onDrained: (orphan: string) => void;
  readonly onProblem: (message: string, error: unknown) => void;
}

/** Nothing has come for so long: the session is empty. */
const QUIET_MS = 3_000;

/**
 * Processes of one share watch each other. A broker may go on giving a share of the messages to the session of a process that is gone, and
 * what waited there when it went is there still. The first of the others to notice takes that session over, ends its subscriptions so that
 * the broker divides among those that are there, stores what it holds, and ends it. A process that comes back begins a new one.
 */
export class OrphanedSessions {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private drain: SessionDrain | undefined;
  private stopping = false;

  constructor(private readonly options: OrphanedSessionsOptions) {}

  async start(): Promise<void> {
    const everyMs = (this.options.goneS * 1000) / 4;
    await this.sayAlive();
    this.timer = setInterval(() => {
      void this.sayAlive();
      this.working ??= this.look().finally(() => {
        this.working = undefined;
      });
    }, everyMs);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.drain?.stop();
    await this.working;
  }

  private async sayAlive(): Promise<void> {
    const { pool, consumer, share, onProblem } = this.options;
    await recordAlive(pool, consumer, share).catch((error: unknown) =>
      onProblem('could not tell the other ingest processes that this one is alive; trying again', error),
    );
  }

  private async look(): Promise<void> {
    const { pool, consumer, share, goneS, onProblem } = this.options;
    try {
      const orphan = await claimOrphan(pool, consumer, share, goneS);
      if (orphan !== undefined && !this.stopping) await this.empty(orphan);
    } catch (error) {
      onProblem('could not look for ingest processes that are gone; trying again', error);
    }
  }

  private async empty(orphan: string): Promise<void> {
    const { pool, consumer, goneS, drainOf, onDrained } = this.options;
    const drain = drainOf(orphan, (await readPresence(pool, orphan)) ?? Number.POSITIVE_INFINITY);
    this.drain = drain;
    const keeping = setInterval(
      () =>
        void keepOrphan(pool, consumer, orphan)
          .then((kept) => (kept ? undefined : drain.stop()))
          .catch(() => undefined),
      (goneS * 1000) / 4,
    );
    try {
      if (!(await drain.drain(QUIET_MS))) return;
      await forgetOrphan(pool, consumer, orphan);
      onDrained(orphan);
    } finally {
      clearInterval(keeping);
      this.drain = undefined;
    }
  }
}
