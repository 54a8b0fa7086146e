import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { DurableConsumer } from '#libs/mqtt';
import { Readiness, type Registry } from '#libs/observability';
import { brokerConnection, CAPABILITY, CLOCK, CONFIG, METRICS, POOL } from '#libs/platform';
import { sharedFilter, topicFilter } from '#libs/protocol';
import { ChangeListener, type DatabaseCapability, type Pool } from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import type { Inbound } from './inbound.js';
import { IngestFlow } from './ingest-flow.js';
import { IngestMetrics } from './ingest-metrics.js';
import { LampDirectory } from './lamp-directory.js';
import { OrphanedSessions } from './orphaned-sessions.js';
import { Presence } from './presence.js';

/** Runs ingest for as long as the process does. */
@Injectable()
export class IngestService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly metrics: IngestMetrics;
  private readonly consumer: DurableConsumer<Inbound>;
  private readonly listener: ChangeListener;
  private readonly presence: Presence;
  private readonly orphans: OrphanedSessions | undefined;

  constructor(
    @Inject(CONFIG) config: Environment,
    @Inject(CLOCK) clock: Clock,
    @Inject(POOL) pool: Pool,
    @Inject(METRICS) registry: Registry,
    readiness: Readiness,
    // Not used, awaited: nothing is written before the schema is up to date.
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(IngestService.name) private readonly log: PinoLogger,
  ) {
    const directory = new LampDirectory(pool);
    this.listener = new ChangeListener(config.FELINAR_DATABASE_URL, 'lamp_changed', () => directory.forget());
    this.metrics = new IngestMetrics(registry, () => this.consumer.inFlight, config.FELINAR_INGEST_IN_FLIGHT);
    this.presence = new Presence(pool, clock, config.FELINAR_INGEST_CLIENT_ID, () => this.consumer);
    const flowOf = (earliestSendMs: () => number) =>
      new IngestFlow({
        pool,
        clock,
        directory,
        metrics: this.metrics,
        samplesPerReason: config.FELINAR_INGEST_SAMPLES_PER_REASON,
        earliestSendMs,
        onDone:
          config.FELINAR_LOG_LEVEL === 'debug' || config.FELINAR_LOG_LEVEL === 'trace'
            ? (message) => this.trace(message)
            : undefined,
        canRemember: () => this.listener.isListening,
      });
    readiness.add('broker', () =>
      Promise.resolve(this.isReady ? undefined : 'not connected to the MQTT broker, or not subscribed'),
    );
    const share = config.FELINAR_INGEST_SHARE;
    const consumerOf = (clientId: string, flow: IngestFlow) =>
      new DurableConsumer<Inbound>({
        broker: brokerConnection(config),
        clientId,
        ...subscriptions(share),
        maxInFlight: config.FELINAR_INGEST_IN_FLIGHT,
        maxWeight: config.FELINAR_INGEST_MAX_READINGS,
        weigh: (message) => (message.kind === 'telemetry' ? message.readings.length : 1),
        batchWeight: config.FELINAR_INGEST_BATCH_READINGS,
        batchMs: config.FELINAR_INGEST_BATCH_MS,
        receive: (topic, payload, retained) => flow.receive(topic, payload, retained),
        commit: (batch) => flow.commit(batch),
        onConnected: (sessionPresent) => this.log.info({ sessionPresent }, 'connected to the broker'),
        onDisconnected: () =>
          this.log.warn('lost the broker; reconnecting. Devices and the broker keep their messages'),
        onProblem: (message, error) => this.log.warn({ err: error }, message),
      });
    this.consumer = consumerOf(
      config.FELINAR_INGEST_CLIENT_ID,
      flowOf(() => this.presence.caughtUpAtMs),
    );
    if (share === undefined) return;
    this.orphans = new OrphanedSessions({
      ...{ pool, share, consumer: config.FELINAR_INGEST_CLIENT_ID, goneS: config.FELINAR_INGEST_PEER_GONE_S },
      drainOf: (orphan, earliestSendMs) => {
        this.log.warn({ orphan }, 'another ingest process is gone: storing what waits for it');
        return consumerOf(
          orphan,
          flowOf(() => earliestSendMs),
        );
      },
      onDrained: (orphan) => this.log.info({ orphan }, 'nothing waits any more for the process that is gone'),
      onProblem: (message, error) => this.log.warn({ err: error }, message),
    });
  }

  /** Whether messages are being taken in: connected to the broker and subscribed. */
  get isReady(): boolean {
    return this.consumer.isReady;
  }

  /** Messages taken in that are not committed yet. */
  get inFlight(): number {
    return this.consumer.inFlight;
  }

  /** Says now, not at its next turn, that ingest is there and hears: for a clock that runs in steps. */
  notePresence(): Promise<void> {
    return this.presence.note();
  }

  /** A line for each message: thousands a second, so at level debug only. The id stands in everything that comes of it. */
  private trace(message: Inbound): void {
    const { messageId: correlationId, kind } = message;
    if (kind === 'rejected') {
      const { topic, rejection } = message.part;
      this.log.debug({ correlationId, topic, ...rejection }, 'message refused');
    } else {
      const { topic } = message;
      const readings = kind === 'telemetry' ? message.readings.map(({ lamp, time }) => `${lamp} ${time}`) : undefined;
      this.log.debug({ correlationId, topic, readings }, 'message stored');
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listener.start();
    await this.presence.start();
    // Not awaited: without a broker the process runs, says "not ready" and goes on trying.
    void this.consumer.start();
    await this.orphans?.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.consumer.stop(), this.orphans?.stop()]);
    await this.presence.stop();
    await this.listener.stop();
  }
}

/**
 * Readings and events may be divided among processes: rows are kept once per instant, and a lamp's state only follows newer ones, so that
 * order does not matter. Statuses are not divided: they are retained, which shared subscriptions do not deliver, and few.
 */
function subscriptions(share: string | undefined): { filters: string[]; formerFilters: string[] } {
  const divided = [topicFilter('telemetry'), topicFilter('event')];
  const own = [topicFilter('status')];
  if (share === undefined) return { filters: [...divided, ...own], formerFilters: [] };
  return { filters: [...divided.map((filter) => sharedFilter(share, filter)), ...own], formerFilters: divided };
}
