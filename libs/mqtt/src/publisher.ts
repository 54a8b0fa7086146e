/** Publishes with QoS 1 and says when the broker has taken it. Keeps nothing: what is not acknowledged is the caller's to repeat. */
import { backoffMs } from '#libs/kernel';
import mqtt, { type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import type { BrokerConnection } from './durable-consumer.js';
import { rememberPacketLengths } from './packet-lengths.js';

export interface PublisherOptions {
  readonly broker: BrokerConnection;
  readonly clientId: string;
  /** Messages on their way at the most; the broker's own limit (MQTT 5 receive maximum) is kept too. */
  readonly maxInFlight: number;
  readonly onProblem?: (message: string, error?: unknown) => void;
}

export interface PublishOptions {
  readonly retain?: boolean;
  /** The broker drops it after this; MQTT 5 only, so that the payload must say it as well. */
  readonly expiryS?: number;
  readonly correlation?: string;
}

/** There is no connection, or it was lost before the broker acknowledged: the message may or may not have arrived. */
export class NotPublished extends Error {}

export class Publisher {
  private client: MqttClient | undefined;
  private window: number;
  private inFlight = 0;
  private waiting: { readonly go: () => void; readonly giveUp: (error: Error) => void }[] = [];
  private readonly pending = new Set<(error: Error) => void>();
  private attempt = 0;
  private retry: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(private readonly options: PublisherOptions) {
    this.window = options.maxInFlight;
  }

  get isReady(): boolean {
    return this.client?.connected === true;
  }

  /** Connects, and comes back by itself. Every connection is a client of its own, so that nothing old is ever sent again unasked. */
  start(): void {
    rememberPacketLengths();
    const client = mqtt.connect(this.options.broker.url, this.clientOptions());
    this.client = client;
    client.on('connect', (connack) => this.connected(connack));
    client.on('error', (error) =>
      this.options.onProblem?.('the broker connection for publishing has a problem', error),
    );
    client.on('close', () => this.closed(client));
  }

  /** Resolves when the broker has acknowledged. Rejects with NotPublished; never waits for a connection. */
  async publish(topic: string, payload: string, options: PublishOptions = {}): Promise<void> {
    await this.turn();
    try {
      await this.send(topic, payload, options);
    } finally {
      this.inFlight -= 1;
      this.waiting.shift()?.go();
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.retry);
    await this.client?.endAsync().catch(() => undefined);
    this.abandon();
  }

  private clientOptions(): IClientOptions {
    const { broker, clientId } = this.options;
    return {
      clientId,
      clean: true,
      protocolVersion: broker.protocolVersion,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      keepalive: 30,
      ...(broker.username === undefined ? {} : { username: broker.username }),
      ...(broker.password === undefined ? {} : { password: broker.password }),
      ...(broker.ca === undefined ? {} : { ca: broker.ca }),
    };
  }

  private connected(connack: IConnackPacket): void {
    this.attempt = 0;
    this.window = Math.min(this.options.maxInFlight, connack.properties?.receiveMaximum ?? Number.POSITIVE_INFINITY);
  }

  private closed(client: MqttClient): void {
    if (client !== this.client) return;
    this.client = undefined;
    client.removeAllListeners();
    client.on('error', () => undefined);
    client.end(true);
    this.abandon();
    if (this.stopping) return;
    this.attempt += 1;
    this.retry = setTimeout(() => this.start(), backoffMs(this.attempt + 2, Math.random()));
  }

  private abandon(): void {
    const error = new NotPublished('the connection to the broker was lost');
    for (const { giveUp } of this.waiting.splice(0)) giveUp(error);
    for (const giveUp of [...this.pending]) giveUp(error);
  }

  private async turn(): Promise<void> {
    if (!this.isReady) throw new NotPublished('not connected to the broker');
    if (this.inFlight >= this.window) {
      await new Promise<void>((go, giveUp) => this.waiting.push({ go, giveUp }));
    }
    this.inFlight += 1;
  }

  private send(
    topic: string,
    payload: string,
    { retain = false, expiryS, correlation }: PublishOptions,
  ): Promise<void> {
    const { client } = this;
    if (client?.connected !== true) return Promise.reject(new NotPublished('not connected to the broker'));
    const isVersion5 = this.options.broker.protocolVersion === 5;
    const properties = {
      ...(expiryS === undefined ? {} : { messageExpiryInterval: Math.max(1, Math.ceil(expiryS)) }),
      ...(correlation === undefined ? {} : { correlationData: Buffer.from(correlation) }),
    };
    return new Promise<void>((resolve, reject) => {
      const settle = (error?: Error | null) => {
        this.pending.delete(giveUp);
        if (error === undefined || error === null) resolve();
        else reject(error instanceof NotPublished ? error : new NotPublished(error.message, { cause: error }));
      };
      const giveUp = (error: Error) => settle(error);
      this.pending.add(giveUp);
      client.publish(topic, payload, { qos: 1, retain, ...(isVersion5 ? { properties } : {}) }, (error) =>
        settle(error),
      );
    });
  }
}
