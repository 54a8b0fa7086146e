import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What ingest tells Prometheus. Every label set is closed: reasons and kinds, never addresses. */
export class IngestMetrics {
  readonly messages: Counter<'kind'>;
  readonly stored: Counter;
  readonly duplicates: Counter;
  readonly rejected: Counter<'reason'>;
  readonly batchSeconds: Histogram;
  readonly batchMessages: Histogram;

  constructor(registry: Registry, inFlight: () => number, maxInFlight: number) {
    const registers = [registry];
    this.messages = new Counter({
      name: 'felinar_ingest_messages_total',
      help: 'MQTT messages taken',
      labelNames: ['kind'],
      registers,
    });
    this.stored = new Counter({ name: 'felinar_ingest_readings_stored_total', help: 'Readings stored', registers });
    this.duplicates = new Counter({
      name: 'felinar_ingest_readings_duplicate_total',
      help: 'Readings that were stored already, and changed nothing',
      registers,
    });
    this.rejected = new Counter({
      name: 'felinar_ingest_rejected_total',
      help: 'Readings and messages refused',
      labelNames: ['reason'],
      registers,
    });
    this.batchSeconds = new Histogram({
      name: 'felinar_ingest_batch_seconds',
      help: 'Time to store a batch',
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    });
    this.batchMessages = new Histogram({
      name: 'felinar_ingest_batch_messages',
      help: 'Messages in a batch',
      buckets: [1, 10, 100, 500, 1000, 2000, 4000, 8000],
      registers,
    });
    new Gauge({
      name: 'felinar_ingest_in_flight',
      help: 'Messages taken and not yet acknowledged',
      registers,
      collect() {
        this.set(inFlight());
      },
    });
    new Gauge({ name: 'felinar_ingest_in_flight_max', help: 'The bound of felinar_ingest_in_flight', registers }).set(
      maxInFlight,
    );
  }
}
