/**
 * Ingest, from the broker to the row, as a list of steps:
 * receive (decode; a bad message becomes a counted rejection) -> commit: resolve lamps -> judge clocks, plan rows -> one
 * transaction -> the consumer acknowledges. A batch is committed whole or tried again; what the database refuses for good is
 * found by halving and rejected.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#libs/kernel';
import {
  beginIngest,
  inTransaction,
  isDataRefused,
  lookUpDevices,
  markLateReadings,
  storableText,
  trimRejectedSamples,
  writeDeviceEvents,
  writeDeviceStatuses,
  writeRejections,
  writeTelemetry,
  type Pool,
  type RejectedSample,
} from '#libs/storage';
import { planBatch, type Addresses, type FlowPlan } from './flow-plan.js';
import { decodeInbound, type Inbound } from './inbound.js';
import type { IngestMetrics } from './ingest-metrics.js';
import { directoryKey, type LampDirectory } from './lamp-directory.js';
import { StatusOrder } from './status-order.js';

/** Samples of one reason that one batch may add: a flood of garbage must not become a flood of rows. */
const SAMPLES_PER_BATCH_AND_REASON = 10;

export interface IngestFlowParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly directory: LampDirectory;
  readonly metrics: IngestMetrics;
  /** Rejected messages kept per reason. */
  readonly samplesPerReason: number;
  /** See SendWindow: the last moment at which nothing was waiting in the broker. */
  readonly earliestSendMs: () => number;
  /** Told of every message that has been stored, or refused and counted: for the log. */
  readonly onDone?: ((message: Inbound) => void) | undefined;
  /** Whether changes of the inventory are heard of; if not, nothing may be remembered. */
  readonly canRemember: () => boolean;
}

export class IngestFlow {
  private samplesSinceTrim = Number.POSITIVE_INFINITY;
  private readonly statuses = new StatusOrder();
  /** Message ids are those of this run of the process, counted. */
  private readonly run = randomBytes(4).toString('hex');
  private received = 0;

  constructor(private readonly parts: IngestFlowParts) {}

  /** Takes a message from the broker. Never throws. */
  receive(topic: string, payload: Buffer, retained: boolean): Inbound {
    const nowMs = this.parts.clock.nowMs();
    this.received += 1;
    return decodeInbound(topic, payload, nowMs, `${this.run}-${this.received}`, (device, { online, time }) => {
      const window = { earliestMs: Math.min(this.parts.earliestSendMs(), nowMs), latestMs: nowMs };
      return this.statuses.place(device, online, time === undefined ? undefined : Date.parse(time), retained, window);
    });
  }

  /** Makes a batch durable. Rejects when the database could not be reached or did not answer: the same batch may be tried again. */
  async commit(batch: readonly Inbound[]): Promise<void> {
    const stopTimer = this.parts.metrics.batchSeconds.startTimer();
    const addresses = await this.resolve(batch);
    await this.store(batch, addresses);
    stopTimer();
    this.parts.metrics.batchMessages.observe(batch.length);
    for (const message of batch) {
      this.parts.metrics.messages.inc({ kind: message.kind });
      this.parts.onDone?.(message);
    }
  }

  private async resolve(batch: readonly Inbound[]): Promise<Addresses> {
    if (!this.parts.canRemember()) this.parts.directory.forget();
    const lamps = new Map<string, { site: string; lamp: string }>();
    const devices = new Map<string, { site: string; device: string }>();
    for (const message of batch) {
      if (message.kind === 'telemetry') {
        for (const { lamp } of message.readings)
          lamps.set(directoryKey(message.site, lamp), { site: message.site, lamp });
      } else if (message.kind !== 'rejected') {
        devices.set(directoryKey(message.site, message.device), message);
        const lamp = message.kind === 'event' ? message.event.lamp : undefined;
        if (lamp !== undefined) lamps.set(directoryKey(message.site, lamp), { site: message.site, lamp });
      }
    }
    return {
      lamps: await this.parts.directory.resolve(lamps),
      devices: await this.resolveDevices([...devices.values()]),
    };
  }

  private async resolveDevices(wanted: readonly { site: string; device: string }[]): Promise<Addresses['devices']> {
    if (wanted.length === 0) return new Map();
    const found = await lookUpDevices(
      this.parts.pool,
      wanted.map(({ site }) => site),
      wanted.map(({ device }) => device),
    );
    return new Map(
      found.map(({ site, device, siteId, known }) => [
        directoryKey(site, device),
        siteId === null ? 'unknownSite' : known ? siteId : 'unknownDevice',
      ]),
    );
  }

  private async store(batch: readonly Inbound[], addresses: Addresses): Promise<void> {
    const plan = planBatch(batch, addresses, this.parts.earliestSendMs());
    try {
      await this.write(plan);
    } catch (error) {
      if (!isDataRefused(error)) throw error;
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) return this.write(refusedByStorage(only, error));
      const middle = Math.ceil(batch.length / 2);
      await this.store(batch.slice(0, middle), addresses);
      await this.store(batch.slice(middle), addresses);
    }
  }

  private async write(plan: FlowPlan): Promise<void> {
    const { pool, clock, metrics, samplesPerReason } = this.parts;
    const { counts, samples } = summarize(plan);
    const trim = this.samplesSinceTrim + samples.length > samplesPerReason;
    const stored = await inTransaction(pool, async (client) => {
      const bookedUntilMs = await beginIngest(client);
      const late = plan.rows.filter((row) => row.timeMs < bookedUntilMs && row.activeEnergyWh !== undefined);
      const inserted = await writeTelemetry(client, plan.rows);
      if (late.length > 0) {
        await markLateReadings(
          client,
          late.map((row) => row.lampId),
          late.map((row) => row.timeMs),
        );
      }
      await writeDeviceEvents(client, plan.events);
      await writeDeviceStatuses(client, plan.statuses);
      await writeRejections(client, clock.nowMs(), counts, samples);
      if (samples.length > 0 && trim) await trimRejectedSamples(client, samplesPerReason);
      return inserted;
    });
    this.samplesSinceTrim = trim ? 0 : this.samplesSinceTrim + samples.length;
    metrics.stored.inc(stored);
    metrics.duplicates.inc(plan.rows.length - stored);
    for (const [reason, count] of counts) metrics.rejected.inc({ reason }, count);
  }
}

function summarize(plan: FlowPlan): { counts: Map<string, number>; samples: RejectedSample[] } {
  const counts = new Map<string, number>();
  const samples: RejectedSample[] = [];
  for (const { part, receivedAtMs } of plan.rejected) {
    const { reason, detail } = part.rejection;
    const count = (counts.get(reason) ?? 0) + 1;
    counts.set(reason, count);
    if (count > SAMPLES_PER_BATCH_AND_REASON) continue;
    const topic = storableText(part.topic);
    samples.push({ reason, detail, topic, payload: part.payload, payloadBytes: part.payloadBytes, receivedAtMs });
  }
  return { counts, samples };
}

function refusedByStorage(message: Inbound, error: unknown): FlowPlan {
  const rejection = {
    reason: 'storageRefused',
    detail: `the database refuses it: ${String(error).slice(0, 200)}`,
  } as const;
  const part =
    message.kind === 'rejected'
      ? { ...message.part, rejection }
      : { rejection, topic: message.topic, payload: message.head, payloadBytes: message.payloadBytes };
  return { rows: [], events: [], statuses: [], rejected: [{ part, receivedAtMs: message.receivedAtMs }] };
}
