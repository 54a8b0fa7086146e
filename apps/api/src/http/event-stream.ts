import type { Response } from 'express';

/** Proxies and clients give up on streams in which nothing happens. */
const HEARTBEAT_EVERY_MS = 15_000;

/** Server-sent events to one client, from the head of the answer to its end. */
export class EventStream {
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly response: Response,
    onClosed: () => void,
  ) {
    response.status(200).set({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx would collect them.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    this.heartbeat = setInterval(() => this.write(': heartbeat\n\n'), HEARTBEAT_EVERY_MS);
    response.once('close', () => {
      clearInterval(this.heartbeat);
      onClosed();
    });
  }

  /** Whether the client takes more at the moment; what can be left out is left out until it does. */
  get isReady(): boolean {
    return !this.response.writableNeedDrain;
  }

  send(event: string, data: unknown, id?: string): void {
    this.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.heartbeat);
    if (!this.response.writableEnded) this.response.end();
  }

  private write(text: string): void {
    if (!this.response.writableEnded && !this.response.destroyed) this.response.write(text);
  }
}
