import { DomainError } from '#libs/kernel';
import { MoreThan, type DataSource } from 'typeorm';
import { Tariff, type Site } from '../entities/index.js';
import { checkVersion, orConflict, type ExpectedVersion } from './versioned.js';

export type TariffData = Pick<Tariff, 'name' | 'currency' | 'basePricePerKwh' | 'bands'>;

/** What a site pays for its electricity, from which local day on. */
export class TariffRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of their first days. */
  list(site: Site, after: string | undefined, take: number): Promise<Tariff[]> {
    return this.dataSource.manager.find(Tariff, {
      where: { siteId: site.id, ...(after === undefined ? {} : { validFrom: MoreThan(after) }) },
      order: { validFrom: 'ASC' },
      take,
    });
  }

  async get(site: Site, validFrom: string): Promise<Tariff> {
    const tariff = await this.dataSource.manager.findOneBy(Tariff, { siteId: site.id, validFrom });
    if (tariff === null)
      throw new DomainError('notFound', `Site ${site.address} has no tariff that begins on ${validFrom}`);
    return tariff;
  }

  /** Creates or replaces the tariff that begins on the day. */
  put(
    site: Site,
    validFrom: string,
    data: TariffData,
    expected: ExpectedVersion,
  ): Promise<{ tariff: Tariff; created: boolean }> {
    const what = `the tariff of site ${site.address} from ${validFrom}`;
    return this.dataSource.transaction(async (manager) => {
      const found = await manager.findOne(Tariff, {
        where: { siteId: site.id, validFrom },
        lock: { mode: 'pessimistic_write' },
      });
      if (found !== null) checkVersion(found.version, expected, what);
      else if (expected !== undefined)
        throw new DomainError('preconditionFailed', `There is no ${what.slice(4)}: it was deleted in the meantime`);
      const tariff = Object.assign(found ?? manager.create(Tariff, { siteId: site.id, validFrom }), data);
      const saved = await orConflict(
        manager.save(tariff),
        `Somebody else created ${what} at the same moment: try again`,
      );
      return { tariff: saved, created: found === null };
    });
  }

  async remove(site: Site, validFrom: string, expected: ExpectedVersion): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const tariff = await manager.findOne(Tariff, {
        where: { siteId: site.id, validFrom },
        lock: { mode: 'pessimistic_write' },
      });
      if (tariff === null)
        throw new DomainError('notFound', `Site ${site.address} has no tariff that begins on ${validFrom}`);
      checkVersion(tariff.version, expected, `The tariff from ${validFrom}`);
      await manager.remove(tariff);
    });
  }
}
