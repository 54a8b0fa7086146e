import pg from 'pg';

export interface Result {
  readonly columns: readonly { readonly name: string; readonly typeId: number }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Runs a statement as the role of the dashboards. */
export async function asDashboards(url: string, sql: string): Promise<Result> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC -c role=felinar_dashboards' });
  await client.connect();
  try {
    const { fields, rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return { columns: fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID })), rows };
  } finally {
    await client.end();
  }
}
