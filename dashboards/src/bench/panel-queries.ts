import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is read here of a dashboard's JSON. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly panels: readonly PanelJson[];
  readonly links: readonly { readonly includeVars?: boolean; readonly keepTime?: boolean; readonly type?: string }[];
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations?: { readonly list?: readonly AnnotationJson[] };
}
export interface PanelJson {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly timeFrom?: string;
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly options?: Readonly<Record<string, unknown>>;
  readonly targets?: readonly TargetJson[];
  readonly fieldConfig?: {
    readonly defaults?: {
      readonly unit?: string;
      readonly min?: number;
      readonly noValue?: string;
      readonly mappings?: readonly unknown[];
      readonly thresholds?: unknown;
      readonly custom?: Readonly<Record<string, unknown>>;
      readonly links?: readonly { readonly url: string }[];
    };
    readonly overrides?: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
    }[];
  };
}
export interface TargetJson {
  readonly refId: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly format?: string;
  readonly rawSql?: string;
  readonly expr?: string;
}
export interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly query?: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
}
export interface AnnotationJson {
  readonly name: string;
  readonly datasource?: { readonly uid: string };
  readonly filter?: { readonly exclude?: boolean; readonly ids: readonly number[] };
  readonly target?: TargetJson;
}

/** A query in SQL and where it stands. */
export interface SqlOfPanel {
  readonly dashboard: string;
  readonly panel: string;
  readonly type: string;
  readonly format: string;
  readonly rawSql: string;
  readonly spanMs: number;
  readonly json: PanelJson;
}

/** The dashboards that are committed. */
export function readDashboards(directory: string): DashboardJson[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as DashboardJson);
}

/** Every query in SQL of the panels, and of the annotations. */
export function sqlOf(dashboard: DashboardJson): SqlOfPanel[] {
  const spanMs = spanOf(dashboard.time.from);
  const common = { dashboard: dashboard.title };
  const ofPanels = dashboard.panels.flatMap((json) =>
    (json.targets ?? []).flatMap(({ rawSql, format = 'table' }) => {
      if (rawSql === undefined) return [];
      const own = json.timeFrom === undefined ? spanMs : spanOf(`now-${json.timeFrom}`);
      return [{ ...common, panel: json.title ?? '', type: json.type, format, rawSql, spanMs: own, json }];
    }),
  );
  const ofAnnotations = (dashboard.annotations?.list ?? []).flatMap(({ name, target }) =>
    target?.rawSql === undefined
      ? []
      : [
          {
            ...common,
            panel: name,
            type: 'annotation',
            format: 'table',
            rawSql: target.rawSql,
            spanMs,
            json: { type: 'annotation' },
          },
        ],
  );
  return [...ofPanels, ...ofAnnotations];
}

/** `now-30d` in ms. */
function spanOf(from: string): number {
  const [, count, unit] = /^now-(\d+)([mhd])$/.exec(from) ?? [];
  if (count === undefined) throw new Error(`a time range that begins ${from} is not known here`);
  return Number(count) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'm' | 'h' | 'd'];
}

/** Grafana's choice for a panel of some 800 pixels. */
export function intervalOf(spanMs: number): number {
  const least = spanMs / 800;
  const nice = [
    1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
  ];
  return (nice.find((seconds) => seconds * 1000 >= least) ?? 86_400) * 1000;
}
