import type { DataSource } from 'typeorm';
import { SqlParameters } from './sql-parameters.js';

export interface RejectionCount {
  readonly reason: string;
  readonly total: number;
  readonly lastDays: readonly { readonly day: string; readonly count: number }[];
}

export interface RejectedMessage {
  readonly id: number;
  readonly time: Date;
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly payload: Buffer;
  readonly payloadBytes: number;
}

/** Messages that ingest could not use: how many, and samples of them. */
export class RejectedMessageRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** By reason, the most frequent first, with the days (UTC) from `sinceDay` on. */
  counts(sinceDay: string): Promise<RejectionCount[]> {
    return this.dataSource.query(
      `SELECT reason, sum(count)::double precision AS total,
              coalesce(json_agg(json_build_object('day', day::text, 'count', count) ORDER BY day)
                         FILTER (WHERE day >= $1::date), '[]') AS "lastDays"
         FROM rejection_count GROUP BY reason ORDER BY total DESC, reason`,
      [sinceDay],
    );
  }

  /** The newest first, below the id `before`. */
  samples(reason: string | undefined, before: number | undefined, take: number): Promise<RejectedMessage[]> {
    const parameters = new SqlParameters();
    const conditions = ['true'];
    if (reason !== undefined) conditions.push(`reason = ${parameters.add(reason)}`);
    if (before !== undefined) conditions.push(`id < ${parameters.add(before)}`);
    return this.dataSource.query(
      `SELECT id::double precision AS id, received_at AS time, reason, detail, topic, payload, payload_bytes AS "payloadBytes"
         FROM rejected_message WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ${parameters.add(take)}`,
      parameters.values,
    );
  }
}
