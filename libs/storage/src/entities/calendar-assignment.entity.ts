import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** What a calendar can be assigned to, the least specific first. */
export type AssignmentKind = 'site' | 'cabinet' | 'group' | 'lamp';

/** The calendar of a site, a cabinet, a group or a lamp; exactly the column of its kind holds an id (of a site: none). */
@Entity('calendar_assignment')
export class CalendarAssignment {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column('integer', { name: 'site_id' })
  siteId!: number;

  @Column('text', { name: 'target_kind' })
  targetKind!: AssignmentKind;

  @Column('integer', { name: 'cabinet_id', nullable: true })
  cabinetId!: number | null;

  @Column('integer', { name: 'group_id', nullable: true })
  groupId!: number | null;

  @Column('integer', { name: 'lamp_id', nullable: true })
  lampId!: number | null;

  @Column('integer', { name: 'calendar_id' })
  calendarId!: number;

  /** Of several groups of a lamp the one with the highest decides. */
  @Column('integer')
  priority!: number;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;

  @VersionColumn()
  version!: number;
}
