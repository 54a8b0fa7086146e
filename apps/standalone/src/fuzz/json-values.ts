import type { Random } from '#simulators';

/** What of JSON Schema our own documents use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly format?: string;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
}

/** Names of things that exist, or may, by the name of the property or parameter that holds them. */
export type Names = (property: string, random: Random) => unknown;

const DEEPEST = 8;

/** Makes values that a schema allows, most of the time: what a client that means well would send. */
export class JsonValues {
  constructor(
    private readonly schemas: Readonly<Record<string, JsonSchema>>,
    private readonly names: Names,
  ) {}

  /** `property`: the name under which the value will stand. */
  of(schema: JsonSchema, random: Random, property = '', depth = 0): unknown {
    const resolved = this.resolve(schema);
    if (resolved.const !== undefined) return resolved.const;
    if (resolved.enum !== undefined) return random.pick(resolved.enum);
    const named = property === '' ? undefined : this.names(property, random);
    if (named !== undefined && resolved.type !== 'array' && random.next() < 0.8) return named;
    const choices = resolved.anyOf ?? resolved.oneOf;
    if (choices !== undefined) return this.of(random.pick(choices), random, property, depth + 1);
    if (resolved.allOf !== undefined)
      return Object.assign({}, ...resolved.allOf.map((part) => this.of(part, random, property, depth + 1)));
    const example = resolved.example ?? resolved.examples?.[0];
    if (example !== undefined && random.next() < 0.4) return example;
    return this.ofType(resolved, random, property, depth);
  }

  private ofType(schema: JsonSchema, random: Random, property: string, depth: number): unknown {
    switch (schema.type) {
      case 'object':
        return depth > DEEPEST ? {} : this.object(schema, random, depth);
      case 'array':
        return depth > DEEPEST ? [] : this.array(schema, random, property, depth);
      case 'integer':
        return Math.round(number(schema, random));
      case 'number':
        return number(schema, random);
      case 'boolean':
        return random.next() < 0.5;
      case 'null':
        return null;
      case 'string':
        return text(schema, random);
      default:
        return random.pick([null, true, 1, 'x', [], {}]);
    }
  }

  private object({ properties = {}, required = [] }: JsonSchema, random: Random, depth: number): unknown {
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => required.includes(name) || random.next() < 0.5)
        .map(([name, schema]) => [name, this.of(schema, random, name, depth + 1)]),
    );
  }

  private array(schema: JsonSchema, random: Random, property: string, depth: number): unknown[] {
    if (schema.prefixItems !== undefined) return schema.prefixItems.map((item) => this.of(item, random, '', depth + 1));
    const { minItems = 0, maxItems = 4, items = {} } = schema;
    const length = Math.min(maxItems, random.integer(minItems, minItems + 3));
    return Array.from({ length }, () => this.of(items, random, property, depth + 1));
  }

  private resolve(schema: JsonSchema): JsonSchema {
    if (schema.$ref === undefined) return schema;
    const found = this.schemas[schema.$ref.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error(`the document has no ${schema.$ref}`);
    return this.resolve(found);
  }
}

function number({ minimum = -1000, maximum = 1000 }: JsonSchema, random: Random): number {
  // What lies at the edge of what is allowed is where off-by-one lives.
  const edge = random.next();
  if (edge < 0.15) return minimum;
  if (edge < 0.3) return maximum;
  return random.between(minimum, maximum);
}

const TEXTS = ['L-0001', 'x', 'Bulevardul Mihai Eminescu', 'Ștefan cel Mare', '=1+1', '💡', '17A'];

function text({ format, minLength = 0 }: JsonSchema, random: Random): string {
  if (format === 'date') return `2026-${two(random.integer(1, 12))}-${two(random.integer(1, 28))}`;
  if (format === 'date-time') return `2026-11-${two(random.integer(1, 30))}T${two(random.integer(0, 23))}:00:00Z`;
  return random.pick(TEXTS).padEnd(minLength, 'x');
}

const two = (value: number): string => String(value).padStart(2, '0');
