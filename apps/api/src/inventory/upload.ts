import { z } from 'zod';
import { problem, ProblemError } from '../http/problem.js';
import { mappingText } from './inventory.schema.js';
import type { Mapping } from './read/mapping.schema.js';

export const MAX_FILE_BYTES = 64 * 1024 * 1024;

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
