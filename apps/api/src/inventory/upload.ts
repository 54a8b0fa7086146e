import { z } from 'zod';
import { problem, ProblemError } from '../http/problem.js';
import { mappingText } from './inventory.schema.js';
import type { Mapping } from './read/mapping.schema.js';

export const MAX_FILE_BYTES = 64 * 1024 * 1024;

const CSV = 'lamp,latitude,longitude,lampType,cabinet\nBT-0001,47.7401,26.6655,LED-57,CAB-01\n';
const GEOJSON = JSON.stringify({
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [26.6655, 47.7401] },
      properties: { lamp: 'BT-0001', lampType: 'LED-57', cabinet: 'CAB-01' },
    },
  ],
});

/** What the import takes, for the OpenAPI document. */
export const UPLOAD_BODY = {
  'multipart/form-data': {
    schema: {
      type: 'object',
      required: ['file'],
      properties: {
        file: { type: 'string', format: 'binary', description: 'CSV or GeoJSON' },
        mapping: { type: 'string', description: 'How to read the file (an InventoryMapping as JSON)' },
      },
    },
  },
  'text/csv': { schema: { type: 'string' }, example: CSV },
  'application/geo+json': { schema: { type: 'string' }, example: GEOJSON },
};

const formSchema = z.strictObject({ mapping: mappingText.optional() });

/** The file and its mapping, from a form or from the plain body and the query. */
export function readUpload(
  file: { readonly buffer: Uint8Array } | undefined,
  body: unknown,
  queryMapping: Mapping | undefined,
): { bytes: Uint8Array; mapping: Mapping } {
  if (Buffer.isBuffer(body)) return { bytes: body, mapping: queryMapping ?? {} };
  if (file === undefined) {
    throw refused(
      'There is no file: send it as the part "file" of multipart/form-data, or as a body with content-type text/csv or application/geo+json',
      [{ pointer: '/file', problem: 'is missing' }],
    );
  }
  const form = formSchema.safeParse({ ...(body as object | undefined) });
  if (!form.success) {
    throw refused(
      'The form is not valid: see errors',
      form.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({
              pointer: `/${[...issue.path, key].join('/')}`,
              problem: 'is not known here: check the spelling',
            }))
          : [{ pointer: `/${issue.path.join('/')}`, problem: issue.message }],
      ),
    );
  }
  if (queryMapping !== undefined && form.data.mapping !== undefined) {
    throw refused('The mapping is given twice: in the form and in the query', [
      { pointer: 'query/mapping', problem: 'leave one out' },
    ]);
  }
  return { bytes: file.buffer, mapping: form.data.mapping ?? queryMapping ?? {} };
}

function refused(detail: string, errors: { pointer: string; problem: string }[]): ProblemError {
  return new ProblemError(problem(400, detail, errors.slice(0, 100)));
}
