import type { ControlProgram as ProgramDefinition } from '#libs/schedules';
import { In, type DataSource } from 'typeorm';
import { Calendar, ControlProgram, type AssignmentKind, type Site } from '../entities/index.js';

/** An assignment that speaks of a lamp, and whether it is the one that decides. */
export interface AssignmentOfLamp {
  readonly kind: AssignmentKind;
  readonly address: string;
  readonly calendar: string;
  readonly priority: number;
  readonly decides: boolean;
}

/** A program as a calendar uses it. */
export interface ProgramOfCalendar {
  readonly address: string;
  readonly name: string;
  readonly version: number;
  readonly definition: ProgramDefinition;
}

/** Which calendar a lamp has and why; the rule stands in the view lamp_calendar, here it is only explained. */
export class LampScheduleRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The assignments that speak of a lamp in service, the one that decides first. */
  assignments(lampId: number): Promise<AssignmentOfLamp[]> {
    return this.dataSource.query(
      `SELECT a.target_kind AS kind, coalesce(lamp_group.address, cabinet.address,
         CASE a.target_kind WHEN 'lamp' THEN lamp.address ELSE site.address END) AS address,
         calendar.address AS calendar, a.priority, a.id = decided.assignment_id AS decides
       FROM lamp JOIN site ON site.id = lamp.site_id
       JOIN calendar_assignment AS a ON a.lamp_id = lamp.id OR a.cabinet_id = lamp.cabinet_id
         OR (a.target_kind = 'site' AND a.site_id = lamp.site_id)
         OR a.group_id IN (SELECT group_id FROM lamp_group_member WHERE lamp_id = lamp.id)
       JOIN calendar ON calendar.id = a.calendar_id JOIN lamp_calendar AS decided ON decided.lamp_id = lamp.id
       LEFT JOIN cabinet ON cabinet.id = a.cabinet_id LEFT JOIN lamp_group ON lamp_group.id = a.group_id
       WHERE lamp.id = $1
       ORDER BY decides DESC, array_position(ARRAY['lamp', 'group', 'cabinet', 'site'], a.target_kind), a.priority DESC, 2`,
      [lampId],
    );
  }

  calendar(site: Site, address: string): Promise<Calendar | null> {
    return this.dataSource.manager.findOneBy(Calendar, { siteId: site.id, address });
  }

  /** The programs that a calendar names, by address. */
  async programsOf(site: Site, { rules, defaultProgram }: Calendar): Promise<Map<string, ProgramOfCalendar>> {
    const named = new Set([...rules.map(({ program }) => program), defaultProgram]);
    const programs = await this.dataSource.manager.findBy(ControlProgram, { siteId: site.id, address: In([...named]) });
    return new Map(programs.map((program) => [program.address, program]));
  }
}
