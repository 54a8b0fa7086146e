import { DomainError } from '#libs/kernel';
import type { DataSource } from 'typeorm';
import { MoreThan } from 'typeorm';
import { Cabinet, type Site } from '../entities/index.js';
import { recordAssignmentOfRemoved } from '../schedules/assignment-history.js';
import { counted, lockForChange, orConflict, orStillInUse, type ExpectedVersion } from './versioned.js';

export type CabinetData = Pick<Cabinet, 'address' | 'name' | 'latitude' | 'longitude' | 'supply'>;
export type CabinetWithLamps = Cabinet & { readonly lampCount: number };

/** Feeder pillars of a site. */
export class CabinetRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of their addresses, from the one after `after`. */
  async list(site: Site, after: string | undefined, take: number): Promise<CabinetWithLamps[]> {
    const cabinets = await this.dataSource.manager.find(Cabinet, {
      where: { siteId: site.id, ...(after === undefined ? {} : { address: MoreThan(after) }) },
      order: { address: 'ASC' },
      take,
    });
    return this.withLamps(cabinets);
  }

  async get(site: Site, address: string): Promise<CabinetWithLamps> {
    const cabinet = await this.dataSource.manager.findOneBy(Cabinet, { siteId: site.id, address });
    if (cabinet === null) throw new DomainError('notFound', `There is no cabinet ${address} in site ${site.address}`);
    return this.withLampCount(cabinet);
  }

  async create(site: Site, data: CabinetData): Promise<CabinetWithLamps> {
    const { manager } = this.dataSource;
    const cabinet = manager.save(manager.create(Cabinet, { ...data, siteId: site.id }));
    const saved = await orConflict(cabinet, `There is a cabinet ${data.address} in site ${site.address} already`);
    return Object.assign(saved, { lampCount: 0 });
  }

  async update(site: Site, address: string, changes: Partial<Omit<CabinetData, 'address'>>, expected: ExpectedVersion) {
    const saved = await this.dataSource.transaction(async (manager) => {
      const cabinet = await this.lock(manager, site, address, expected);
      return manager.save(Object.assign(cabinet, changes));
    });
    return this.withLampCount(saved);
  }

  async remove(site: Site, address: string, expected: ExpectedVersion): Promise<void> {
    await orStillInUse(
      this.dataSource.transaction(async (manager) => {
        const cabinet = await this.lock(manager, site, address, expected);
        await recordAssignmentOfRemoved(manager, site, 'cabinet', cabinet);
        await manager.remove(cabinet);
      }),
      () => this.whatHoldsIt(site, address),
    );
  }

  private lock(manager: DataSource['manager'], site: Site, address: string, expected: ExpectedVersion) {
    const what = `cabinet ${address} in site ${site.address}`;
    return lockForChange(manager, Cabinet, { siteId: site.id, address }, expected, what);
  }

  private async withLampCount(cabinet: Cabinet): Promise<CabinetWithLamps> {
    return (await this.withLamps([cabinet]))[0] as CabinetWithLamps;
  }

  private async withLamps(cabinets: readonly Cabinet[]): Promise<CabinetWithLamps[]> {
    const rows = (await this.dataSource.query(
      `SELECT cabinet_id, count(*)::int AS lamps FROM lamp
        WHERE cabinet_id = ANY($1::int[]) AND removed_at IS NULL GROUP BY cabinet_id`,
      [cabinets.map((cabinet) => cabinet.id)],
    )) as { cabinet_id: number; lamps: number }[];
    const counts = new Map(rows.map((row) => [row.cabinet_id, row.lamps]));
    return cabinets.map((cabinet) => Object.assign(cabinet, { lampCount: counts.get(cabinet.id) ?? 0 }));
  }

  private async whatHoldsIt(site: Site, address: string): Promise<string> {
    const [row] = (await this.dataSource.query(
      `SELECT count(*) FILTER (WHERE removed_at IS NULL)::int AS lamps, count(removed_at)::int AS removed
         FROM lamp JOIN cabinet ON cabinet.id = lamp.cabinet_id WHERE cabinet.site_id = $1 AND cabinet.address = $2`,
      [site.id, address],
    )) as [{ lamps: number; removed: number }];
    return row.lamps > 0
      ? `Cabinet ${address} still has ${counted(row.lamps, 'lamp')}: move them first`
      : `Cabinet ${address} belongs to the history of ${counted(row.removed, 'removed lamp')}: it stays`;
  }
}
