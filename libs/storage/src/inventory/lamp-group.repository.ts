import { DomainError } from '#libs/kernel';
import { MoreThan, type DataSource, type EntityManager } from 'typeorm';
import { LampGroup, type Site } from '../entities/index.js';
import { recordAssignmentOfRemoved } from '../schedules/assignment-history.js';
import { lockMembers } from './lamp-references.js';
import { lockForChange, orConflict, type ExpectedVersion } from './versioned.js';

export type LampGroupData = Pick<LampGroup, 'address' | 'name' | 'thresholds'>;
export type LampGroupWithLamps = LampGroup & { readonly lampCount: number };
export interface MembershipChange {
  readonly added: number;
  readonly removed: number;
}

/** Groups of a site and which lamps are in them. */
export class LampGroupRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of their addresses, from the one after `after`. */
  async list(site: Site, after: string | undefined, take: number): Promise<LampGroupWithLamps[]> {
    const groups = await this.dataSource.manager.find(LampGroup, {
      where: { siteId: site.id, ...(after === undefined ? {} : { address: MoreThan(after) }) },
      order: { address: 'ASC' },
      take,
    });
    return this.withLamps(groups);
  }

  async get(site: Site, address: string): Promise<LampGroupWithLamps> {
    const group = await this.dataSource.manager.findOneBy(LampGroup, { siteId: site.id, address });
    if (group === null) throw new DomainError('notFound', `There is no group ${address} in site ${site.address}`);
    return (await this.withLamps([group]))[0] as LampGroupWithLamps;
  }

  async create(site: Site, data: LampGroupData): Promise<LampGroupWithLamps> {
    const { manager } = this.dataSource;
    const group = manager.save(manager.create(LampGroup, { ...data, siteId: site.id }));
    const saved = await orConflict(group, `There is a group ${data.address} in site ${site.address} already`);
    return Object.assign(saved, { lampCount: 0 });
  }

  async update(
    site: Site,
    address: string,
    changes: Partial<Omit<LampGroupData, 'address'>>,
    expected: ExpectedVersion,
  ) {
    const saved = await this.dataSource.transaction(async (manager) => {
      const group = await this.lock(manager, site, address, expected);
      return manager.save(Object.assign(group, changes));
    });
    return (await this.withLamps([saved]))[0] as LampGroupWithLamps;
  }

  /** The lamps stay; only the group goes. */
  async remove(site: Site, address: string, expected: ExpectedVersion): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await lockMembers(manager, site.id);
      const group = await this.lock(manager, site, address, expected);
      await recordAssignmentOfRemoved(manager, site, 'group', group);
      await manager.remove(group);
    });
  }

  /** Puts lamps in and takes lamps out, all or none. Lamps that are in (or out) already stay so. */
  changeMembers(
    site: Site,
    address: string,
    add: readonly string[],
    remove: readonly string[],
  ): Promise<MembershipChange> {
    return this.dataSource.transaction(async (manager) => {
      await lockMembers(manager, site.id);
      const group = await this.lock(manager, site, address, undefined);
      const addIds = await lampIds(manager, site, add, '/add');
      const removeIds = await lampIds(manager, site, remove, '/remove');
      const change = {
        added: await countOf(
          manager,
          `INSERT INTO lamp_group_member (group_id, lamp_id) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING RETURNING lamp_id`,
          [group.id, addIds],
        ),
        removed: await countOf(
          manager,
          `DELETE FROM lamp_group_member WHERE group_id = $1 AND lamp_id = ANY($2::int[]) RETURNING lamp_id`,
          [group.id, removeIds],
        ),
      };
      return change;
    });
  }

  private lock(manager: EntityManager, site: Site, address: string, expected: ExpectedVersion) {
    const what = `group ${address} in site ${site.address}`;
    return lockForChange(manager, LampGroup, { siteId: site.id, address }, expected, what);
  }

  private async withLamps(groups: readonly LampGroup[]): Promise<LampGroupWithLamps[]> {
    const rows = (await this.dataSource.query(
      `SELECT m.group_id, count(*)::int AS lamps FROM lamp_group_member m JOIN lamp ON lamp.id = m.lamp_id
        WHERE m.group_id = ANY($1::int[]) AND lamp.removed_at IS NULL GROUP BY m.group_id`,
      [groups.map((group) => group.id)],
    )) as { group_id: number; lamps: number }[];
    const counts = new Map(rows.map((row) => [row.group_id, row.lamps]));
    return groups.map((group) => Object.assign(group, { lampCount: counts.get(group.id) ?? 0 }));
  }
}

/** INSERT … RETURNING and DELETE … RETURNING answer differently through TypeORM: count inside SQL. */
async function countOf(manager: EntityManager, change: string, parameters: unknown[]): Promise<number> {
  const [row] = (await manager.query(
    `WITH changed AS (${change}) SELECT count(*)::int AS n FROM changed`,
    parameters,
  )) as [{ n: number }];
  return row.n;
}

async function lampIds(
  manager: EntityManager,
  site: Site,
  addresses: readonly string[],
  at: string,
): Promise<number[]> {
  const rows = (await manager.query(
    `SELECT id, address FROM lamp WHERE site_id = $1 AND address = ANY($2::text[]) AND removed_at IS NULL`,
    [site.id, addresses],
  )) as { id: number; address: string }[];
  const found = new Set(rows.map((row) => row.address));
  const missing = addresses.flatMap((address, index) =>
    found.has(address)
      ? []
      : [{ at: `${at}/${index}`, problem: `there is no lamp ${address} in site ${site.address}` }],
  );
  if (missing.length > 0) {
    throw new DomainError('invalid', 'Some lamps do not exist; nothing was changed', missing.slice(0, 100));
  }
  return rows.map((row) => row.id);
}
