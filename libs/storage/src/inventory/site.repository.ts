import { DomainError } from '#libs/kernel';
import { And, In, MoreThan, type DataSource } from 'typeorm';
import { Site } from '../entities/index.js';
import { counted, lockForChange, orConflict, orStillInUse, sqlState, type ExpectedVersion } from './versioned.js';

export type SiteData = Pick<
  Site,
  'address' | 'name' | 'timeZone' | 'latitude' | 'longitude' | 'co2GPerKwh' | 'minimumLevelPercentByRoadClass'
>;

/** The cities or districts. */
export class SiteRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of their addresses, from the one after `after`; of all, or of these addresses only. */
  list(after: string | undefined, take: number, of: 'all' | readonly string[] = 'all'): Promise<Site[]> {
    return this.dataSource.manager.find(Site, {
      where: {
        ...(after === undefined && of === 'all'
          ? {}
          : {
              address: And(...(after === undefined ? [] : [MoreThan(after)]), ...(of === 'all' ? [] : [In([...of])])),
            }),
      },
      order: { address: 'ASC' },
      take,
    });
  }

  async get(address: string): Promise<Site> {
    const site = await this.dataSource.manager.findOneBy(Site, { address });
    if (site === null) throw new DomainError('notFound', `There is no site ${address}`);
    return site;
  }

  async create(data: SiteData): Promise<Site> {
    await this.requireTimeZone(data.timeZone);
    const { manager } = this.dataSource;
    return orConflict(manager.save(manager.create(Site, data)), `There is a site ${data.address} already`);
  }

  async update(address: string, changes: Partial<Omit<SiteData, 'address'>>, expected: ExpectedVersion): Promise<Site> {
    if (changes.timeZone !== undefined) await this.requireTimeZone(changes.timeZone);
    return this.dataSource.transaction(async (manager) => {
      const site = await lockForChange(manager, Site, { address }, expected, `site ${address}`);
      return manager.save(Object.assign(site, changes));
    });
  }

  async remove(address: string, expected: ExpectedVersion): Promise<void> {
    const site = await this.get(address);
    await orStillInUse(
      this.dataSource.transaction(async (manager) => {
        await manager.remove(await lockForChange(manager, Site, { address }, expected, `site ${address}`));
      }),
      () => this.whatHoldsIt(site),
    );
  }

  /** Days and months are computed in the database: the zone has to be known there as well. */
  private async requireTimeZone(timeZone: string): Promise<void> {
    try {
      await this.dataSource.query('SELECT now() AT TIME ZONE $1', [timeZone]);
    } catch (error) {
      if (!(sqlState(error) ?? '').startsWith('22')) throw error;
      throw new DomainError('invalid', `The database does not know the time zone ${timeZone}`, [
        { at: '/timeZone', problem: 'is not known to the database: use the main IANA name of the zone' },
      ]);
    }
  }

  private async whatHoldsIt({ id, address }: Site): Promise<string> {
    const [row] = (await this.dataSource.query(
      `SELECT (SELECT count(*)::int FROM lamp WHERE site_id = $1) AS lamps,
              (SELECT count(*)::int FROM cabinet WHERE site_id = $1) AS cabinets,
              (SELECT count(*)::int FROM lamp_group WHERE site_id = $1) AS groups,
              (SELECT count(*)::int FROM calendar WHERE site_id = $1) AS calendars,
              (SELECT count(*)::int FROM control_program WHERE site_id = $1) AS programs`,
      [id],
    )) as [{ lamps: number; cabinets: number; groups: number; calendars: number; programs: number }];
    const held = [
      ...[counted(row.lamps, 'lamp'), counted(row.cabinets, 'cabinet'), counted(row.groups, 'group')],
      ...(row.calendars > 0 ? [counted(row.calendars, 'calendar')] : []),
      ...(row.programs > 0 ? [counted(row.programs, 'control program')] : []),
    ];
    return `Site ${address} still has ${held.join(', ')} (removed lamps with their history included): only an empty site can be deleted`;
  }
}
