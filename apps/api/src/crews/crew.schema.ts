import { LANGUAGES } from '#libs/alerts';
import { z } from 'zod';
import { pageOf } from '../http/cursor.js';
import { addressField, instantField, textField, versionField } from '../http/fields.schema.js';

export const crewPath = addressField('Address of the crew', 'NORTH');

const fields = {
  name: textField(200, 'Name for people', 'Echipa Nord'),
  language: z
    .enum(LANGUAGES, 'must be en or ro')
    .meta({ description: 'Language of its messages: English or Romanian', examples: ['ro'] }),
};

export const createCrew = z
  .strictObject({ address: crewPath, ...fields, language: fields.language.default('en') })
  .meta({ id: 'CreateCrew', description: 'People who are told of faults and mend them; channels come next' });

export const updateCrew = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'UpdateCrew', description: 'What is given is changed', examples: [{ language: 'ro' }] });

export const crewView = z
  .strictObject({
    address: crewPath,
    ...fields,
    channelCount: z.int().meta({ description: 'Ways to reach it; none: it is told nothing', examples: [2] }),
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'Crew', description: 'People who are told of faults and mend them' });

export const crewPage = pageOf('CrewPage', crewView);
