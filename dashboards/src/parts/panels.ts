import { PanelBuilder as BarChartPanel } from '@grafana/grafana-foundation-sdk/barchart';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarAlignment,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
  StackingConfigBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { PROMETHEUS, TIMESCALE, type SqlQuery } from './query.js';

export interface PanelText {
  readonly title: string;
  /** What the numbers mean and where they come from: what an operator asks first. */
  readonly description: string;
  /** Grafana's unit id. */
  readonly unit: string;
  /** In columns of 24 and rows. */
  readonly width: number;
  readonly height: number;
}

/** A threshold: from this value on, the colour. The first has no value. */
export type Step = readonly [number | null, string];

export const NEUTRAL: readonly Step[] = [[null, 'blue']];

/** Thresholds in absolute numbers. */
export function thresholds(steps: readonly Step[]) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));
}

/** One or more figures. `rows`: a figure for each row, named by its text. */
export function stat(
  text: PanelText,
  query: SqlQuery | Builder<Dataquery>,
  steps: readonly Step[],
  options: { readonly rows?: boolean; readonly prometheus?: boolean; readonly decimals?: number } = {},
) {
  const panel = described(new StatPanel(), text)
    .datasource(options.prometheus === true ? PROMETHEUS : TIMESCALE)
    .withTarget(query)
    .thresholds(thresholds(steps))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Auto)
    .orientation(VizOrientation.Auto)
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs(['lastNotNull'])
        .values(options.rows === true)
        .fields(''),
    )
    .noValue('no data');
  return options.decimals === undefined ? panel : panel.decimals(options.decimals);
}

/** Lines over time. */
export function lines(text: PanelText, queries: readonly Builder<Dataquery>[], steps: readonly Step[] = NEUTRAL) {
  const panel = described(new TimeSeriesPanel(), text)
    .thresholds(thresholds(steps))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(2)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Never)
    // A gap is a gap: what was not heard is not drawn.
    .spanNulls(false)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets([...queries]);
  return panel;
}

/** Bars over time, one on the other. */
export function bars(
  text: PanelText,
  queries: readonly Builder<Dataquery>[],
  stacked: boolean,
  steps: readonly Step[] = NEUTRAL,
) {
  return lines(text, queries, steps)
    .drawStyle(GraphDrawStyle.Bars)
    .barAlignment(BarAlignment.After)
    .fillOpacity(70)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None).group('A'));
}

/** Bars by name. The first column is the name. */
export function barChart(text: PanelText, query: SqlQuery, xField: string, steps: readonly Step[] = NEUTRAL) {
  return described(new BarChartPanel(), text)
    .datasource(TIMESCALE)
    .withTarget(query)
    .thresholds(thresholds(steps))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .xField(xField)
    .orientation(VizOrientation.Auto)
    .showValue(VisibilityMode.Auto)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.None));
}

/** A table. */
export function tableOf(text: PanelText, query: SqlQuery, steps: readonly Step[] = NEUTRAL) {
  return described(new TablePanel(), text)
    .datasource(TIMESCALE)
    .withTarget(query)
    .thresholds(thresholds(steps))
    .filterable(true)
    .showHeader(true)
    .noValue('');
}

/** A link from a value to another dashboard; the variables of this one go with it, but for those that the link sets. */
export function dataLink(title: string, uid: string, set: Readonly<Record<string, string>> = {}, keep = KEPT) {
  const kept = keep.filter((name) => !(name in set)).map((name) => `\${${name}:queryparam}`);
  const given = Object.entries(set).map(([name, value]) => `var-${name}=${value}`);
  return new DashboardLinkBuilder(title).url(`/d/${uid}?${[...kept, ...given, '${__url_time_range}'].join('&')}`);
}
const KEPT = ['site', 'cabinet', 'group'];

/** A link for an override of one column. */
export function linkProperty(title: string, uid: string, set: Readonly<Record<string, string>>, keep = KEPT) {
  const { url } = dataLink(title, uid, set, keep).build();
  return { id: 'links', value: [{ title, url }] } satisfies DynamicConfigValue;
}

/** Unit and width of a table's column. */
export function unitProperty(unit: string, decimals?: number): DynamicConfigValue[] {
  const property = { id: 'unit', value: unit };
  return decimals === undefined ? [property] : [property, { id: 'decimals', value: decimals }];
}

export function colorProperty(color: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'fixed', fixedColor: color } };
}

/** Words with a colour each. */
export function wordColors(colors: Readonly<Record<string, string>>): ValueMapping {
  const options = Object.entries(colors).map(([word, color], index) => [word, { text: word, color, index }]);
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) };
}

export const SEVERITY_COLORS = { critical: 'dark-red', major: 'orange', minor: 'yellow', warning: 'blue' };
export const STATUS_COLORS = { fault: 'red', silent: 'purple', lit: 'yellow', dimmed: 'orange', off: 'dark-blue' };

/** A column of severities, coloured. */
export const severityColumn: DynamicConfigValue[] = [
  { id: 'mappings', value: [wordColors(SEVERITY_COLORS)] },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
];

interface Described<P> {
  title(title: string): P;
  description(description: string): P;
  unit(unit: string): P;
  span(width: number): P;
  height(height: number): P;
}

function described<P extends Described<P>>(panel: P, text: PanelText): P {
  return panel.title(text.title).description(text.description).unit(text.unit).span(text.width).height(text.height);
}

function legend() {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
}
