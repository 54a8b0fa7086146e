/** What Grafana does to a query before it sends it: variables first (in the browser), then macros (in the PostgreSQL source). */

/** A variable's value: several of a multi-value one; `All` is every option. */
export type VariableValue = string | readonly string[];

export interface QueryContext {
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalMs: number;
  readonly variables: Readonly<Record<string, VariableValue>>;
}

/** The statement that reaches the database. Throws on a variable or macro that it does not know. */
export function expandQuery(sql: string, context: QueryContext): string {
  const expanded = macros(variables(sql, context), context);
  const left = /\$(?!\$)[{_a-z]\w*/i.exec(expanded.replace(/'(?:[^']|'')*'/g, "''"));
  if (left !== null) throw new Error(`not expanded: ${left[0]} in\n${expanded}`);
  return expanded;
}

function variables(sql: string, { fromMs, toMs, intervalMs, variables: own }: QueryContext): string {
  const builtIn: Record<string, VariableValue> = {
    __interval: `${Math.max(1, Math.round(intervalMs / 1000))}s`,
    __interval_ms: String(intervalMs),
    __from: String(fromMs),
    __to: String(toMs),
  };
  const valueOf = (name: string) => own[name] ?? builtIn[name];
  return sql
    .replace(/\$\{(\w+)(?::(\w+))?\}/g, (whole, name: string, format: string | undefined) => {
      const value = valueOf(name);
      return value === undefined ? whole : formatted(value, format);
    })
    .replace(/\$(\w+)/g, (whole, name: string) => {
      const value = valueOf(name);
      return value === undefined ? whole : formatted(value, undefined);
    });
}

/** Formats of Grafana's variable syntax. Without one, the SQL source quotes several values and leaves a single one as it is. */
function formatted(value: VariableValue, format: string | undefined): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  switch (format) {
    case 'sqlstring':
      return typeof value === 'string' ? quoted(value) : value.map(quoted).join(',');
    case 'raw':
      return typeof value === 'string' ? value : value.join(',');
    case undefined:
      return typeof value === 'string' ? value.replaceAll("'", "''") : value.map(quoted).join(',');
    default:
      throw new Error(`the format ${format} is not known here`);
  }
}

/** Macros of the PostgreSQL source, as its macros.go writes them. */
function macros(sql: string, { fromMs, toMs }: QueryContext): string {
  const instant = (ms: number) => `'${new Date(ms).toISOString().replace(/\.000Z$/, 'Z')}'`;
  return sql
    .replace(
      /\$__timeFilter\(([^)]*)\)/g,
      (_whole, column: string) => `${column} BETWEEN ${instant(fromMs)} AND ${instant(toMs)}`,
    )
    .replace(/\$__timeFrom\(\)/g, instant(fromMs))
    .replace(/\$__timeTo\(\)/g, instant(toMs))
    .replace(/\$__unixEpochFrom\(\)/g, String(Math.floor(fromMs / 1000)))
    .replace(/\$__unixEpochTo\(\)/g, String(Math.floor(toMs / 1000)));
}
