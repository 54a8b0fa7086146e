import { z } from 'zod';

/** What an inventory file says about a lamp, under our names. */
export const FIELDS = [
  'lamp',
  'latitude',
  'longitude',
  'cabinet',
  'circuit',
  'phase',
  'lampType',
  'ratedPowerW',
  'street',
  'pole',
  'device',
  'groups',
  'roadClass',
  'mountingHeightM',
] as const;
export type Field = (typeof FIELDS)[number];

const source = z.string().min(1).max(200);
const fields = Object.fromEntries(FIELDS.map((field) => [field, source.optional()])) as Record<
  Field,
  z.ZodOptional<typeof source>
>;

export const mappingSchema = z
  .strictObject({
    columns: z
      .strictObject({ ...fields, coordinates: source.optional() })
      .optional()
      .meta({
        description:
          'Our field → the column of the file (a property in GeoJSON). A value that begins with = is a constant, in which ' +
          '{column} stands for the value of a column: "=LED-{Putere_W}". `coordinates` is one column that holds both.',
        examples: [{ lamp: 'ID_STALP', latitude: 'Latitudine', longitude: 'Longitudine', lampType: '=LED-{Putere_W}' }],
      }),
    defaults: z
      .strictObject(fields)
      .optional()
      .meta({
        description: 'What to take where the cell is empty or the column missing',
        examples: [{ lampType: 'LED-57' }],
      }),
    delimiter: z
      .enum([',', ';', '\t', '|'])
      .optional()
      .meta({ description: 'Of CSV; found from the first line when absent', examples: [';'] }),
    decimalComma: z
      .boolean()
      .optional()
      .meta({ description: 'Whether numbers are written 47,74; both are understood when absent', examples: [true] }),
    encoding: z
      .enum(['utf-8', 'windows-1250', 'windows-1252', 'latin1'])
      .optional()
      .meta({ description: 'UTF-8 (with or without a byte order mark) when absent', examples: ['windows-1250'] }),
    groupSeparator: z
      .string()
      .min(1)
      .max(3)
      .optional()
      .meta({ description: 'Between the groups within a cell; ; when absent', examples: ['|'] }),
    coordinateOrder: z
      .enum(['latLon', 'lonLat'])
      .optional()
      .meta({ description: 'Within the column `coordinates`; latLon when absent', examples: ['latLon'] }),
    cleanAddresses: z
      .boolean()
      .optional()
      .meta({
        description:
          'true: characters that cannot stand in an address of a lamp or device become a hyphen; false: they are errors',
        examples: [true],
      }),
  })
  .meta({
    id: 'InventoryMapping',
    description: 'How to read a city’s own file. Without a mapping our own column names are expected',
    examples: [
      {
        columns: {
          lamp: 'ID_STALP',
          latitude: 'Latitudine',
          longitude: 'Longitudine',
          cabinet: 'Post_Aprindere',
          ratedPowerW: 'Putere_W',
          lampType: '=LED-{Putere_W}',
        },
        delimiter: ';',
        encoding: 'windows-1250',
      },
    ],
  });

export type Mapping = z.infer<typeof mappingSchema>;
