import { describe, expect, it } from '@jest/globals';
import specifications from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { asyncApiDocument, exampleOf } from './asyncapi.js';
import { DOWN_CHANNELS, UP_CHANNELS } from './topics.js';

const channels = [...UP_CHANNELS, ...DOWN_CHANNELS];

describe('the AsyncAPI document', () => {
  it('is valid AsyncAPI 3.0.0', () => {
    // The bundle brings its own copy of the draft-07 meta-schema.
    const ajv = new Ajv({ meta: false, strict: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile(specifications.schemas['3.0.0'] as object);
    validate(asyncApiDocument());
    expect(validate.errors ?? []).toEqual([]);
  });

  it('has every channel of the contract, each used by one operation', () => {
    const document = asyncApiDocument() as {
      channels: object;
      operations: Record<string, { channel: { $ref: string } }>;
    };
    expect(Object.keys(document.channels)).toEqual(channels);
    expect(Object.values(document.operations).map(({ channel }) => channel.$ref)).toEqual(
      channels.map((name) => `#/channels/${name}`),
    );
  });

  it.each(channels)('has an example of %s that the validator takes', (channel) => {
    const { schema, example } = exampleOf(channel);
    expect(schema.safeParse(example)).toMatchObject({ success: true });
  });
});
