import { z } from 'zod';
import { thresholdsField } from '../faults/thresholds.schema.js';
import { limitField, pageOf, textCursor } from '../http/cursor.js';
import {
  addressField,
  instantField,
  latitudeField,
  longitudeField,
  numberField,
  textField,
  versionField,
} from '../http/fields.schema.js';
import { lampFilterFields } from './lamp-filter.schema.js';

const address = addressField('Address of the lamp; cannot be changed', 'BT-0001');
const device = addressField('Address of the MQTT device that speaks for it: a gateway’s, or the lamp’s own', 'BT-0001');

const fields = {
  lampType: addressField('Code of its lamp type', 'LED-57'),
  cabinet: addressField('Address of the cabinet that feeds it', 'CAB-01').nullable(),
  circuit: textField(64, 'Circuit of the cabinet', 'C3').nullable(),
  phase: z
    .enum(['L1', 'L2', 'L3'], 'must be L1, L2 or L3')
    .nullable()
    .meta({ description: 'Phase of the supply', examples: ['L1'] }),
  latitude: latitudeField(47.7401),
  longitude: longitudeField(26.6655),
  street: textField(200, 'Street', 'Bulevardul Mihai Eminescu').nullable(),
  pole: textField(64, 'Number of the pole', '17A').nullable(),
  roadClass: textField(16, 'Lighting class of the road (EN 13201)', 'M4').nullable(),
  mountingHeightM: numberField(0.1, 100, 'Height of the light above the ground, m', 8).nullable(),
  groups: z
    .array(addressField('Address of a group', 'CENTRE'))
    .max(100)
    .refine((list) => new Set(list).size === list.length, 'must not name a group twice')
    .meta({ description: 'The groups it is in', examples: [['CENTRE']] }),
  thresholds: thresholdsField,
};

export const createLamp = z
  .strictObject({
    ...fields,
    address,
    device: device.optional().meta({
      description: 'Address of the MQTT device that speaks for it; its own when absent',
      examples: ['BT-0001'],
    }),
    cabinet: fields.cabinet.default(null),
    circuit: fields.circuit.default(null),
    phase: fields.phase.default(null),
    street: fields.street.default(null),
    pole: fields.pole.default(null),
    roadClass: fields.roadClass.default(null),
    mountingHeightM: fields.mountingHeightM.default(null),
    groups: fields.groups.default([]),
    thresholds: fields.thresholds.default({}),
  })
  .meta({ id: 'CreateLamp', description: 'A new lamp' });

export const updateLamp = z
  .strictObject({ device, ...fields })
  .partial()
  .meta({
    id: 'UpdateLamp',
    description: 'What is given is changed; `groups` replaces all groups of the lamp',
    examples: [{ cabinet: 'CAB-02', circuit: 'C1' }],
  });

export const lampView = z
  .strictObject({
    address,
    device,
    ...fields,
    ratedPowerW: z.number().meta({ description: 'Mains power at 100 %, W: of its lamp type', examples: [57] }),
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'Lamp', description: 'One luminaire with its controller' });

export const lampPage = pageOf('LampPage', lampView);

export const lampQuery = z.strictObject({ cursor: textCursor, limit: limitField, ...lampFilterFields });
