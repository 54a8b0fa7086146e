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
  SpecialValueMatch,
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
  /** Stands in the panel when there is nothing to show: why that is, or what to do. A figure has room for two words. */
  readonly empty?: string;
}

export const NO_SAMPLES =
  'No samples in the time range. The monitor takes one every quarter of an hour, once lamps are imported.';
export const NO_DAYS = 'No energy is summed up yet: it appears after the first full day of readings.';
export const NO_NIGHT = 'No night has been measured yet: it appears after the first noon that follows a lit night.';
export const NO_OPEN_FAULTS = 'No open faults.';

/**
 * Samples of the light that are farther apart are not connected: nobody looked between them. They are kept for 60 days, in which no bucket
 * of a chart is longer.
 */
export const SAMPLE_GAP_MS = 3 * 3_600_000;

/** A threshold: from this value on, the colour. The first has no value. */
export type Step = readonly [number | null, string];

export const NEUTRAL: readonly Step[] = [[null, 'blue']];

/** Thresholds in absolute numbers. */
export function thresholds(steps: readonly Step[]) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));
}

/** Thresholds of one column or series. */
export function thresholdsProperty(steps: readonly Step[]): DynamicConfigValue {
  return { id: 'thresholds', value: thresholds(steps).build() };
}

/** A count that has the colour from one on. */
export function someProperty(color: string): DynamicConfigValue {
  return thresholdsProperty([
    [null, 'text'],
    [1, color],
  ]);
}

interface StatOptions {
  /** A figure for each row, named by its text. */
  readonly rows?: boolean;
  /** Columns of text are figures, too. */
  readonly texts?: boolean;
  readonly prometheus?: boolean;
  readonly decimals?: number;
}

/** One or more figures. What is not known has no colour: the first threshold's would praise or blame it. */
export function stat(
  text: PanelText,
  query: SqlQuery | Builder<Dataquery>,
  steps: readonly Step[],
  options: StatOptions = {},
) {
  const noValue = text.empty ?? 'no data';
  const panel = described(new StatPanel(), text)
    .datasource(options.prometheus === true ? PROMETHEUS : TIMESCALE)
    .withTarget(query)
    .thresholds(thresholds(steps))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Auto)
    // The name above the figure, not at the other end of a wide panel.
    .wideLayout(false)
    .orientation(VizOrientation.Auto)
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs(['lastNotNull'])
        .values(options.rows === true)
        .fields(options.texts === true ? '/.*/' : ''),
    )
    .mappings([
      {
        type: MappingType.SpecialValue,
        options: { match: SpecialValueMatch.Null, result: { text: noValue, color: 'text' } },
      },
    ])
    .noValue(noValue);
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
  return text.empty === undefined ? panel : panel.noValue(text.empty);
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
    .min(0)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None).group('A'));
}

/** For a series beside bars: a line over them, from the beginning of a bar to the next. (Bars that are not stacked hide each other.) */
export const outlineProperties: DynamicConfigValue[] = [
  { id: 'custom.drawStyle', value: 'line' },
  { id: 'custom.lineInterpolation', value: 'stepAfter' },
  { id: 'custom.fillOpacity', value: 0 },
  { id: 'custom.lineWidth', value: 2 },
];

/** Bars by name. The first column is the name. Long names want bars that lie. */
export function barChart(
  text: PanelText,
  query: SqlQuery,
  xField: string,
  orientation: VizOrientation,
  steps = NEUTRAL,
) {
  const panel = described(new BarChartPanel(), text)
    .datasource(TIMESCALE)
    .withTarget(query)
    .thresholds(thresholds(steps))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .xField(xField)
    .orientation(orientation)
    .min(0)
    .showValue(VisibilityMode.Auto)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.None));
  return text.empty === undefined ? panel : panel.noValue(text.empty);
}

/** px: columns without a width of their own share what is left, and are not narrower. */
export const LEAST_COLUMN_PX = 70;

/** A table. Every text stays as it is (a pole 0012 is not 12), and a cell without a value is empty. */
export function tableOf(text: PanelText, query: SqlQuery, steps: readonly Step[] = NEUTRAL) {
  return described(new TablePanel(), text)
    .datasource(TIMESCALE)
    .withTarget(query)
    .thresholds(thresholds(steps))
    .filterable(true)
    .minWidth(LEAST_COLUMN_PX)
    .showHeader(true)
    .noValue(text.empty ?? 'no data')
    .overrideByRegexp('/.*/', [{ id: 'noValue', value: '' }])
    .overrideByFieldType('string', [{ id: 'unit', value: 'string' }]);
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

/** px of a column that holds a date with its time. */
export const TIME_PX = 160;

/** Width of a table's column, px. */
export function widthProperty(px: number): DynamicConfigValue {
  return { id: 'custom.width', value: px };
}

/** A long text goes on in the next line. */
export const wrapProperty: DynamicConfigValue = { id: 'custom.wrapText', value: true };

/** Unit of a table's column. */
export function unitProperty(unit: string, decimals?: number): DynamicConfigValue[] {
  const property = { id: 'unit', value: unit };
  return decimals === undefined ? [property] : [property, { id: 'decimals', value: decimals }];
}

export function colorProperty(color: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'fixed', fixedColor: color } };
}

/** A shade of the colour for each series that has it. */
export function shadesProperty(color: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'shades', fixedColor: color } };
}

/** Words with a colour each. */
export function wordColors(colors: Readonly<Record<string, string>>): ValueMapping {
  const options = Object.entries(colors).map(([word, color], index) => [word, { text: word, color, index }]);
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) };
}

export const SEVERITY_COLORS = { critical: 'dark-red', major: 'orange', minor: 'yellow', warning: 'blue' };
/** Dimmed is no warning: a shade of lit. */
export const STATUS_COLORS = { fault: 'red', silent: 'purple', lit: 'yellow', dimmed: 'dark-yellow', off: 'dark-blue' };

/** A column of severities, coloured. */
export const severityColumn: DynamicConfigValue[] = [
  widthProperty(85),
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

/** For a panel with one series: its title says what it is. */
export function noLegend() {
  return legend().showLegend(false);
}

export function fixedColor(color: string) {
  return new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color);
}

function legend() {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
}
