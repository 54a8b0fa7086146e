import type { Pool } from '../pool.js';

/** What an address in a payload means. Undefined members: there is no such site, or no such lamp in it. */
export interface LampLookup {
  readonly site: string;
  readonly lamp: string;
  readonly siteId: number | null;
  readonly lampId: number | null;
  /** Address of the device that speaks for the lamp. */
  readonly device: string | null;
}

/** Looks many lamps up in one statement. `sites[i]` and `lamps[i]` belong together; the answer has one entry for each. */
export async function lookUpLamps(
  pool: Pool,
  sites: readonly string[],
  lamps: readonly string[],
): Promise<LampLookup[]> {
  const found = await pool.query<LampLookup>({
    name: 'look_up_lamps',
    text: `
      SELECT wanted.site, wanted.lamp, site.id AS "siteId", lamp.id AS "lampId", lamp.device
      FROM unnest($1::text[], $2::text[]) AS wanted (site, lamp)
      LEFT JOIN site ON site.address = wanted.site
      LEFT JOIN lamp ON lamp.site_id = site.id AND lamp.address = wanted.lamp AND lamp.removed_at IS NULL`,
    values: [sites, lamps],
  });
  return found.rows;
}

/** Which of these devices speak for at least one lamp: pairs of site and device, with the id of the site where it exists. */
export async function lookUpDevices(
  pool: Pool,
  sites: readonly string[],
  devices: readonly string[],
): Promise<{ site: string; device: string; siteId: number | null; known: boolean }[]> {
  const found = await pool.query({
    name: 'look_up_devices',
    text: `
      SELECT wanted.site, wanted.device, site.id AS "siteId",
        EXISTS (SELECT FROM lamp WHERE lamp.site_id = site.id AND lamp.device = wanted.device AND lamp.removed_at IS NULL) AS known
      FROM unnest($1::text[], $2::text[]) AS wanted (site, device)
      LEFT JOIN site ON site.address = wanted.site`,
    values: [sites, devices],
  });
  return found.rows as { site: string; device: string; siteId: number | null; known: boolean }[];
}
