/** Requests made from the OpenAPI document that the API serves: every operation, with what is sent of it bent in every way. */
import type { Random } from '#simulators';
import { JsonValues, type JsonSchema, type Names } from './json-values.js';
import { brokenText, mutated, nasty, NASTY_TEXTS } from './mutations.js';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly schema?: JsonSchema;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface OpenApiOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
}

/** An operation of the API. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | undefined;
  readonly takesFile: boolean;
}

/** A request as it goes out. */
export interface RestCase {
  readonly operation: string;
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Percent-encoded pairs. */
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => ({
      ...{ id: operationId, method: method.toUpperCase(), path, parameters },
      body: requestBody?.content['application/json']?.schema,
      takesFile: operationId === 'importInventory',
    })),
  );
}

export class RestCases {
  readonly operations: readonly Operation[];
  private readonly values: JsonValues;

  constructor(document: OpenApiDocument, names: Names) {
    this.operations = operationsOf(document);
    this.values = new JsonValues(document.components.schemas, names);
  }

  /** Every operation in turn; the rest is drawn. */
  at(index: number, random: Random): RestCase {
    const operation = this.operations[index % this.operations.length] as Operation;
    const { id, method, parameters } = operation;
    const content = operation.takesFile ? fileOf(random) : this.bodyOf(operation, random);
    return {
      operation: id,
      method:
        random.next() < 0.02 ? random.pick(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST', 'PROPFIND']) : method,
      path: operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => this.pathPart(operation, name, random)),
      query: parameters
        .filter((parameter) => parameter.in === 'query' && random.next() < 0.4)
        .flatMap((parameter) => this.queryOf(parameter, random))
        .concat(random.next() < 0.03 ? [`${random.pick(['x', '__proto__', 'limit[]', 'a[b]', '%00', ''])}=1`] : []),
      headers: { ...this.headersOf(operation, random), ...content.headers },
      body: content.body,
    };
  }

  private pathPart({ parameters }: Operation, name: string, random: Random): string {
    const parameter = parameters.find((each) => each.in === 'path' && each.name === name);
    const kind = random.next();
    if (kind < 0.005) return random.pick(['%ZZ', '%', '%C3%28', '%ED%A0%80', '..%2f..', '%2e%2e']);
    const value =
      kind < 0.1 ? nastyText(random) : this.values.of(parameter?.schema ?? { type: 'string' }, random, name);
    return encode(value) || 'x';
  }

  private queryOf({ name, schema = {} }: Parameter, random: Random): string[] {
    const value = random.next() < 0.25 ? nastyText(random) : this.values.of(schema, random, name);
    const pair = `${encodeURIComponent(name)}=${encode(value)}`;
    return random.next() < 0.02 ? [pair, pair] : [pair];
  }

  private headersOf({ parameters }: Operation, random: Random): Record<string, string> {
    const headers = parameters
      .filter((parameter) => parameter.in === 'header' && random.next() < 0.15)
      .map(({ name, schema = {} }): [string, string] => [
        name.toLowerCase(),
        headerText(random.next() < 0.5 ? this.values.of(schema, random, name) : nastyText(random)),
      ]);
    if (random.next() < 0.05)
      headers.push(['accept', random.pick(['*/*', 'image/svg+xml', 'text/csv', 'x', 'application/xml;q=2', ''])]);
    if (random.next() < 0.02) headers.push(['x-correlation-id', headerText(nastyText(random))]);
    if (random.next() < 0.02) headers.push(['x-forwarded-for', headerText(nastyText(random))]);
    return Object.fromEntries(headers);
  }

  private bodyOf(
    { method, body }: Operation,
    random: Random,
  ): { body: Buffer | undefined; headers: Record<string, string> } {
    if (body === undefined) {
      const isSent = method !== 'GET' && random.next() < 0.1;
      return { body: isSent ? Buffer.from(toText(nasty(random))) : undefined, headers: isSent ? JSON_TYPE : {} };
    }
    const valid = this.values.of(body, random);
    const kind = random.next();
    if (kind < 0.25) return { body: Buffer.from(toText(valid)), headers: JSON_TYPE };
    if (kind < 0.7) {
      const changed = mutated(valid, random);
      return {
        body: Buffer.from(toText(random.next() < 0.3 ? mutated(changed, random) : changed)),
        headers: JSON_TYPE,
      };
    }
    if (kind < 0.9) return { body: brokenText(toText(valid), random), headers: JSON_TYPE };
    if (kind < 0.97) return { body: Buffer.from(toText(valid)), headers: oddType(random) };
    return { body: undefined, headers: random.next() < 0.5 ? JSON_TYPE : {} };
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

function oddType(random: Random): Record<string, string> {
  const type = random.pick([
    ...[
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      '',
    ],
    ...[
      'application/json; charset=utf-16',
      'application/json; charset=latin1',
      'application/json; charset=x',
      'text/csv',
    ],
    ...['application/merge-patch+json', 'application/geo+json', 'application/json;', 'a/b/c', 'APPLICATION/JSON'],
  ]);
  const coding: Record<string, string> =
    random.next() < 0.3 ? { 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'x', 'identity']) } : {};
  return { 'content-type': type, ...coding };
}

const CELLS = [
  'L-0001',
  'L-9',
  '47.74',
  '26.66',
  '47,7',
  'LED-57',
  '57',
  '"',
  '"a',
  ';',
  '\t',
  '=1+1',
  "'=1",
  '',
  'CAB-01',
];

/** An inventory as a file: CSV or GeoJSON, plain or in a form. */
function fileOf(random: Random): { body: Buffer; headers: Record<string, string> } {
  const isCsv = random.next() < 0.6;
  const cell = () => (random.next() < 0.8 ? random.pick(CELLS) : nastyText(random).slice(0, 200));
  const good = () => `F-${random.integer(0, 20)},47.74,26.66,LED-57,57,CAB-01`;
  const isGood = random.next() < 0.4;
  const row = () =>
    isGood ? good() : Array.from({ length: random.integer(0, 7) }, cell).join(random.pick([',', ',', ';', '\t']));
  const csv = [
    'lamp,latitude,longitude,lampType,ratedPowerW,cabinet',
    ...Array.from({ length: random.integer(0, 6) }, row),
  ];
  const feature = {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [26.6, 47.7] },
    properties: { lamp: 'L-9' },
  };
  const text = isCsv
    ? csv.join(random.pick(['\n', '\r\n', '\r']))
    : toText(mutated({ type: 'FeatureCollection', features: [feature, mutated(feature, random)] }, random));
  const file = random.next() < 0.2 ? brokenText(text, random) : Buffer.from(text);
  const type = isCsv ? 'text/csv' : 'application/geo+json';
  if (random.next() < 0.5) return { body: file, headers: { 'content-type': type } };
  return { body: formOf(file, random), headers: { 'content-type': 'multipart/form-data; boundary=b' } };
}

function formOf(file: Buffer, random: Random): Buffer {
  const part = (name: string, more: string) => `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const name = random.next() < 0.9 ? 'file' : random.pick(['f', '', '__proto__', 'file\0']);
  const mapping =
    random.next() < 0.4 ? part('mapping', '') + toText(mutated({ columns: { lamp: 'lamp' } }, random)) + '\r\n' : '';
  const end = random.next() < 0.9 ? '\r\n--b--\r\n' : random.pick(['', '\r\n--b', '--b--']);
  return Buffer.concat([Buffer.from(mapping + part(name, '; filename="a.csv"')), file, Buffer.from(end)]);
}

function nastyText(random: Random): string {
  return random.next() < 0.8 ? random.pick(NASTY_TEXTS) : toText(nasty(random)).slice(0, 2_000);
}

function toText(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : toText(value);
  // Longer heads than Node takes never reach the API.
  return encodeURIComponent(text.slice(0, 1_500).toWellFormed());
}

/** Node's client sends no control characters. */
function headerText(value: unknown): string {
  return String(value)
    .replace(/[^\x20-\x7e\x80-\xff]/g, '?')
    .slice(0, 1_000);
}
