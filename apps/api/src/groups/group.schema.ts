import { z } from 'zod';
import { thresholdsField } from '../faults/thresholds.schema.js';
import { pageOf } from '../http/cursor.js';
import { addressField, instantField, textField, versionField } from '../http/fields.schema.js';

const address = addressField('Address of the group; cannot be changed', 'CENTRE');
const name = textField(200, 'Name for people', 'City centre');

export const createGroup = z
  .strictObject({ address, name, thresholds: thresholdsField.default({}) })
  .meta({ id: 'CreateGroup', description: 'A new group, without lamps' });

export const updateGroup = z
  .strictObject({ name, thresholds: thresholdsField })
  .partial()
  .meta({ id: 'UpdateGroup', description: 'What is given is changed', examples: [{ name: 'Old town' }] });

export const groupView = z
  .strictObject({
    address,
    name,
    thresholds: thresholdsField,
    lampCount: z.int().meta({ description: 'Lamps in service that are in it', examples: [310] }),
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'Group', description: 'Lamps of a site that are looked at or dimmed together' });

export const groupPage = pageOf('GroupPage', groupView);

const lamps = (description: string) =>
  z
    .array(addressField('Address of a lamp', 'BT-0001'))
    .max(10_000, 'must be 10,000 lamps at the most: change the group in several steps')
    .default([])
    .meta({ description, examples: [['BT-0001', 'BT-0002']] });

export const changeGroupLamps = z
  .strictObject({ add: lamps('Lamps to put in'), remove: lamps('Lamps to take out') })
  .meta({ id: 'ChangeGroupLamps', description: 'All of it is done, or nothing' });

export const groupLampsChanged = z
  .strictObject({
    added: z.int().meta({ description: 'Lamps that were not in the group before', examples: [2] }),
    removed: z.int().meta({ description: 'Lamps that were in the group before', examples: [0] }),
    lampCount: z.int().meta({ description: 'Lamps in service that are in it now', examples: [312] }),
  })
  .meta({ id: 'GroupLampsChanged', description: 'What changed' });
