import type { CalendarRule } from '#libs/schedules';
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

/** Which control program each night has. The programs it names stand in the table calendar_program too. */
@Entity('calendar')
export class Calendar {
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

  /** The first that holds decides; programs by address. */
  @Column('jsonb')
  rules!: CalendarRule<string>[];

  /** Address of the program of nights on which no rule holds. */
  @Column('text', { name: 'default_program' })
  defaultProgram!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  @VersionColumn()
  version!: number;
}
