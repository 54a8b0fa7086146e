import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** A model of luminaire with its driver, shared by all sites (TALQ LampType). */
@Entity('lamp_type')
export class LampType {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column('text', { unique: true })
  code!: string;

  @Column('text')
  name!: string;

  /** LED, HPS, LPS, MH, … */
  @Column('text')
  technology!: string;

  /** Mains power at 100 % light level, W (TALQ `wattage`). */
  @Column('double precision', { name: 'rated_power_w' })
  ratedPowerW!: number;

  /** Mains power when off but supplied, W. */
  @Column('double precision', { name: 'standby_power_w' })
  standbyPowerW!: number;

  @Column('boolean')
  dimmable!: boolean;

  /** Lowest level the driver can hold, percent (TALQ `minLightOutput`). */
  @Column('double precision', { name: 'min_level_percent' })
  minLevelPercent!: number;

  /** Rated life of the light source, h (TALQ `maxOperatingHours`); null when unknown. */
  @Column('double precision', { name: 'rated_life_h', nullable: true })
  ratedLifeH!: number | null;

  /** `[levelPercent, powerPercent of rated]`, levels growing; empty: a straight line from standby to rated power. */
  @Column('jsonb', { name: 'power_curve' })
  powerCurve!: [number, number][];

  /** Thresholds of libs/faults that differ from the defaults. */
  @Column('jsonb', { default: {} })
  thresholds!: Readonly<Record<string, number | undefined>>;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  @VersionColumn()
  version!: number;
}
