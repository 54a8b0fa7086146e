/**
 * npm run sbom: what Felinar runs with, as CycloneDX, from package-lock.json, to dist/sbom.cdx.json (or the path that is given). The same
 * lock file gives the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const path = process.argv[2] ?? 'dist/sbom.cdx.json';
if (path.startsWith('-')) {
  console.error('npm run sbom [-- FILE]: where the list goes (dist/sbom.cdx.json)');
  process.exit(2);
}
// Not --omit=dev: npm 11 leaves out with it what production packages want as peers, such as @nestjs/core.
const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const made = JSON.parse(execFileSync('npm', ['sbom', ...options], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
const { name } = JSON.parse(readFileSync('package.json', 'utf8'));
const isForDevelopers = ({ properties = [] }) => properties.some((each) => each.name === 'cdx:npm:package:development');
made.components = made.components.filter((component) => !isForDevelopers(component));
const kept = new Set([made.metadata.component['bom-ref'], ...made.components.map((component) => component['bom-ref'])]);
made.dependencies = made.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
// npm draws the number, takes the hour, and calls it after the folder it stands in.
delete made.metadata.timestamp;
made.metadata.component.name = name;
const digest = createHash('sha256').update(JSON.stringify(made.components)).digest('hex');
made.serialNumber = `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`);
console.log(`${made.components.length} packages in ${path}.`);
