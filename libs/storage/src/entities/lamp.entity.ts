import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
  type Relation,
} from 'typeorm';
import { Cabinet } from './cabinet.entity.js';
import { LampGroup } from './lamp-group.entity.js';
import { LampType } from './lamp-type.entity.js';
import { Site } from './site.entity.js';

/** One luminaire with its controller. A lamp that is taken down keeps its history: it gets `removedAt`. */
@Entity('lamp')
export class Lamp {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column('integer', { name: 'site_id' })
  siteId!: number;

  @ManyToOne(() => Site, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'site_id' })
  site!: Relation<Site>;

  /** Unique among the lamps of the site that are not removed. */
  @Column('text')
  address!: string;

  /** Address of the MQTT device that speaks for it: a gateway's, or the lamp's own. */
  @Column('text')
  device!: string;

  @Column('integer', { name: 'lamp_type_id' })
  lampTypeId!: number;

  @ManyToOne(() => LampType, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'lamp_type_id' })
  lampType!: Relation<LampType>;

  @Column('integer', { name: 'cabinet_id', nullable: true })
  cabinetId!: number | null;

  @ManyToOne(() => Cabinet, { onDelete: 'RESTRICT', nullable: true })
  @JoinColumn({ name: 'cabinet_id' })
  cabinet!: Relation<Cabinet> | null;

  @Column('text', { nullable: true })
  circuit!: string | null;

  /** L1, L2 or L3. */
  @Column('text', { nullable: true })
  phase!: string | null;

  @Column('double precision')
  latitude!: number;

  @Column('double precision')
  longitude!: number;

  @Column('text', { nullable: true })
  street!: string | null;

  @Column('text', { nullable: true })
  pole!: string | null;

  /** EN 13201 lighting class of the road: M4, C3, P5, … */
  @Column('text', { name: 'road_class', nullable: true })
  roadClass!: string | null;

  @Column('double precision', { name: 'mounting_height_m', nullable: true })
  mountingHeightM!: number | null;

  @ManyToMany(() => LampGroup)
  @JoinTable({
    name: 'lamp_group_member',
    joinColumn: { name: 'lamp_id' },
    inverseJoinColumn: { name: 'group_id' },
  })
  groups!: Relation<LampGroup>[];

  /** Thresholds of libs/faults that differ from the defaults. */
  @Column('jsonb', { default: {} })
  thresholds!: Readonly<Record<string, number | undefined>>;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'removed_at', nullable: true })
  removedAt!: Date | null;

  @VersionColumn()
  version!: number;
}
