import { z } from 'zod';
import { commentField } from '../http/comment.schema.js';
import { pageOf } from '../http/cursor.js';
import { addressField, instantField, versionField } from '../http/fields.schema.js';

export const KINDS = ['site', 'cabinet', 'group', 'lamp'] as const;

export const kindPath = z
  .enum(KINDS, 'must be site, cabinet, group or lamp')
  .meta({ description: 'What the calendar is assigned to', examples: ['group'] });
export const targetPath = addressField('Address of the site, cabinet, group or lamp', 'CENTRE');

const calendar = addressField('Address of the calendar', 'STREETS');
const priority = z
  .int('must be a whole number')
  .min(-1000, 'must be -1000 or more')
  .max(1000, 'must be 1000 or less')
  .meta({
    description: 'Of several groups of a lamp the one with the highest priority decides; only groups have one',
    examples: [0],
  });

export const putAssignment = z
  .strictObject({ calendar, priority: priority.default(0), comment: commentField })
  .meta({ id: 'PutAssignment', description: 'Which calendar it shall have', examples: [{ calendar: 'STREETS' }] });

export const assignmentView = z
  .strictObject({
    kind: kindPath,
    address: targetPath,
    calendar,
    priority,
    lampCount: z.int().meta({ description: 'Lamps in service that it speaks of', examples: [310] }),
    decidesFor: z.int().meta({
      description: 'Those of them that have their calendar from it, and not from something more specific',
      examples: [302],
    }),
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'Assignment', description: 'The calendar of a site, cabinet, group or lamp' });

export const assignmentPage = pageOf('AssignmentPage', assignmentView);
