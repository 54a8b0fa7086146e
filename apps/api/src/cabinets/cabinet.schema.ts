import { z } from 'zod';
import { pageOf } from '../http/cursor.js';
import {
  addressField,
  instantField,
  latitudeField,
  longitudeField,
  textField,
  versionField,
} from '../http/fields.schema.js';

const address = addressField('Address of the cabinet; cannot be changed', 'CAB-01');
const fields = {
  name: textField(200, 'Name for people', 'PT 12 Unirii'),
  latitude: latitudeField(47.7401).nullable(),
  longitude: longitudeField(26.6655).nullable(),
  supply: z.enum(['permanent', 'switched'], 'must be permanent or switched').meta({
    description:
      'permanent: its lamps have supply day and night; switched: the cabinet takes it away by day, when silence is healthy',
    examples: ['permanent'],
  }),
};

const bothOrNeither = (value: { latitude?: number | null; longitude?: number | null }): boolean =>
  (value.latitude === undefined) === (value.longitude === undefined) &&
  (value.latitude === null) === (value.longitude === null);
const pairRule = { error: 'latitude and longitude go together: give both, or null for both', path: ['latitude'] };

export const createCabinet = z
  .strictObject({
    address,
    name: fields.name,
    latitude: fields.latitude.default(null),
    longitude: fields.longitude.default(null),
    supply: fields.supply.default('permanent'),
  })
  .refine(bothOrNeither, pairRule)
  .meta({ id: 'CreateCabinet', description: 'A new cabinet (feeder pillar)' });

export const updateCabinet = z
  .strictObject(fields)
  .partial()
  .refine(bothOrNeither, pairRule)
  .meta({ id: 'UpdateCabinet', description: 'What is given is changed', examples: [{ name: 'PT 12 Unirii (new)' }] });

export const cabinetView = z
  .strictObject({
    address,
    ...fields,
    lampCount: z.int().meta({ description: 'Lamps in service that it feeds', examples: [42] }),
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'Cabinet', description: 'A feeder pillar: supplies circuits of lamps' });

export const cabinetPage = pageOf('CabinetPage', cabinetView);
