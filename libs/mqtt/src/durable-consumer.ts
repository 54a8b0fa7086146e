/**
 * Receives with "acknowledge after commit": QoS 1, persistent session, many messages in flight, PUBACK only once the batch with
 * that message has been committed. How MQTT.js is made to do this, and why: docs/adr/0002-durable-mqtt-consumer.md.
 */
import { backoffMs } from '#libs/kernel';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { setTimeout as delay } from 'node:timers/promises';
import { rememberPacketLengths } from './packet-lengths.js';

export interface BrokerConnection {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Authorities whose certificates are believed, PEM; those that Node knows when absent. */
  readonly ca?: string | undefined;
  /** 5, or 4 for brokers that speak MQTT 3.1.1 only. */
  readonly protocolVersion: 4 | 5;
}

export interface DurableConsumerOptions<T> {
  readonly broker: BrokerConnection;
  /** Names the persistent session at the broker: two consumers must not share it. */
  readonly clientId: string;
  readonly filters: readonly string[];
  /** Filters that the session may still have from another configuration, and must not. */
  readonly formerFilters?: readonly string[];
  /** Messages unacknowledged at the most. Beyond it nothing is read from the socket, and the broker keeps the rest. */
  readonly maxInFlight: number;
  /** What they may weigh together before nothing more is read. */
  readonly maxWeight: number;
  /** What an item weighs, in whatever makes memory and commits large: readings, for telemetry. At least 1. */
  readonly weigh: (item: T) => number;
  /** A batch is committed when it weighs this much (one item may weigh more) … */
  readonly batchWeight: number;
  /** … or when its first message has waited this long. */
  readonly batchMs: number;
  /** Turns a message into what is kept in memory until the commit. Must not throw; must not hold on to `payload`. */
  readonly receive: (topic: string, payload: Buffer, retained: boolean) => T;
  /**
   * Makes a batch durable. Its messages are acknowledged when this resolves. When it rejects, the same batch is tried again,
   * with backoff, for as long as the consumer runs: what can never succeed must be dealt with inside.
   */
  readonly commit: (batch: readonly T[]) => Promise<void>;
  readonly onConnected?: (sessionPresent: boolean) => void;
  readonly onDisconnected?: () => void;
  /** Something a person may want to read in the log. */
  readonly onProblem?: (message: string, error?: unknown) => void;
}

interface Pending<T> {
  readonly item: T;
  readonly weight: number;
  /** Undefined for QoS 0, which is not acknowledged. */
  readonly messageId: number | undefined;
  /** The connection that delivered it: the only one on which it can be acknowledged. */
  readonly stream: MqttClient['stream'];
}

const SESSION_EXPIRY_S = 30 * 86_400;
/** Thrown into MQTT.js's packet loop: suppresses its own PUBACK and lets the next packet in. */
const ACKNOWLEDGE_LATER = new Error('acknowledged after commit');

export class DurableConsumer<T> {
  private client: MqttClient | undefined;
  private buffer: Pending<T>[] = [];
  private bufferWeight = 0;
  private committing: readonly Pending<T>[] = [];
  private committingWeight = 0;
  private timer: NodeJS.Timeout | undefined;
  /** When the first message of the buffer came, on the monotonic clock, ms. */
  private firstBufferedAtMs = 0;
  private pumping: Promise<void> | undefined;
  private readonly stopSignal = new AbortController();
  private resumeReading: (() => void) | undefined;
  private subscribed = false;
  private lastReceivedAtMs = 0;

  constructor(private readonly options: DurableConsumerOptions<T>) {}

  /** Messages received and not yet acknowledged: at most `maxInFlight`, and one batch of a connection that has been lost. */
  get inFlight(): number {
    return this.buffer.length + this.committing.length;
  }

  /** The bound of `inFlight`. */
  get maxInFlight(): number {
    return this.options.maxInFlight;
  }

  /** Whether it is connected and subscribed. */
  get isReady(): boolean {
    return this.client?.connected === true && this.subscribed;
  }

  /** Connects and subscribes; goes on trying until `stop`. Resolves at the first success. */
  start(): Promise<void> {
    rememberPacketLengths();
    const client = mqtt.connect(this.options.broker.url, this.clientOptions());
    this.client = client;
    client.handleMessage = (packet, done) => {
      this.take(packet, done);
    };
    client.on('error', (error) => this.options.onProblem?.('the broker connection has a problem; trying again', error));
    client.on('close', () => this.disconnected());
    return new Promise((resolve) => {
      client.on('connect', (connack) => {
        void this.subscribe(client, connack.sessionPresent).then((done) => {
          if (done) resolve();
        });
      });
    });
  }

  /**
   * Empties the session of a consumer that is gone, instead of `start`: takes it over, ends its subscriptions (`filters`), commits and
   * acknowledges what waits in it, and ends it once nothing has come for `quietMs`. False when the connection was lost on the way, as it is
   * when the consumer comes back: what is left is still there. MQTT 5 only.
   */
  async drain(quietMs: number): Promise<boolean> {
    const client = mqtt.connect(this.options.broker.url, { ...this.clientOptions(), reconnectPeriod: 0 });
    this.client = client;
    client.handleMessage = (packet, done) => {
      this.take(packet, done);
    };
    client.on('error', (error) => this.options.onProblem?.('the session could not be taken over', error));
    client.on('close', () => this.disconnected());
    const sessionPresent = await new Promise<boolean | undefined>((resolve) => {
      client.on('connect', (connack) => resolve(connack.sessionPresent));
      client.on('close', () => resolve(undefined));
    });
    let isDrained = sessionPresent === false;
    if (sessionPresent === true) {
      await client.unsubscribeAsync([...this.options.filters]).catch(() => undefined);
      this.lastReceivedAtMs = performance.now();
      while (client.connected && !this.stopping && !isDrained) {
        await delay(Math.min(quietMs, 100));
        isDrained = this.inFlight === 0 && performance.now() - this.lastReceivedAtMs >= quietMs;
      }
    }
    this.stopSignal.abort();
    this.pump();
    while (this.pumping !== undefined) await this.pumping;
    clearTimeout(this.timer);
    isDrained &&= client.connected;
    await client.endAsync(false, isDrained ? { properties: { sessionExpiryInterval: 0 } } : {}).catch(() => undefined);
    return isDrained;
  }

  /** Commits and acknowledges what has been received, then leaves; the session stays at the broker. */
  async stop(): Promise<void> {
    this.stopSignal.abort();
    this.pump();
    while (this.pumping !== undefined) await this.pumping;
    clearTimeout(this.timer);
    await this.client?.endAsync();
  }

  private get isFull(): boolean {
    const { maxInFlight, maxWeight, broker } = this.options;
    const countBound = broker.protocolVersion === 5 ? 2 * maxInFlight : maxInFlight;
    return this.inFlight >= countBound || this.bufferWeight + this.committingWeight >= maxWeight;
  }

  private get stopping(): boolean {
    return this.stopSignal.signal.aborted;
  }

  /** Waits before the next try; not when the consumer stops. */
  private async pause(attempt: number): Promise<void> {
    await delay(backoffMs(attempt, Math.random()), undefined, { signal: this.stopSignal.signal }).catch(
      () => undefined,
    );
  }

  private clientOptions(): IClientOptions {
    const { broker, clientId, maxInFlight } = this.options;
    return {
      clientId,
      clean: false,
      resubscribe: false,
      protocolVersion: broker.protocolVersion,
      reconnectPeriod: 1000,
      reconnectOnConnackError: true,
      keepalive: 30,
      ...(broker.username === undefined ? {} : { username: broker.username }),
      ...(broker.password === undefined ? {} : { password: broker.password }),
      ...(broker.ca === undefined ? {} : { ca: broker.ca }),
      ...(broker.protocolVersion === 5
        ? { properties: { sessionExpiryInterval: SESSION_EXPIRY_S, receiveMaximum: maxInFlight } }
        : {}),
    };
  }

  /** Subscribes on this connection, trying again for as long as the connection lasts. True when granted. */
  private async subscribe(client: MqttClient, sessionPresent: boolean): Promise<boolean> {
    const { stream } = client;
    const rh = this.options.broker.protocolVersion === 5 ? { rh: 1 } : {};
    const topics = Object.fromEntries(this.options.filters.map((filter) => [filter, { qos: 1 as const, ...rh }]));
    for (let attempt = 1; client.stream === stream && client.connected && !this.stopping; attempt += 1) {
      try {
        const { formerFilters = [] } = this.options;
        if (sessionPresent && formerFilters.length > 0) await client.unsubscribeAsync([...formerFilters]);
        const refused = (await client.subscribeAsync(topics)).filter(({ qos }) => qos >= 128);
        if (refused.length > 0)
          throw new Error(`the broker refuses ${refused.map(({ topic }) => topic).join(', ')}: check its ACL`);
        this.subscribed = true;
        this.options.onConnected?.(sessionPresent);
        return true;
      } catch (error) {
        this.options.onProblem?.('could not subscribe; trying again', error);
        await this.pause(attempt + 3);
      }
    }
    return false;
  }

  private disconnected(): void {
    // The broker will deliver these again: keeping them would only store them twice.
    this.buffer = this.buffer.filter(({ messageId }) => messageId === undefined);
    this.bufferWeight = weightOf(this.buffer);
    this.resumeReading = undefined;
    if (!this.subscribed) return;
    this.subscribed = false;
    if (!this.stopping) this.options.onDisconnected?.();
  }

  private take(packet: IPublishPacket, done: (error?: Error) => void): void {
    const { client } = this;
    if (client === undefined || this.stopping) return done(ACKNOWLEDGE_LATER);
    this.lastReceivedAtMs = performance.now();
    const item = this.options.receive(packet.topic, packet.payload as Buffer, packet.retain);
    if (this.buffer.length === 0) this.firstBufferedAtMs = performance.now();
    const weight = Math.max(1, this.options.weigh(item));
    this.buffer.push({
      item,
      weight,
      messageId: packet.qos === 0 ? undefined : packet.messageId,
      stream: client.stream,
    });
    this.bufferWeight += weight;
    this.pump();
    // Not calling back stops MQTT.js from reading: the socket fills, and the broker holds on to the rest. It stops pings too, so
    // with MQTT 5, where the broker itself stops at receiveMaximum, it must not happen for the count alone.
    if (this.isFull) this.resumeReading = () => done(ACKNOWLEDGE_LATER);
    else done(ACKNOWLEDGE_LATER);
  }

  /** Commits batch after batch while one is due, one at a time; sees to it that a small one is not forgotten. */
  private pump(): void {
    if (this.pumping !== undefined) return;
    if (this.isBatchDue()) {
      clearTimeout(this.timer);
      this.timer = undefined;
      this.pumping = this.commitNext().then((committed) => {
        this.pumping = undefined;
        if (committed) this.pump();
      });
    } else if (this.buffer.length > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.pump();
      }, this.options.batchMs);
    }
  }

  private isBatchDue(): boolean {
    if (this.buffer.length === 0) return false;
    if (this.stopping || this.bufferWeight >= this.options.batchWeight) return true;
    return performance.now() - this.firstBufferedAtMs >= this.options.batchMs;
  }

  /** False when it gave up because the consumer stops: what is unacknowledged stays with the broker, so nothing is lost. */
  private async commitNext(): Promise<boolean> {
    this.takeBatch();
    this.firstBufferedAtMs = performance.now();
    const items = this.committing.map(({ item }) => item);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.options.commit(items);
        break;
      } catch (error) {
        this.options.onProblem?.(`a batch of ${items.length} messages could not be stored (try ${attempt})`, error);
        if (this.stopping) return false;
        await this.pause(attempt);
      }
    }
    this.acknowledge(this.committing);
    this.committing = [];
    this.committingWeight = 0;
    const resume = this.resumeReading;
    this.resumeReading = undefined;
    resume?.();
    return true;
  }

  /** Moves the oldest items, up to the weight of a batch and at least one, from the buffer to `committing`. */
  private takeBatch(): void {
    let count = 0;
    let weight = 0;
    while (count < this.buffer.length && (count === 0 || weight < this.options.batchWeight)) {
      weight += this.buffer[count]?.weight ?? 0;
      count += 1;
    }
    this.committing = this.buffer.splice(0, count);
    this.committingWeight = weight;
    this.bufferWeight -= weight;
  }

  private acknowledge(batch: readonly Pending<T>[]): void {
    const stream = this.client?.stream;
    if (stream === undefined || stream.destroyed || this.client?.connected !== true) return;
    const messageIds = batch.flatMap((each) =>
      each.stream === stream && each.messageId !== undefined ? [each.messageId] : [],
    );
    if (messageIds.length > 0) stream.write(encodePubacks(messageIds));
  }
}

function weightOf(items: readonly { readonly weight: number }[]): number {
  return items.reduce((sum, { weight }) => sum + weight, 0);
}

/** PUBACK packets back to back: type 4, remaining length 2, message id (MQTT 3.1.1 and 5, section 3.4; 5: success is implied). */
export function encodePubacks(messageIds: readonly number[]): Buffer {
  const packets = Buffer.allocUnsafe(messageIds.length * 4);
  messageIds.forEach((messageId, index) => {
    packets.writeUInt16BE(0x4002, index * 4);
    packets.writeUInt16BE(messageId, index * 4 + 2);
  });
  return packets;
}
