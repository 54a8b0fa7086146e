/** Generates again and fails when that changes a file: somebody edited a generated file, or a source without generating. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { runbookProblems } from './check-runbooks.mjs';

const GENERATED = [
  'docs/protocol/asyncapi.json',
  'README.md',
  '.env.example',
  'deploy/mosquitto/acl',
  'docs/api/openapi.json',
  'docs/security/access.md',
  'docs/operations/storage.md',
  'docs/scaling.md',
];
const DASHBOARDS = 'dashboards/json';
const paths = () => [...GENERATED, ...readdirSync(DASHBOARDS).map((file) => `${DASHBOARDS}/${file}`)];
const read = () => new Map(paths().map((path) => [path, readFileSync(path, 'utf8')]));

const before = read();
execFileSync(process.execPath, ['scripts/generate.mjs'], { stdio: 'ignore' });
const after = read();
const stale = [...after.keys()].filter((path) => before.get(path) !== after.get(path));
if (stale.length > 0) {
  console.error(
    `Out of date: ${stale.join(', ')}. They have now been generated anew: look at the difference and commit it.`,
  );
  process.exit(1);
}
console.log(`${after.size} generated files are up to date.`);
const problems = runbookProblems();
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log('Every alert has its runbook.');
