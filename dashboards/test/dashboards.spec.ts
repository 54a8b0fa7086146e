import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { readDashboards } from '../src/bench/panel-queries.js';
import { dashboardFiles } from '../src/index.js';
import { schemaProblems } from './support/grafana-schema.js';

const directory = join(import.meta.dirname, '..', 'json');
const dashboards = readDashboards(directory);
const panels = dashboards.flatMap(({ title, panels: own }) =>
  own.map((panel) => ({ at: `${title} / ${panel.title}`, panel })),
);
const uids = new Set(dashboards.map(({ uid }) => uid));

/** Looked up in @grafana/data 13.2; `suffix:` takes any word. */
const UNITS = new Set([
  ...['none', 'string', 'locale', 'percent', 'percentunit', 'bytes', 's', 'dateTimeFromNow'],
  ...['watt', 'watth', 'volt', 'amp', 'celsius', 'masst'],
]);

describe('dashboards', () => {
  it('are the ones that are meant, each with a place of its own', () => {
    expect(dashboards.map(({ uid }) => uid).sort()).toEqual(
      dashboardFiles()
        .map(({ dashboard }) => dashboard.uid)
        .sort(),
    );
    expect(uids.size).toBe(6);
  });

  it('fit the types of Grafana’s own schema', () => {
    expect(schemaProblems(directory)).toEqual([]);
  }, 60_000);

  it('have a schema that is looked at: a wrong one is refused', () => {
    expect(
      schemaProblems(directory, (json) => json.replace('"fixed"', '"fixt"').replace('"h": 4', '"h": "four"')),
    ).not.toEqual([]);
  }, 60_000);

  it.each(panels)('$at says what it shows, in which unit, and from where it is a matter', ({ panel }) => {
    expect(panel.description?.length).toBeGreaterThan(10);
    expect(panel.fieldConfig?.defaults?.unit).toBeTruthy();
    expect(panel.fieldConfig?.defaults?.thresholds).toMatchObject({ mode: 'absolute' });
    expect(panel.targets?.length).toBeGreaterThan(0);
    for (const target of panel.targets ?? [])
      expect(target.datasource?.uid).toBe(target.rawSql === undefined ? 'felinar-prometheus' : 'felinar-timescale');
  });

  it('link to each other and keep variables and time', () => {
    for (const { links } of dashboards)
      expect(links).toEqual(
        expect.arrayContaining([expect.objectContaining({ type: 'dashboards', includeVars: true, keepTime: true })]),
      );
  });

  it('use units that Grafana 13 knows', () => {
    const used = panels.flatMap(({ at, panel: { fieldConfig } }) => [
      { at, unit: fieldConfig?.defaults?.unit },
      ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
        properties.filter(({ id }) => id === 'unit').map(({ value }) => ({ at, unit: value })),
      ),
    ]);
    expect(used.length).toBeGreaterThan(100);
    expect(used.filter(({ unit }) => !UNITS.has(String(unit)) && !/^suffix:\S+$/.test(String(unit)))).toEqual([]);
  });

  it.each(panels.filter(({ panel: { type } }) => type !== 'geomap'))(
    '$at says so when there is nothing',
    ({ panel }) => {
      const { noValue, mappings } = panel.fieldConfig?.defaults ?? {};
      if (panel.type !== 'stat') return expect(noValue).toMatch(/^[A-Z].{10,}[.]$/);
      // Neither good nor bad.
      const result = { text: noValue, color: 'text' };
      expect(noValue).toMatch(/./);
      expect(mappings).toEqual([{ type: 'special', options: { match: 'null', result } }]);
    },
  );

  it('begin bars at zero', () => {
    const notBars = panels.filter(({ panel: { fieldConfig, type } }) => {
      const isBars = type === 'barchart' || fieldConfig?.defaults?.custom?.['drawStyle'] === 'bars';
      return isBars && fieldConfig?.defaults?.min !== 0;
    });
    expect(notBars.map(({ at }) => at)).toEqual([]);
  });

  it('leave texts of tables as they are, and empty cells empty', () => {
    const tables = panels.filter(({ panel: { type } }) => type === 'table');
    expect(tables.length).toBeGreaterThan(10);
    for (const { at, panel } of tables)
      expect({ at, overrides: panel.fieldConfig?.overrides }).toMatchObject({
        at,
        overrides: expect.arrayContaining([
          { matcher: { id: 'byType', options: 'string' }, properties: [{ id: 'unit', value: 'string' }] },
          { matcher: { id: 'byRegexp', options: '/.*/' }, properties: [{ id: 'noValue', value: '' }] },
        ]) as unknown,
      });
  });

  it('show annotations of the dashboard’s time in no panel of another time', () => {
    for (const { annotations, panels: own, title } of dashboards) {
      const others = own.flatMap(({ timeFrom, id }) => (timeFrom === undefined ? [] : [id]));
      for (const { filter, datasource } of annotations?.list ?? [])
        if (datasource !== undefined && others.length > 0)
          expect({ title, filter }).toEqual({ title, filter: { exclude: true, ids: others } });
    }
  });

  it('have links in their data that lead to a dashboard, with variables that both have', () => {
    const urls = dashboards.flatMap((dashboard) => {
      const own = new Set(dashboard.templating.list.map(({ name }) => name));
      return dashboard.panels.flatMap(({ fieldConfig }) =>
        [
          ...(fieldConfig?.defaults?.links ?? []),
          ...(fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
            properties.filter(({ id }) => id === 'links').flatMap(({ value }) => value as { url: string }[]),
          ),
        ].map(({ url }) => ({ url, own })),
      );
    });
    expect(urls.length).toBeGreaterThan(10);
    for (const { url, own } of urls) {
      const [, uid] = /^\/d\/([\w-]+)\?/.exec(url) ?? [];
      const target = dashboards.find((dashboard) => dashboard.uid === uid);
      const known = new Set(target?.templating.list.map(({ name }) => name));
      for (const [, name] of url.matchAll(/\$\{(\w+):queryparam\}/g)) {
        expect({ url, name, own: own.has(name ?? ''), known: known.has(name ?? '') }).toMatchObject({
          own: true,
          known: true,
        });
      }
      for (const [, name] of url.matchAll(/var-(\w+)=/g))
        expect({ url, name, known: known.has(name ?? '') }).toMatchObject({ known: true });
      expect(url).toContain('${__url_time_range}');
    }
  });

  it('do not lay panels over each other', () => {
    for (const { title, panels: own } of dashboards) {
      const taken = new Map<string, string>();
      for (const panel of own) {
        const { x, y, w, h } = (panel as unknown as { gridPos: { x: number; y: number; w: number; h: number } })
          .gridPos;
        expect(x + w).toBeLessThanOrEqual(24);
        for (let column = x; column < x + w; column += 1)
          for (let row = y; row < y + h; row += 1) {
            expect({ title, panel: panel.title, over: taken.get(`${column} ${row}`) }).toMatchObject({
              over: undefined,
            });
            taken.set(`${column} ${row}`, panel.title ?? '');
          }
      }
    }
  });
});
