import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { problemSchema } from '../http/problem.js';
import { convertSchema } from './json-schema.js';

const DESCRIPTION = `Monitors and controls the public lighting of a city: inventory, newest state, telemetry, energy with its cost and CO₂;
what the lamps do in every night of the year: control programs, calendars and what they are assigned to; overrides and how far they have
come, lamp by lamp; faults and what is being done about them.

**Addresses.** Sites, lamps, cabinets and groups are addressed by the names that people and devices use, not by ids.

**Lists** come in pages: pass \`nextCursor\` as \`cursor\` until it is null.

**Changes.** Every resource has a version, which is its \`ETag\`. Send it as \`If-Match\` with PATCH, PUT or DELETE, and the change is
refused with 412 when somebody else was faster.

**Who you are** you show with \`Authorization: Bearer …\`: the access token of \`POST /sessions\`, or an API key, which may also stand in
\`X-API-Key\`. What you may do follows from your roles in sites and groups; every route says what it needs (\`x-felinar-access\`). Sites
that you have nothing to do with answer 404.

**Who** changes programs, calendars and assignments stands in their history, with what and when. Say why as \`comment\` in the body.

**Refusals** are problem documents (RFC 9457, \`application/problem+json\`) that say what to do. Unknown properties and unknown query
parameters are errors: a misspelt name would be silently without effect. Every answer carries \`x-correlation-id\`.

**Time** is UTC in answers. Days and months are local to the site.`;

const TAGS: readonly (readonly [string, string])[] = [
  ['sites', 'Cities or districts, each with its time zone and its place'],
  ['lamps', 'Luminaires with their controllers'],
  ['lamp types', 'Models of luminaires, shared by all sites'],
  ['cabinets', 'Feeder pillars and the lamps they supply'],
  ['groups', 'Lamps that are looked at or dimmed together'],
  ['inventory', 'Bring the whole inventory in, and out again'],
  ['overrides', 'Levels that go before the calendar for a time, and always end'],
  ['commands', 'How far what was commanded has come, lamp by lamp'],
  ['lamp levels', 'What was commanded, what the controller aims at, and what the lamp shows'],
  ['faults', 'What is wrong, how bad it is, where, and what is being done about it'],
  ['fault reports', 'Availability, end of life, day burners, and how fast faults are repaired'],
  ['rollouts', 'How far control programs have come to the devices'],
  ['control programs', 'What lamps do in a night; history and preview'],
  ['calendars', 'Which control program each night has'],
  ['assignments', 'Which calendar holds for a site, its cabinets, groups and lamps'],
  ['lamp schedules', 'What a lamp is to do in a night or a year, and why'],
  ['lamp states', 'What the lamps report now, and how old that is'],
  ['telemetry', 'What a lamp measured over time'],
  ['crews', 'Who is told of faults, in which way, and what has reached them'],
  ['energy', 'Energy, cost and CO₂ from the energy registers'],
  ['tariffs', 'What the electricity costs'],
  ['rejected messages', 'Messages of devices that could not be used'],
  ['access', 'Sign in, users with their roles, API keys'],
  ['audit', 'Who changed what, when and from where'],
  ['operation', 'Health and metrics of the process'],
];

/** The OpenAPI 3.1 document of the API. */
export function createDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Felinar')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An access token, or an API key' }, 'token')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key' }, 'apiKey');
  for (const [name, description] of TAGS) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
    standardSchemaConverter: convertSchema,
  });
  return withFormats(withProblems(document));
}

/** Every refusal refers to the one form of problems; no route answers with it, so Nest does not meet it by itself. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const { schema: _reference, components = {} } = convertSchema(problemSchema, { schemaType: 'output' }) ?? {};
  const moved = JSON.parse(JSON.stringify(components).replaceAll('#/$defs/', '#/components/schemas/')) as SchemasObject;
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...moved } };
  return document;
}

/** What has a query parameter `format` answers in the other forms too. */
function withFormats(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post]) {
      const answer = operation?.responses['200'];
      if (answer === undefined || '$ref' in answer || answer.content?.['application/json'] === undefined) continue;
      const parameters = JSON.stringify(operation?.parameters ?? []);
      const types = Object.entries(FORMATS).flatMap(([format, type]) =>
        parameters.includes(`"${format}"`) ? [type] : [],
      );
      for (const type of types) answer.content[type] = { schema: { type: 'string' } };
    }
  }
  return document;
}

const FORMATS = { svg: 'image/svg+xml', csv: 'text/csv' };

type SchemasObject = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
