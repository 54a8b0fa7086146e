import { z } from 'zod';
import { limitField, pageOf, textCursor } from '../http/cursor.js';
import { addressField, instantField, queryFlag } from '../http/fields.schema.js';
import { lampFilterFields } from '../lamps/lamp-filter.schema.js';

const measure = (description: string, example: number) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [example] });

const reading = z
  .strictObject({
    lightLevelPercent: measure('Light level, percent', 40),
    activePowerW: measure('Mains power, W', 22.8),
    supplyVoltageV: measure('Supply voltage, V', 231.4),
    supplyCurrentA: measure('Supply current, A', 0.11),
    powerFactor: measure('Power factor', 0.94),
    activeEnergyWh: measure('Energy register, Wh; only grows until it is reset', 1_240_511),
    operatingHours: measure('Operating hours register, h', 20_114),
    switchOnCount: measure('Switch-on counter', 3_812),
    temperatureC: measure('Temperature of the controller, °C', 21.5),
    events: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Events that the lamp reports as active (TALQ names)', examples: [['lampFailure']] }),
  })
  .meta({
    id: 'LampReading',
    description: 'What was measured at one instant; null where the lamp does not measure it',
  });

export const lampStateView = z
  .strictObject({
    lamp: addressField('Address of the lamp', 'BT-0001'),
    device: addressField('Device that speaks for it', 'BT-0001'),
    deviceOnline: z
      .boolean()
      .nullable()
      .meta({ description: 'What the device said of itself last; null when it never did', examples: [true] }),
    current: z.boolean().meta({
      description: 'Whether the newest reading is young enough to be a value: not older than `staleAfterS`',
      examples: [true],
    }),
    time: instantField('When the newest reading was measured; null when the lamp never reported').nullable(),
    receivedAt: instantField('When it arrived').nullable(),
    ageS: z
      .number()
      .nullable()
      .meta({ description: 'How old it is, seconds', examples: [312] }),
    staleAfterS: z.number().meta({
      description: 'Three reporting intervals of the device (15 min when it does not say)',
      examples: [2_700],
    }),
    reading: reading.nullable().meta({ description: 'The values of now; null unless `current`' }),
    lastKnown: reading
      .nullable()
      .meta({ description: 'What was measured at `time`, when that is too long ago to hold now' }),
  })
  .meta({
    id: 'LampState',
    description: 'The newest reading of a lamp. An old reading is not a value: it is under `lastKnown` only',
  });

export const lampStatePage = pageOf('LampStatePage', lampStateView);

export const lampStateQuery = z.strictObject({
  cursor: textCursor,
  limit: limitField,
  ...lampFilterFields,
  stale: queryFlag('true: only lamps without a current reading; false: only lamps with one').optional(),
});
