import type { ControlProgram as ProgramDefinition } from '#libs/schedules';
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

/** What lamps do in a night; `libs/schedules` says what the definition means. */
@Entity('control_program')
export class ControlProgram {
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

  @Column('jsonb')
  definition!: ProgramDefinition;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  @VersionColumn()
  version!: number;
}
