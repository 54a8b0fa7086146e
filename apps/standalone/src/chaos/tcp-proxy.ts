import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Where a proxy leads to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What the network between two programs does at the moment. */
type Weather =
  | { readonly kind: 'fair' }
  /** What is sent is lost; who connects waits. */
  | { readonly kind: 'hole' }
  | { readonly kind: 'slow'; readonly byMs: number };

/**
 * A network that can be made bad: it stands between clients and a server, and passes on what they say, byte for byte, until it is told
 * to lose it, to hold it up, or to break connections at once or in the middle of what is being said.
 */
export class TcpProxy {
  private weather: Weather = { kind: 'fair' };
  private readonly links = new Set<Link>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly target: Endpoint,
  ) {}

  /** Listens on a free port of 127.0.0.1. */
  static async start(target: Endpoint): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const proxy = new TcpProxy(server, typeof address === 'object' && address !== null ? address.port : 0, target);
    server.on('connection', (near) => proxy.accept(near));
    return proxy;
  }

  /** Connections that it carries. */
  get connections(): number {
    return this.links.size;
  }

  /** Loses everything for a time, without a word to either side; what it carried meanwhile is reset at the end. */
  async drop(forMs: number): Promise<void> {
    this.weather = { kind: 'hole' };
    for (const link of this.links) link.loses = true;
    await delay(forMs);
    this.weather = { kind: 'fair' };
    for (const link of [...this.links]) if (link.loses) link.reset();
  }

  /** For a time, whatever is said arrives so much later, in order. */
  async delay(forMs: number, byMs: number): Promise<void> {
    this.weather = { kind: 'slow', byMs };
    for (const link of this.links) link.slowByMs = byMs;
    await delay(forMs);
    this.weather = { kind: 'fair' };
    for (const link of this.links) link.slowByMs = 0;
  }

  /** Resets every connection now. */
  reset(): void {
    for (const link of [...this.links]) link.reset();
  }

  /** Of what each connection says next, one half still arrives; then it is reset. What has said nothing by the end of the time is spared. */
  async halve(withinMs: number): Promise<void> {
    for (const link of this.links) link.halves = true;
    await delay(withinMs);
    for (const link of this.links) link.halves = false;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.reset();
    await closed;
  }

  private accept(near: Socket): void {
    const link = new Link(near, connect(this.target));
    this.links.add(link);
    link.loses = this.weather.kind === 'hole';
    link.slowByMs = this.weather.kind === 'slow' ? this.weather.byMs : 0;
    link.onClose = () => this.links.delete(link);
  }
}

/** One connection, in both directions. */
class Link {
  loses = false;
  halves = false;
  slowByMs = 0;
  onClose: () => void = () => undefined;

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
  ) {
    this.pass(near, far);
    this.pass(far, near);
  }

  /** RST to both sides. */
  reset(): void {
    this.near.resetAndDestroy();
    this.far.resetAndDestroy();
    this.onClose();
  }

  private pass(from: Socket, to: Socket): void {
    const heldUp: { readonly atMs: number; readonly act: () => void }[] = [];
    const arrive = () => {
      const nowMs = performance.now();
      while ((heldUp[0]?.atMs ?? Infinity) <= nowMs) heldUp.shift()?.act();
      const [next] = heldUp;
      if (next !== undefined) setTimeout(arrive, next.atMs - nowMs);
    };
    const later = (act: () => void) => {
      if (heldUp.length === 0 && this.slowByMs === 0) return act();
      const nowMs = performance.now();
      heldUp.push({ atMs: Math.max(heldUp.at(-1)?.atMs ?? 0, nowMs + this.slowByMs), act });
      if (heldUp.length === 1) setTimeout(arrive, this.slowByMs);
    };
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      if (this.loses) return;
      if (this.halves) return this.passHalf(chunk, to);
      later(() => {
        if (this.loses || to.destroyed || to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
    });
    from.on('error', () => undefined);
    // A side that has gone is not heard of through a hole.
    from.on('end', () => later(() => this.loses || to.end()));
    from.on('close', () => later(() => this.closed(to)));
  }

  private passHalf(chunk: Buffer, to: Socket): void {
    this.halves = false;
    this.loses = true;
    to.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => this.reset());
  }

  private closed(other: Socket): void {
    if (this.loses) return;
    other.destroy();
    this.onClose();
  }
}
