import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Readiness } from '#libs/observability';
import { DataSource } from 'typeorm';

/** The database answers, and its schema is the one that this program was built for. */
@Injectable()
export class DatabaseReadiness implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly dataSource: DataSource,
  ) {}

  onModuleInit(): void {
    this.readiness.add('database', async () => {
      await this.dataSource.query('SELECT 1');
      return undefined;
    });
    this.readiness.add('migrations', () => this.pendingMigrations());
  }

  private async pendingMigrations(): Promise<string | undefined> {
    const rows = (await this.dataSource.query('SELECT name FROM schema_migration')) as { name: string }[];
    const done = new Set(rows.map((row) => row.name));
    const pending = this.dataSource.migrations
      .map((item) => item.name ?? item.constructor.name)
      .filter((name) => !done.has(name));
    return pending.length === 0 ? undefined : `not yet done: ${pending.join(', ')}`;
  }
}
