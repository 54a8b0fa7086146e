import { DomainError } from '#libs/kernel';
import { z } from 'zod';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const EXAMPLE = '5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77';

/** An id in a path. Any text gets through: nothing can be there, and `idOf` says so better than a schema. */
export function idPath(what: string) {
  return z.string().meta({ description: `Id of the ${what}`, examples: [EXAMPLE], jsonSchema: idJson(what) });
}

const idJson = (what: string) => ({ type: 'string', format: 'uuid', description: `Id of the ${what}` });

/** Whether a text can be an id. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

/** The id in a path; a text that is none is refused as something that does not exist. */
export function idOf(what: string, text: string): string {
  const id = text.toLowerCase();
  if (isId(id)) return id;
  throw new DomainError(
    'notFound',
    `There is no ${what} ${text.slice(0, 100)}: ids are UUIDs such as ${EXAMPLE}; take them from the list`,
  );
}
