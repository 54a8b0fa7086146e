import { DomainError } from '#libs/kernel';
import { MoreThan, type DataSource, type EntityManager } from 'typeorm';
import { ControlProgram, type Site } from '../entities/index.js';
import { lockForChange, orConflict, orStillInUse, type ExpectedVersion } from '../inventory/versioned.js';
import { beginAtFirstVersion, recordChange, type Author, type ScheduleAction } from './schedule-history.js';

export type ControlProgramData = Pick<ControlProgram, 'address' | 'name' | 'definition'>;
export interface ControlProgramChanges {
  readonly name?: string | undefined;
  /** What of the definition is given is changed. */
  readonly definition?: Partial<ControlProgram['definition']>;
}

/** Control programs of a site; every change of one is kept. */
export class ControlProgramRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of their addresses, from the one after `after`. */
  list(site: Site, after: string | undefined, take: number): Promise<ControlProgram[]> {
    return this.dataSource.manager.find(ControlProgram, {
      where: { siteId: site.id, ...(after === undefined ? {} : { address: MoreThan(after) }) },
      order: { address: 'ASC' },
      take,
    });
  }

  async get(site: Site, address: string): Promise<ControlProgram> {
    const program = await this.dataSource.manager.findOneBy(ControlProgram, { siteId: site.id, address });
    if (program !== null) return program;
    throw new DomainError('notFound', `There is no program ${address} in site ${site.address}`);
  }

  create(site: Site, data: ControlProgramData, author: Author): Promise<ControlProgram> {
    return this.dataSource.transaction(async (manager) => {
      const saved = await orConflict(
        manager.save(manager.create(ControlProgram, { ...data, siteId: site.id })),
        `There is a program ${data.address} in site ${site.address} already`,
      );
      await beginAtFirstVersion(
        manager,
        site,
        { kind: 'program', address: data.address, table: 'control_program' },
        saved,
      );
      await record(manager, site, saved, 'created', author);
      return saved;
    });
  }

  update(
    site: Site,
    address: string,
    { name, definition }: ControlProgramChanges,
    expected: ExpectedVersion,
    author: Author,
  ): Promise<ControlProgram> {
    return this.dataSource.transaction(async (manager) => {
      const program = await this.lock(manager, site, address, expected);
      const before = program.version;
      if (name !== undefined) program.name = name;
      program.definition = { ...program.definition, ...definition };
      const saved = await manager.save(program);
      if (saved.version !== before) await record(manager, site, saved, 'changed', author);
      return saved;
    });
  }

  /** Refuses while a calendar names it. */
  async remove(site: Site, address: string, expected: ExpectedVersion, author: Author): Promise<void> {
    await orStillInUse(
      this.dataSource.transaction(async (manager) => {
        const program = await this.lock(manager, site, address, expected);
        await record(manager, site, { ...program, version: program.version + 1 }, 'deleted', author);
        await manager.remove(program);
      }),
      () => this.whatHoldsIt(site, address),
    );
  }

  private lock(manager: EntityManager, site: Site, address: string, expected: ExpectedVersion) {
    const what = `program ${address} in site ${site.address}`;
    return lockForChange(manager, ControlProgram, { siteId: site.id, address }, expected, what);
  }

  private async whatHoldsIt(site: Site, address: string): Promise<string> {
    const rows = await this.dataSource.query<{ address: string }[]>(
      `SELECT calendar.address FROM calendar JOIN calendar_program AS named ON named.calendar_id = calendar.id
        JOIN control_program AS program ON program.id = named.program_id
        WHERE program.site_id = $1 AND program.address = $2 ORDER BY calendar.address`,
      [site.id, address],
    );
    const calendars = rows.map((row) => row.address);
    const named =
      calendars.slice(0, 10).join(', ') + (calendars.length > 10 ? ` and ${calendars.length - 10} more` : '');
    return `Program ${address} is used by ${calendars.length === 1 ? 'calendar' : 'calendars'} ${named}: take it out there first`;
  }
}

function record(
  manager: EntityManager,
  site: Site,
  { address, name, definition, version }: Pick<ControlProgram, 'address' | 'name' | 'definition' | 'version'>,
  action: ScheduleAction,
  author: Author,
): Promise<void> {
  const content = { address, name, ...definition };
  return recordChange(manager, site, { kind: 'program', address, version, action, content }, author);
}
