import { backoffMs, type Clock } from '#libs/kernel';
import { rememberPacketLengths } from '#libs/mqtt';
import { topicOf, type DeviceEventPayload, type DownChannel, type Status, type UpChannel } from '#libs/protocol';
import mqtt, { type MqttClient } from 'mqtt';
import type { TrueReading } from './simulated-lamp.js';

/** Readings in one telemetry message. */
const READINGS_PER_MESSAGE = 100;
const MESSAGES_IN_FLIGHT = 10;
/** Events that a device keeps while the broker is away; beyond it the oldest go. */
const MAX_BUFFERED_EVENTS = 100;
const RETRY_AFTER_SUBSCRIBE_MS = 5_000;
const GASP_MS = 2_000;
const DOWN: readonly DownChannel[] = ['command', 'program', 'config'];

export interface LinkOptions {
  readonly brokerUrl: string;
  readonly brokerCa?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly site: string;
  readonly device: string;
  readonly clock: Clock;
  /** Readings kept while the broker is away; beyond it the oldest go. */
  readonly maxBufferedReadings: number;
  /** There is a connection: the moment to say how things are. */
  readonly onConnected: () => void;
  readonly onMessage: (channel: DownChannel, payload: Buffer) => void;
  /** Why there is no connection, such as a wrong password. */
  readonly onConnectionError?: ((message: string) => void) | undefined;
  readonly onAcknowledged: (readings: readonly TrueReading[]) => void;
}

type Batch = readonly TrueReading[];

/** A device's connection: keeps what it has to say until the broker has acknowledged it, and comes back by itself. */
export class DeviceLink {
  private client: MqttClient | undefined;
  private waiting: Batch[] = [];
  private readonly inFlight = new Set<Batch>();
  /** Not acknowledged yet, as they are sent, in their order: nobody says again that something has ended. */
  private events: string[] = [];
  private bufferedReadings = 0;
  private droppedReadings = 0;
  private attempt = 0;
  private stopping = false;
  private held = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly options: LinkOptions) {}

  get isConnected(): boolean {
    return !this.held && this.client?.connected === true;
  }

  /** Readings not acknowledged yet. */
  get buffered(): number {
    return this.bufferedReadings;
  }

  /** Events not acknowledged yet. */
  get bufferedEvents(): number {
    return this.events.length;
  }

  get dropped(): number {
    return this.droppedReadings;
  }

  /** Connects, and again whenever the connection is lost; nothing while it is held or has a connection. */
  connect(): void {
    rememberPacketLengths();
    if (this.held || this.stopping || this.client !== undefined) return;
    clearTimeout(this.retry);
    const { brokerUrl, brokerCa, site, device, username, password } = this.options;
    // As the contract wants it: by that time it is told which connection has ended.
    const will: Status = { v: 1, online: false, time: new Date(this.options.clock.nowMs()).toISOString() };
    const client = mqtt.connect(brokerUrl, {
      protocolVersion: 4,
      clean: true,
      clientId: `${site}.${device}`,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      keepalive: 60,
      ...(brokerCa === undefined ? {} : { ca: brokerCa }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      will: { topic: this.topic('status'), payload: Buffer.from(JSON.stringify(will)), qos: 1, retain: true },
    });
    this.client = client;
    client.on('connect', () => this.connected(client));
    client.on('message', (topic, payload) => {
      if (!this.held) this.options.onMessage(topic.slice(topic.lastIndexOf('/') + 1) as DownChannel, payload);
    });
    client.on('close', () => this.closed(client));
    // 'close' follows, and with it the next try.
    client.on('error', (error) => this.options.onConnectionError?.(error.message));
  }

  /** Queues readings and sends what the window allows. */
  send(readings: readonly TrueReading[]): void {
    for (let first = 0; first < readings.length; first += READINGS_PER_MESSAGE) {
      this.waiting.push(readings.slice(first, first + READINGS_PER_MESSAGE));
    }
    this.bufferedReadings += readings.length;
    while (this.bufferedReadings > this.options.maxBufferedReadings) {
      const oldest = this.waiting.shift();
      if (oldest === undefined) break;
      this.bufferedReadings -= oldest.length;
      this.droppedReadings += oldest.length;
    }
    this.pump();
  }

  /** Tells of an event, and again at the next connect until the broker has acknowledged it. */
  tell(event: DeviceEventPayload): void {
    const payload = JSON.stringify(event);
    this.events = [...this.events, payload].slice(-MAX_BUFFERED_EVENTS);
    this.sendEvent(payload);
  }

  /** Says something else; lost when the link is down, as a state is sent anew at the next connect, and a command comes again. */
  say(channel: Exclude<UpChannel, 'telemetry' | 'event'>, payload: object, retain = false): void {
    if (this.isConnected) this.client?.publish(this.topic(channel), JSON.stringify(payload), { qos: 1, retain });
  }

  /** The connection breaks without a goodbye, and there is none until `release` and `connect`. */
  hold(): void {
    this.held = true;
    clearTimeout(this.retry);
    // Not when the socket says so: contact may be back before that.
    if (this.client !== undefined) this.closed(this.client);
  }

  release(): void {
    this.held = false;
  }

  /** The power is gone: what waits is lost, and these go out with what the capacitors hold. Then it is as after `hold`. */
  gasp(readings: readonly TrueReading[], event?: DeviceEventPayload): void {
    this.forget();
    const { client } = this;
    const isHeard = this.isConnected;
    this.bufferedReadings = readings.length;
    this.held = true;
    clearTimeout(this.retry);
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      if (client !== undefined) this.closed(client);
      if (this.held) this.forget();
    };
    if (client === undefined || !isHeard) return end();
    let left = 0;
    const published = () => {
      left -= 1;
      if (left === 0) end();
    };
    if (readings.length > 0) {
      left += 1;
      this.publish(client, readings, published);
    }
    if (event !== undefined) {
      left += 1;
      client.publish(this.topic('event'), JSON.stringify(event), { qos: 1 }, published);
    }
    if (left === 0) return end();
    setTimeout(end, GASP_MS).unref();
  }

  /** Loses the readings that are not acknowledged. */
  forget(): void {
    this.waiting = [];
    this.events = [];
    this.inFlight.clear();
    this.droppedReadings += this.bufferedReadings;
    this.bufferedReadings = 0;
  }

  /** Says goodbye and leaves. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.retry);
    const { client } = this;
    if (client === undefined) return;
    if (client.connected) {
      const goodbye = client.publishAsync(this.topic('status'), '{"v":1,"online":false}', { qos: 1, retain: true });
      await Promise.race([goodbye.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
    }
    await client.endAsync(true).catch(() => undefined);
  }

  private connected(client: MqttClient): void {
    this.attempt = 0;
    for (const event of this.events) this.sendEvent(event);
    this.options.onConnected();
    this.subscribe(client);
    this.pump();
  }

  private subscribe(client: MqttClient): void {
    client.subscribe(
      DOWN.map((channel) => this.topic(channel)),
      { qos: 1 },
      (error) => {
        if (error === null || client !== this.client || this.stopping) return;
        this.retry = setTimeout(() => this.subscribe(client), RETRY_AFTER_SUBSCRIBE_MS);
      },
    );
  }

  private closed(client: MqttClient): void {
    if (client !== this.client) return;
    this.client = undefined;
    client.removeAllListeners();
    client.on('error', () => undefined);
    client.end(true);
    // Sent and not acknowledged: once more, before what has waited.
    this.waiting = [...this.inFlight, ...this.waiting];
    this.inFlight.clear();
    if (this.stopping || this.held) return;
    this.attempt += 1;
    this.retry = setTimeout(() => this.connect(), backoffMs(this.attempt + 2, Math.random()));
  }

  private pump(): void {
    const { client } = this;
    if (client === undefined || !this.isConnected) return;
    while (this.inFlight.size < MESSAGES_IN_FLIGHT) {
      const batch = this.waiting.shift();
      if (batch === undefined) return;
      this.publish(client, batch, () => this.pump());
    }
  }

  private publish(client: MqttClient, batch: Batch, onAcknowledged: () => void): void {
    this.inFlight.add(batch);
    const sentAt = new Date(this.options.clock.nowMs()).toISOString();
    const payload = JSON.stringify({ v: 1, sentAt, readings: batch.map(({ reading }) => reading) });
    client.publish(this.topic('telemetry'), payload, { qos: 1 }, (error) => {
      if (error !== undefined && error !== null) return;
      if (client !== this.client || !this.inFlight.delete(batch)) return;
      this.bufferedReadings -= batch.length;
      this.options.onAcknowledged(batch);
      onAcknowledged();
    });
  }

  private sendEvent(payload: string): void {
    const { client } = this;
    if (client === undefined || !this.isConnected) return;
    client.publish(this.topic('event'), payload, { qos: 1 }, (error) => {
      if (error === undefined || error === null) this.events = this.events.filter((each) => each !== payload);
    });
  }

  private topic(channel: UpChannel | DownChannel): string {
    return topicOf(this.options.site, this.options.device, channel);
  }
}
