import { DomainError } from '#libs/kernel';
import { MoreThan, type DataSource, type EntityManager } from 'typeorm';
import { Calendar, type Site } from '../entities/index.js';
import { counted, lockForChange, orConflict, orStillInUse, type ExpectedVersion } from '../inventory/versioned.js';
import { removeAssignmentsOfRemovedLamps } from './assignment-history.js';
import { beginAtFirstVersion, recordChange, type Author, type ScheduleAction } from './schedule-history.js';

export type CalendarData = Pick<Calendar, 'address' | 'name' | 'rules' | 'defaultProgram'>;
export type CalendarChanges = { readonly [K in Exclude<keyof CalendarData, 'address'>]?: CalendarData[K] | undefined };

/** Calendars of a site; every change of one is kept. */
export class CalendarRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of their addresses, from the one after `after`. */
  list(site: Site, after: string | undefined, take: number): Promise<Calendar[]> {
    return this.dataSource.manager.find(Calendar, {
      where: { siteId: site.id, ...(after === undefined ? {} : { address: MoreThan(after) }) },
      order: { address: 'ASC' },
      take,
    });
  }

  async get(site: Site, address: string): Promise<Calendar> {
    const calendar = await this.dataSource.manager.findOneBy(Calendar, { siteId: site.id, address });
    if (calendar !== null) return calendar;
    throw new DomainError('notFound', `There is no calendar ${address} in site ${site.address}`);
  }

  create(site: Site, data: CalendarData, author: Author): Promise<Calendar> {
    return this.dataSource.transaction(async (manager) => {
      const programIds = await namedPrograms(manager, site, data);
      const saved = await orConflict(
        manager.save(manager.create(Calendar, { ...data, siteId: site.id })),
        `There is a calendar ${data.address} in site ${site.address} already`,
      );
      await beginAtFirstVersion(manager, site, { kind: 'calendar', address: data.address, table: 'calendar' }, saved);
      await setPrograms(manager, saved, programIds);
      await record(manager, site, saved, 'created', author);
      return saved;
    });
  }

  update(
    site: Site,
    address: string,
    changes: CalendarChanges,
    expected: ExpectedVersion,
    author: Author,
  ): Promise<Calendar> {
    return this.dataSource.transaction(async (manager) => {
      const calendar = await this.lock(manager, site, address, expected);
      const before = calendar.version;
      Object.assign(calendar, withoutUndefined(changes));
      const programIds = await namedPrograms(manager, site, calendar);
      const saved = await manager.save(calendar);
      if (saved.version === before) return saved;
      await setPrograms(manager, saved, programIds);
      await record(manager, site, saved, 'changed', author);
      return saved;
    });
  }

  /** Refuses while it is assigned to something. */
  async remove(site: Site, address: string, expected: ExpectedVersion, author: Author): Promise<void> {
    await orStillInUse(
      this.dataSource.transaction(async (manager) => {
        const calendar = await this.lock(manager, site, address, expected);
        await removeAssignmentsOfRemovedLamps(manager, site, calendar.id, author.at);
        await record(manager, site, { ...calendar, version: calendar.version + 1 }, 'deleted', author);
        await manager.remove(calendar);
      }),
      () => this.whatHoldsIt(site, address),
    );
  }

  private lock(manager: EntityManager, site: Site, address: string, expected: ExpectedVersion) {
    const what = `calendar ${address} in site ${site.address}`;
    return lockForChange(manager, Calendar, { siteId: site.id, address }, expected, what);
  }

  private async whatHoldsIt(site: Site, address: string): Promise<string> {
    const rows = await this.dataSource.query<{ target: string }[]>(
      `SELECT a.target_kind || coalesce(' ' || cabinet.address, ' ' || lamp_group.address, ' ' || lamp.address, '') AS target
         FROM calendar_assignment AS a JOIN calendar ON calendar.id = a.calendar_id
         LEFT JOIN cabinet ON cabinet.id = a.cabinet_id LEFT JOIN lamp_group ON lamp_group.id = a.group_id
         LEFT JOIN lamp ON lamp.id = a.lamp_id
        WHERE calendar.site_id = $1 AND calendar.address = $2 ORDER BY 1`,
      [site.id, address],
    );
    const named = rows.slice(0, 10).map(({ target }) => (target === 'site' ? `site ${site.address}` : target));
    const more = rows.length > named.length ? [`${counted(rows.length - named.length, 'other')}`] : [];
    return `Calendar ${address} is assigned to ${[...named, ...more].join(', ')}: assign another one there, or take it away, first`;
  }
}

/** The ids of the programs that a calendar names; refuses those that do not exist, each where it is named. */
async function namedPrograms(
  manager: EntityManager,
  site: Site,
  { rules, defaultProgram }: Pick<CalendarData, 'rules' | 'defaultProgram'>,
): Promise<number[]> {
  const named = [
    ...rules.map(({ program }, index) => ({ at: `/rules/${index}/program`, program })),
    { at: '/defaultProgram', program: defaultProgram },
  ];
  const addresses = [...new Set(named.map(({ program }) => program))];
  const rows = (await manager.query(
    `SELECT id, address FROM control_program WHERE site_id = $1 AND address = ANY($2::text[]) FOR KEY SHARE`,
    [site.id, addresses],
  )) as { id: number; address: string }[];
  const known = new Set(rows.map(({ address }) => address));
  const faults = named
    .filter(({ program }) => !known.has(program))
    .map(({ at, program }) => ({
      at,
      problem: `there is no program ${program} in site ${site.address}: create it first`,
    }));
  if (faults.length === 0) return rows.map(({ id }) => id);
  throw new DomainError('invalid', 'The calendar names programs that do not exist: see errors', faults);
}

async function setPrograms(manager: EntityManager, { id }: Calendar, programIds: readonly number[]): Promise<void> {
  await manager.query(`DELETE FROM calendar_program WHERE calendar_id = $1 AND program_id <> ALL($2::int[])`, [
    id,
    programIds,
  ]);
  await manager.query(
    `INSERT INTO calendar_program (calendar_id, program_id) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING`,
    [id, programIds],
  );
}

function record(
  manager: EntityManager,
  site: Site,
  { address, name, rules, defaultProgram, version }: CalendarData & { readonly version: number },
  action: ScheduleAction,
  author: Author,
): Promise<void> {
  const content = { address, name, rules, defaultProgram };
  return recordChange(manager, site, { kind: 'calendar', address, version, action, content }, author);
}

function withoutUndefined(changes: CalendarChanges): Partial<CalendarData> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
