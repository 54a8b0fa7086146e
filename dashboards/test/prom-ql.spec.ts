import { describe, expect, it } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse } from 'yaml';
import { readDashboards } from '../src/bench/panel-queries.js';

const ROOT = join(import.meta.dirname, '..', '..');
const RATE_INTERVAL = '1m0s';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const panelExpressions = readDashboards(join(ROOT, 'dashboards/json')).flatMap(({ title, panels }) =>
  panels.flatMap((panel) =>
    (panel.targets ?? []).flatMap(({ expr }) =>
      expr === undefined ? [] : [{ at: `${title} / ${panel.title}`, expr }],
    ),
  ),
);
const rules = readdirSync(join(ROOT, 'dashboards/alerts')).flatMap((file) =>
  (
    parse(readFileSync(join(ROOT, 'dashboards/alerts', file), 'utf8')) as { groups: { rules: Rule[] }[] }
  ).groups.flatMap((group) => group.rules),
);
const expressions = [...panelExpressions, ...rules.map(({ alert, expr }) => ({ at: `alert ${alert}`, expr }))];

describe('PromQL', () => {
  const exported = exportedMetrics();

  it('is there, in panels and in alerts', () => {
    expect(panelExpressions.length).toBeGreaterThan(20);
    expect(rules.length).toBeGreaterThan(10);
    expect(exported.size).toBeGreaterThan(50);
  });

  it.each(expressions)(
    'of $at is read by Prometheus’ own grammar, and asks for metrics and labels that Felinar exports',
    ({ expr }) => {
      const { errors, metrics, labels } = read(expr.replaceAll('$__rate_interval', RATE_INTERVAL));
      expect(errors).toEqual([]);
      expect(metrics.length).toBeGreaterThan(0);
      for (const metric of metrics)
        expect({ metric, isExported: exported.has(metric) }).toEqual({ metric, isExported: true });
      const known = new Set([
        ...SCRAPED_LABELS,
        'le',
        ...metrics.flatMap((metric) => [...(exported.get(metric) ?? [])]),
      ]);
      for (const label of labels) expect({ label, isKnown: known.has(label) }).toEqual({ label, isKnown: true });
    },
  );

  it('that is wrong would be found', () => {
    expect(read('sum(rate(felinar_ingest_messages_total[5m])').errors).not.toEqual([]);
    expect(read('sum by (kind) (felinar_nonsense)')).toMatchObject({ metrics: ['felinar_nonsense'], labels: ['kind'] });
  });
});

/** Labels that Prometheus adds when it scrapes. */
const SCRAPED_LABELS = ['job', 'instance'];

function read(expr: string) {
  const errors: string[] = [];
  const metrics: string[] = [];
  const labels: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, type, from, to }) => {
      const text = expr.slice(from, to);
      if (type.isError) errors.push(`at ${from}: ${expr.slice(Math.max(0, from - 20), from)}`);
      if (name === 'Identifier' && /^[a-z_:]/i.test(text)) metrics.push(text);
      if (name === 'LabelName') labels.push(text);
    },
  });
  return { errors, metrics, labels };
}

/** Metrics with their labels: those that the sources make, those that every process has, and `up`. */
function exportedMetrics(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>([['up', []]]);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) found.set(name, []);
  registry.clear();
  for (const source of sources()) {
    for (const [, kind, definition] of source.matchAll(
      /new (Counter|Gauge|Histogram)(?:<[^>]*>)?\(\{([^]*?)\n? *\}\)/g,
    )) {
      const [, name] = /name: '([a-z_]+)'/.exec(definition ?? '') ?? [];
      if (name === undefined) continue;
      const [, list] = /labelNames: \[([^\]]*)\]/.exec(definition ?? '') ?? [];
      const labels = [...(list ?? '').matchAll(/'(\w+)'/g)].map(([, label]) => label ?? '');
      const names = kind === 'Histogram' ? ['_bucket', '_sum', '_count'].map((ending) => name + ending) : [name];
      for (const each of names) found.set(each, labels);
    }
  }
  return found;
}

function sources(): string[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('spec.ts') && !file.includes('/test/'))
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
      .filter((text) => /new (Counter|Gauge|Histogram)/.test(text)),
  );
}
