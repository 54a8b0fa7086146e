import { Column, Entity, ManyToOne, JoinColumn, PrimaryGeneratedColumn, VersionColumn, type Relation } from 'typeorm';
import { Site } from './site.entity.js';

/** One time-of-use band as it is stored; `libs/energy` says what it means. */
export interface TariffBandColumn {
  readonly name: string;
  /** ISO weekdays, Monday 1 to Sunday 7. */
  readonly weekdays: readonly number[];
  /** Local wall time `HH:MM`; `to` may be 24:00, and may lie before `from`: then the band spans midnight. */
  readonly from: string;
  readonly to: string;
  readonly pricePerKwh: number;
}

/** What a site pays for its electricity from a local date on, until the next tariff of the site begins. */
@Entity('tariff')
export class Tariff {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column('integer', { name: 'site_id' })
  siteId!: number;

  @ManyToOne(() => Site, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'site_id' })
  site!: Relation<Site>;

  @Column('text')
  name!: string;

  /** First local day on which it holds, `YYYY-MM-DD`. */
  @Column('date', { name: 'valid_from' })
  validFrom!: string;

  /** ISO 4217. */
  @Column('text')
  currency!: string;

  /** Price per kWh outside all bands. */
  @Column('double precision', { name: 'base_price_per_kwh' })
  basePricePerKwh!: number;

  /** First match wins. */
  @Column('jsonb')
  bands!: TariffBandColumn[];

  @VersionColumn()
  version!: number;
}
