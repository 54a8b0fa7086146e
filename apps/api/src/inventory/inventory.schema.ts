import { z } from 'zod';
import { queryFlag } from '../http/fields.schema.js';
import { mappingSchema, type Mapping } from './read/mapping.schema.js';

/** The mapping arrives as JSON in a text: in a form field, or in the query. */
export const mappingText = z
  .string()
  .max(20_000)
  .transform((text, context): Mapping => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not valid JSON' });
      return z.NEVER;
    }
    const parsed = mappingSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    // Built anew: the issues are those of the JSON within, and keep their paths.
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: json } as never);
    return z.NEVER;
  });

export const importQuery = z.strictObject({
  dryRun: queryFlag('true: report what the import would do, and change nothing').optional(),
  mapping: mappingText.optional().meta({
    description:
      'How to read the file (an InventoryMapping as JSON); with multipart/form-data it is a part of the form instead',
    jsonSchema: {
      type: 'string',
      contentMediaType: 'application/json',
      example: '{"columns":{"lamp":"ID_STALP","coordinates":"GPS"}}',
    },
  }),
});

export const exportQuery = z.strictObject({
  format: z
    .enum(['csv', 'geojson'], 'must be csv or geojson')
    .default('csv')
    .meta({ description: 'CSV with our own column names, or GeoJSON', examples: ['csv'] }),
});

const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });
const created = (description: string, example: string) =>
  z.strictObject({
    created: z.int().meta({ description, examples: [1] }),
    addresses: z.array(z.string()).meta({ description: 'Which; the first 1,000', examples: [[example]] }),
  });

export const importView = z
  .strictObject({
    dryRun: z.boolean().meta({ description: 'true: nothing was changed', examples: [false] }),
    format: z.enum(['csv', 'geojson']).meta({ examples: ['csv'] }),
    delimiter: z
      .string()
      .nullable()
      .meta({ description: 'Of CSV', examples: [';'] }),
    rows: count('Rows in the file', 20_000),
    lamps: z.strictObject({
      created: count('Lamps that were not there', 19_990),
      updated: count('Lamps that changed', 8),
      unchanged: count('Lamps that the file shows as they are', 2),
    }),
    cabinets: created('Cabinets that were not there', 'CAB-17'),
    groups: created('Groups that were not there', 'CENTRE'),
    lampTypes: created('Lamp types that were not there', 'LED-57'),
    ignoredColumns: z
      .array(z.string())
      .meta({ description: 'Columns of the file that were not read', examples: [['Observatii']] }),
  })
  .meta({ id: 'InventoryImport', description: 'What the import did, or would do' });

export const finding = z
  .strictObject({
    line: z
      .int()
      .optional()
      .meta({ description: 'Line of a CSV file; number of the feature, from 1, in GeoJSON', examples: [12] }),
    column: z
      .string()
      .optional()
      .meta({ description: 'The file’s own name of the column', examples: ['Latitudine'] }),
    value: z
      .string()
      .optional()
      .meta({ description: 'What stands there', examples: ['26,6655'] }),
    problem: z.string().meta({
      description: 'What is wrong and what to do',
      examples: ['latitude and longitude look swapped: exchange the two columns in the mapping'],
    }),
  })
  .meta({ id: 'InventoryFinding', description: 'Something that is wrong in the file' });
