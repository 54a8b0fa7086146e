import pg from 'pg';

export interface Result {
  readonly columns: readonly { readonly name: string; readonly typeId: number }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** A connection that has the rights of the dashboards and no others. */
export class DashboardsRole {
  private constructor(private readonly client: pg.Client) {}

  static async connect(url: string): Promise<DashboardsRole> {
    const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC -c role=felinar_dashboards' });
    await client.connect();
    return new DashboardsRole(client);
  }

  async run(sql: string): Promise<Result> {
    const { fields, rows } = await this.client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return { columns: fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID })), rows };
  }

  async end(): Promise<void> {
    await this.client.end();
  }
}
