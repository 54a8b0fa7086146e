import { z } from 'zod';
import type { StandardSchemaConversionResult } from '@nestjs/swagger';

type JsonSchema = Record<string, unknown>;

/**
 * zod to the JSON Schema of OpenAPI 3.1. Schemas with an `id` become components; `jsonSchema` in the metadata of a schema stands
 * in for what zod would make of it (query strings are texts to zod, but numbers to people).
 */
export function convertSchema(
  schema: unknown,
  options: { schemaType: 'input' | 'output' },
): StandardSchemaConversionResult | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const json = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: options.schemaType,
    unrepresentable: 'any',
    override: ({ jsonSchema, zodSchema }) => {
      const meta = z.globalRegistry.get(zodSchema as unknown as z.ZodType);
      replaceWithOwn(jsonSchema as JsonSchema, meta as JsonSchema | undefined);
    },
  }) as JsonSchema;
  const { $schema: _, $defs, id, ...rest } = json;
  const components = Object.fromEntries(
    Object.entries(($defs ?? {}) as Record<string, JsonSchema>).map(([name, value]) => [name, withoutId(value)]),
  );
  if (typeof id !== 'string') return { schema: rest, components };
  return { schema: { $ref: `#/components/schemas/${id}` }, components: { ...components, [id]: rest } };
}

function withoutId({ id: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function replaceWithOwn(target: JsonSchema, meta: JsonSchema | undefined): void {
  const own = meta?.['jsonSchema'] as JsonSchema | undefined;
  if (own === undefined) return;
  const { description } = target;
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, own, description === undefined ? {} : { description });
}
