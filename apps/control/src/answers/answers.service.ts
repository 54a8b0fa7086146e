import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { deliveryPolicy } from '#libs/commands';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { DurableConsumer } from '#libs/mqtt';
import { Readiness } from '#libs/observability';
import { brokerConnection, CAPABILITY, CLOCK, CONFIG, POOL } from '#libs/platform';
import { topicFilter } from '#libs/protocol';
import {
  inTransaction,
  isDataRefused,
  writeAnswer,
  writeProgramReports,
  type DatabaseCapability,
  type Pool,
} from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { ControlMetrics } from '../control-metrics.js';
import { decodeAnswer, type DeviceAnswer } from './decode-answer.js';

const IN_FLIGHT = 2_000;
const BATCH = 500;
const BATCH_MS = 50;

/**
 * Takes what devices answer: acknowledgements, and which program they run. Acknowledged to the broker after the commit. Answers are
 * idempotent, so that every control process may hear all of them.
 */
@Injectable()
export class AnswersService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly consumer: DurableConsumer<DeviceAnswer>;
  private readonly marginMs: number;

  constructor(
    @Inject(CONFIG) config: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(POOL) private readonly pool: Pool,
    readiness: Readiness,
    private readonly metrics: ControlMetrics,
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(AnswersService.name) private readonly log: PinoLogger,
  ) {
    this.marginMs = deliveryPolicy(clock.speed).confirmMarginMs;
    readiness.add('broker for control', () =>
      Promise.resolve(this.consumer.isReady ? undefined : 'not connected to the MQTT broker, or not subscribed'),
    );
    this.consumer = new DurableConsumer<DeviceAnswer>({
      broker: brokerConnection(config),
      clientId: config.FELINAR_CONTROL_CLIENT_ID,
      filters: [topicFilter('ack'), topicFilter('program-state')],
      maxInFlight: IN_FLIGHT,
      maxWeight: IN_FLIGHT,
      weigh: () => 1,
      batchWeight: BATCH,
      batchMs: BATCH_MS,
      receive: (topic, payload) => decodeAnswer(topic, payload, this.clock.nowMs()),
      commit: (batch) => this.commit(batch),
      onConnected: (sessionPresent) => this.log.info({ sessionPresent }, 'connected to the broker'),
      onDisconnected: () =>
        this.log.warn('lost the broker; reconnecting. Commands wait, devices go on with their programs'),
      onProblem: (message, error) => this.log.warn({ err: error }, message),
    });
  }

  /** Whether answers are being heard. */
  get isReady(): boolean {
    return this.consumer.isReady;
  }

  onApplicationBootstrap(): void {
    // Not awaited: without a broker the process runs, says "not ready" and goes on trying.
    void this.consumer.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.consumer.stop();
  }

  /** All of a batch, or, when the database refuses a value in it for good, all but that. */
  private async commit(batch: readonly DeviceAnswer[]): Promise<void> {
    try {
      await this.write(batch);
    } catch (error) {
      if (!isDataRefused(error)) throw error;
      if (batch.length === 1) {
        this.log.warn({ err: error }, 'the database refuses an answer; it is passed over');
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.commit(batch.slice(0, middle));
      await this.commit(batch.slice(middle));
    }
  }

  private async write(batch: readonly DeviceAnswer[]): Promise<void> {
    const nowMs = this.clock.nowMs();
    let acknowledged = 0;
    await inTransaction(this.pool, async (client) => {
      await writeProgramReports(
        client,
        batch.filter((answer) => answer.kind === 'programState'),
      );
      for (const answer of batch) {
        if (answer.kind !== 'ack') continue;
        const moved = await writeAnswer(client, { ...answer, marginMs: this.marginMs }, nowMs);
        if (answer.result === 'executed') acknowledged += moved;
      }
    });
    this.metrics.commands.inc({ event: 'acknowledged' }, acknowledged);
    for (const answer of batch) if (answer.kind === 'unusable') this.metrics.unusable.inc({ channel: answer.channel });
  }
}
