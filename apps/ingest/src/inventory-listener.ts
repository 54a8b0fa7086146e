import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '#libs/mqtt';
import { connectListener, type Listener } from '#libs/storage';

/** Tells when the inventory changes. While it cannot listen it says "changed" before every look-up, which is slow and right. */
export class InventoryListener {
  private listener: Listener | undefined;
  private stopping = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly onChange: () => void,
  ) {}

  /** Whether changes are being heard of. */
  get isListening(): boolean {
    return this.listener !== undefined;
  }

  /** Listens, and comes back by itself when the connection breaks. Rejects when the first try fails. */
  async start(): Promise<void> {
    this.listener = await connectListener(this.databaseUrl, 'lamp_changed', this.onChange, () => void this.lost());
    this.onChange();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.listener?.close();
  }

  private async lost(): Promise<void> {
    this.listener = undefined;
    this.onChange();
    for (let attempt = 1; !this.stopping && this.listener === undefined; attempt += 1) {
      await delay(backoffMs(attempt, Math.random()));
      await this.start().catch(() => undefined);
    }
  }
}
