import { FAULT_KINDS } from '#libs/faults';
import { z } from 'zod';
import { limitField, numberCursor, pageOf, patternCursor } from '../http/cursor.js';
import { addressField, instantField, queryFlag, versionField } from '../http/fields.schema.js';

export const SEVERITIES = ['critical', 'major', 'minor', 'warning'] as const;
const PHASES = ['suspected', 'open', 'cleared', 'closed'] as const;
export const SUBJECT_KINDS = ['lamp', 'device', 'circuit', 'cabinet', 'site'] as const;
export const RESOLUTIONS = [
  'lampReplaced',
  'driverReplaced',
  'fuseReplaced',
  'breakerReset',
  'controllerReplaced',
  'cableRepaired',
  'cleaned',
  'reprogrammed',
  'gridOperator',
  'noFaultFound',
  'other',
] as const;

const oneOf = <T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

const faultId = z.int().meta({ description: 'Id of the fault', examples: [4711] });
/** Any text gets through: `faultIdOf` says better what is wrong. */
export const faultPath = z.string().meta({
  description: 'Id of the fault',
  examples: ['4711'],
  jsonSchema: { type: 'integer', description: 'Id of the fault', example: 4711 },
});

const text = (description: string, example: string) => z.string().meta({ description, examples: [example] });
const nullable = (description: string, example: string) => text(description, example).nullable();
const seconds = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [1260] });
const instantOrNull = (description: string) => instantField(description).nullable();

const link = z.strictObject({
  id: faultId,
  kind: oneOf(FAULT_KINDS).meta({ description: 'Its kind', examples: ['cabinetOutage'] }),
  subject: text('What it is about', 'CAB-01'),
});

const place = z
  .strictObject({
    lamp: nullable('Address of the lamp', 'BT-0001'),
    lampType: nullable('Code of its lamp type', 'LED-57'),
    device: nullable('Device that speaks for it', 'GW-01'),
    cabinet: nullable('Address of the cabinet', 'CAB-01'),
    cabinetName: nullable('Name of the cabinet', 'PT 12 Unirii'),
    circuit: nullable('Circuit of the cabinet', 'C3'),
    street: nullable('Street; of several lamps the one where most of them stand', 'Bulevardul Mihai Eminescu'),
    pole: nullable('Number of the pole', '17A'),
    roadClass: nullable('Lighting class of the road', 'M4'),
    mountingHeightM: z
      .number()
      .nullable()
      .meta({ description: 'Height of the light, m', examples: [8] }),
    latitude: z
      .number()
      .nullable()
      .meta({ description: 'Degrees north; of several lamps the middle', examples: [47.7401] }),
    longitude: z
      .number()
      .nullable()
      .meta({ description: 'Degrees east', examples: [26.6655] }),
  })
  .meta({ description: 'Where to go' });

const work = z
  .strictObject({
    acknowledgedAt: instantOrNull('When somebody said that they look after it; null again when it came back'),
    acknowledgedBy: nullable('Who did, as the client said', 'Maria Ionescu'),
    crew: nullable('Address of the crew that has it', 'NORTH'),
    crewName: nullable('Name of the crew', 'Echipa Nord'),
    assignedAt: instantOrNull('Since when the crew has it'),
    assignedBy: nullable('Who gave it to the crew', 'Maria Ionescu'),
    resolvedAt: instantOrNull('When somebody said that it was repaired'),
    resolvedBy: nullable('Who did', 'Ion Popa'),
    resolution: oneOf(RESOLUTIONS)
      .nullable()
      .meta({ description: 'What was done', examples: ['driverReplaced'] }),
    parts: nullable('Parts that were used', 'driver XITANIUM 75 W'),
    seenAgain: z.boolean().meta({
      description: 'It has been seen since it was said to be resolved: the repair did not help',
      examples: [false],
    }),
    comments: z.int().meta({ description: 'Comments in its history', examples: [2] }),
  })
  .meta({ description: 'What people have done about it so far' });

export const faultView = z
  .strictObject({
    id: faultId,
    kind: oneOf(FAULT_KINDS).meta({ description: 'What it is: TALQ’s names, and ours', examples: ['lampFailure'] }),
    title: text('The same for people', 'Lamp is dark'),
    severity: oneOf(SEVERITIES).meta({ description: 'How bad it is', examples: ['major'] }),
    priority: z
      .int()
      .meta({ description: 'Higher first: severity, road class, number of lamps, night', examples: [60] }),
    phase: oneOf(PHASES).meta({
      description:
        'suspected: seen, not yet for long enough; open; cleared: not seen any more, and may come back as the same fault for 36 ' +
        'hours; closed. Only what is seen changes it',
      examples: ['open'],
    }),
    subjectKind: oneOf(SUBJECT_KINDS).meta({ description: 'What kind of thing it is about', examples: ['lamp'] }),
    subject: text('What it is about: an address, or cabinet and circuit', 'BT-0001'),
    evidence: text('The figures behind it', 'draws 0.6 W at 70 %, where 35 W are expected'),
    likelyCause: text('Where to look first', 'LED module or driver'),
    bring: text('What to bring', 'a luminaire or driver of its type, a lift'),
    place,
    lampCount: z.int().meta({ description: 'Lamps that it concerns', examples: [1] }),
    memberCount: z.int().meta({ description: 'Faults that are parts of this one', examples: [0] }),
    parent: link.nullable().meta({ description: 'The fault of which it is a part; it is not alerted on its own' }),
    since: instantField('When it was seen first'),
    seenLastAt: instantOrNull('When it was seen last'),
    openedAt: instantOrNull('When it opened'),
    clearedAt: instantOrNull('Since when it is not seen any more; null when it is there'),
    closedAt: instantOrNull('When it was closed'),
    reopenings: z.int().meta({ description: 'How often it came back', examples: [0] }),
    work,
    timeToAcknowledgeS: seconds('From opening to the first acknowledgement, s; null when there was none'),
    timeToRepairS: seconds('From opening until it was not seen any more, s; null while it is there'),
    version: versionField,
  })
  .meta({ id: 'Fault', description: 'Something that is wrong, from the first sight to its end' });

export const faultPage = pageOf('FaultPage', faultView);

export const faultQuery = z.strictObject({
  cursor: patternCursor(/^-?\d{1,9} \d{1,16} \d{1,18}$/),
  limit: limitField,
  phase: oneOf(PHASES)
    .optional()
    .meta({ description: 'In this phase only; absent: all that are not closed', examples: ['open'] }),
  kind: oneOf(FAULT_KINDS)
    .optional()
    .meta({ description: 'Of this kind only', examples: ['lampFailure'] }),
  severity: oneOf(SEVERITIES)
    .optional()
    .meta({ description: 'Of this severity only', examples: ['major'] }),
  cabinet: addressField('Of this cabinet, its circuits, its lamps and their devices', 'CAB-01').optional(),
  group: addressField('Of the lamps of this group and their devices', 'CENTRE').optional(),
  lamp: addressField('Of this lamp and its device', 'BT-0001').optional(),
  crew: addressField('That this crew has', 'NORTH').optional(),
  acknowledged: queryFlag('true: only those that somebody looks after; false: only those that nobody does').optional(),
  member: queryFlag('false: without those that are parts of another; true: only those').optional(),
});

export const faultMembersQuery = faultQuery.pick({ cursor: true, limit: true });

const EVENTS = [
  ...['opened', 'reopened', 'cleared', 'closed', 'acknowledged', 'assigned', 'commented', 'resolved'],
  ...['grouped', 'ungrouped', 'escalated'],
];

const faultEvent = z
  .strictObject({
    id: z.int().meta({ examples: [90210] }),
    at: instantField('When'),
    event: z.string().meta({ description: `What: ${EVENTS.join(', ')}`, examples: ['commented'] }),
    by: nullable('Who, as the client said; null: Felinar itself, or nobody said', 'Ion Popa'),
    text: nullable('In words', 'Water in the luminaire'),
    link: nullable('A photo', 'https://photos.example/4711.jpg'),
    readingAt: instantOrNull('The reading by which Felinar decided it: when it was measured; null where none was'),
    messageId: nullable('The message that brought the reading, as ingest logs it (correlationId)', '5f3a91c2-4711'),
  })
  .meta({ id: 'FaultEvent', description: 'Something that happened to a fault, or that somebody did about it' });

export const faultHistoryPage = pageOf('FaultHistoryPage', faultEvent);

export const faultHistoryQuery = z.strictObject({ cursor: numberCursor, limit: limitField });
