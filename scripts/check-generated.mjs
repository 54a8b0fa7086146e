/** Generates again and fails when that changes a file: somebody edited a generated file, or a source without generating. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const GENERATED = [
  'docs/protocol/asyncapi.json',
  'README.md',
  '.env.example',
  'deploy/mosquitto/acl',
  'docs/api/openapi.json',
];
const read = () => GENERATED.map((path) => readFileSync(path, 'utf8'));

const before = read();
execFileSync(process.execPath, ['scripts/generate.mjs'], { stdio: 'ignore' });
const after = read();
const stale = GENERATED.filter((_path, index) => before[index] !== after[index]);
if (stale.length > 0) {
  console.error(
    `Out of date: ${stale.join(', ')}. They have now been generated anew: look at the difference and commit it.`,
  );
  process.exit(1);
}
console.log(`${GENERATED.length} generated files are up to date.`);
