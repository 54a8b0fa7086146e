import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
  type Relation,
} from 'typeorm';
import { Site } from './site.entity.js';

/** Lamps of a site that are looked at or dimmed together. A lamp may be in many groups (table lamp_group_member). */
@Entity('lamp_group')
export class LampGroup {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column('integer', { name: 'site_id' })
  siteId!: number;

  @ManyToOne(() => Site, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'site_id' })
  site!: Relation<Site>;

  @Column('text')
  address!: string;

  @Column('text')
  name!: string;

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
