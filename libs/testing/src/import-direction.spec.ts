import { describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import { importRules } from '../../../scripts/import-direction.mjs';
import tseslint from 'typescript-eslint';

/** Plants imports in files that do not exist and asks the linter. */
const linter = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } }, ...importRules()] as never,
});

async function objections(file: string, code: string): Promise<string[]> {
  const [result] = await linter.lintText(code, { filePath: file });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('the linter objects to', () => {
  it.each([
    ['a pure library that uses a framework', 'libs/protocol/src/x.ts', `import { Injectable } from '@nestjs/common';`],
    ['a pure library that does I/O', 'libs/energy/src/x.ts', `import { readFile } from 'node:fs/promises';`],
    ['the kernel importing anything', 'libs/kernel/src/x.ts', `import { z } from 'zod';`],
    ['a pure library importing an adapter', 'libs/astronomy/src/x.ts', `import { createPool } from '#libs/storage';`],
    ['mqtt knowing the payloads', 'libs/mqtt/src/x.ts', `import { readingSchema } from '#libs/protocol';`],
    ['an app importing another', 'apps/ingest/src/x.ts', `import { ApiModule } from '#apps/api';`],
    ['an app importing the simulators', 'apps/api/src/x.ts', `import { startFleet } from '#simulators';`],
    ['an app importing test helpers', 'apps/api/src/x.ts', `import { testDatabase } from '#libs/testing';`],
    ['a simulator importing storage', 'simulators/src/x.ts', `import { createPool } from '#libs/storage';`],
    ['a simulator importing an app', 'simulators/src/x.ts', `import { IngestModule } from '#apps/ingest';`],
    [
      'a way around by relative path',
      'libs/kernel/src/x.ts',
      `import { createPool } from '../../storage/src/pool.js';`,
    ],
    ['a way around by re-export', 'libs/protocol/src/x.ts', `export * from '#libs/storage';`],
    ['a way around by dynamic import', 'apps/ingest/src/x.ts', `export const x = import('#apps/api');`],
  ])('%s', async (_name, file, code) => {
    expect(await objections(file, code)).not.toEqual([]);
  });
});

describe('the linter lets pass', () => {
  it.each([
    ['a pure library on the kernel', 'libs/protocol/src/x.ts', `import { isAddress } from '#libs/kernel';`],
    ['an app on libraries', 'apps/ingest/src/x.ts', `import { createPool } from '#libs/storage';`],
    ['standalone composing apps', 'apps/standalone/src/x.ts', `import { ApiModule } from '#apps/api';`],
    ['a neighbouring file', 'libs/storage/src/energy/x.ts', `import { createPool } from '../pool.js';`],
    ['a test on its own sources', 'apps/api/test/x.ts', `import { ApiModule } from '../src/index.js';`],
    ['a test on test helpers', 'apps/api/test/x.integration-spec.ts', `import { testDatabase } from '#libs/testing';`],
  ])('%s', async (_name, file, code) => {
    expect(await objections(file, code)).toEqual([]);
  });
});
