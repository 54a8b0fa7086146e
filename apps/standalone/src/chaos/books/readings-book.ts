import type { Pool } from '#libs/storage';
import type { Ledger, TimesByLamp } from '../ledger.js';
import { line, none, type BookLine } from './book-line.js';

const LAMPS_AT_ONCE = 100;

/** Readings that the fleet counted, and what the database holds of them. */
export interface ReadingCounts {
  readonly dropped: number;
  readonly rejected: readonly { readonly reason: string; readonly count: number }[];
}

/** Every reading that the broker acknowledged is stored, and none that was never made. */
export async function readingsBook(ledger: Ledger, pool: Pool, dropped: number): Promise<BookLine[]> {
  const rejected = await pool.query<{ reason: string; count: number }>(
    'SELECT reason, sum(count)::float8 AS count FROM rejection_count GROUP BY reason ORDER BY reason',
  );
  return compareReadings(ledger, await storedTimes(pool), { dropped, rejected: rejected.rows });
}

/** Holds times against times, lamp by lamp. A reading is known by its lamp and its time. Pure. */
export function compareReadings(
  { made, acknowledged }: Pick<Ledger, 'made' | 'acknowledged'>,
  stored: TimesByLamp,
  { dropped, rejected }: ReadingCounts,
): BookLine[] {
  const lost: string[] = [];
  const invented: string[] = [];
  let [kept, unacknowledged] = [0, 0];
  for (const lamp of new Set([...made.keys(), ...stored.keys()])) {
    const own = new Set(stored.get(lamp));
    const known = new Set(made.get(lamp));
    const taken = new Set(acknowledged.get(lamp));
    for (const ms of taken) {
      if (own.has(ms)) kept += 1;
      else lost.push(`${lamp} at ${iso(ms)}`);
    }
    for (const ms of own) {
      if (!known.has(ms)) invented.push(`${lamp} at ${iso(ms)}`);
      else if (!taken.has(ms)) unacknowledged += 1;
    }
  }
  const total = (of: TimesByLamp) => [...of.values()].reduce((sum, times) => sum + new Set(times).size, 0);
  return [
    line('readings', 'acknowledged to the fleet, and stored', kept + lost.length, kept, lost),
    none('readings', 'stored, and never made', invented),
    line(
      'readings',
      'made, and acknowledged or dropped by the fleet itself',
      total(made),
      total(acknowledged) + dropped,
    ),
    line('readings', 'stored beyond those acknowledged: the acknowledgement got lost', unacknowledged, unacknowledged),
    none(
      'readings',
      'rejected',
      rejected.map(({ reason, count }) => `${count} for ${reason}`),
    ),
  ];
}

async function storedTimes(pool: Pool): Promise<TimesByLamp> {
  const lamps = await pool.query<{ id: number; address: string }>('SELECT id, address FROM lamp ORDER BY id');
  const stored: TimesByLamp = new Map();
  for (let first = 0; first < lamps.rows.length; first += LAMPS_AT_ONCE) {
    const some = lamps.rows.slice(first, first + LAMPS_AT_ONCE);
    const { rows } = await pool.query<{ lampId: number; times: number[] }>(
      `SELECT lamp_id AS "lampId", array_agg((extract(epoch FROM time) * 1000)::float8) AS times FROM telemetry
       WHERE lamp_id = ANY($1::int[]) GROUP BY lamp_id`,
      [some.map(({ id }) => id)],
    );
    const addresses = new Map(some.map(({ id, address }) => [id, address]));
    for (const { lampId, times } of rows) stored.set(addresses.get(lampId) ?? '', times.map(Math.round));
  }
  return stored;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
