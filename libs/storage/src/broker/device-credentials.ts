import { DomainError } from '#libs/kernel';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { brokerPasswordHash, newBrokerPassword } from './broker-password.js';

interface SiteOfDevice {
  readonly id: number;
  readonly address: string;
}

/** That a device has a password at the broker, and since when; not the password. */
export interface DeviceCredential {
  readonly device: string;
  readonly createdAt: Date;
  /** When the password was made that holds now. */
  readonly changedAt: Date;
}

/** With the password, which exists in clear text nowhere else. */
export interface NewDeviceCredential extends DeviceCredential {
  readonly password: string;
}

const COLUMNS = 'device, created_at AS "createdAt", changed_at AS "changedAt"';
const NOW = (parameter: string) => `to_timestamp(${parameter}::float8 / 1000.0)`;

/** Makes passwords for devices that have none. All or nothing: refuses devices that no lamp names, and those that have one already. */
export function createDeviceCredentials(
  pool: Pool,
  site: SiteOfDevice,
  devices: readonly string[],
  nowMs: number,
): Promise<NewDeviceCredential[]> {
  return inTransaction(pool, async (client) => {
    await requireKnown(client, site, devices);
    const { passwords, hashes } = await newPasswords(devices.length);
    const inserted = await client.query<DeviceCredential>(
      `INSERT INTO device_credential (site_id, device, password_hash, created_at, changed_at)
       SELECT $1, device, hash, ${NOW('$4')}, ${NOW('$4')} FROM unnest($2::text[], $3::text[]) AS input (device, hash)
       ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
      [site.id, devices, hashes, nowMs],
    );
    const made = new Map(inserted.rows.map((row) => [row.device, row]));
    const had = devices.filter((device) => !made.has(device));
    if (had.length > 0)
      throw new DomainError(
        'conflict',
        `${listed(had)} in site ${site.address} ${had.length === 1 ? 'has' : 'have'} credentials already: renew the password, or revoke them first`,
      );
    return devices.map((device, index) => ({
      ...(made.get(device) as DeviceCredential),
      password: passwords[index] as string,
    }));
  });
}

/** A new password; the old one is worth nothing as soon as the broker has read of it. */
export async function renewDeviceCredential(
  pool: Pool,
  site: SiteOfDevice,
  device: string,
  nowMs: number,
): Promise<NewDeviceCredential> {
  const password = newBrokerPassword();
  const updated = await pool.query<DeviceCredential>(
    `UPDATE device_credential SET password_hash = $3, changed_at = ${NOW('$4')} WHERE site_id = $1 AND device = $2 RETURNING ${COLUMNS}`,
    [site.id, device, await brokerPasswordHash(password), nowMs],
  );
  return { ...found(updated.rows[0], site, device), password };
}

/** The device is let in no more. */
export async function revokeDeviceCredential(pool: Pool, site: SiteOfDevice, device: string): Promise<void> {
  const deleted = await pool.query<DeviceCredential>(
    `DELETE FROM device_credential WHERE site_id = $1 AND device = $2 RETURNING ${COLUMNS}`,
    [site.id, device],
  );
  found(deleted.rows[0], site, device);
}

export async function getDeviceCredential(pool: Pool, site: SiteOfDevice, device: string): Promise<DeviceCredential> {
  const rows = await pool.query<DeviceCredential>(
    `SELECT ${COLUMNS} FROM device_credential WHERE site_id = $1 AND device = $2`,
    [site.id, device],
  );
  return found(rows.rows[0], site, device);
}

/** Those after the device `after`, by address. */
export async function listDeviceCredentials(
  pool: Pool,
  site: SiteOfDevice,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<DeviceCredential[]> {
  const rows = await pool.query<DeviceCredential>(
    `SELECT ${COLUMNS} FROM device_credential
     WHERE site_id = $1 AND ($2::text IS NULL OR device COLLATE "C" > $2) ORDER BY device COLLATE "C" LIMIT $3`,
    [site.id, page.after ?? null, page.limit],
  );
  return rows.rows;
}

/** What the broker has to know: everybody that may come in. Devices that no lamp names any more are not in it. */
export async function brokerPasswords(pool: Pool): Promise<{ site: string; device: string; hash: string }[]> {
  const rows = await pool.query<{ site: string; device: string; hash: string }>(
    `SELECT site.address AS site, c.device, c.password_hash AS hash
     FROM device_credential AS c JOIN site ON site.id = c.site_id
     WHERE EXISTS (SELECT FROM lamp WHERE lamp.site_id = c.site_id AND lamp.device = c.device AND lamp.removed_at IS NULL)
     ORDER BY site.address COLLATE "C", c.device COLLATE "C"`,
  );
  return rows.rows;
}

async function newPasswords(count: number): Promise<{ passwords: string[]; hashes: string[] }> {
  const passwords = Array.from({ length: count }, newBrokerPassword);
  return { passwords, hashes: await Promise.all(passwords.map((password) => brokerPasswordHash(password))) };
}

async function requireKnown(client: PoolClient, site: SiteOfDevice, devices: readonly string[]): Promise<void> {
  const rows = await client.query<{ device: string }>(
    `SELECT device FROM unnest($2::text[]) AS wanted (device)
     WHERE NOT EXISTS (SELECT FROM lamp WHERE site_id = $1 AND lamp.device = wanted.device AND removed_at IS NULL)`,
    [site.id, devices],
  );
  const unknown = rows.rows.map(({ device }) => device);
  if (unknown.length === 0) return;
  throw new DomainError(
    'notFound',
    `No lamp in site ${site.address} names the device ${listed(unknown)}: create or import the lamps first`,
  );
}

function found(row: DeviceCredential | undefined, site: SiteOfDevice, device: string): DeviceCredential {
  if (row === undefined)
    throw new DomainError('notFound', `The device ${device} in site ${site.address} has no credentials`);
  return row;
}

function listed(devices: readonly string[]): string {
  const shown = devices.slice(0, 5).join(', ');
  return devices.length > 5 ? `${shown} and ${devices.length - 5} more` : shown;
}
