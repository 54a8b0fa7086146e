import { z } from 'zod';
import { limitField, pageOf, textCursor } from '../http/cursor.js';
import { addressField, instantField, queryFlag } from '../http/fields.schema.js';

const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });
const program = addressField('Address of the control program', 'EVENING');
const version = z.int().meta({ description: 'Its version', examples: [3] });

const rolloutView = z
  .strictObject({
    program,
    version,
    devices: count('Devices that shall run it', 1_200),
    lamps: count('Lamps that they run it for', 3_400),
    runningDevices: count('Devices that say they run it', 1_170),
    runningLamps: count('Lamps of these devices', 3_300),
    runningPercent: z.number().meta({
      description: 'Devices that say they run it, percent, rounded down: 100 is all of them',
      examples: [97.5],
    }),
    unpublishedDevices: count('Not handed to the broker yet', 0),
    awayDevices: count('Away; the broker has it for them, and they get it when they return', 20),
    pendingDevices: count('Online, and not said to run it yet', 10),
    mismatchedDevices: count('Of the pending ones, those that have had time enough: raised as programMismatch', 1),
  })
  .meta({ id: 'Rollout', description: 'How far a version of a control program has come' });

export const rolloutList = z
  .strictObject({ items: z.array(rolloutView) })
  .meta({ id: 'RolloutList', description: 'Every program that a device shall run, in the version it shall run' });

const programsInUse = z
  .array(z.strictObject({ program, version, lamps: count('Lamps that run it', 40) }))
  .meta({ description: 'Programs with their versions', examples: [[{ program: 'EVENING', version: 3, lamps: 40 }]] });

const content = (description: string, at: string) =>
  z.strictObject({
    hash: z.string().meta({ description, examples: ['mS0hXk3oV0mR2Jc1pUu5Qw'] }),
    at: instantField(at),
  });

export const deviceProgramView = z
  .strictObject({
    device: addressField('Address of the device', 'GW-01'),
    online: z
      .boolean()
      .nullable()
      .meta({ description: 'What the device said of itself last; null when it never did', examples: [true] }),
    inStep: z.boolean().meta({ description: 'Whether it says it runs what it shall', examples: [true] }),
    desired: content('Names the content that it shall run', 'Since when').extend({ programs: programsInUse }),
    published: content('Names the content that the broker has for it', 'When the broker took it').nullable(),
    reported: z
      .strictObject({
        hash: z.string().nullable().meta({ description: 'Names the content that it runs; null for none' }),
        at: instantField('When it said so'),
      })
      .nullable()
      .meta({ description: 'What it says it runs; null when it never said' }),
    runningPrograms: programsInUse
      .nullable()
      .meta({ description: 'What it ran when it was in step last; null when it never was' }),
    resends: count('How often it was published again because the device runs something else', 0),
    programMismatch: z.boolean().meta({
      description: 'Whether it has been online with another program for longer than the grace time',
      examples: [false],
    }),
    programMismatchSince: instantField('Since when that is raised').nullable(),
  })
  .meta({ id: 'DeviceProgram', description: 'What a device shall run, what the broker has for it, what it says' });

export const deviceProgramPage = pageOf('DeviceProgramPage', deviceProgramView);

export const deviceProgramQuery = z.strictObject({
  cursor: textCursor,
  limit: limitField,
  program: addressField('Devices that shall run this control program', 'EVENING').optional(),
  outOfStep: queryFlag('true: only devices that do not run what they shall; false: only those that do').optional(),
  mismatch: queryFlag('true: only devices raised as programMismatch; false: only the others').optional(),
});
