import { DomainError } from '#libs/kernel';
import type { DataSource, EntityManager } from 'typeorm';
import { Lamp, type Site } from '../entities/index.js';
import { lampConditions, type LampFilter } from './lamp-filter.js';
import { lockMembers, resolveReferences, setGroups, type LampReferences } from './lamp-references.js';
import { SqlParameters } from './sql-parameters.js';
import { lockForChange, orConflict, type ExpectedVersion } from './versioned.js';

/** A lamp as people know it: what it refers to is named by address. */
export interface LampRow {
  readonly id: number;
  readonly address: string;
  readonly device: string;
  readonly lampType: string;
  readonly ratedPowerW: number;
  readonly cabinet: string | null;
  readonly circuit: string | null;
  readonly phase: string | null;
  readonly latitude: number;
  readonly longitude: number;
  readonly street: string | null;
  readonly pole: string | null;
  readonly roadClass: string | null;
  readonly mountingHeightM: number | null;
  readonly groups: readonly string[];
  /** Its own figures only. */
  readonly thresholds: Lamp['thresholds'];
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly removedAt: Date | null;
  readonly version: number;
}

type OwnColumns = Pick<
  Lamp,
  | 'device'
  | 'circuit'
  | 'phase'
  | 'latitude'
  | 'longitude'
  | 'street'
  | 'pole'
  | 'roadClass'
  | 'mountingHeightM'
  | 'thresholds'
>;
export type LampChanges = Partial<OwnColumns> & LampReferences;
export type LampData = OwnColumns & { readonly address: string; readonly lampType: string } & LampReferences;

const SELECT_LAMP = `
  SELECT l.id, l.address, l.device, t.code AS "lampType", t.rated_power_w AS "ratedPowerW", c.address AS cabinet,
         l.circuit, l.phase, l.latitude, l.longitude, l.street, l.pole, l.road_class AS "roadClass",
         l.mounting_height_m AS "mountingHeightM",
         ARRAY(SELECT g.address FROM lamp_group_member m JOIN lamp_group g ON g.id = m.group_id
                WHERE m.lamp_id = l.id ORDER BY g.address) AS groups,
         l.thresholds,         l.created_at AS "createdAt", l.updated_at AS "updatedAt", l.removed_at AS "removedAt", l.version
    FROM lamp l JOIN lamp_type t ON t.id = l.lamp_type_id LEFT JOIN cabinet c ON c.id = l.cabinet_id`;

/** The lamps of a site. */
export class LampRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Lamps in service, in the order of their addresses, from the one after `after`. */
  list(site: Site, filter: LampFilter, after: string | undefined, take: number): Promise<LampRow[]> {
    const parameters = new SqlParameters();
    const conditions = [`l.site_id = ${parameters.add(site.id)}`, 'l.removed_at IS NULL'];
    conditions.push(...lampConditions(filter, parameters));
    if (after !== undefined) conditions.push(`l.address > ${parameters.add(after)}`);
    const sql = `${SELECT_LAMP} WHERE ${conditions.join(' AND ')} ORDER BY l.address LIMIT ${parameters.add(take)}`;
    return this.dataSource.query(sql, parameters.values);
  }

  /** Every lamp in service, in pages: a city need not fit in memory. */
  async *all(site: Site, pageSize = 2_000): AsyncGenerator<LampRow[]> {
    let after: string | undefined;
    for (;;) {
      const page = await this.list(site, {}, after, pageSize);
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
      after = page.at(-1)?.address;
    }
  }

  /** The lamp in service at the address. */
  async get(site: Site, address: string): Promise<LampRow> {
    const lamp = await this.newest(this.dataSource.manager, site, address);
    if (lamp?.removedAt === null) return lamp;
    throw new DomainError(
      'notFound',
      `There is no lamp ${address} in site ${site.address}` +
        (lamp?.removedAt == null
          ? ''
          : `: it was removed at ${lamp.removedAt.toISOString()}; its telemetry and energy stay readable`),
    );
  }

  /** The lamp in service at the address or, when there is none, the one that was removed last: for reading its history. */
  async getWithHistory(site: Site, address: string): Promise<LampRow> {
    const lamp = await this.newest(this.dataSource.manager, site, address);
    if (lamp === undefined) throw new DomainError('notFound', `There is no lamp ${address} in site ${site.address}`);
    return lamp;
  }

  create(site: Site, data: LampData): Promise<LampRow> {
    return this.dataSource.transaction(async (manager) => {
      if ((data.groups ?? []).length > 0) await lockMembers(manager, site.id);
      const { cabinet, groups, lampType, ...own } = data;
      const { groupIds, ...ids } = await resolveReferences(manager, site, { cabinet, groups, lampType });
      const lamp = await orConflict(
        manager.save(manager.create(Lamp, { ...own, ...ids, siteId: site.id })),
        `There is a lamp ${data.address} in site ${site.address} already`,
      );
      await setGroups(manager, lamp.id, groupIds ?? []);
      return this.reread(manager, site, data.address);
    });
  }

  update(site: Site, address: string, changes: LampChanges, expected: ExpectedVersion): Promise<LampRow> {
    return this.dataSource.transaction(async (manager) => {
      if (changes.groups !== undefined) await lockMembers(manager, site.id);
      const lamp = await this.lock(manager, site, address, expected);
      const { cabinet, groups, lampType, ...own } = changes;
      const { groupIds, ...ids } = await resolveReferences(manager, site, { cabinet, groups, lampType });
      const before = lamp.version;
      const saved = await manager.save(Object.assign(lamp, own, ids));
      const regrouped = groupIds !== undefined && (await setGroups(manager, lamp.id, groupIds));
      if (regrouped && saved.version === before) {
        await manager.query('UPDATE lamp SET version = version + 1, updated_at = now() WHERE id = $1', [lamp.id]);
      }
      return this.reread(manager, site, address);
    });
  }

  /** Takes the lamp out of service at `at`. Its history stays; its address is free for another. */
  async remove(site: Site, address: string, at: Date, expected: ExpectedVersion): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const lamp = await this.lock(manager, site, address, expected);
      lamp.removedAt = at;
      await manager.save(lamp);
    });
  }

  private async lock(manager: EntityManager, site: Site, address: string, expected: ExpectedVersion): Promise<Lamp> {
    const [row] = (await manager.query(
      'SELECT id FROM lamp WHERE site_id = $1 AND address = $2 AND removed_at IS NULL',
      [site.id, address],
    )) as { id: number }[];
    const what = `lamp ${address} in site ${site.address}`;
    if (row === undefined) throw new DomainError('notFound', `There is no ${what}`);
    const lamp = await lockForChange(manager, Lamp, { id: row.id }, expected, what);
    if (lamp.removedAt !== null) throw new DomainError('notFound', `There is no ${what}`);
    return lamp;
  }

  private async newest(manager: EntityManager, site: Site, address: string): Promise<LampRow | undefined> {
    const [row] = (await manager.query(
      `${SELECT_LAMP} WHERE l.site_id = $1 AND l.address = $2 ORDER BY l.removed_at DESC NULLS FIRST LIMIT 1`,
      [site.id, address],
    )) as LampRow[];
    return row;
  }

  private async reread(manager: EntityManager, site: Site, address: string): Promise<LampRow> {
    return (await this.newest(manager, site, address)) as LampRow;
  }
}
