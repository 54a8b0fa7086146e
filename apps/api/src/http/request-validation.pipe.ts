import { StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { problem, ProblemError } from './problem.js';

class Issues {
  constructor(readonly issues: readonly StandardSchemaV1.Issue[]) {}
}

/** How many findings an answer names at the most. */
const MAX_ERRORS = 100;

/** Nest's own validation, with findings that say where in the request they are. */
export class RequestValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new Issues(issues) });
  }

  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (metadata.type === 'body' && value === undefined && metadata.schema !== undefined) {
      throw new ProblemError(
        problem(400, 'The body is missing: send JSON with the header content-type: application/json'),
      );
    }
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof Issues)) throw error;
      const errors = error.issues.slice(0, MAX_ERRORS).flatMap((issue) => toErrors(issue, metadata));
      const count = error.issues.length;
      throw new ProblemError(
        problem(400, `${count === 1 ? '1 thing is' : `${count} things are`} wrong in the request: see errors`, errors),
      );
    }
  }
}

function toErrors(issue: StandardSchemaV1.Issue, metadata: ArgumentMetadata) {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  const unknown = (issue as { code?: string; keys?: string[] }).keys;
  if ((issue as { code?: string }).code === 'unrecognized_keys' && unknown !== undefined) {
    return unknown
      .slice(0, MAX_ERRORS)
      .map((key) => ({ pointer: pointer([...path, key], metadata), problem: 'is not known here: check the spelling' }));
  }
  return [{ pointer: pointer(path, metadata), problem: issue.message }];
}

const escape = (part: PropertyKey): string => String(part).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');

/** `/bands/0/from` in a body; `query/limit`, `path/site` for parameters. */
function pointer(path: readonly PropertyKey[], metadata: ArgumentMetadata): string {
  if (metadata.type === 'body') return path.map((part) => `/${escape(part)}`).join('');
  const place = metadata.type === 'param' ? 'path' : metadata.type;
  const names = metadata.data === undefined ? path : [metadata.data, ...path];
  return [place, ...names.map(escape)].join('/');
}
