import { Column, Entity, PrimaryGeneratedColumn, UpdateDateColumn, VersionColumn, CreateDateColumn } from 'typeorm';

/** A city or a district that is run as one: its lamps share a time zone, a tariff and an MQTT topic level. */
@Entity('site')
export class Site {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column('text', { unique: true })
  address!: string;

  @Column('text')
  name!: string;

  /** IANA name. Days, months and tariffs of the site are local to it. */
  @Column('text', { name: 'time_zone' })
  timeZone!: string;

  @Column('double precision')
  latitude!: number;

  @Column('double precision')
  longitude!: number;

  /** Emission factor of the electricity bought, gram CO2 per kWh; null when unknown. */
  @Column('double precision', { name: 'co2_g_per_kwh', nullable: true })
  co2GPerKwh!: number | null;

  /** Lowest level that a lighting class (EN 13201) allows, percent: `{"M4": 40}`. */
  @Column('jsonb', { name: 'minimum_levels' })
  minimumLevelPercentByRoadClass!: Record<string, number>;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  @VersionColumn()
  version!: number;
}
