import { setTimeout as delay } from 'node:timers/promises';
import {
  asyncApiDocument,
  decodeAck,
  decodeEvent,
  decodeProgramState,
  decodeStatus,
  decodeTelemetry,
  parseTopic,
  topicOf,
} from '#libs/protocol';
import type { Pool } from '#libs/storage';
import { createRandom } from '#simulators';
import mqtt, { type MqttClient } from 'mqtt';
import { FUZZ_LAMPS, FUZZ_SITE, GATEWAY_LAMPS, MqttCases, type AsyncApiMessages, type MqttCase } from './mqtt-cases.js';

/** Messages that the broker has not acknowledged, at a time. */
const AT_ONCE = 200;
/** One message in so many is a good one whose reading is looked for afterwards. */
const GOOD_EVERY = 20;
const GOOD_LAMPS = 20;
/** The broker hands over what waits, with some patience for a busy machine. */
const DRAINED_WITHIN_MS = 120_000;

/** What there must be in the end, and what there is. */
export interface MqttBook {
  readonly what: string;
  readonly wanted: number;
  readonly found: number;
  /** Examples of what is wrong. */
  readonly notes?: readonly string[];
}

export class MqttFuzz {
  private readonly cases: MqttCases;
  private readonly startMs = Date.now();
  private next = 0;
  private good = 0;
  private lastProgram = '';
  /** By reason, what ingest must refuse by the contract alone. */
  private readonly refused = new Map<string, number>();
  private unusable = 0;

  private constructor(
    private readonly publisher: MqttClient,
    private readonly pool: Pool,
    private readonly seed: number,
    private readonly isAlive: () => boolean,
  ) {
    this.cases = new MqttCases(asyncApiDocument() as unknown as AsyncApiMessages, this.startMs);
  }

  static async start(brokerUrl: string, pool: Pool, seed: number, isAlive: () => boolean): Promise<MqttFuzz> {
    await addCity(pool);
    const publisher = await mqtt.connectAsync(brokerUrl, { protocolVersion: 5, clientId: 'fuzz' });
    return new MqttFuzz(publisher, pool, seed, isAlive);
  }

  /** Messages so far, without the good ones between. */
  get sent(): number {
    return this.next;
  }

  /** Publishes so many more. */
  async run(cases: number): Promise<void> {
    const end = this.next + cases;
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.work(end)));
    this.lastProgram = `after ${end}`;
    await this.publish({
      topic: topicOf(FUZZ_SITE, 'S-0', 'program-state'),
      payload: json({ v: 1, time: new Date().toISOString(), programHash: this.lastProgram }),
    });
    await this.publishGood();
  }

  /** Waits until the books balance, or it is clear that they will not. `countUnusable`: what control says. */
  async books(countUnusable: () => Promise<number>): Promise<readonly MqttBook[]> {
    const deadline = performance.now() + DRAINED_WITHIN_MS;
    for (;;) {
      const books = await this.look(await countUnusable());
      if (books.every(({ wanted, found }) => wanted === found) || performance.now() > deadline || !this.isAlive())
        return books;
      await delay(500);
    }
  }

  async stop(): Promise<void> {
    await this.publisher.endAsync(true);
  }

  private async work(end: number): Promise<void> {
    while (this.next < end && this.isAlive()) {
      const index = this.next;
      this.next += 1;
      const message = this.cases.at(index, createRandom(this.seed).fork(`mqtt ${index}`));
      this.expect(message);
      await this.publish(message);
      if (index % GOOD_EVERY === 0) await this.publishGood();
    }
  }

  private publish({
    topic,
    payload,
    retain = false,
    properties,
  }: Partial<MqttCase> & Pick<MqttCase, 'topic' | 'payload'>) {
    return this.publisher.publishAsync(topic, payload, {
      qos: 1,
      retain,
      ...(properties === undefined ? {} : { properties }),
    });
  }

  /** Each has an instant of its own. */
  private async publishGood(): Promise<void> {
    const sequence = this.good;
    this.good += 1;
    const lamp = `S-${sequence % GOOD_LAMPS}`;
    const time = new Date(this.startMs - 12 * 3_600_000 + sequence).toISOString();
    await this.publish({
      topic: topicOf(FUZZ_SITE, lamp, 'telemetry'),
      payload: json({ v: 1, readings: [{ lamp, time, sequence }] }),
    });
  }

  private expect({ topic, payload }: MqttCase): void {
    const channel = topic.split('/').at(-1);
    const address = parseTopic(topic);
    if (channel === 'ack' || channel === 'program-state') {
      if (address === undefined || !isUsable(channel, payload)) this.unusable += 1;
      return;
    }
    if (address === undefined) return this.refuse('invalidTopic');
    if (channel === 'telemetry') {
      const decoded = decodeTelemetry(payload);
      if (!decoded.ok) this.refuse(decoded.error.reason);
      else for (const { reason } of decoded.value.rejections) this.refuse(reason);
      return;
    }
    const decoded = channel === 'event' ? decodeEvent(payload) : decodeStatus(payload);
    if (!decoded.ok) this.refuse(decoded.error.reason);
  }

  private async refusedByDatabase(): Promise<string[]> {
    const found = await this.pool.query<{ detail: string; topic: string; payload: Buffer | string }>(
      `SELECT detail, topic, payload FROM rejected_message WHERE reason = 'storageRefused' LIMIT 5`,
    );
    return found.rows.map(({ detail, topic, payload }) => `${detail}: ${topic} ${String(payload).slice(0, 500)}`);
  }

  private refuse(reason: string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  private async look(unusable: number): Promise<MqttBook[]> {
    const number = async (sql: string, values: unknown[] = []) =>
      Number((await this.pool.query<{ n: string }>(sql, values)).rows[0]?.n ?? 0);
    const good = `FROM telemetry AS t JOIN lamp AS l ON l.id = t.lamp_id WHERE l.address LIKE 'S-%'`;
    const counted = await this.pool.query<{ reason: string; n: number }>(
      'SELECT reason, sum(count)::int AS n FROM rejection_count GROUP BY reason',
    );
    const counts = new Map(counted.rows.map(({ reason, n }) => [reason, n]));
    return [
      {
        what: 'good readings sent between, and stored',
        wanted: this.good,
        found: await number(`SELECT count(*) AS n ${good}`),
      },
      {
        what: 'and each once',
        wanted: this.good,
        found: await number(`SELECT count(DISTINCT t.sequence) AS n ${good}`),
      },
      ...[...this.refused].map(([reason, wanted]) => ({
        what: `refused as ${reason}, and counted`,
        wanted,
        found: counts.get(reason) ?? 0,
      })),
      {
        what: 'refused by the database',
        wanted: 0,
        found: counts.get('storageRefused') ?? 0,
        notes: await this.refusedByDatabase(),
      },
      { what: 'unusable to control, and counted', wanted: this.unusable, found: unusable },
      {
        what: 'last program told, and known',
        wanted: 1,
        found: await number('SELECT count(*) AS n FROM device_program WHERE reported_hash = $1', [this.lastProgram]),
      },
    ];
  }
}

/** An answer to control that it can take in: an acknowledgement has to name a command that could be one of ours. */
function isUsable(channel: 'ack' | 'program-state', payload: Buffer): boolean {
  if (channel === 'program-state') return decodeProgramState(payload).ok;
  const ack = decodeAck(payload);
  return ack.ok && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d{1,4}$/.test(ack.value.commandId);
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

async function addCity(pool: Pool): Promise<void> {
  await pool.query(`
    INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('${FUZZ_SITE}', 'Oulu', 'Europe/Helsinki', 65.01, 25.47);
    INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      VALUES ('LED-F', 'LED 57 W', 'LED', 57, 0.4, true, 10);
    INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude)
      SELECT s.id, a.address, a.device, t.id, 65.01, 25.47 FROM site AS s, lamp_type AS t, (
        SELECT 'F-' || n AS address, CASE WHEN n < ${GATEWAY_LAMPS} THEN 'GW-1' ELSE 'F-' || n END AS device FROM generate_series(0, ${FUZZ_LAMPS - 1}) AS n
        UNION ALL SELECT 'S-' || n, 'S-' || n FROM generate_series(0, ${GOOD_LAMPS - 1}) AS n
      ) AS a WHERE s.address = '${FUZZ_SITE}' AND t.code = 'LED-F';
    INSERT INTO device_program (site_id, device, desired_hash, desired_at, desired_programs)
      SELECT id, 'S-0', 'none', now(), '[]' FROM site WHERE address = '${FUZZ_SITE}';
  `);
}
