/**
 * Publishes prepared messages over one connection as fast as the broker acknowledges them, with little work of its own, so that
 * a benchmark on two cores measures ingest and not its load generator. MQTT 3.1.1, QoS 1.
 */
import { connect } from 'node:net';
import mqttPacket from 'mqtt-packet';

export interface Load {
  readonly host: string;
  readonly port: number;
  /** How many messages to publish. */
  readonly count: number;
  /** Unacknowledged messages at a time; below 65,536. */
  readonly inFlight: number;
  readonly topicOf: (index: number) => string;
  readonly payloadOf: (index: number) => string | Buffer;
}

const CHUNK = 200;

/** Resolves when the broker has acknowledged every message. Rejects when the connection ends before. */
export function publishLoad(load: Load): Promise<void> {
  const socket = connect(load.port, load.host);
  socket.setNoDelay(true);
  let sent = 0;
  let acknowledged = 0;
  let rest: Buffer = Buffer.alloc(0);
  const pump = () => {
    while (sent < load.count && sent - acknowledged < load.inFlight) {
      const packets: Buffer[] = [];
      while (packets.length < CHUNK && sent < load.count && sent - acknowledged < load.inFlight) {
        packets.push(encode(load, sent));
        sent += 1;
      }
      if (!socket.write(Buffer.concat(packets))) return;
    }
  };
  return new Promise((resolve, reject) => {
    socket.on('connect', () => {
      const clientId = `load-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
      socket.write(
        mqttPacket.generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId,
          keepalive: 0,
        }),
      );
    });
    socket.on('drain', pump);
    socket.on('data', (chunk: Buffer) => {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      // Every packet that comes back has four bytes: CONNACK (type 2) once, then PUBACK (type 4).
      const whole = data.length - (data.length % 4);
      for (let offset = 0; offset < whole; offset += 4) if ((data[offset] ?? 0) >> 4 === 4) acknowledged += 1;
      rest = data.subarray(whole);
      if (acknowledged === load.count) {
        socket.end(mqttPacket.generate({ cmd: 'disconnect' }));
        resolve();
      } else pump();
    });
    socket.on('error', reject);
    socket.on('close', () =>
      reject(new Error(`the broker closed the connection after ${acknowledged} of ${load.count} messages`)),
    );
  });
}

function encode(load: Load, index: number): Buffer {
  return mqttPacket.generate({
    cmd: 'publish',
    topic: load.topicOf(index),
    payload: load.payloadOf(index),
    qos: 1,
    messageId: (index % 65_535) + 1,
    dup: false,
    retain: false,
  });
}
