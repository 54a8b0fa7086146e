import type { Language } from '#libs/alerts';
import { DomainError } from '#libs/kernel';
import { checkVersion, orConflict, type ExpectedVersion } from '../inventory/versioned.js';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { instant } from './alert-sql.js';

export interface CrewData {
  readonly address: string;
  readonly name: string;
  readonly language: Language;
}

/** People who mend lamps, and are told of faults. */
export interface Crew extends CrewData {
  readonly id: number;
  readonly siteId: number;
  readonly channelCount: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

interface SiteOfCrew {
  readonly id: number;
  readonly address: string;
}

const COLUMNS = `id, site_id AS "siteId", address, name, language, created_at AS "createdAt", updated_at AS "updatedAt", version,
  (SELECT count(*)::int FROM crew_channel AS c WHERE c.crew_id = crew.id) AS "channelCount"`;

/** In the order of their addresses, from the one after `after`. */
export async function listCrews(pool: Pool, siteId: number, after: string | undefined, take: number): Promise<Crew[]> {
  const found = await pool.query<Crew>(
    `SELECT ${COLUMNS} FROM crew WHERE site_id = $1 AND ($2::text IS NULL OR address > $2) ORDER BY address LIMIT $3`,
    [siteId, after ?? null, take],
  );
  return found.rows;
}

export async function getCrew(db: Pool | PoolClient, site: SiteOfCrew, address: string): Promise<Crew> {
  const found = await db.query<Crew>(`SELECT ${COLUMNS} FROM crew WHERE site_id = $1 AND address = $2`, [
    site.id,
    address,
  ]);
  const [crew] = found.rows;
  if (crew === undefined) throw new DomainError('notFound', `There is no crew ${address} in site ${site.address}`);
  return crew;
}

export async function createCrew(pool: Pool, site: SiteOfCrew, data: CrewData, nowMs: number): Promise<Crew> {
  await orConflict(
    pool.query(
      `INSERT INTO crew (site_id, address, name, language, created_at, updated_at)
       VALUES ($1, $2, $3, $4, ${instant('$5')}, ${instant('$5')})`,
      [site.id, data.address, data.name, data.language, nowMs],
    ),
    `There is a crew ${data.address} in site ${site.address} already`,
  );
  return getCrew(pool, site, data.address);
}

export function updateCrew(
  pool: Pool,
  site: SiteOfCrew,
  address: string,
  changes: Partial<Omit<CrewData, 'address'>>,
  expected: ExpectedVersion,
  nowMs: number,
): Promise<Crew> {
  return inTransaction(pool, async (client) => {
    const crew = await lockCrew(client, site, address, expected);
    const { name, language } = { ...crew, ...changes };
    if (name === crew.name && language === crew.language) return crew;
    await client.query(
      `UPDATE crew SET name = $2, language = $3, updated_at = ${instant('$4')}, version = version + 1 WHERE id = $1`,
      [crew.id, name, language, nowMs],
    );
    return getCrew(client, site, address);
  });
}

/** Its channels and what waits in them go with it; faults that were assigned to it are nobody's. */
export async function removeCrew(
  pool: Pool,
  site: SiteOfCrew,
  address: string,
  expected: ExpectedVersion,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const crew = await lockCrew(client, site, address, expected);
    await client.query('DELETE FROM crew WHERE id = $1', [crew.id]);
  });
}

async function lockCrew(client: PoolClient, site: SiteOfCrew, address: string, expected: ExpectedVersion) {
  await client.query('SELECT 1 FROM crew WHERE site_id = $1 AND address = $2 FOR UPDATE', [site.id, address]);
  const crew = await getCrew(client, site, address);
  checkVersion(crew.version, expected, `crew ${address} in site ${site.address}`);
  return crew;
}
