import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '#libs/kernel';
import pg from 'pg';
import { KEEP_ALIVE, SESSION_OPTIONS } from './pool.js';

/** A connection that waits for notifications. */
export interface Listener {
  close(): Promise<void>;
}

/** LISTENs on a channel. `onLost` is called once when the connection breaks without `close`. Rejects when it cannot connect. */
export async function connectListener(
  url: string,
  channel: string,
  onNotification: () => void,
  onLost: () => void,
): Promise<Listener> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'felinar listener',
    options: SESSION_OPTIONS,
    ...KEEP_ALIVE,
  });
  /** A connection that is lost while it is being made is not lost, but never was: the caller is told by the rejection, and only by that. */
  let state: 'connecting' | 'listening' | 'over' = 'connecting';
  const lost = () => {
    const wasListening = state === 'listening';
    state = 'over';
    if (wasListening) onLost();
  };
  client.on('error', lost);
  client.on('end', lost);
  client.on('notification', onNotification);
  try {
    await client.connect();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    if (isOver()) throw new Error('the connection to the database was lost at once');
  } catch (error) {
    state = 'over';
    await client.end().catch(() => undefined);
    throw error;
  }
  state = 'listening';
  return {
    close: async () => {
      state = 'over';
      await client.end();
    },
  };

  function isOver(): boolean {
    return state === 'over';
  }
}

/** Hears of changes that the database announces, and comes back by itself when the connection breaks. */
export class ChangeListener {
  private listener: Listener | undefined;
  private stopping = false;

  /** `onChange` is also called whenever something may have been missed. */
  constructor(
    private readonly databaseUrl: string,
    private readonly channel: string,
    private readonly onChange: () => void,
  ) {}

  /** Whether changes are being heard of. */
  get isListening(): boolean {
    return this.listener !== undefined;
  }

  /** Rejects when the first try fails. */
  async start(): Promise<void> {
    this.listener = await connectListener(this.databaseUrl, this.channel, this.onChange, () => void this.lost());
    this.onChange();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.listener?.close();
  }

  private async lost(): Promise<void> {
    this.listener = undefined;
    this.onChange();
    for (let attempt = 1; !this.stopping; attempt += 1) {
      await delay(backoffMs(attempt, Math.random()));
      if (
        this.stopping ||
        (await this.start().then(
          () => true,
          () => false,
        ))
      )
        break;
    }
    // Stopped while it was coming back.
    if (this.stopping) await this.stop();
  }
}
