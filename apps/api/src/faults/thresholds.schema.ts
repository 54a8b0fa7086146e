import { DEFAULT_THRESHOLDS, type Thresholds } from '#libs/faults';
import { z } from 'zod';
import { addressField, numberField } from '../http/fields.schema.js';

const figure = (name: keyof Thresholds, min: number, max: number, description: string) =>
  numberField(min, max, `${description}; ${DEFAULT_THRESHOLDS[name]} when nothing is set`, DEFAULT_THRESHOLDS[name]);

/** Every figure of libs/faults, with what it means and how far it may go. */
const figures = {
  darkBelowPercent: figure(
    'darkBelowPercent',
    1,
    90,
    'lampFailure: below this share of the expected power a lamp that should be lit is dark, percent',
  ),
  powerTolerancePercent: figure(
    'powerTolerancePercent',
    1,
    300,
    'lampPowerTooHigh and lampPowerTooLow: how far from what the lamp type says, percent',
  ),
  baselineTolerancePercent: figure(
    'baselineTolerancePercent',
    1,
    300,
    'The same: how far from what this lamp has drawn so far, once that is known, percent',
  ),
  onAbovePercent: figure(
    'onAbovePercent',
    1,
    90,
    'lampUnexpectedOn and relayFailure: above this share of the rated power over standby a lamp burns, percent',
  ),
  dimmingTolerancePercent: figure(
    'dimmingTolerancePercent',
    1,
    100,
    'dimmingFailure: how far from the level that the controller aims at, percent of full output',
  ),
  supplyVoltageHighV: figure('supplyVoltageHighV', 50, 1_000, 'supplyVoltageTooHigh: above this, V'),
  supplyVoltageLowV: figure('supplyVoltageLowV', 50, 1_000, 'supplyVoltageTooLow: below this, V'),
  currentTolerancePercent: figure(
    'currentTolerancePercent',
    1,
    300,
    'currentTooHigh and currentTooLow: how far from the current that power and voltage make, percent',
  ),
  powerFactorLow: figure('powerFactorLow', 0, 1, 'powerFactorTooLow: below this, at half of full level and above'),
  temperatureHighC: figure('temperatureHighC', 0, 200, 'highTemperature: above this, °C'),
  cyclesPerHour: figure(
    'cyclesPerHour',
    1,
    1_000,
    'cyclingFailure: from so many switchings-on within an hour that nobody asked for',
  ),
  warmUpS: figure('warmUpS', 0, 7_200, 'For so long after switching on the power is not judged, s'),
} satisfies Record<keyof Thresholds, z.ZodType>;

export const thresholdNames = Object.keys(figures) as (keyof Thresholds)[];

const voltagesInOrder = (value: { supplyVoltageHighV?: number | undefined; supplyVoltageLowV?: number | undefined }) =>
  value.supplyVoltageHighV === undefined ||
  value.supplyVoltageLowV === undefined ||
  value.supplyVoltageLowV < value.supplyVoltageHighV;

/** What is set of a lamp type, a group or a lamp. */
export const thresholdsField = z
  .strictObject(figures)
  .partial()
  .refine(voltagesInOrder, { error: 'must be less than supplyVoltageHighV', path: ['supplyVoltageLowV'] })
  .meta({
    id: 'Thresholds',
    description:
      'From when on something is a fault, where that differs. Figure by figure the lamp goes before its groups (of several the last ' +
      'by address), groups before the lamp type, and that before the defaults. What is given replaces the whole set',
    examples: [{ supplyVoltageHighV: 260 }],
  });

const SOURCES = ['default', 'lampType', 'group', 'lamp'] as const;

const source = z.strictObject({
  kind: z.enum(SOURCES).meta({ description: 'Where the figure is set', examples: ['group'] }),
  address: z
    .string()
    .nullable()
    .meta({ description: 'Code of the lamp type, address of the group or lamp; null for a default' }),
});

export const lampThresholdsView = z
  .strictObject({
    lamp: addressField('Address of the lamp', 'BT-0001'),
    thresholds: z.strictObject(figures).meta({ description: 'The figures that hold' }),
    sources: z
      .strictObject(
        Object.fromEntries(thresholdNames.map((name) => [name, source])) as Record<keyof Thresholds, typeof source>,
      )
      .meta({ description: 'Where each of them comes from' }),
  })
  .meta({ id: 'LampThresholds', description: 'From when on something is a fault of a lamp' });
