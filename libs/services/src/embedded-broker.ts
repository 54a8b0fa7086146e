import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';

/** An MQTT broker inside this process. Sessions live in memory: for trying and for tests, not for a city. */
export interface EmbeddedBroker {
  readonly url: string;
  readonly port: number;
  /** Cuts every connection and forgets every session, as a crash would; the same port again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts aedes (MQTT 3.1.1) on an address. Rejects with what to do when the port is taken. */
export async function startEmbeddedBroker(options: {
  readonly host: string;
  readonly port: number;
}): Promise<EmbeddedBroker> {
  let running = await listen(options.host, options.port);
  const { port } = running;
  return {
    url: `mqtt://${options.host}:${port}`,
    port,
    restart: async () => {
      await close(running);
      running = await listen(options.host, port);
    },
    stop: () => close(running),
  };
}

interface Running {
  readonly aedes: Aedes;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly port: number;
}

async function listen(host: string, port: number): Promise<Running> {
  // 0: as many deliveries at a time as there are. With a bound one client that does not read holds everybody's back, and what waited for
  // nobody was worked off each inside the one before, until the stack was full. Each publisher waits for its last one anyhow.
  const aedes = await Aedes.createBroker({
    ...{ concurrency: 0, heartbeatInterval: 60_000 },
    authorizePublish: (_client, packet, done) => {
      if (packet.topic.startsWith('$SYS/')) return done(new Error('$SYS topics are the broker’s own'));
      if (packet.retain) packet.payload = ownCopy(packet.payload);
      done(null);
    },
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `port ${port} on ${host} is taken: stop what listens there, or choose another port for the broker`,
            )
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return { aedes, server, sockets, port: typeof address === 'object' && address !== null ? address.port : port };
}

/** What is kept must not hold the slab of 64 KiB that it was cut from. */
function ownCopy(payload: string | Buffer): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const copy = Buffer.alloc(bytes.length);
  bytes.copy(copy);
  return copy;
}

async function close({ aedes, server, sockets }: Running): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  await new Promise<void>((resolve) => {
    aedes.close(() => resolve());
  });
  for (const socket of sockets) socket.destroy();
  await closed;
}
