import { z } from 'zod';
import { thresholdsField } from '../faults/thresholds.schema.js';
import { pageOf } from '../http/cursor.js';
import { addressField, instantField, numberField, textField, versionField } from '../http/fields.schema.js';

const code = addressField('Code of the lamp type; cannot be changed', 'LED-57');

const curvePoint = z.strictObject({
  levelPercent: z
    .number()
    .gt(0, 'must be more than 0: standbyPowerW says what it draws when off')
    .max(100, 'must be 100 or less')
    .meta({ description: 'Light level, percent', examples: [50] }),
  powerPercent: numberField(0, 100, 'Mains power at that level, percent of the rated power', 54),
});
type CurvePoint = z.infer<typeof curvePoint>;

const powerCurve = z
  .array(curvePoint)
  .max(20, 'must have 20 points at the most')
  .superRefine((points: CurvePoint[], context) => {
    points.forEach(({ levelPercent, powerPercent }, index) => {
      const before = points[index - 1];
      const problem = (name: keyof CurvePoint, message: string) =>
        context.addIssue({ code: 'custom', path: [index, name], message });
      if (before !== undefined && levelPercent <= before.levelPercent)
        problem('levelPercent', `must be more than ${before.levelPercent}, the level of the point before`);
      if (before !== undefined && powerPercent < before.powerPercent)
        problem('powerPercent', `must be ${before.powerPercent} or more: power does not fall as the level grows`);
      if (levelPercent === 100 && powerPercent !== 100)
        problem('powerPercent', 'must be 100: the rated power is the power at level 100');
    });
  })
  .meta({
    description:
      'What the driver draws when it dims, from its data sheet: levels growing. Empty: a straight line from standby to rated power',
    examples: [[{ levelPercent: 50, powerPercent: 54 }]],
  });

const fields = {
  name: textField(200, 'Name for people', 'Philips Luma gen2, 57 W'),
  technology: textField(32, 'LED, HPS, LPS, MH, …', 'LED'),
  ratedPowerW: numberField(0.1, 100_000, 'Mains power at 100 % light level, W', 57),
  standbyPowerW: numberField(0, 1_000, 'Mains power when off but supplied, W', 0.5),
  dimmable: z.boolean().meta({ description: 'Whether the driver can dim', examples: [true] }),
  minLevelPercent: numberField(0, 100, 'Lowest light level the driver can hold, percent', 10),
  ratedLifeH: numberField(1, 10_000_000, 'Rated life of the light source, hours', 100_000).nullable(),
  powerCurve,
  thresholds: thresholdsField,
};

export const createLampType = z
  .strictObject({
    code,
    ...fields,
    standbyPowerW: fields.standbyPowerW.default(0),
    dimmable: fields.dimmable.default(true),
    minLevelPercent: fields.minLevelPercent.default(0),
    ratedLifeH: fields.ratedLifeH.default(null),
    powerCurve: fields.powerCurve.default([]),
    thresholds: fields.thresholds.default({}),
  })
  .meta({ id: 'CreateLampType', description: 'A new lamp type' });

export const updateLampType = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'UpdateLampType', description: 'What is given is changed', examples: [{ standbyPowerW: 0.4 }] });

export const lampTypeView = z
  .strictObject({
    code,
    ...fields,
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'LampType', description: 'A model of luminaire with its driver, shared by all sites' });

export const lampTypePage = pageOf('LampTypePage', lampTypeView);
