import { DomainError } from '#libs/kernel';
import { MoreThan, type DataSource } from 'typeorm';
import { LampType } from '../entities/index.js';
import { counted, lockForChange, orConflict, orStillInUse, type ExpectedVersion } from './versioned.js';

export type LampTypeData = Pick<
  LampType,
  | 'code'
  | 'name'
  | 'technology'
  | 'ratedPowerW'
  | 'standbyPowerW'
  | 'dimmable'
  | 'minLevelPercent'
  | 'ratedLifeH'
  | 'powerCurve'
  | 'thresholds'
>;

/** Models of luminaires, shared by all sites. */
export class LampTypeRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of their codes, from the one after `after`. */
  list(after: string | undefined, take: number): Promise<LampType[]> {
    return this.dataSource.manager.find(LampType, {
      where: after === undefined ? {} : { code: MoreThan(after) },
      order: { code: 'ASC' },
      take,
    });
  }

  async get(code: string): Promise<LampType> {
    const lampType = await this.dataSource.manager.findOneBy(LampType, { code });
    if (lampType === null) throw new DomainError('notFound', `There is no lamp type ${code}`);
    return lampType;
  }

  create(data: LampTypeData): Promise<LampType> {
    const { manager } = this.dataSource;
    return orConflict(manager.save(manager.create(LampType, data)), `There is a lamp type ${data.code} already`);
  }

  update(code: string, changes: Partial<Omit<LampTypeData, 'code'>>, expected: ExpectedVersion): Promise<LampType> {
    return this.dataSource.transaction(async (manager) => {
      const lampType = await lockForChange(manager, LampType, { code }, expected, `lamp type ${code}`);
      return manager.save(Object.assign(lampType, changes));
    });
  }

  async remove(code: string, expected: ExpectedVersion): Promise<void> {
    await orStillInUse(
      this.dataSource.transaction(async (manager) => {
        await manager.remove(await lockForChange(manager, LampType, { code }, expected, `lamp type ${code}`));
      }),
      () => this.whatHoldsIt(code),
    );
  }

  private async whatHoldsIt(code: string): Promise<string> {
    const [row] = (await this.dataSource.query(
      `SELECT count(*) FILTER (WHERE removed_at IS NULL)::int AS lamps, count(removed_at)::int AS removed
         FROM lamp JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id WHERE code = $1`,
      [code],
    )) as [{ lamps: number; removed: number }];
    return row.lamps > 0
      ? `Lamp type ${code} still has ${counted(row.lamps, 'lamp')}: give them another type first`
      : `Lamp type ${code} belongs to the history of ${counted(row.removed, 'removed lamp')}: it stays`;
  }
}
