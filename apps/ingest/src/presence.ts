import type { Clock } from '#libs/kernel';
import { readPresence, recordPresence, type Pool } from '#libs/storage';

const TICK_MS = 5_000;
/** So many ticks without one that could be recorded were an absence. */
const GAP_TICKS = 6;

/** What presence has to know of the consumer. */
interface Consumer {
  readonly isReady: boolean;
  readonly inFlight: number;
  readonly maxInFlight: number;
}

/**
 * Knows since when messages can have been waiting in the broker: since the last tick at which ingest was connected and its window not full: then
 * the broker holds nothing back.
 * Kept in the database, so that after a weekend's outage Friday's messages are not taken for a clock that is off.
 */
export class Presence {
  private timer: NodeJS.Timeout | undefined;
  private wasCaughtUp = false;
  private lastCaughtUpMs: number | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly consumerName: string,
    private readonly consumer: () => Consumer,
  ) {}

  /** ms since the epoch; now when ingest has never run before. */
  get caughtUpAtMs(): number {
    return this.lastCaughtUpMs ?? this.clock.nowMs();
  }

  async start(): Promise<void> {
    this.lastCaughtUpMs = await readPresence(this.pool, this.consumerName);
    this.timer = setInterval(() => void this.note(), TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
  }

  /** Notes that ingest is caught up, if it is. */
  async note(): Promise<void> {
    const { isReady, inFlight, maxInFlight } = this.consumer();
    const isCaughtUp = isReady && inFlight < maxInFlight / 2;
    // Two such ticks in a row: after a connect the broker needs a moment before it sends what has been waiting.
    if (isCaughtUp && this.wasCaughtUp) {
      const nowMs = this.clock.nowMs();
      this.lastCaughtUpMs = nowMs;
      // A tick that cannot be written leaves the older, more lenient one.
      this.writing = recordPresence(this.pool, this.consumerName, nowMs, GAP_TICKS * TICK_MS * this.clock.speed).catch(
        () => undefined,
      );
    }
    this.wasCaughtUp = isCaughtUp;
    await this.writing;
  }
}
